// SPDX-License-Identifier: MIT
//
// Interval: no drift, and three ways to go on after a late tick.
#include "heddle/interval.h"

#include <vector>

#include "heddle/combinators.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/timeout.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

// When the ticks come, in milliseconds, for a task that is busy for 25ms after the first.
std::vector<long> TicksOf(MissedTicks missed) {
  std::vector<long> ticks;
  const RunResult run = Run([&]() -> Task<> {
    Interval interval(milliseconds(10), missed);
    for (int i = 0; i < 5; ++i) {
      co_await interval.Tick();
      ticks.push_back(static_cast<long>(VirtualClock::now().time_since_epoch() / milliseconds(1)));
      co_await SleepFor(milliseconds(i == 0 ? 25 : 3));
    }
  });
  CHECK(run.ok());
  return ticks;
}

TEST_CASE("after a late tick an interval catches up, skips or begins anew") {
  CHECK(TicksOf(MissedTicks::kCatchUp) == std::vector<long>{10, 35, 38, 41, 50});
  CHECK(TicksOf(MissedTicks::kSkip) == std::vector<long>{10, 35, 40, 50, 60});
  CHECK(TicksOf(MissedTicks::kDelay) == std::vector<long>{10, 35, 45, 55, 65});
}

TEST_CASE("an interval without a period is a usage error") {
  const RunResult run = Run([]() -> Task<> {
    CHECK_THROWS_AS(Interval(Duration::zero()), UsageError);
    co_return;
  });
  CHECK(run.ok());
}

TEST_CASE("a tick that is cancelled is there for the next one that asks") {
  const RunResult run = Run([]() -> Task<> {
    Interval interval(milliseconds(10));
    const auto ticks = [&]() -> Task<> { co_await interval.Tick(); };
    co_await WithTimeout(ticks(), milliseconds(4));
    CHECK(interval.next() == TimePoint(milliseconds(10)));
    co_await interval.Tick();
    CHECK(VirtualClock::now() == TimePoint(milliseconds(10)));
    co_await All(ticks(), ticks());  // each call is a tick
    CHECK(VirtualClock::now() == TimePoint(milliseconds(30)));
  });
  CHECK(run.ok());
}

}  // namespace
}  // namespace heddle
