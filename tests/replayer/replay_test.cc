// SPDX-License-Identifier: MIT
//
// Replay: the same choices give the same run, however it ended. Where they do not, the first
// thing that went otherwise is named.
#include "heddle/replay.h"

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/channel.h"
#include "heddle/combinators.h"
#include "heddle/gate.h"
#include "heddle/mark.h"
#include "heddle/mutex.h"
#include "heddle/sleep.h"
#include "heddle/tape_text.h"
#include "heddle/task_group.h"
#include "heddle/trace_io.h"
#include "heddle/trace_text.h"
#include "heddle/world.h"
#include "support/catch.h"
#include "support/law.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;
using Body = std::function<Task<>(World&)>;

RunResult RandomRun(std::uint64_t seed, const Body& body, RunOptions options = {}) {
  RandomChooser chooser(seed);
  options.chooser = &chooser;
  return Run(body, options);
}

std::string WhatDiffers(const ReplayResult& replay) {
  return replay.reproduced() ? "nothing" : Describe(*replay.divergence);
}

// --- bodies -------------------------------------------------------------------------------

Task<> Nothing() { co_return; }

Task<> Step() { co_await Yield(); }

// Somebody else's awaitable.
class Bell {
 public:
  bool await_ready() const { return rung_; }
  void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  void await_resume() const {}
  void Ring() {
    rung_ = true;
    if (waiter_ != nullptr) std::exchange(waiter_, nullptr).resume();
  }

 private:
  bool rung_ = false;
  std::coroutine_handle<> waiter_;
};

struct Kitchen {
  Mutex stove{"stove"};
  Gate open;
  Channel<int> plates{1, "plates"};
  Bell bell;
};

Task<int> Cook(Kitchen& kitchen, World& world, int dish) {
  const MutexGuard guard = co_await kitchen.stove.Lock();
  co_await SleepFor(milliseconds(world.Draw(3)));
  if (dish == 2) throw std::runtime_error("burnt");
  co_return dish;
}

Task<> Serve(Kitchen& kitchen, World& world, int dish) {
  BeginFlow("dish " + std::to_string(dish));
  co_await kitchen.open.Wait();
  try {
    const auto [plate, nothing] = co_await All(Cook(kitchen, world, dish), Nothing());
    co_await kitchen.plates.Send(plate);
  } catch (const std::runtime_error& error) {
    Mark("refused", {{"dish", dish}, {"why", error.what()}});
  }
}

Task<> Eat(Kitchen& kitchen) {
  while (const std::optional<int> plate = co_await kitchen.plates.Receive()) {
    Mark("eaten", {{"dish", *plate}, {"cold", *plate > 1}, {"price", 1.5 * *plate}});
  }
}

Task<> Wait(Kitchen& kitchen) {
  co_await kitchen.bell;
  Mark("rung");
}

Task<> EveryPrimitive(World& world) {
  Kitchen kitchen;
  TaskGroup staff("staff");
  staff.Spawn(Eat(kitchen));
  staff.Spawn(Wait(kitchen));
  TaskGroup dishes;
  for (int dish = 1; dish <= 3; ++dish) dishes.Spawn(Serve(kitchen, world, dish));
  world.Spawn(Step());
  co_await Any(Step(), Step());
  kitchen.open.Open();
  kitchen.bell.Ring();
  co_await dishes.Join();
  kitchen.plates.Close();
  co_await staff.Join();
}

Task<> Knock(Gate& gate, Mutex& door) {
  const MutexGuard guard = co_await door.Lock();
  co_await gate.Wait();
}

Task<> GetStuck(World& world) {
  Gate gate("never opened");
  Mutex door("door");
  world.Spawn(Step());
  co_await All(Knock(gate, door), Knock(gate, door), Step());
}

Task<> ThrowAfter(int steps, std::string text) {
  for (int i = 0; i < steps; ++i) co_await Yield();
  throw std::runtime_error(text);
}

Task<> Throw(World& world) {
  world.Spawn(ThrowAfter(2, "beside"));
  co_await All(Step(), ThrowAfter(1, "inside"), ThrowAfter(3, "later"));
}

Task<> YieldForEver() {
  for (;;) co_await Yield();
}

Task<> CallForEver() {
  co_await Yield();
  for (;;) co_await Nothing();
}

Task<> NeverEnd(World& world) {
  world.Spawn(YieldForEver());
  co_await All(YieldForEver(), YieldForEver());
}

Task<> NeverEndInOneStep(World& world) {
  world.Spawn(CallForEver());
  co_await All(CallForEver(), Step());
}

