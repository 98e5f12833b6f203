// SPDX-License-Identifier: MIT
//
// What a check of Catch2 shows of virtual time: `1.5ms == 2ms`, and not `{?} == {?}`.
#ifndef HEDDLE_INTERNAL_CATCH_STRINGS_H_
#define HEDDLE_INTERNAL_CATCH_STRINGS_H_

#include <chrono>
#include <concepts>
#include <ratio>
#include <string>

#include "heddle/catch_adapter.h"
#include "heddle/ending.h"

namespace heddle::internal {

// A clock says so itself (clock.h): it is of the harness, which matchers do not see.
template <class Clock>
concept VirtualTime = requires { requires Clock::kIsVirtual; };

// As many as can be told exactly in nanoseconds: each other one is of 292 years or more.
template <class Rep, class Period>
bool FitsNanos(std::chrono::duration<Rep, Period> duration) {
  using Given = std::chrono::duration<Rep, Period>;
  const auto most = std::chrono::duration_cast<Given>(std::chrono::nanoseconds::max());
  return duration <= most && -most <= duration;
}

}  // namespace heddle::internal

namespace Catch {

template <class Clock>
  requires heddle::internal::VirtualTime<Clock>
struct StringMaker<std::chrono::time_point<Clock, std::chrono::nanoseconds>> {
  static std::string convert(std::chrono::time_point<Clock, std::chrono::nanoseconds> time) {
    return heddle::FormatNanos(time.time_since_epoch().count());
  }
};

// Catch2 v3 knows durations, and v2 if it is told to.
#if HEDDLE_CATCH_GENERATION == 2 && !defined(CATCH_CONFIG_ENABLE_CHRONO_STRINGMAKER)
template <std::signed_integral Rep, class Period>
  requires(std::ratio_divide<Period, std::nano>::den == 1)
struct StringMaker<std::chrono::duration<Rep, Period>> {
  static std::string convert(std::chrono::duration<Rep, Period> duration) {
    if (!heddle::internal::FitsNanos(duration)) {
      return std::to_string(duration.count()) + " * " + std::to_string(Period::num) + "/" +
             std::to_string(Period::den) + "s";
    }
    return heddle::FormatNanos(
        std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count());
  }
};
#endif

}  // namespace Catch

#endif  // HEDDLE_INTERNAL_CATCH_STRINGS_H_
