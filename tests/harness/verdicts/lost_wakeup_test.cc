// SPDX-License-Identifier: MIT
//
// A notification that came before the wait.
#include <cstdint>

#include "harness/verdicts/story.h"
#include "heddle/chooser.h"
#include "heddle/combinators.h"
#include "heddle/condition.h"
#include "heddle/diagnosis.h"
#include "heddle/gate.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "support/catch.h"
#include "support/golden.h"

namespace heddle {
namespace {

struct Box {
  Mutex mutex{"box"};
  Condition filled{"filled"};
  bool full = false;
};

Task<> Fill(Box& box) {
  const MutexGuard guard = co_await box.mutex.Lock();
  box.full = true;
  box.filled.NotifyOne();
}

Task<> TakeBlindly(Box& box) {
  co_await Yield();
  MutexGuard guard = co_await box.mutex.Lock();
  co_await box.filled.Wait(guard);
}

Task<> TakeWhenFull(Box& box) {
  co_await Yield();
  MutexGuard guard = co_await box.mutex.Lock();
  co_await box.filled.Wait(guard, [&] { return box.full; });
}

TEST_CASE("a notification before the wait is a lost wake-up") {
  Box box;
  const RunResult run = Run([&]() -> Task<> { co_await All(Fill(box), TakeBlindly(box)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLostWakeUp});
  CheckGolden("verdict_lost_wake_up", Story(run));
}

TEST_CASE("who joins the task that it notified too early is not a deadlock") {
  Box box;
  const RunResult run = Run([&]() -> Task<> {
    co_await Fill(box);
    co_await All(TakeBlindly(box));
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLostWakeUp});
}

TEST_CASE("a notification before the waits of two is lost to both") {
  Box box;
  const RunResult run =
      Run([&]() -> Task<> { co_await All(Fill(box), TakeBlindly(box), TakeBlindly(box)); });
  CHECK(run.ending == Ending::kStuck);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLostWakeUp, Verdict::kLostWakeUp});
}

TEST_CASE("a wait with a predicate loses nothing") {
  Box box;
  CheckSilent(Run([&]() -> Task<> { co_await All(Fill(box), TakeWhenFull(box)); }));
}

TEST_CASE("a wait whose predicate stays false is not called a lost wake-up") {
  Box box;
  const RunResult run = Run([&]() -> Task<> {
    co_await Fill(box);
    box.full = false;
    co_await TakeWhenFull(box);
  });
  REQUIRE(run.ending == Ending::kStuck);
  CHECK(VerdictsOn(run) != Verdicts{Verdict::kLostWakeUp});
}

// Takes so many, and looks for itself each time.
Task<> TakeByHand(Mutex& mutex, Condition& filled, int& jobs, int take) {
  for (int taken = 0; taken < take; ++taken) {
    MutexGuard guard = co_await mutex.Lock();
    while (jobs == 0) co_await filled.Wait(guard);
    --jobs;
  }
}

Task<> PutTwo(Mutex& mutex, Condition& filled, int& jobs) {
  for (int i = 0; i < 2; ++i) {
    const MutexGuard guard = co_await mutex.Lock();
    ++jobs;
    filled.NotifyOne();
  }
}

TEST_CASE("who waits in a loop of its own, and has looked, has lost no wake-up") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    RandomChooser chooser(seed);
    Mutex mutex("mutex");
    Condition filled("filled");
    int jobs = 0;
    const RunResult run = Run(
        [&]() -> Task<> {
          co_await All(TakeByHand(mutex, filled, jobs, 3), PutTwo(mutex, filled, jobs));
        },
        {.chooser = &chooser});
    REQUIRE(run.ending == Ending::kStuck);
    CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  }
}

TEST_CASE("a gate that was closed again before the wait is a lost wake-up") {
  Gate ready("ready");
  const RunResult run = Run([&]() -> Task<> { co_await All(Pulse(ready, true), Pass(ready)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLostWakeUp});
  CheckGolden("verdict_lost_pulse", Story(run));
}

TEST_CASE("a gate that stays open loses nobody") {
  Gate ready("ready");
  CheckSilent(Run([&]() -> Task<> { co_await All(Pulse(ready, false), Pass(ready)); }));
}

}  // namespace
}  // namespace heddle