Task<> Breed(World& world) {
  for (;;) {
    world.Spawn(YieldForEver());
    co_await Yield();
  }
}

Task<> Forget(World& world) {
  world.Spawn(Step());
  static_cast<void>(Nothing());
  co_await All(Step(), Step());
}

// --- reproduced ---------------------------------------------------------------------------

// For any seed: `body` ends so, and does so again.
void CheckReproduced(const Body& body, Ending ending, const RunOptions& options = {}) {
  CheckLaw([&](std::uint64_t seed) {
    const RunResult recorded = RandomRun(seed, body, options);
    RC_ASSERT(recorded.ending == ending);
    RC_ASSERT(recorded.trace.choices.size() >= 2U);
    const ReplayResult replay = Replay(recorded.trace, body, {.tasks_max = options.tasks_max});
    RC_ASSERT(WhatDiffers(replay) == "nothing");
    RC_ASSERT(CanonicalText(replay.run.trace) == CanonicalText(recorded.trace));
    RC_ASSERT(Describe(replay.run) == Describe(recorded));
  });
}

TEST_CASE("a run of every primitive is reproduced exactly") {
  CheckReproduced(EveryPrimitive, Ending::kFinished);
}

TEST_CASE("a run that got stuck gets stuck again") { CheckReproduced(GetStuck, Ending::kStuck); }

TEST_CASE("a run that threw throws again") { CheckReproduced(Throw, Ending::kThrew); }

TEST_CASE("a run that met its step limit is stopped at the same step, whatever the limit is now") {
  CheckReproduced(NeverEnd, Ending::kStepLimit, {.steps_max = 100});
}

TEST_CASE("a run that met its step limit in a chain of calls is stopped at the same call") {
  CheckReproduced(NeverEndInOneStep, Ending::kStepLimit, {.steps_max = 40});
}

TEST_CASE("a run that met its task limit meets it again") {
  CheckReproduced(Breed, Ending::kTaskLimit, {.tasks_max = 20});
}

TEST_CASE("a run that abandoned a task abandons it again") {
  CheckReproduced(Forget, Ending::kAbandoned);
}

TEST_CASE("the exception of a replay is the body's own") {
  const RunResult recorded = RandomRun(1, Throw);
  const ReplayResult replay = Replay(recorded.trace, Throw);
  REQUIRE(replay.run.exception != nullptr);
  CHECK_THROWS_AS(std::rethrow_exception(replay.run.exception), std::runtime_error);
}

TEST_CASE("a recording of choices alone gives the whole run") {
  CheckLaw([](std::uint64_t seed) {
    const Trace choices = RandomRun(seed, EveryPrimitive, {.record = RecordMode::kChoices}).trace;
    RC_ASSERT(choices.events.empty());
    const ReplayResult replay = Replay(choices, EveryPrimitive);
    RC_ASSERT(WhatDiffers(replay) == "nothing");
    RC_ASSERT(CanonicalText(replay.run.trace) ==
              CanonicalText(RandomRun(seed, EveryPrimitive).trace));
  });
}

TEST_CASE("a recording is replayed as well after it was written and read") {
  CheckLaw([](std::uint64_t seed) {
    const Trace recorded = RandomRun(seed, EveryPrimitive).trace;
    const auto read = DecodeRecording(EncodeRecording(recorded), "memory");
    RC_ASSERT(read.ok() && read->damage.ok());
    const ReplayResult replay = Replay(read->trace, EveryPrimitive);
    RC_ASSERT(WhatDiffers(replay) == "nothing");
    RC_ASSERT(replay.run.trace == recorded);
  });
}

TEST_CASE("a replay keeps what the recording says of itself") {
  Trace recorded = RandomRun(1, EveryPrimitive, {.schedule = 17}).trace;
  recorded.header.test = "dinner is served";
  recorded.header.input = "bytes";
  recorded.header.input_text = "text";
  const ReplayResult replay = Replay(recorded, EveryPrimitive);
  CHECK(replay.reproduced());
  CHECK(replay.run.trace == recorded);
  CHECK(Digest(replay.run.trace) == Digest(recorded));
}

TEST_CASE("a run without a choice is reproduced") {
  const auto body = []() -> Task<> { co_await Step(); };
  const RunResult recorded = Run(body);
  REQUIRE(recorded.trace.choices.empty());
  CHECK(Replay(recorded.trace, body).reproduced());
}

TEST_CASE("a run that its chooser stopped is stopped again") {
  const RunResult longer = RandomRun(1, EveryPrimitive);
  Trace shorter = longer.trace;
  shorter.choices.resize(3);
  const ReplayResult stopped = Replay(shorter, EveryPrimitive);
  REQUIRE(stopped.run.ending == Ending::kStopped);
  CHECK(WhatDiffers(Replay(stopped.run.trace, EveryPrimitive)) == "nothing");
}

