// SPDX-License-Identifier: MIT
//
// Steps, calls and tasks without end: livelock, starvation, and what is only long.
#include <chrono>
#include <stdexcept>
#include <string>

#include "harness/test_choosers.h"
#include "harness/verdicts/story.h"
#include "heddle/channel.h"
#include "heddle/combinators.h"
#include "heddle/diagnosis.h"
#include "heddle/gate.h"
#include "heddle/mark.h"
#include "heddle/mutex.h"
#include "heddle/retry.h"
#include "heddle/run.h"
#include "heddle/semaphore.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "heddle/world.h"
#include "support/catch.h"
#include "support/golden.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

Task<> Poll(Shared<bool>& ready) {
  for (;;) {
    const bool is_ready = co_await ready.Read();
    if (is_ready) break;
    co_await Yield();
  }
}

Task<> SetReady(Shared<bool>& ready) { co_await ready.Write(true); }

constexpr RunOptions kFewSteps = {.steps_max = 3'000};

TEST_CASE("a task that asks again and again for what nobody brings is a livelock") {
  Shared<bool> ready(false, "ready");
  const RunResult run = Run([&] { return Poll(ready); }, kFewSteps);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLivelock});
  CheckGolden("verdict_busy_wait", Story(run));
}

Task<> Beat() {
  for (;;) {
    co_await SleepFor(milliseconds(10));
    Mark("beat");
  }
}

Task<> LockBoth(Mutex& first, Mutex& second) {
  const MutexGuard one = co_await first.Lock();
  co_await SleepFor(milliseconds(1));
  const MutexGuard other = co_await second.Lock();
}

TEST_CASE("a timer that goes off for ever does not hide a deadlock") {
  const RunResult run = Run(
      []() -> Task<> {
        Mutex alice("alice");
        Mutex bob("bob");
        TaskGroup background("background");
        background.Spawn(Beat());
        co_await All(LockBoth(alice, bob), LockBoth(bob, alice));
      },
      kFewSteps);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kDeadlock, Verdict::kEndless});
  CheckGolden("verdict_deadlock_beside_timer", Story(run));
}

TEST_CASE(
    "tasks that wait for each other are no deadlock where one of them may give up, or go on") {
  // Any: the sleeper ends it one day.
  const RunResult any = Run(
      []() -> Task<> {
        Mutex alice("alice");
        TaskGroup background("background");
        background.Spawn(Beat());
        const MutexGuard guard = co_await alice.Lock();
        const auto lock = [&]() -> Task<> { const MutexGuard own = co_await alice.Lock(); };
        co_await Any(lock(), SleepFor(std::chrono::hours(1'000'000)));
      },
      kFewSteps);
  CHECK(VerdictsOn(any) == Verdicts{Verdict::kEndless});
  // Somebody else has a permit, too, and goes on.
  const RunResult permit = Run(
      []() -> Task<> {
        Semaphore permits(2, "permits");
        const auto keeps = [&]() -> Task<> {
          const Permit own = co_await permits.Acquire();
          co_await Beat();
        };
        const auto takes = [&]() -> Task<> {
          const Permit first = co_await permits.Acquire();
          const Permit second = co_await permits.Acquire();
        };
        co_await All(keeps(), takes());
      },
      kFewSteps);
  CHECK(VerdictsOn(permit) == Verdicts{Verdict::kEndless});
}

TEST_CASE("of a task that only sleeps it is said that nothing ends it") {
  const RunResult run = Run(
      [](World& world) {
        world.Spawn([]() -> Task<> {
          for (;;) co_await SleepFor(std::chrono::seconds(1));
        }());
      },
      kFewSteps);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLivelock});
  CHECK(Story(run).find("comes again after every pause, and that nothing ends") !=
        std::string::npos);
}

