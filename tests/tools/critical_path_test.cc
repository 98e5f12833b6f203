// SPDX-License-Identifier: MIT
#include "critical_path.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "heddle/chooser.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "support/catch.h"
#include "support/law.h"
#include "support/trace_builder.h"
#include "words.h"

namespace heddle::tools {
namespace {

// "Query#0 await a.cc:3 30ns" and "Serve#0 runs 5ns", the last first.
std::vector<std::string> PathOf(const Trace& trace, FlowId flow) {
  const TaskTable tasks(trace);
  std::vector<std::string> lines;
  for (const PathPiece& piece :
       CriticalPath(trace, tasks, Waits(trace), flow, PathEnds(trace, tasks)[flow])) {
    const std::string what = piece.suspend == kNoEvent
                                 ? "runs"
                                 : AwaitText(trace, trace.events[piece.suspend]) + " " +
                                       SiteText(trace, trace.events[piece.suspend].site);
    lines.push_back(tasks.Path(piece.task) + " " + what + " " + FormatNanos(piece.duration));
  }
  return lines;
}

using Lines = std::vector<std::string>;

TEST_CASE("the path goes into what was called, and to the child that ended last") {
  TraceBuilder run;
  const ObjectId both = run.Object("All");
  const TaskId body = run.Main();
  run.Suspend(body, Operation::kSleep, 0, "a.cc:1").JumpTo(10).Wake(body).Resume(body);
  const TaskId quick = run.Spawn(body, "Quick");
  const TaskId slow = run.Spawn(body, "Slow");
  run.Suspend(body, Operation::kJoin, both, "a.cc:2");
  run.Start(quick).Suspend(quick, Operation::kSleep, 0, "a.cc:3");
  run.Start(slow).Suspend(slow, Operation::kSleep, 0, "a.cc:4");
  run.JumpTo(12).Wake(quick).Resume(quick).Finish(quick, Outcome::kValue, both);
  run.JumpTo(40).Wake(slow).Resume(slow).Finish(slow, Outcome::kValue, both);
  run.Wake(body, slow).Resume(body).Finish(body);
  CHECK(PathOf(run.Build(), 0) == Lines{"Slow#0 sleep a.cc:4 30ns", "main sleep a.cc:1 10ns"});
}

// One task has a lock until 20, another one waits for it from 5 on.
Trace OneWaitsForAnother(bool same_request) {
  TraceBuilder run;
  const ObjectId ledger = run.Object("Mutex", "ledger");
  const FlowId mine = run.Flow("mine");
  const FlowId other = run.Flow("other");
  const TaskId body = run.Main();
  const TaskId waits = run.Spawn(body, "Waits");
  const TaskId holds = run.Spawn(body, "Holds");
  run.Start(waits).WorkFor(waits, mine);
  run.Start(holds).WorkFor(holds, same_request ? mine : other);
  run.Await(holds, Operation::kLock, ledger, "a.cc:1");
  run.Suspend(holds, Operation::kSleep, 0, "a.cc:2");
  run.JumpTo(5).Suspend(waits, Operation::kLock, ledger, "a.cc:3");
  run.JumpTo(20).Wake(holds).Resume(holds).Release(holds, ledger);
  run.JumpTo(21).Resume(waits).Finish(waits).JumpTo(30).Finish(holds);
  return run.Build();
}

TEST_CASE("the path goes to whoever held the lock, if that was of the same request") {
  CHECK(PathOf(OneWaitsForAnother(true), 1) ==
        Lines{"Waits#0 lock Mutex ledger a.cc:3 1ns", "Holds#0 sleep a.cc:2 20ns"});
}

TEST_CASE("what another request did is a part of the wait") {
  CHECK(PathOf(OneWaitsForAnother(false), 1) ==
        Lines{"Waits#0 lock Mutex ledger a.cc:3 16ns", "Waits#0 runs 5ns"});
}

Task<> Hold(Mutex& mutex, int milliseconds) {
  const MutexGuard guard = co_await mutex.Lock();
  co_await SleepFor(std::chrono::milliseconds(milliseconds));
}

Task<> Work(Mutex& mutex, int milliseconds) {
  co_await Yield();
  co_await SleepFor(std::chrono::milliseconds(milliseconds));
  co_await Hold(mutex, milliseconds);
}

TEST_CASE("the path of a run is as long as the run, and has no gaps") {
  CheckLaw([](std::uint64_t seed) {
    const auto naps = *rc::gen::container<std::vector<int>>(5, rc::gen::inRange(0, 5));
    RandomChooser chooser(seed);
    const RunResult run = Run(
        [&]() -> Task<> {
          Mutex mutex;
          TaskGroup group;
          for (const int nap : naps) group.Spawn(Work(mutex, nap));
          co_await group.Join();
        },
        {.chooser = &chooser});
    RC_ASSERT(run.ok());
    const TaskTable tasks(run.trace);
    VirtualNanos length = 0;
    for (const PathPiece& piece :
         CriticalPath(run.trace, tasks, Waits(run.trace), 0, PathEnds(run.trace, tasks)[0])) {
      RC_ASSERT(piece.duration > 0);
      length += piece.duration;
    }
    RC_ASSERT(length == run.elapsed.count());
  });
}

}  // namespace
}  // namespace heddle::tools