TEST_CASE("a chooser that follows a recording may be used again") {
  const Trace recorded = RandomRun(1, EveryPrimitive).trace;
  ReplayChooser chooser(recorded);
  CHECK(Run(EveryPrimitive, {.chooser = &chooser}).trace == recorded);
  CHECK(chooser.followed() == recorded.choices.size());
  CHECK(chooser.refused() == nullptr);

  CHECK(Run(NeverEnd, {.chooser = &chooser}).ending == Ending::kStopped);
  CHECK(chooser.refused() != nullptr);
  CHECK(Run(EveryPrimitive, {.chooser = &chooser}).trace == recorded);
  CHECK(chooser.refused() == nullptr);
}

// --- diverged -----------------------------------------------------------------------------

// What a game may do otherwise than it did.
struct Rules {
  int players = 2;
  int rounds = 1;
  int pauses = 0;
  std::uint32_t sides = 6;
  int stake = 10;
  bool audience_first = false;
  std::string quarrel = {};
};

Task<> Play(World& world, const Rules& rules) {
  for (int i = 0; i < rules.pauses; ++i) co_await Yield();
  Mark("bets", {{"stake", rules.stake}});
  for (int i = 0; i < rules.rounds; ++i) world.Draw(rules.sides);
}

Task<> Watch() { co_return; }

Body Game(const Rules& rules) {
  return [rules](World& world) -> Task<> {
    TaskGroup table("table");
    if (rules.audience_first) table.Spawn(Watch());
    for (int i = 0; i < rules.players; ++i) table.Spawn(Play(world, rules));
    if (!rules.audience_first) table.Spawn(Watch());
    co_await table.Join();
    if (!rules.quarrel.empty()) throw std::runtime_error(rules.quarrel);
  };
}

// `text` with the numbers of lines as `N`, so that a test may move in its file.
std::string WithoutLines(std::string text) {
  const std::string file = "replay_test.cc:";
  for (auto at = text.find(file); at != std::string::npos; at = text.find(file, at + 1)) {
    const auto digits = at + file.size();
    text.replace(digits, text.find_first_not_of("0123456789", digits) - digits, "N");
  }
  return text;
}

// The first difference between a game and another one that follows its choices: where, what
// was expected, what came.
std::string Difference(const Trace& recorded, const Body& body) {
  ReplayResult replay = Replay(recorded, body);
  if (replay.reproduced()) return "nothing";
  replay.divergence->likely_causes.clear();
  return WithoutLines(Describe(*replay.divergence));
}

std::string Difference(const Rules& before, const Rules& after) {
  return Difference(Run(Game(before)).trace, Game(after));
}

// The same for a recording of choices alone.
std::string DifferenceOfChoices(const Rules& before, const Rules& after) {
  const Trace choices = Run(Game(before), {.record = RecordMode::kChoices}).trace;
  return Difference(choices, Game(after));
}

std::string At(const std::string& where, const std::string& expected, const std::string& got) {
  return "the replay went otherwise than the recording " + where + "\n  expected: " + expected +
         "\n  got:      " + got;
}

TEST_CASE("the same game by other choices is no divergence") {
  CHECK(Difference(RandomRun(5, Game({})).trace, Game({})) == "nothing");
}

TEST_CASE("a step more is found at the event where it begins") {
  CHECK(Difference({}, {.pauses = 1}) ==
        At("at event 7", "at 0: Play#0  mark  bets {stake: 10}  replay_test.cc:N",
           "at 0: Play#0  suspend  yield  replay_test.cc:N"));
}

TEST_CASE("tasks in another order are found where they are spawned") {
  CHECK(Difference({}, {.audience_first = true}) ==
        At("at event 2", "at 0: Play#0  spawn  by main  heddle::Play",
           "at 0: Watch#0  spawn  by main  heddle::Watch"));
}

TEST_CASE("a task more is found where it is spawned") {
  CHECK(Difference({}, {.players = 3}) == At("at event 4",
                                             "at 0: Watch#0  spawn  by main  heddle::Watch",
                                             "at 0: Play#2  spawn  by main  heddle::Play"));
}

TEST_CASE("a mark of another value is found") {
  CHECK(Difference({}, {.stake = 20}) ==
        At("at event 7", "at 0: Play#0  mark  bets {stake: 10}  replay_test.cc:N",
           "at 0: Play#0  mark  bets {stake: 20}  replay_test.cc:N"));
}

