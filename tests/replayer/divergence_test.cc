// SPDX-License-Identifier: MIT
//
// The first difference between two traces, and what a person is told about it. replay_test.cc
// does the same with bodies that run.
#include "heddle/divergence.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "recorder/arbitrary_trace.h"
#include "support/catch.h"
#include "support/law.h"
#include "support/trace_builder.h"

namespace heddle {
namespace {

constexpr VirtualNanos kMillisecond = 1'000'000;

// Charge and Refund lock the ledger, and Charge draws a number: choices 0, 1 and 2.
Trace LedgerRun() {
  TraceBuilder run;
  const ObjectId ledger = run.Object("Mutex", "ledger");
  const TaskId body = run.Main();
  const TaskId charge = run.Spawn(body, "shop::Charge");
  const TaskId refund = run.Spawn(body, "shop::Refund");
  run.ChooseTask(refund, charge, 2).Start(refund, body);
  run.Suspend(refund, Operation::kLock, ledger, "shop.cc:30");
  run.ChooseTask(charge, charge, 2).Start(charge, body);
  run.ChooseValue(4, 6).Draw(charge, 4);
  run.JumpTo(2 * kMillisecond);
  run.Mark(charge, "charged", {{"order", std::int64_t{17}}}, "shop.cc:12").Finish(charge);
  run.Resume(refund).Finish(refund).Finish(body);
  Trace trace = run.Build();
  for (Event& event : trace.events) {
    if (event.kind == EventKind::kStart && event.task != body) event.flags = kEventChosen;
    if (event.kind == EventKind::kDraw) event.object = 6;
  }
  trace.header.ending = Ending::kThrew;
  trace.header.message = "card refused";
  return trace;
}

std::size_t EventOf(const Trace& trace, EventKind kind) {
  std::size_t event = 0;
  while (trace.events[event].kind != kind) ++event;
  return event;
}

Divergence Difference(const Trace& recorded, const std::function<void(Trace&)>& change) {
  Trace replayed = recorded;
  change(replayed);
  const auto divergence = Compare(recorded, replayed);
  REQUIRE(divergence.has_value());
  return *divergence;
}

// --- compared -----------------------------------------------------------------------------

TEST_CASE("a trace does not differ from itself") {
  CheckLaw([] {
    const Trace trace = *AnyTrace();
    RC_ASSERT(!Compare(trace, trace).has_value());
  });
}

TEST_CASE("what was read or written is no difference: earlier versions did not record it") {
  TraceBuilder run;
  const ObjectId stock = run.Object("Shared", "stock");
  const TaskId body = run.Main();
  run.Await(body, Operation::kRead, stock, "shop.cc:3").Finish(body);
  const Trace recorded = run.Build();
  Trace replayed = recorded;
  Event& read = replayed.events[EventOf(replayed, EventKind::kResume)];
  read.value = 100;
  read.flags = static_cast<std::uint8_t>(ValueKind::kNatural) << kValueKindShift;
  CHECK_FALSE(Compare(recorded, replayed).has_value());
  CHECK_FALSE(Compare(replayed, recorded).has_value());
}

TEST_CASE("the first event that differs is found, wherever it is") {
  CheckLaw([] {
    Trace trace = *AnyTrace();
    trace.events.push_back(Sound(*AnyRawEvent(), trace));
    const std::size_t changed = *rc::gen::inRange<std::size_t>(0, trace.events.size());
    Trace replayed = trace;
    for (std::size_t i = changed; i < replayed.events.size(); ++i) replayed.events[i].time ^= 1;
    const auto divergence = Compare(trace, replayed);
    RC_ASSERT(divergence.has_value());
    RC_ASSERT(divergence->kind == DivergenceKind::kEvent);
    RC_ASSERT(divergence->event == changed);
  });
}

TEST_CASE(
    "what a run found out about requests is no difference to a recording that has none of it") {
  const Trace recorded = LedgerRun();
  Trace replayed = recorded;
  const std::size_t finish = EventOf(recorded, EventKind::kFinish);
  const auto found_out = [&](Event event) {
    event.time = recorded.events[finish].time;
    event.task = recorded.events[finish].task;
    replayed.events.insert(replayed.events.begin() + static_cast<std::ptrdiff_t>(finish), event);
  };
  found_out({.kind = EventKind::kContextLost});
  found_out(
      {.kind = EventKind::kFlow, .operation = static_cast<std::uint8_t>(Operation::kReceive)});
  CHECK_FALSE(Compare(recorded, replayed).has_value());
  CHECK(Compare(replayed, recorded).has_value());

  // What else differs is found where it is.
  replayed.events[finish + 2].task = 0;
  REQUIRE(Compare(recorded, replayed).has_value());
  CHECK(Compare(recorded, replayed)->event == finish + 2);
}

TEST_CASE("who ran it makes no difference") {
  const Trace recorded = LedgerRun();
  Trace replayed = recorded;
  replayed.header.build_id = "another";
  replayed.header.compiler = "another";
  replayed.header.command = {"./another_test"};
  replayed.header.directory = "/another";
  CHECK(!Compare(recorded, replayed).has_value());
}

TEST_CASE("an event that says something else is put beside what was recorded") {
  const Trace recorded = LedgerRun();
  const Divergence divergence = Difference(
      recorded, [](Trace& replayed) { replayed.marks.back().fields[0].value = std::int64_t{18}; });
  CHECK(divergence.kind == DivergenceKind::kEvent);
  CHECK(divergence.event == EventOf(recorded, EventKind::kMark));
  CHECK(divergence.expected == "at 2ms: Charge#0  mark  charged {order: 17}  shop.cc:12");
  CHECK(divergence.got == "at 2ms: Charge#0  mark  charged {order: 18}  shop.cc:12");
}

TEST_CASE("the same event at another time is another event") {
  const Divergence divergence = Difference(LedgerRun(), [](Trace& replayed) {
    replayed.events[EventOf(replayed, EventKind::kMark)].time = 3 * kMillisecond;
  });
  CHECK(divergence.expected == "at 2ms: Charge#0  mark  charged {order: 17}  shop.cc:12");
  CHECK(divergence.got == "at 3ms: Charge#0  mark  charged {order: 17}  shop.cc:12");
}

TEST_CASE("a replay that ends earlier differs where it ended") {
  const Trace recorded = LedgerRun();
  const Divergence divergence =
      Difference(recorded, [](Trace& replayed) { replayed.events.pop_back(); });
  CHECK(divergence.kind == DivergenceKind::kEvent);
  CHECK(divergence.event == recorded.events.size() - 1);
  CHECK(divergence.expected == "at 2ms: main  finish  value");
  CHECK(divergence.got == "nothing: the run had ended");
}

TEST_CASE("a replay that goes on differs where the recording ended") {
  const Trace recorded = LedgerRun();
  const Divergence divergence = Difference(
      recorded, [](Trace& replayed) { replayed.events.push_back(replayed.events.back()); });
  CHECK(divergence.kind == DivergenceKind::kEvent);
  CHECK(divergence.event == recorded.events.size());
  CHECK(divergence.expected == "nothing: the run had ended");
  CHECK(divergence.got == "at 2ms: main  finish  value");
}

TEST_CASE("another choice behind the same events is found, and the event that it led to") {
  const Trace recorded = LedgerRun();
  Divergence divergence =
      Difference(recorded, [](Trace& replayed) { replayed.choices[1].alternatives = 3; });
  CHECK(divergence.kind == DivergenceKind::kChoice);
  CHECK(divergence.choice == 1);
  CHECK(divergence.event == EventOf(recorded, EventKind::kDraw) - 1);
  CHECK(divergence.expected == "Charge#0 of 2 ready tasks");
  CHECK(divergence.got == "Charge#0 of 3 ready tasks");

  divergence = Difference(recorded, [](Trace& replayed) { replayed.choices[2].alternatives = 7; });
  CHECK(divergence.choice == 2);
  CHECK(divergence.event == EventOf(recorded, EventKind::kDraw));
  CHECK(divergence.expected == "value 4 of 6");
  CHECK(divergence.got == "value 4 of 7");
}

TEST_CASE("a recording of choices alone is compared by its choices") {
  Trace recorded = LedgerRun();
  recorded.events.clear();
  CHECK(!Compare(recorded, LedgerRun()).has_value());

  Trace replayed = LedgerRun();
  replayed.choices[0].picked = replayed.choices[0].first;
  const auto other = Compare(recorded, replayed);
  REQUIRE(other.has_value());
  CHECK(other->kind == DivergenceKind::kChoice);
  CHECK(other->choice == 0);
  CHECK(other->expected == "task 2 of 2 ready tasks");
  CHECK(other->got == "Charge#0 of 2 ready tasks");
}

TEST_CASE("a choice that one of the two lacks is a difference") {
  Trace recorded = LedgerRun();
  recorded.events.clear();
  Divergence divergence =
      Difference(recorded, [](Trace& replayed) { replayed.choices.pop_back(); });
  CHECK(divergence.choice == 2);
  CHECK(divergence.expected == "value 4 of 6");
  CHECK(divergence.got == "nothing: the run had ended");

  divergence = Difference(
      recorded, [](Trace& replayed) { replayed.choices.push_back(replayed.choices.back()); });
  CHECK(divergence.choice == 3);
  CHECK(divergence.expected == "nothing: the run had ended");
  CHECK(divergence.got == "value 4 of 6");
}

TEST_CASE("the same events may end in another way") {
  const Trace recorded = LedgerRun();
  Divergence divergence =
      Difference(recorded, [](Trace& replayed) { replayed.header.message = "no stock"; });
  CHECK(divergence.kind == DivergenceKind::kEnding);
  CHECK(divergence.expected == "threw: card refused");
  CHECK(divergence.got == "threw: no stock");

  divergence = Difference(recorded, [](Trace& replayed) {
    replayed.header.ending = Ending::kFinished;
    replayed.header.message.clear();
  });
  CHECK(divergence.kind == DivergenceKind::kEnding);
  CHECK(divergence.got == "finished");
}

TEST_CASE("an earlier event counts for more than a choice, and a choice for more than the ending") {
  const Trace recorded = LedgerRun();
  Trace replayed = recorded;
  replayed.header.message = "no stock";
  replayed.choices[2].alternatives = 7;
  CHECK(Compare(recorded, replayed)->kind == DivergenceKind::kChoice);
  replayed.events.back().time += 1;
  CHECK(Compare(recorded, replayed)->kind == DivergenceKind::kEvent);
}

// Of a mark whose value is another in the replay.
std::string SourceOfValues(std::int64_t recorded_value, std::int64_t replayed_value) {
  Trace recorded = LedgerRun();
  recorded.marks.back().fields[0].value = recorded_value;
  const auto change = [=](Trace& replayed) {
    replayed.marks.back().fields[0].value = replayed_value;
  };
  return Difference(recorded, change).likely_causes[0];
}

TEST_CASE("two times of day come from a clock, in whatever unit") {
  for (const std::int64_t unit : {1LL, 1'000LL, 1'000'000LL, 1'000'000'000LL}) {
    CHECK_THAT(SourceOfValues(1'790'000'000 * unit, 1'790'000'003 * unit),
               StartsWithText("a clock: "));
  }
}

TEST_CASE("two values where programs have their memory are addresses") {
  CHECK_THAT(SourceOfValues(0x5581'1234'5670, 0x55d0'0000'0010), StartsWithText("an address: "));
  CHECK_THAT(SourceOfValues(0x7ffc'1234'5670, 0x7ffd'0000'0010), StartsWithText("an address: "));
}

TEST_CASE("other values come from random numbers or from memory that nobody set") {
  for (const std::int64_t value : {5LL, 0x5500'0000'0000LL, 0x8000'0000'0000LL, 999'999'999LL}) {
    CHECK_THAT(SourceOfValues(4, value), StartsWithText("random numbers"));
  }
}

TEST_CASE("the same event at another time comes from a duration") {
  const Divergence divergence = Difference(LedgerRun(), [](Trace& replayed) {
    replayed.events[EventOf(replayed, EventKind::kMark)].time = 3 * kMillisecond;
  });
  CHECK_THAT(divergence.likely_causes[0], StartsWithText("a duration"));
}

TEST_CASE("the same events in another order come from an order that nothing promises") {
  const Divergence divergence = Difference(LedgerRun(), [](Trace& replayed) {
    const std::size_t spawn = EventOf(replayed, EventKind::kMark);
    std::swap(replayed.events[spawn], replayed.events[spawn + 1]);
  });
  CHECK_THAT(divergence.likely_causes[0], StartsWithText("the order of a hash table"));
}

TEST_CASE("where the difference says nothing, everything that is not recorded is named") {
  const Divergence divergence =
      Difference(LedgerRun(), [](Trace& replayed) { replayed.events.pop_back(); });
  CHECK_THAT(divergence.likely_causes[0], ContainsText("the clock, random numbers"));
  CHECK_THAT(divergence.likely_causes[0], ContainsText("uninitialised memory"));
}

TEST_CASE("another build is the first likely cause, where it is another build") {
  const Trace recorded = LedgerRun();
  const auto change = [](Trace& replayed) { replayed.header.message = "no stock"; };
  const Divergence same_build = Difference(recorded, change);
  const Divergence other_build = Difference(recorded, [&](Trace& replayed) {
    change(replayed);
    replayed.header.build_id = "another";
  });
  REQUIRE(same_build.likely_causes.size() == 2);
  REQUIRE(other_build.likely_causes.size() == 3);
  CHECK_THAT(other_build.likely_causes[0], ContainsText("another build of the program"));
  CHECK(other_build.likely_causes[1] == same_build.likely_causes[0]);
}

TEST_CASE("the event that a choice led to is the start, the resumption or the draw") {
  const Trace trace = LedgerRun();
  const std::size_t draw = EventOf(trace, EventKind::kDraw);
  CHECK(trace.events[internal::EventOfChoice(trace, 0)].chosen());
  CHECK(internal::EventOfChoice(trace, 1) == draw - 1);
  CHECK(internal::EventOfChoice(trace, 2) == draw);
  CHECK(internal::EventOfChoice(trace, 3) == trace.events.size());
  CHECK(internal::EventOfChoice(Trace{}, 0) == 0);
}

// --- described ----------------------------------------------------------------------------

TEST_CASE("a person is told where, what was expected, what came, and why that may be") {
  Divergence divergence = {.kind = DivergenceKind::kChoice,
                           .choice = 6,
                           .event = 58,
                           .expected = "Charge#0 of 3 ready tasks",
                           .got = "Charge#0 of 2 ready tasks",
                           .likely_causes = {"the first", "the second"}};
  CHECK(Describe(divergence) ==
        "the replay went otherwise than the recording at choice 6\n"
        "  expected: Charge#0 of 3 ready tasks\n"
        "  got:      Charge#0 of 2 ready tasks\n"
        "  likely cause: the first\n"
        "  likely cause: the second");
  divergence.kind = DivergenceKind::kEvent;
  divergence.likely_causes.clear();
  CHECK(Describe(divergence) ==
        "the replay went otherwise than the recording at event 58\n"
        "  expected: Charge#0 of 3 ready tasks\n"
        "  got:      Charge#0 of 2 ready tasks");
  divergence.kind = DivergenceKind::kEnding;
  CHECK_THAT(Describe(divergence),
             StartsWithText("the replay went otherwise than the recording in how it ended\n"));
}

}  // namespace
}  // namespace heddle
