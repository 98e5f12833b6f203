// SPDX-License-Identifier: MIT
//
// Interval: something to do at every period, counted from when the interval was made.
//
//   heddle::Interval ticks(100ms);
//   for (;;) {
//     co_await ticks.Tick();      // at 100ms, 200ms, 300ms, ... of virtual time
//     Poll();
//   }
//
// Who comes too late for a tick goes on at once. What then becomes of the ticks that were missed:
// kCatchUp gives each of them, one after the other; kSkip leaves them out and keeps to the
// periods; kDelay counts the next period from now.
#ifndef HEDDLE_INTERVAL_H_
#define HEDDLE_INTERVAL_H_

#include <cstdint>

#include "heddle/check.h"
#include "heddle/clock.h"
#include "heddle/sleep.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

enum class MissedTicks : std::uint8_t { kCatchUp, kSkip, kDelay };

class Interval {
 public:
  // Throws UsageError for a period that is not positive, and outside a run.
  explicit Interval(Duration period, MissedTicks missed = MissedTicks::kCatchUp)
      : period_(period), missed_(missed), next_(VirtualClock::now()) {
    if (period <= Duration::zero()) {
      throw UsageError("heddle: an Interval needs a period of more than zero.");
    }
    next_ += period;
  }

  // When the next tick is due.
  TimePoint next() const { return next_; }
  // Waits for it. Awaited at once: each call is a tick.
  internal::SleepAwaiter Tick() {
    const TimePoint now = VirtualClock::now();
    const TimePoint due = next_;
    next_ += period_;
    if (now > due && missed_ == MissedTicks::kSkip) next_ += (now - due) / period_ * period_;
    if (now > due && missed_ == MissedTicks::kDelay) next_ = now + period_;
    return SleepUntil(due);
  }

 private:
  Duration period_;
  MissedTicks missed_;
  TimePoint next_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERVAL_H_
