// SPDX-License-Identifier: MIT
#include "request_times.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "heddle/chooser.h"
#include "heddle/gate.h"
#include "heddle/mark.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "heddle/task_table.h"
#include "recorder/arbitrary_trace.h"
#include "requests.h"
#include "support/catch.h"
#include "support/law.h"
#include "support/trace_builder.h"
#include "task_span.h"

namespace heddle::tools {
namespace {

std::vector<RequestTimes> RequestTimesOf(const Trace& trace) {
  RequestClock clock(trace.losses);
  for (const Event& event : trace.events) clock.Add(event);
  return std::move(clock).Times(trace.flows.size(), EndOf(trace));
}

TEST_CASE("a request runs, is ready, or waits for what goes on first") {
  TraceBuilder run;
  const ObjectId ledger = run.Object("Mutex", "ledger");
  const TaskId body = run.Main();
  const TaskId serve = run.Spawn(body, "Serve");
  run.JumpTo(100).Start(serve).WorkFor(serve, run.Flow("order 1"));
  const TaskId helper = run.Spawn(serve, "Help");
  run.JumpTo(107).Suspend(serve, Operation::kLock, ledger, "a.cc:1");  // ran 7
  run.JumpTo(110).Start(helper).JumpTo(112);                           // 3 to begin, ran 2
  run.Suspend(helper, Operation::kSleep, 0, "a.cc:2");
  run.JumpTo(140).Wake(helper).JumpTo(145).Resume(helper).Finish(helper);  // slept 28, ready 5
  run.JumpTo(150).Resume(serve).Finish(serve);                             // lock 5
  const Trace trace = run.Build();
  const RequestTimes times = RequestTimesOf(trace)[1];
  CHECK(times.running == 9);
  CHECK(times.ready == 5);
  CHECK(times.waiting == 36);
  CHECK(LongestText(trace, times) == "sleep at a.cc:2 (28ns)");
}

TEST_CASE("a request that hangs waits until the run ends, for what nobody brings") {
  TraceBuilder run;
  const ObjectId never = run.Object("Gate", "never");
  const TaskId body = run.Main();
  const TaskId serve = run.Spawn(body, "Serve");
  run.Start(serve).WorkFor(serve, run.Flow("order 1"));
  const TaskId charge = run.Call(serve, "Charge", "shop.cc:12");
  run.Suspend(charge, Operation::kSleep, 0, "a.cc:1").JumpTo(5).Resume(charge);
  run.Suspend(charge, Operation::kWait, never, "a.cc:2");
  run.JumpTo(1000).Finish(body);
  const Trace trace = run.Build();
  const RequestTimes times = RequestTimesOf(trace)[1];
  CHECK(times.waiting == 1000);
  CHECK(LongestText(trace, times) == "wait for Gate never at a.cc:2 (995ns)");
  const std::vector<Request> requests = ListRequests(trace, TaskTable(trace));
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].duration == 1000);
  CHECK(requests[0].outcome == "unfinished");
}

TEST_CASE("a task that begins to work for another request leaves the one before") {
  TraceBuilder run;
  const TaskId body = run.Main();
  run.WorkFor(body, run.Flow("first")).JumpTo(10).WorkFor(body, run.Flow("second"));
  run.JumpTo(30).Finish(body);
  const std::vector<RequestTimes> times = RequestTimesOf(run.Build());
  CHECK(times[1].running == 10);
  CHECK(times[2].running == 20);
  CHECK(times[2].waiting == 0);
}

// Quadratic, it would take minutes.
TEST_CASE("the time of a request with 300,000 different awaits is counted in one pass") {
  constexpr int kAwaits = 300'000;
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId serve = run.Spawn(body, "Serve");
  run.Start(serve).WorkFor(serve, run.Flow("order 1"));
  VirtualNanos now = 0;
  for (int i = 0; i < kAwaits; ++i) {
    const auto object = static_cast<ObjectId>(i);
    for (const TaskId task : {body, serve}) {
      run.Add({.task = task,
               .object = object,
               .kind = EventKind::kSuspend,
               .operation = static_cast<std::uint8_t>(Operation::kWait)});
    }
    run.JumpTo(now += 10 + i % 7);
    for (const TaskId task : {body, serve}) {
      run.Add({.task = task, .object = object, .kind = EventKind::kResume});
    }
  }
  const RequestTimes times = RequestTimesOf(run.Build())[1];
  CHECK(times.waiting == now);
  CHECK(times.longest == 16);
  CHECK(times.object == 6);
}

TEST_CASE("calls of one place are one await, whichever task was called") {
  TraceBuilder run;
  const TaskId body = run.Main();
  run.WorkFor(body, run.Flow("order 1"));
  for (VirtualNanos now = 10; now <= 30; now += 10) {
    const TaskId charge = run.Call(body, "Charge", "shop.cc:12");
    run.Suspend(charge, Operation::kSleep, 0, "shop.cc:40").JumpTo(now);
    run.Resume(body);
  }
  const Trace trace = run.Build();
  const RequestTimes times = RequestTimesOf(trace)[1];
  CHECK(times.operation == Operation::kCall);
  CHECK(times.longest == 30);
}

Task<> Serve(Mutex& mutex, Gate& never, int milliseconds) {
  BeginFlow("order " + std::to_string(milliseconds));
  if (milliseconds == 4) co_await never.Wait();
  co_await SleepFor(std::chrono::milliseconds(milliseconds));
  const MutexGuard guard = co_await mutex.Lock();
  co_await SleepFor(std::chrono::milliseconds(milliseconds));
}

TEST_CASE("the parts of a request are its duration, all of it waiting in virtual time") {
  CheckLaw([](std::uint64_t seed) {
    const auto naps = *rc::gen::container<std::vector<int>>(5, rc::gen::inRange(0, 5));
    RandomChooser chooser(seed);
    const RunResult run = Run(
        [&]() -> Task<> {
          Mutex mutex;
          Gate never;
          TaskGroup group;
          for (const int nap : naps) group.Spawn(Serve(mutex, never, nap));
          co_await group.Join();
        },
        {.chooser = &chooser});
    const std::vector<RequestTimes> times = RequestTimesOf(run.trace);
    for (const Request& request : ListRequests(run.trace, TaskTable(run.trace))) {
      RC_ASSERT(times[request.flow].waiting == request.duration);
      RC_ASSERT(times[request.flow].running == 0);
    }
  });
}

TEST_CASE("any trace has the times of its requests") {
  CheckLaw([] {
    const Trace trace = *AnyTrace();
    RC_ASSERT(RequestTimesOf(trace).size() == trace.flows.size());
  });
}

}  // namespace
}  // namespace heddle::tools