TEST_CASE("a task that asks until somebody brings it is none") {
  Shared<bool> ready(false, "ready");
  CheckSilent(Run([&]() -> Task<> { co_await All(Poll(ready), SetReady(ready)); }, kFewSteps));
}

// Takes both locks or none.
Task<> TakeBoth(Mutex& first, Mutex& second) {
  for (;;) {
    const MutexGuard one = co_await first.Lock();
    co_await Yield();
    const MutexGuard two = second.TryLock();
    if (two) break;
    co_await Yield();
  }
}

TEST_CASE("tasks that give way to each other for ever are a livelock") {
  Mutex left("left");
  Mutex right("right");
  const RunResult run = Run(
      [&]() -> Task<> { co_await All(TakeBoth(left, right), TakeBoth(right, left)); }, kFewSteps);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLivelock});
  CheckGolden("verdict_livelock", Story(run));
}

TEST_CASE("tasks that try the same lock first are none") {
  Mutex left("left");
  Mutex right("right");
  CheckSilent(Run([&]() -> Task<> { co_await All(TakeBoth(left, right), TakeBoth(left, right)); },
                  kFewSteps));
}

TEST_CASE("a loop over plain data, or under a lock, is not said to change nothing at all") {
  const RunResult alone = Run(
      []() -> Task<> {
        for (;;) co_await Yield();
      },
      kFewSteps);
  CHECK(VerdictsOn(alone) == Verdicts{Verdict::kLivelock});
  CheckGolden("verdict_plain_loop", Story(alone));
  Mutex mutex("mutex");
  const auto count = [](Mutex& at) -> Task<> {
    for (;;) const MutexGuard guard = co_await at.Lock();
  };
  const RunResult locked =
      Run([&]() -> Task<> { co_await All(count(mutex), count(mutex)); }, kFewSteps);
  CHECK_THAT(Story(locked), ContainsText("nothing changes that the events show"));
  CHECK_THAT(Story(locked), !ContainsText("gives way"));
}

TEST_CASE("a loop that makes marks, or calls, changes something") {
  const RunResult marks = Run(
      []() -> Task<> {
        for (;;) {
          Mark("progress");
          co_await Yield();
        }
      },
      kFewSteps);
  CHECK(VerdictsOn(marks) == Verdicts{Verdict::kEndless});
  const RunResult calls = Run(
      []() -> Task<> {
        for (;;) co_await []() -> Task<> { co_await Yield(); }();
      },
      kFewSteps);
  CHECK(VerdictsOn(calls) == Verdicts{Verdict::kEndless});
  CHECK_THAT(Story(calls), ContainsText(" calls\n"));
}

TEST_CASE("what is tried again for ever is said to fail each time") {
  const RunResult run = Run(
      []() -> Task<> {
        co_await Retry({.attempts_max = 1'000'000, .delay = milliseconds(1), .factor = 1},
                       []() -> Task<> {
                         throw std::runtime_error("down");
                         co_return;
                       });
      },
      kFewSteps);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kEndless});
  CHECK_THAT(Story(run), ContainsText("tried again and again"));
}

Task<> Descend(int levels) {
  if (levels != 0) co_await Descend(levels - 1);
}

TEST_CASE("calls without end name who calls whom, and where") {
  const RunResult run = Run([] { return Descend(-1); }, kFewSteps);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kEndless});
  CHECK_THAT(Story(run), ContainsText("Calls without end: main is "));
  CHECK_THAT(Story(run), ContainsText("Descend calls heddle::Descend at without_end_test.cc:N"));
}

