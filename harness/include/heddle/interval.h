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
// periods; kDelay counts the next period from now. Who is cancelled while it waits for a tick
// leaves it to the next one that asks. An Interval must outlive its ticks.
#ifndef HEDDLE_INTERVAL_H_
#define HEDDLE_INTERVAL_H_

#include <cstdint>
#include <utility>

#include "heddle/check.h"
#include "heddle/clock.h"
#include "heddle/sleep.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

enum class MissedTicks : std::uint8_t { kCatchUp, kSkip, kDelay };

class Interval {
 public:
  class [[nodiscard("co_await it")]] TickAwaiter;

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
  TickAwaiter Tick();

 private:
  Duration period_;
  MissedTicks missed_;
  TimePoint next_;
};

class Interval::TickAwaiter : public internal::SleepAwaiter {
 public:
  explicit TickAwaiter(Interval& interval)
      : SleepAwaiter(interval.next_.time_since_epoch().count()),
        interval_(&interval),
        due_(interval.next_),
        next_(NextAfter(interval)) {
    interval.next_ = next_;
  }
  TickAwaiter(const TickAwaiter&) = delete;
  TickAwaiter& operator=(const TickAwaiter&) = delete;
  // Cancelled: it gives the tick back, unless somebody else has taken the next one.
  ~TickAwaiter() { Abandon(); }

  void await_resume() noexcept { is_due_ = false; }
  void Abandon() {
    if (std::exchange(is_due_, false) && interval_->next_ == next_) interval_->next_ = due_;
    SleepAwaiter::Abandon();
  }

 private:
  static TimePoint NextAfter(const Interval& interval) {
    const TimePoint now = VirtualClock::now();
    const TimePoint due = interval.next_;
    const Duration period = interval.period_;
    if (now <= due) return due + period;
    switch (interval.missed_) {
      case MissedTicks::kCatchUp:
        break;
      case MissedTicks::kSkip:
        return due + period + (now - due) / period * period;
      case MissedTicks::kDelay:
        return now + period;
    }
    return due + period;
  }

  Interval* interval_;
  TimePoint due_;
  TimePoint next_;
  bool is_due_ = true;
};

inline Interval::TickAwaiter Interval::Tick() { return TickAwaiter(*this); }

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERVAL_H_
