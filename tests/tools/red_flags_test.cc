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

TEST_CASE("a wait without end for something that was given before is suspicious") {
  TraceBuilder run;
  const ObjectId gate = run.Object("Gate", "ready");
  const TaskId body = run.Main();
  run.Release(body, gate).Suspend(body, Operation::kWait, gate, "a.cc:3");
  run.header().ending = Ending::kStuck;
  CHECK_THAT(Flags(run.Build()),
             ContainsText("lost wake-up?: main, wait for Gate ready at a.cc:3"));
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

}  // namespace
}  // namespace heddle::tools