TEST_CASE("deep calls that come to an end are none") {
  CheckSilent(Run([] { return Descend(1'000); }, kFewSteps));
}

Task<> SleepForEver() {
  for (;;) co_await SleepFor(milliseconds(1));
}

TEST_CASE("many tasks that take turns are not starved") {
  const RunResult run = Run(
      []() -> Task<> {
        TaskGroup group;
        for (int i = 0; i < 1'500; ++i) group.Spawn(SleepForEver());
        co_await group.Join();
      },
      kFewSteps);
  CHECK(run.ending == Ending::kStepLimit);
  for (const Verdict verdict : VerdictsOn(run)) CHECK(verdict != Verdict::kStarvation);
}

TEST_CASE("tasks that are starved alike are one finding, and some of them are named") {
  Shared<bool> ready(false, "ready");
  YoungestChooser unfair;
  RunOptions options = kFewSteps;
  options.chooser = &unfair;
  const RunResult run = Run(
      [&]() -> Task<> {
        TaskGroup group;
        for (int i = 0; i < 20; ++i) group.Spawn(SetReady(ready));
        group.Spawn([](Shared<bool>& flag) -> Task<> {
          for (;;) {
            const bool is_ready = co_await flag.Read();
            if (is_ready) break;
          }
        }(ready));
        co_await group.Join();
      },
      options);
  REQUIRE(VerdictsOn(run) == Verdicts{Verdict::kLivelock, Verdict::kStarvation});
  CHECK(Diagnose(run.trace).at(1).tasks.size() == 20);
  CHECK_THAT(Story(run), ContainsText("Starvation: 20 tasks were ready"));
  CHECK_THAT(Story(run), ContainsText("\n  and 15 more tasks\n"));
}

TEST_CASE("a task that is never let on by an unfair schedule is starved") {
  Shared<bool> ready(false, "ready");
  YoungestChooser unfair;
  RunOptions options = kFewSteps;
  options.chooser = &unfair;
  const auto busy = [](Shared<bool>& flag) -> Task<> {
    for (;;) {
      const bool is_ready = co_await flag.Read();
      if (is_ready) break;
    }
  };
  const RunResult run =
      Run([&]() -> Task<> { co_await All(SetReady(ready), busy(ready)); }, options);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLivelock, Verdict::kStarvation});
  CheckGolden("verdict_starvation", Story(run));
  // The same under a fair schedule.
  CheckSilent(Run([&]() -> Task<> { co_await All(SetReady(ready), busy(ready)); }, kFewSteps));
}

Task<> SendTicks(Channel<int>& channel, int ticks) {
  for (int i = 0; i < ticks; ++i) {
    co_await channel.Send(i);
    co_await SleepFor(milliseconds(1));
  }
  channel.Close();
}

TEST_CASE("a loop in which things change is without end, and no livelock") {
  Channel<int> ticks(1, "ticks");
  const RunResult run =
      Run([&]() -> Task<> { co_await All(SendTicks(ticks, 1'000'000), Serve(ticks)); }, kFewSteps);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kEndless});
  CheckGolden("verdict_endless", Story(run));
}

TEST_CASE("a loop that ends shortly before the limit is none") {
  Channel<int> ticks(1, "ticks");
  const RunResult run =
      Run([&]() -> Task<> { co_await All(SendTicks(ticks, 900), Serve(ticks)); }, kFewSteps);
  CheckSilent(run);
  CHECK(run.steps > kFewSteps.steps_max * 9 / 10);
}

Task<> PassAtOnce(Gate& gate) { co_await gate.Wait(); }

TEST_CASE("tasks without end are named with who creates them") {
  Gate gate("never");
  const RunResult run = Run(
      [&](World& world) -> Task<> {
        for (;;) {
          world.Spawn(PassAtOnce(gate));
          co_await Yield();
        }
      },
      {.tasks_max = 100});
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kEndless});
  CheckGolden("verdict_tasks_without_end", Story(run));
}

TEST_CASE("as many tasks as are allowed are none") {
  Gate gate("opened at last");
  CheckSilent(Run(
      [&](World& world) -> Task<> {
        for (int i = 0; i < 99; ++i) world.Spawn(PassAtOnce(gate));
        co_await Yield();
        gate.Open();
      },
      {.tasks_max = 100}));
}

}  // namespace
}  // namespace heddle
