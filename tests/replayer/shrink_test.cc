// SPDX-License-Identifier: MIT
//
// A failing schedule is made simple, and the steps are named whose order decides.
#include "heddle/shrink.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "heddle/atomic.h"
#include "heddle/combinators.h"
#include "heddle/explore.h"
#include "heddle/failure_report.h"
#include "heddle/mutex.h"
#include "heddle/replay.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "heddle/task_table.h"
#include "heddle/world.h"
#include "replayer/surroundings.h"
#include "support/catch.h"
#include "support/golden.h"
#include "support/law.h"

namespace heddle {
namespace {

Task<> Bystander(int steps) {
  for (int i = 0; i < steps; ++i) co_await Yield();
}

// So many steps that have to do with nobody else.
Task<> Prepare(int steps) {
  Mutex own;
  for (int i = 0; i < steps; ++i) const MutexGuard guard = co_await own.Lock();
}

struct Account {
  int balance = 0;
};

// A stale read across an await. Serial, and first in, first out with `head_start`, it is right.
Task<> Deposit(Account& account, int amount, int head_start) {
  co_await Prepare(head_start);
  const int before = account.balance;
  co_await Prepare(1);
  account.balance = before + amount;
}

// One deposit is over before the other begins, unless a schedule keeps it back.
Task<> Deposits(int bystanders) {
  Account account;
  TaskGroup group;
  for (int i = 0; i < bystanders; ++i) group.Spawn(Bystander(3));
  group.Spawn(Deposit(account, 10, 0));
  group.Spawn(Deposit(account, 20, 6));
  co_await group.Join();
  if (account.balance != 30) {
    throw std::runtime_error("balance is " + std::to_string(account.balance));
  }
}

Task<> Visit(Mutex& first, Mutex& second, int head_start) {
  co_await Prepare(head_start);
  const MutexGuard outer = co_await first.Lock();
  const MutexGuard inner = co_await second.Lock();
}

Task<> Visits(int bystanders) {
  Mutex left("left");
  Mutex right("right");
  TaskGroup group;
  for (int i = 0; i < bystanders; ++i) group.Spawn(Bystander(2));
  group.Spawn(Visit(left, right, 0));
  group.Spawn(Visit(right, left, 8));
  co_await group.Join();
}

template <class Body>
Trace FailingTrace(Body body) {
  const ExploreResult found = FindFailure(
      body, {.schedules = 10'000, .strategy = "random", .shrink = false, .directory = ""});
  REQUIRE(found.failure);
  return found.failure->run.trace;
}

std::vector<std::string> NamesOf(const ShrinkResult& result) {
  const TaskTable tasks(result.run.trace);
  std::vector<std::string> names;
  for (const OrderedStep& step : result.steps) names.push_back(tasks.Path(step.task));
  return names;
}

// What is said of the pair in all schedules that were tried: it decides alone.
void CheckDecides(const DecidingPair& pair) {
  CHECK(pair.in_order > 0);
  CHECK(pair.in_order_failed == pair.in_order);
  CHECK(pair.reversed > 0);
  CHECK(pair.reversed_failed == 0);
}

TEST_CASE("of a lost update among bystanders two steps are left, and their order decides") {
  const auto body = [] { return Deposits(20); };
  const Trace found = FailingTrace(body);
  const ShrinkResult simple = Shrink(found, body);
  REQUIRE(simple.reproduced);
  CHECK(simple.minimal);
  CHECK(simple.run.ending == Ending::kThrew);
  CHECK(NamesOf(simple) == std::vector<std::string>{"Deposit#1/Prepare#0", "Deposit#0/Prepare#1"});
  REQUIRE(simple.pairs.size() == 1);
  CheckDecides(simple.pairs[0]);
}

TEST_CASE("of a deadlock the step that was never made is one of the two") {
  const auto body = [] { return Visits(20); };
  const ShrinkResult simple = Shrink(FailingTrace(body), body);
  REQUIRE(simple.reproduced);
  CHECK(simple.run.ending == Ending::kStuck);
  CHECK(NamesOf(simple) == std::vector<std::string>{"Visit#1", "Visit#0"});
  REQUIRE(simple.steps.size() == 2);
  CHECK(simple.steps[0].event != kNoEvent);
  CHECK(simple.steps[1].event == kNoEvent);
  REQUIRE(simple.pairs.size() == 1);
  CheckDecides(simple.pairs[0]);
}

// Adds to a counter that says nothing, and in the middle makes a lost update possible.
Task<> Busy(Atomic<int>& noise, Shared<int>& seen, int addend, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    co_await noise.FetchAdd(1);
    if (addend == 0 || i != rounds / 2) continue;
    const int before = co_await seen.Read();
    co_await seen.Write(before + addend);
  }
}

// First in, first out one of the two is through before the other begins.
Task<> BusyAccount(int rounds) {
  Atomic<int> noise(0, "noise");
  Shared<int> seen(0, "seen");
  TaskGroup group;
  group.Spawn(Busy(noise, seen, 1, rounds));
  group.Spawn(Busy(noise, seen, 2, rounds + rounds / 4));
  group.Spawn(Busy(noise, seen, 0, rounds));
  co_await group.Join();
  if (co_await seen.Read() != 3) throw std::runtime_error("lost update");
}

// The object that the task is about to touch in this step.
std::string ObjectOf(const ShrinkResult& result, const OrderedStep& step) {
  const Trace& trace = result.run.trace;
  return trace.objects.at(trace.events.at(step.event).object).name;
}

TEST_CASE("steps that only hold others up are not taken for those that decide") {
  const int rounds = GENERATE(30, 100, 300);
  const auto body = [rounds] { return BusyAccount(rounds); };
  const ExploreResult found = FindFailure(body, {.shrink = false, .directory = ""});
  REQUIRE(found.failure);
  const ShrinkResult simple = Shrink(found.failure->run.trace, body);
  REQUIRE(simple.reproduced);
  REQUIRE(simple.steps.size() == 2);
  CHECK(ObjectOf(simple, simple.steps[0]) == "seen");
  CHECK(ObjectOf(simple, simple.steps[1]) == "seen");
  REQUIRE(simple.pairs.size() == 1);
  CHECK(simple.pairs[0].in_order_failed > simple.pairs[0].in_order / 2);
  CHECK(simple.pairs[0].reversed_failed == 0);
}

// Goes on where the other one wrote in between, or else goes round for ever.
Task<> Poll(Shared<int>& turn) {
  co_await turn.Write(1);
  for (;;) {
    const int now = co_await turn.Read();
    if (now != 1) co_return;
  }
}
Task<> PassTurn(Shared<int>& turn) {
  co_await Prepare(2);
  co_await turn.Write(2);
}

TEST_CASE("a run that never ends is made simple by shorter ones, and recorded up to its limit") {
  constexpr std::uint64_t kSteps = 200'000;
  const auto body = [] {
    return []() -> Task<> {
      Shared<int> turn(0, "turn");
      co_await All(Poll(turn), PassTurn(turn), Bystander(5), Bystander(5));
    }();
  };
  const ExploreResult found = FindFailure(
      body, {.strategy = "random", .shrink = false, .steps_max = kSteps, .directory = ""});
  REQUIRE(found.failure);
  REQUIRE(found.failure->run.ending == Ending::kStepLimit);
  const ShrinkResult simple = Shrink(found.failure->run.trace, body);
  REQUIRE(simple.reproduced);
  CHECK(simple.minimal);
  CHECK(simple.run.ending == Ending::kStepLimit);
  CHECK(simple.run.trace.header.steps == kSteps);
  CHECK(simple.steps.size() == 2);
  REQUIRE(simple.pairs.size() == 1);
  CheckDecides(simple.pairs[0]);
}

TEST_CASE("a step that is named is the first event of a step") {
  const auto body = [] { return Deposits(3); };
  const ShrinkResult simple = Shrink(FailingTrace(body), body);
  REQUIRE(simple.steps.size() == 2);
  for (const OrderedStep& step : simple.steps) {
    const Event& event = simple.run.trace.events.at(step.event);
    CHECK(event.kind == EventKind::kResume);
    CHECK(event.task == step.task);
  }
}

TEST_CASE("the shrunk run replays from its trace") {
  const auto body = [] { return Deposits(5); };
  const ShrinkResult simple = Shrink(FailingTrace(body), body);
  const ReplayResult replay = Replay(simple.run.trace, body);
  CHECK(replay.reproduced());
  CHECK(replay.run.ending == Ending::kThrew);
}

TEST_CASE("the header of the shrunk run says where it comes from") {
  const auto body = [] { return Deposits(5); };
  Trace found = FailingTrace(body);
  found.header.test = "deposits";
  found.header.input = "\x05";
  found.header.input_text = "5";
  const TraceHeader header = Shrink(found, body).run.trace.header;
  CHECK(header.chooser == "random, shrunk");
  CHECK(header.seed == found.header.seed);
  CHECK(header.schedule == found.header.schedule);
  CHECK(header.test == "deposits");
  CHECK(header.input == "\x05");
  CHECK(header.input_text == "5");
}

TEST_CASE("a trace is shrunk to the same run each time") {
  const auto body = [] { return Deposits(8); };
  const Trace found = FailingTrace(body);
  const ShrinkResult once = Shrink(found, body);
  const ShrinkResult again = Shrink(found, body);
  CHECK(SameRun(once.run.trace, again.run.trace));
  CHECK(once.runs == again.runs);
}

TEST_CASE("what fails first in, first out needs no order of steps") {
  const auto body = []() -> Task<> {
    co_await All(Bystander(2), Bystander(2));
    throw std::runtime_error("always");
  };
  const ShrinkResult simple = Shrink(FailingTrace(body), body);
  CHECK(simple.reproduced);
  CHECK(simple.steps.empty());
  CHECK(simple.pairs.empty());
  for (const Choice& choice : simple.run.trace.choices) CHECK(!choice.deviates());
}

TEST_CASE("draws that make no difference become 0, and the others small") {
  const auto body = [](World& world) -> Task<> {
    int heavy = 0;
    for (int i = 0; i < 6; ++i) {
      const std::uint32_t value = world.Draw(100);
      if (i == 3 && value >= 11) ++heavy;
      co_await Yield();
    }
    if (heavy > 0) throw std::runtime_error("too heavy");
  };
  const ShrinkResult simple = Shrink(FailingTrace(body), body);
  REQUIRE(simple.reproduced);
  std::vector<std::uint32_t> draws;
  for (const Choice& choice : simple.run.trace.choices) {
    if (choice.kind == ChoiceKind::kValue) draws.push_back(choice.picked);
  }
  CHECK(draws == std::vector<std::uint32_t>{0, 0, 0, 11, 0, 0});
}

TEST_CASE("a schedule that fails in another way is not taken for a simpler one") {
  // First in, first out: "early". The rarer failure needs a step that is kept back.
  const auto body = []() -> Task<> {
    int order = 0;
    TaskGroup group;
    group.Spawn([](int& first) -> Task<> {
      co_await Prepare(1);
      if (first == 0) first = 1;
    }(order));
    group.Spawn([](int& first) -> Task<> {
      co_await Prepare(3);
      if (first == 0) first = 2;
    }(order));
    co_await group.Join();
    throw std::runtime_error(order == 1 ? "early" : "late");
  };
  RandomChooser chooser(42);
  RunResult late;
  for (std::uint64_t schedule = 1; late.message != "late"; ++schedule) {
    REQUIRE(schedule < 10'000);
    late = Run(body, {.chooser = &chooser, .schedule = schedule});
  }
  const ShrinkResult simple = Shrink(late.trace, body);
  REQUIRE(simple.reproduced);
  CHECK(simple.run.message == "late");
  CHECK(simple.steps.size() == 2);
}

TEST_CASE("numbers in a message may differ") {
  const auto body = [] { return Deposits(2); };
  Trace found = FailingTrace(body);
  found.header.message = "balance is 12345";
  CHECK(Shrink(found, body).reproduced);
  found.header.message = "the balance is 10";
  CHECK_FALSE(Shrink(found, body).reproduced);
}

TEST_CASE("a search that is cut short says so, and what it has fails all the same") {
  const auto body = [] { return Deposits(20); };
  const Trace found = FailingTrace(body);
  const ShrinkResult cut = Shrink(found, body, {.runs_max = 3});
  CHECK(cut.reproduced);
  CHECK_FALSE(cut.minimal);
  CHECK(cut.runs == 3);
  CHECK(cut.run.ending == Ending::kThrew);
}

TEST_CASE("a body that does not come to the failure again is not shrunk") {
  int runs = 0;
  const auto body = [&runs]() -> Task<> {
    co_await All(Bystander(1), Bystander(1));
    if (++runs <= 2) throw std::runtime_error("twice only");
  };
  const ExploreResult found =
      FindFailure(body, {.check_determinism = false, .shrink = false, .directory = ""});
  REQUIRE(found.failure);
  const ShrinkResult simple = Shrink(found.failure->run.trace, body);
  CHECK_FALSE(simple.reproduced);
  CHECK(simple.run.ok());
}

// --- the law ------------------------------------------------------------------------------

// Workers that each take some locks, one by one. The last one to come decides.
Task<> Worker(std::vector<int>& order, int number, int steps) {
  co_await Prepare(steps);
  order.push_back(number);
}

// Fails where a worker of a higher number comes before one of a lower.
Task<> Sorted(const std::vector<int>& steps) {
  std::vector<int> order;
  TaskGroup group;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    group.Spawn(Worker(order, static_cast<int>(i), steps[i]));
  }
  co_await group.Join();
  if (!std::is_sorted(order.begin(), order.end())) throw std::runtime_error("not sorted");
}

TEST_CASE("what is left fails in the same way, with two steps at most") {
  CheckLaw([] {
    // First in, first out sorts them.
    std::vector<int> steps;
    const auto workers = *rc::gen::inRange(2, 5);
    for (int i = 0; i < workers; ++i) steps.push_back(2 * i);
    const auto body = [&] { return Sorted(steps); };
    const ExploreResult found = FindFailure(body, {.seed = *rc::gen::arbitrary<std::uint64_t>(),
                                                   .schedules = 1000,
                                                   .strategy = "random",
                                                   .shrink = false,
                                                   .directory = ""});
    RC_PRE(found.failure.has_value());
    const ShrinkResult simple = Shrink(found.failure->run.trace, body);
    RC_ASSERT(simple.reproduced);
    RC_ASSERT(simple.minimal);
    RC_ASSERT(simple.run.message == "not sorted");
    RC_ASSERT(simple.steps.size() == 2u);
    RC_ASSERT(simple.pairs.size() == 1u);
  });
}

// --- within an exploration ----------------------------------------------------------------

TEST_CASE("an exploration keeps the simplest schedule, and tells which order decides") {
  const ExploreResult found =
      FindFailure([] { return Deposits(20); },
                  {.name = "deposits", .schedules = 10'000, .strategy = "random", .directory = ""});
  REQUIRE(found.failure);
  REQUIRE(found.failure->shrunk);
  CHECK(found.failure->shrunk->steps.size() == 2);
  CHECK(found.failure->run.trace.header.chooser == "random, shrunk");
  Trace trace = found.failure->run.trace;
  trace.header.command = {"./bank_test", "deposits"};
  CheckGolden("failure_report_shrunk",
              FailureReport(trace, {.schedules = 10'000,
                                    .recording = "heddle-failures/deposits.heddle",
                                    .recording_error = {},
                                    .shrunk = &*found.failure->shrunk}));
}

Task<> PayIn(int& balance) {
  co_await SleepFor(std::chrono::milliseconds(1));
  ++balance;
}

// Nobody declared the balance: no event tells that the two touch the same.
Task<> PayBonus(int& balance) {
  co_await SleepFor(std::chrono::milliseconds(1));
  const int seen = balance;
  co_await SleepFor(std::chrono::milliseconds(0));
  balance = seen + 100;
}

TEST_CASE("the table has the tasks whose steps decide, though they touch nothing declared") {
  const auto body = []() -> Task<> {
    int balance = 0;
    co_await All(PayIn(balance), PayBonus(balance));
    if (balance != 101) throw std::runtime_error("lost");
  };
  const ExploreResult found = FindFailure(body, {.name = "bonus", .directory = ""});
  REQUIRE(found.failure);
  REQUIRE(found.failure->shrunk);
  REQUIRE(found.failure->shrunk->steps.size() == 2);
  const std::string& report = found.failure->report;
  const std::string table = report.substr(report.find("The steps that led there"));
  CHECK_THAT(table, ContainsText("PayIn#0"));
  CHECK_THAT(table, ContainsText("PayBonus#0"));
}

TEST_CASE("an order of which few schedules are known is not said to decide") {
  const ExploreResult found =
      FindFailure([] { return Deposits(3); },
                  {.name = "deposits", .schedules = 10'000, .strategy = "random", .directory = ""});
  REQUIRE(found.failure);
  REQUIRE(found.failure->shrunk);
  ShrinkResult shrunk = *found.failure->shrunk;
  REQUIRE(shrunk.pairs.size() == 1);
  const auto text = [&](const DecidingPair& pair) {
    shrunk.pairs = {pair};
    return FailureReport(found.failure->run.trace,
                         {.recording = {}, .recording_error = {}, .shrunk = &shrunk});
  };
  const std::size_t step = shrunk.pairs.front().step;
  const std::string decides = "decides. Of schedules";
  CHECK_THAT(text({step, 50, 50, 50, 0}), ContainsText(decides));
  CHECK_THAT(text({step, 7, 7, 7, 0}), !ContainsText(decides));
  CHECK_THAT(text({step, 7, 7, 7, 0}), ContainsText("Too few other schedules"));
  CHECK_THAT(text({step, 36, 12, 50, 5}), !ContainsText(decides));
  CHECK_THAT(text({step, 36, 12, 50, 5}), ContainsText("their order matters, but not alone"));
}

TEST_CASE("an exploration that is not to shrink keeps what it found") {
  const ExploreResult found =
      FindFailure([] { return Deposits(3); },
                  {.schedules = 10'000, .strategy = "random", .shrink = false, .directory = ""});
  REQUIRE(found.failure);
  CHECK_FALSE(found.failure->shrunk);
  CHECK(found.failure->run.trace.header.chooser == "random");
}

TEST_CASE("docs/shrinking.md shows parts of these texts as they are") {
  const std::string source = HEDDLE_SOURCE_DIR;
  const std::string page = ReadText(source + "/docs/shrinking.md");
  const std::string from = "<!-- from ";
  std::size_t parts = 0;
  for (std::size_t at = page.find(from); at != std::string::npos; at = page.find(from, at + 1)) {
    const std::size_t name = at + from.size();
    const std::size_t begin = page.find("```\n", name) + 4;
    const std::string part = page.substr(begin, page.find("```", begin) - begin);
    CHECK_THAT(ReadText(source + "/" + page.substr(name, page.find(" -->", name) - name)),
               ContainsText(part));
    ++parts;
  }
  CHECK(parts == 2);
}

}  // namespace
}  // namespace heddle