// Last in, first out; every draw gives the highest number.
class HighestChooser final : public Chooser {
 public:
  std::size_t ChooseTask(const ReadySet& ready) override { return ready.size() - 1; }
  std::uint32_t ChooseValue(std::uint32_t alternatives) override { return alternatives - 1; }
  std::string_view name() const override { return "last"; }
};

TEST_CASE("a draw of another bound is found, whether or not it gave the same value") {
  CHECK(Difference({}, {.sides = 7}) == At("at choice 1", "a draw among 6", "a draw among 7"));
  HighestChooser last;
  CHECK(Difference(Run(Game({}), {.chooser = &last}).trace, Game({.sides = 7})) ==
        At("at choice 2", "a draw among 6", "a draw among 7"));
}

TEST_CASE("an exception of another text is found in how it ended") {
  CHECK(Difference({.quarrel = "cheat"}, {.quarrel = "thief"}) ==
        At("in how it ended", "threw: cheat", "threw: thief"));
}

TEST_CASE("an exception in place of an end is found at its event") {
  CHECK(Difference({}, {.quarrel = "cheat"}) ==
        At("at event 18", "at 0: main  finish  value", "at 0: main  finish  exception"));
}

TEST_CASE("a run that ends earlier is found where it ends") {
  const RunResult recorded = Run(Game({}));
  CHECK(
      Difference(recorded.trace, [](World&) -> Task<> { co_return; }) ==
      At("at event 2", "at 0: Play#0  spawn  by main  heddle::Play", "at 0: main  finish  value"));
}

TEST_CASE("without events, another number of candidates is found at the choice") {
  CHECK(DifferenceOfChoices({}, {.players = 3}) ==
        At("at choice 0", "a choice among 3 ready tasks, of which task 1 was picked",
           "a choice among 4 ready tasks: Play#0, Play#1, Play#2, Watch#0"));
}

TEST_CASE("without events, a choice more is found behind the last one") {
  CHECK(DifferenceOfChoices({.players = 1}, {.players = 1, .rounds = 2}) ==
        At("at choice 2", "no further choice: the recording has 2", "a draw among 6"));
  CHECK(DifferenceOfChoices({.players = 1, .rounds = 0}, {.players = 1, .pauses = 1}) ==
        At("at choice 1", "no further choice: the recording has 1", "a draw among 6"));
}

TEST_CASE("without events, a choice less is found where the run ended") {
  CHECK(DifferenceOfChoices({.players = 1}, {.players = 1, .rounds = 0}) ==
        At("at choice 1", "value 0 of 6", "nothing: the run had ended"));
}

TEST_CASE("without events, a draw in place of a task and a task in place of a draw are found") {
  CHECK(DifferenceOfChoices({}, {.rounds = 0}) ==
        At("at choice 1", "a draw among 6", "a choice among 2 ready tasks: Watch#0, Play#1"));
  CHECK(DifferenceOfChoices({.rounds = 0}, {}) ==
        At("at choice 1", "a choice among 2 ready tasks, of which task 2 was picked",
           "a draw among 6"));
}

TEST_CASE("without events, a picked task that is not ready is found") {
  Trace choices = Run(Game({}), {.record = RecordMode::kChoices}).trace;
  choices.choices[0].picked = 7;
  CHECK(Difference(choices, Game({})) ==
        At("at choice 0", "a choice among 3 ready tasks, of which task 7 was picked",
           "a choice among 3 ready tasks: Play#0, Play#1, Watch#0"));
}

TEST_CASE("of many candidates eight are named") {
  const Trace choices = Run(Game({}), {.record = RecordMode::kChoices}).trace;
  CHECK_THAT(Difference(choices, Game({.players = 11})),
             EndsWithText("a choice among 12 ready tasks: Play#0, Play#1, Play#2, Play#3, Play#4, "
                          "Play#5, Play#6, Play#7, ... 4 more"));
}

TEST_CASE("a run that goes on where the recording met its step limit is found") {
  Trace choices = RandomRun(1, NeverEnd, {.steps_max = 20, .record = RecordMode::kChoices}).trace;
  choices.header.steps = 40;
  CHECK_THAT(Difference(choices, NeverEnd),
             StartsWithText(At("at choice 19", "no further choice: the recording has 19",
                               "a choice among 2 ready tasks: ")));
}

TEST_CASE("a divergence says which event its choice led to") {
  const ReplayResult replay = Replay(Run(Game({})).trace, Game({.sides = 7}));
  REQUIRE_FALSE(replay.reproduced());
  CHECK(replay.divergence->kind == DivergenceKind::kChoice);
  CHECK(replay.divergence->choice == 1);
  CHECK(replay.run.trace.events.at(replay.divergence->event).kind == EventKind::kDraw);
}

