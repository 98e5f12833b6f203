// SPDX-License-Identifier: MIT
#include "task_times.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "heddle/chooser.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "show.h"
#include "support/catch.h"
#include "support/law.h"
#include "support/trace_builder.h"

namespace heddle::tools {
namespace {

TEST_CASE("the time of a task is what it waited for and what its callees did") {
  TraceBuilder run;
  const ObjectId ledger = run.Object("Mutex", "ledger");
  const TaskId body = run.Main();
  run.Suspend(body, Operation::kSleep).JumpTo(10).Wake(body).Resume(body);
  const TaskId callee = run.Call(body, "Charge", "a.cc:1");
  run.Suspend(callee, Operation::kLock, ledger).JumpTo(17).Resume(callee);
  run.Suspend(callee, Operation::kSleep).JumpTo(20).Wake(callee).Resume(callee);
  run.Return(callee).Finish(body);
  const Trace trace = run.Build();
  const std::vector<TaskTimes> times = TimesOf(trace, TaskTable(trace), {body, callee});
  REQUIRE(times.size() == 2);
  CHECK(times[0].took == 20);
  CHECK(times[0].waited == 10);
  CHECK(times[0].in_calls == 10);
  CHECK(times[0].waits == 1);
  CHECK(times[1].start == 10);
  CHECK(times[1].waited == 10);
  CHECK(times[1].in_calls == 0);
  CHECK(times[1].longest == "lock Mutex ledger");
  CHECK(times[1].longest_waited == 7);
}

Task<void> Hold(Mutex& mutex, int milliseconds) {
  const MutexGuard guard = co_await mutex.Lock();
  co_await SleepFor(std::chrono::milliseconds(milliseconds));
}

Task<void> Work(Mutex& mutex, int milliseconds) {
  co_await Yield();
  co_await SleepFor(std::chrono::milliseconds(milliseconds));
  co_await Hold(mutex, milliseconds);
}

TEST_CASE("in virtual time a task runs, and is ready, for no time: it waits, or a callee does") {
  CheckLaw([](std::uint64_t seed) {
    constexpr std::size_t kTasks = 5;
    const auto naps = *rc::gen::container<std::vector<int>>(kTasks, rc::gen::inRange(0, 5));
    RandomChooser chooser(seed);
    const RunResult run = Run(
        [&]() -> Task<void> {
          Mutex mutex("shelf");
          TaskGroup group;
          for (const int nap : naps) group.Spawn(Work(mutex, nap));
          co_await group.Join();
        },
        {.chooser = &chooser});
    RC_ASSERT(run.ok());
    const TaskTable tasks(run.trace);
    std::vector<TaskId> all;
    for (const TaskInfo& task : tasks.tasks()) all.push_back(task.id);
    const std::vector<TaskTimes> times = TimesOf(run.trace, tasks, all);
    RC_ASSERT(times.size() == all.size());
    for (const TaskTimes& line : times) RC_ASSERT(line.took == line.in_calls + line.waited);
  });
}

TEST_CASE("a task is passed over from when it is ready, and not from when it waits") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId other = run.Spawn(body, "Other");
  run.Suspend(body, Operation::kSleep).Start(other, body).JumpTo(10).Wake(body);
  run.Await(other, Operation::kYield).Await(other, Operation::kYield).Resume(body).Finish(body);
  const Trace trace = run.Build();
  CHECK(TimesOf(trace, TaskTable(trace), {body})[0].passed_over == 2);
}

TEST_CASE("of a worker that serves many requests only its part for the one is counted") {
  TraceBuilder run;
  const FlowId first = run.Flow("first");
  const FlowId second = run.Flow("second");
  const ObjectId jobs = run.Object("Channel", "jobs");
  const TaskId body = run.Main();
  const TaskId worker = run.Spawn(body, "Work");
  run.Start(worker, body);
  std::uint32_t message = 0;
  for (const FlowId flow : {first, second, first}) {
    run.Suspend(worker, Operation::kReceive, jobs).JumpTo(100 * (message + 1)).Resume(worker);
    run.Receive(worker, jobs, message++).TakeUp(worker, flow);
    run.Suspend(worker, Operation::kSleep).JumpTo(100 * message + 10 * flow).Wake(worker);
    run.Resume(worker).TakeUp(worker, 0);
  }
  run.Suspend(worker, Operation::kReceive, jobs).JumpTo(1000).Resume(worker).Finish(worker);
  run.Finish(body);
  const Trace trace = run.Build();
  const TaskTable tasks(trace);
  const TaskTimes whole = TimesOf(trace, tasks, {worker})[0];
  CHECK(whole.took == 1000);
  CHECK(whole.waits == 7);
  const TaskTimes part = TimesOf(trace, tasks, {worker}, first)[0];
  CHECK(part.is_part);
  CHECK(part.start == 100);
  CHECK(part.took == 20);
  CHECK(part.waited == 20);
  CHECK(part.waits == 2);
  CHECK(part.longest == "sleep");
  CHECK(part.outcome.empty());
  CHECK(TimesOf(trace, tasks, {worker}, second)[0].took == 20);
  CHECK_THAT(ShowText(trace, {.flow = "first", .table = true}).value(),
             ContainsText("Work#0 (a part of it)"));
  const std::string json = ShowText(trace, {.flow = "first", .table = true, .json = true}).value();
  CHECK_THAT(json, ContainsText("\"took_ns\": 20,") && ContainsText("\"outcome\": null") &&
                       ContainsText("\"part\": true"));
}

TEST_CASE("what has not ended lasts to the end of the run, and what never ran has no times") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId lost = run.Spawn(body, "Lost");
  run.Suspend(body, Operation::kForeign).JumpTo(30);
  const Trace trace = run.Build();
  const TaskTable tasks(trace);
  const std::vector<TaskTimes> times = TimesOf(trace, tasks, {body, lost});
  REQUIRE(times.size() == 1);
  CHECK(times[0].took == 30);
  CHECK(times[0].waited == 30);
  CHECK_THAT(TaskTimesText(trace, tasks, times, false), ContainsText("unfinished"));
}

}  // namespace
}  // namespace heddle::tools
