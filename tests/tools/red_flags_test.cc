// SPDX-License-Identifier: MIT
//
// Red flags: each kind by an example, and the run in which all is well.
#include "red_flags.h"

#include "recorder/arbitrary_trace.h"
#include "support/catch.h"
#include "support/law.h"
#include "support/trace_builder.h"
#include "tools/shop_run.h"

namespace heddle::tools {
namespace {

std::string Flags(const Trace& trace, const CheckOptions& options = {}) {
  return RedFlagsText(trace, FindRedFlags(trace, options), options);
}

TEST_CASE("a run in which all is well has no red flag") {
  TraceBuilder run;
  const ObjectId ledger = run.Object("Mutex", "ledger");
  const TaskId body = run.Main();
  run.Await(body, Operation::kLock, ledger).Release(body, ledger).Finish(body);
  CHECK(Flags(run.Build()) == "no red flags in 6 events\n");
}

TEST_CASE("a task that was created and never awaited is named, with its place") {
  TraceBuilder run;
  const TaskId body = run.Main();
  run.Abandon(run.Spawn(body, "Charge")).Finish(body);
  CHECK_THAT(Flags(run.Build()), ContainsText("never ran: Charge#0") &&
                                     ContainsText("write co_await") && ContainsText("1 red flag"));
}

TEST_CASE("a generator that nobody asked for a value is no red flag") {
  TraceBuilder run;
  const TaskId body = run.Main();
  run.Add({.task = run.Spawn(body, "Pages"),
           .kind = EventKind::kAbandon,
           .operation = static_cast<std::uint8_t>(Operation::kYield)});
  CHECK_THAT(Flags(run.Finish(body).Build()), StartsWithText("no red flags"));
}

TEST_CASE("a task that outlives the run is named") {
  TraceBuilder run;
  const TaskId body = run.Main();
  run.Start(run.Spawn(body, "Poll")).Finish(body);
  CHECK_THAT(Flags(run.Build()), ContainsText("leaked task: Poll#0"));
}

TEST_CASE("a lock that is never given back is named, with who has it") {
  TraceBuilder run;
  const TaskId body = run.Main();
  run.Await(body, Operation::kLock, run.Object("Mutex", "ledger"), "bank.cc:7").Finish(body);
  CHECK_THAT(Flags(run.Build()), ContainsText("never unlocked: main took Mutex ledger"));
}

TEST_CASE("of a SharedMutex each reader gives back what it took") {
  TraceBuilder run;
  const ObjectId prices = run.Object("SharedMutex", "prices");
  const TaskId body = run.Main();
  const TaskId other = run.Spawn(body, "Other");
  run.Await(body, Operation::kLock, prices, "bank.cc:7").Start(other, body);
  run.Await(other, Operation::kLock, prices, "bank.cc:9").Release(body, prices);
  run.Finish(other).Finish(body);
  CHECK_THAT(Flags(run.Build()), ContainsText("never unlocked: Other#0 took SharedMutex prices"));
  run.Release(other, prices);
  CHECK_THAT(Flags(run.Build()), StartsWithText("no red flags"));
}

TEST_CASE("a Semaphore that is taken for good is no flag") {
  TraceBuilder run;
  const TaskId body = run.Main();
  run.Await(body, Operation::kLock, run.Object("Semaphore", "slots")).Finish(body);
  CHECK_THAT(Flags(run.Build()), StartsWithText("no red flags"));
}

TEST_CASE("a lock whose holder is still at work when the run throws is no flag") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId other = run.Spawn(body, "Other");
  run.Start(other, body).Await(other, Operation::kLock, run.Object("Mutex", "ledger"));
  run.Finish(body, Outcome::kException);
  run.header().ending = Ending::kThrew;
  CHECK_THAT(Flags(run.Build()), StartsWithText("no red flags"));
  run.Finish(other);
  CHECK_THAT(Flags(run.Build()), ContainsText("never unlocked: Other#0"));
}

// Two tasks take `first` and `second` in turn, each a lock that the other one has.
Trace Deadlock() {
  TraceBuilder run;
  const ObjectId alice = run.Object("Mutex", "alice");
  const ObjectId bob = run.Object("Mutex", "bob");
  const TaskId body = run.Main();
  const TaskId a = run.Spawn(body, "Transfer");
  const TaskId b = run.Spawn(body, "Transfer");
  run.Finish(body).Start(a, body).Await(a, Operation::kLock, alice, "bank.cc:1");
  run.Start(b, body).Await(b, Operation::kLock, bob, "bank.cc:1");
  run.Suspend(a, Operation::kLock, bob, "bank.cc:2");
  run.Suspend(b, Operation::kLock, alice, "bank.cc:2").JumpTo(20'000'000'000);
  run.header().ending = Ending::kStuck;
  WaitingTask waiting;
  waiting.operation = Operation::kLock;
  for (const TaskId task : {a, b}) {
    waiting.task = task;
    run.header().waiting.push_back(waiting);
  }
  return run.Build();
}

TEST_CASE("a run that got stuck is flagged with its cause, once") {
  const std::string text = Flags(Deadlock());
  CHECK_THAT(text, ContainsText("deadlock: 2 tasks wait for each other in a circle"));
  CHECK_THAT(text, ContainsText("Likely cause"));
  CHECK_THAT(text, ContainsText("1 red flag\n"));
  Trace finished = Deadlock();
  finished.header.ending = Ending::kThrew;
  finished.header.waiting.clear();
  CHECK(Flags(finished).find("deadlock") == std::string::npos);
}

TEST_CASE("a task that others pass over for too long is named") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId other = run.Spawn(body, "Other");
  run.Suspend(body, Operation::kSleep, 0, "a.cc:3").Start(other, body).JumpTo(10).Wake(body);
  for (int i = 0; i < 5; ++i) run.Await(other, Operation::kYield);
  run.Resume(body).Finish(other).Finish(body);
  CHECK_THAT(Flags(run.Build(), {.passed_over = 5}),
             ContainsText("passed over: main, sleep at a.cc:3: could have gone on, and others made "
                          "5 steps first"));
  CHECK_THAT(Flags(run.Build(), {.passed_over = 6}), StartsWithText("no red flags"));
}

TEST_CASE("a step that does too much without an await is named") {
  TraceBuilder run;
  const TaskId body = run.Main();
  for (int i = 0; i < 4; ++i) run.Mark(body, "busy", {}, "a.cc:9");
  run.Await(body, Operation::kYield);
  for (int i = 0; i < 4; ++i) run.Mark(body, "busy", {}, "a.cc:9");
  run.Finish(body);
  CHECK_THAT(Flags(run.Build(), {.long_step = 4}),
             ContainsText("long step: main did 4 things") && ContainsText("2 red flags"));
  CHECK_THAT(Flags(run.Build(), {.long_step = 6}), StartsWithText("no red flags"));
}

TEST_CASE("how long a wait is long is for the user to say") {
  TraceBuilder run;
  const TaskId body = run.Main();
  run.Suspend(body, Operation::kForeign).JumpTo(2'000).Resume(body).Finish(body);
  CHECK_THAT(Flags(run.Build(), {.long_wait = 2'000}), ContainsText("long wait: main"));
  CHECK_THAT(Flags(run.Build(), {.long_wait = 2'001}), StartsWithText("no red flags"));
}

TEST_CASE("many flags of one kind are counted, and JSON has all") {
  TraceBuilder run;
  const TaskId body = run.Main();
  for (int i = 0; i < 30; ++i) run.Abandon(run.Spawn(body, "Charge"));
  run.Finish(body);
  CHECK_THAT(Flags(run.Build()), ContainsText("never ran: and 20 more"));
  CHECK_THAT(Flags(run.Build(), {.json = true}), ContainsText("Charge#29"));
}

TEST_CASE("any trace can be checked, and always the same is found") {
  CheckLaw([] {
    const Trace trace = *AnyTrace();
    RC_ASSERT(Flags(trace) == Flags(trace));
  });
}

TEST_CASE("a task that a snapshot in production meets before it is awaited is no flag") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId late = run.Spawn(body, "Late");
  run.header().chooser = kLiveChooser;
  run.header().ending = Ending::kStopped;
  CHECK(FindRedFlags(run.Build(), {}).empty());
  run.Abandon(late);
  CHECK_THAT(Flags(run.Build()), ContainsText("never ran: Late#0"));
}

TEST_CASE("what is open where a recording is torn off is no flag") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const ObjectId mutex = run.Object("Mutex", "m");
  run.Await(body, Operation::kLock, mutex);
  run.Spawn(body, "Late");
  const Trace trace = run.Build();
  CHECK(FindRedFlags(trace, {}).size() == 3);
  CHECK(FindRedFlags(trace, {.torn = true}).empty());
}

}  // namespace
}  // namespace heddle::tools