TEST_CASE("a replay that cannot be followed is stopped") {
  const ReplayResult replay = Replay(Run(Game({})).trace, Game({.players = 3}));
  CHECK(replay.run.ending == Ending::kStopped);
}

TEST_CASE("a recording of another build is the first likely cause of a divergence") {
  Trace recorded = Run(Game({})).trace;
  const auto causes = [&] {
    return Replay(recorded, Game({.stake = 1})).divergence->likely_causes;
  };
  CHECK(causes().size() == 2);
  recorded.header.build_id = "0123";
  REQUIRE(causes().size() == 3);
  CHECK_THAT(causes()[0], ContainsText("another build of the program"));
}

TEST_CASE("what outlives a run is found as a divergence") {
  int runs = 0;
  const Body body = [&](World& world) -> Task<> {
    world.Spawn(Step());
    if (++runs > 1) co_await Yield();
    co_await Step();
  };
  const RunResult recorded = RandomRun(3, body);
  const ReplayResult replay = Replay(recorded.trace, body);
  REQUIRE_FALSE(replay.reproduced());
  CHECK(replay.divergence->kind == DivergenceKind::kEvent);
  CHECK_THAT(Describe(*replay.divergence), ContainsText("something outlives a run"));
}

// --- tapes --------------------------------------------------------------------------------

TEST_CASE("the tape of a run gives that run") {
  CheckLaw([](std::uint64_t seed) {
    const RunResult recorded = RandomRun(seed, EveryPrimitive);
    const RunResult again = Replay(TapeOf(recorded.trace), EveryPrimitive);
    RC_ASSERT(again.trace.choices == recorded.trace.choices);
    RC_ASSERT(again.trace.events == recorded.trace.events);
    RC_ASSERT(again.trace.header.chooser == "tape");
  });
}

TEST_CASE("a tape that went through its text gives the same run") {
  CheckLaw([](std::uint64_t seed) {
    const RunResult recorded = RandomRun(seed, Throw);
    const auto tape = ParseTape(TapeText(recorded.trace), "throw.tape");
    RC_ASSERT(tape.ok());
    RC_ASSERT(Replay(*tape, Throw).trace.events == recorded.trace.events);
  });
}

TEST_CASE("an empty tape is first-in-first-out") {
  CHECK(Replay(Tape{}, EveryPrimitive).trace.events == Run(EveryPrimitive).trace.events);
}

TEST_CASE("a tape runs to the end though its body has changed") {
  const Tape tape = TapeOf(RandomRun(1, EveryPrimitive).trace);
  CHECK(Replay(tape, Game({})).ok());
}

TEST_CASE("an entry that cannot be followed is counted, and first-in-first-out goes on") {
  const std::vector<Event> fifo = Run(Game({})).trace.events;
  const auto check_lost = [&](std::vector<TapeEntry> entries, std::size_t lost) {
    TapeChooser chooser({.test = {}, .input = {}, .entries = std::move(entries)});
    CHECK(Run(Game({}), {.chooser = &chooser}).trace.events == fifo);
    CHECK(chooser.lost() == lost);
    // The count is of one run.
    CHECK(Run(Game({}), {.chooser = &chooser}).trace.events == fifo);
    CHECK(chooser.lost() == lost);
  };
  SECTION("no such task") { check_lost({{.choice = 0, .picked = 99}}, 1); }
  SECTION("a task that has ended") { check_lost({{.choice = 2, .picked = 1}}, 1); }
  SECTION("a value out of range") {
    check_lost({{.choice = 1, .kind = ChoiceKind::kValue, .picked = 6}}, 1);
  }
  SECTION("a value where a task is chosen") {
    check_lost({{.choice = 0, .kind = ChoiceKind::kValue, .picked = 2}}, 1);
  }
  SECTION("a task where a value is drawn") { check_lost({{.choice = 1, .picked = 2}}, 1); }
  SECTION("several") { check_lost({{.choice = 0, .picked = 99}, {.choice = 1, .picked = 2}}, 2); }
}

TEST_CASE("an entry that can be followed is followed, whatever became of those before") {
  TapeChooser chooser({.test = {},
                       .input = {},
                       .entries = {{.choice = 0, .picked = 99},
                                   {.choice = 1, .kind = ChoiceKind::kValue, .picked = 5}}});
  const RunResult run = Run(Game({}), {.chooser = &chooser});
  CHECK(run.ok());
  CHECK(chooser.lost() == 1);
  CHECK(run.trace.choices.at(1).picked == 5);
}

}  // namespace
}  // namespace heddle
