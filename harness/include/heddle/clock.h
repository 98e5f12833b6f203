// SPDX-License-Identifier: MIT
//
// Virtual time. It stands still while anything is ready and jumps to the next timer when
// nothing is: an hour of sleeping costs nothing. It starts at zero in every run. In an EventLoop
// (event_loop.h) it is real: the steady clock, from zero when the loop is made.
#ifndef HEDDLE_CLOCK_H_
#define HEDDLE_CLOCK_H_

#include <chrono>

#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// A std::chrono clock, so that user code can be written against a clock type.
struct VirtualClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<VirtualClock>;
  static constexpr bool is_steady = true;  // NOLINT(readability-identifier-naming): std's name
  // By which it is known to whoever shows times of it and does not see this header.
  static constexpr bool kIsVirtual = true;

  // The time of the run, or the loop, that this thread is in. Throws UsageError outside of one.
  static time_point now();
};

using Duration = VirtualClock::duration;
using TimePoint = VirtualClock::time_point;

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CLOCK_H_
