// SPDX-License-Identifier: MIT
//
// Retry: tries again what threw, each time after a longer pause.
//
//   Page page = co_await heddle::Retry({.attempts_max = 4, .delay = 50ms, .jitter = 0.5},
//                                      [&] { return Fetch(url); });
//
// The pauses are virtual time. How much of a pause the jitter takes away is drawn, and so a
// choice. What the last attempt throws goes to the caller. A UsageError does so at once: it is a
// mistake in the program, which another attempt only repeats.
#ifndef HEDDLE_RETRY_H_
#define HEDDLE_RETRY_H_

#include <chrono>
#include <cstdint>
#include <exception>
#include <source_location>
#include <type_traits>
#include <utility>

#include "heddle/check.h"
#include "heddle/clock.h"
#include "heddle/executor.h"
#include "heddle/internal/awaited_at.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

struct RetryPolicy {
  // How often it is tried, at least once.
  int attempts_max = 5;
  // The pause after the first attempt; each one after that is `factor` times as long.
  Duration delay = std::chrono::milliseconds(100);
  double factor = 2;
  Duration delay_max = std::chrono::minutes(1);
  // From 0 to 1: up to this part of a pause is left out.
  double jitter = 0;

  // The pause after attempt number `attempt`, which counts from 1, without jitter.
  Duration DelayAfter(int attempt) const {
    auto nanos = static_cast<double>(delay.count());
    const auto most = static_cast<double>(delay_max.count());
    for (int i = 1; i < attempt && nanos < most; ++i) nanos *= factor;
    return nanos < most ? Duration(static_cast<Duration::rep>(nanos)) : delay_max;
  }
};

// Whether an exception is worth another attempt: any is, but for a UsageError.
struct AnyError {
  bool operator()(const std::exception_ptr& /*error*/) const { return true; }
};

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

// Throws UsageError for a policy that makes no sense.
inline void RequireSound(const RetryPolicy& policy) {
  if (policy.attempts_max < 1) {
    throw UsageError(
        "heddle: a Retry without attempts. Set RetryPolicy::attempts_max to 1 or more.");
  }
  if (policy.delay < Duration::zero() || policy.delay_max < Duration::zero()) {
    throw UsageError(
        "heddle: a Retry with a negative pause. Set RetryPolicy::delay and delay_max to zero or "
        "more.");
  }
  if (!(policy.factor >= 0)) {
    throw UsageError(
        "heddle: a Retry whose pauses become negative, or no number. Set RetryPolicy::factor to 0 "
        "or more.");
  }
  if (!(policy.jitter >= 0 && policy.jitter <= 1)) {
    throw UsageError(
        "heddle: a Retry that leaves out less than nothing of a pause, or more than all. Set "
        "RetryPolicy::jitter to 0 to 1.");
  }
}

// Sixteen lengths are enough to tell orders apart, and few enough to try them all.
inline Duration WithJitter(Duration delay, double jitter, SiteRef site) {
  constexpr std::uint32_t kSteps = 16;
  if (jitter == 0) return delay;
  const std::uint32_t step = Executor::Current()->Draw(kSteps, site);
  const double part = jitter * step / (kSteps - 1);
  return delay - Duration(static_cast<Duration::rep>(part * static_cast<double>(delay.count())));
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

// `attempt` gives a Task<T>; `worth_retrying` takes a std::exception_ptr and says whether to try
// again. Throws UsageError for a policy without attempts, or with a pause, a factor or a jitter
// that is out of its range.
template <class Attempt, class WorthRetrying = AnyError>
  requires internal::kIsTask<std::invoke_result_t<Attempt&>>
auto Retry(RetryPolicy policy, Attempt attempt, WorthRetrying worth_retrying = {},
           std::source_location site = std::source_location::current())
    -> std::invoke_result_t<Attempt&> {
  internal::RequireSound(policy);
  for (int number = 1;; ++number) {
    std::exception_ptr error;
    try {
      co_return co_await attempt();
    } catch (const UsageError&) {
      throw;
    } catch (...) {
      error = std::current_exception();
    }
    if (number == policy.attempts_max || !worth_retrying(error)) std::rethrow_exception(error);
    internal::SleepAwaiter pause =
        SleepFor(internal::WithJitter(policy.DelayAfter(number), policy.jitter, site));
    co_await internal::AwaitedAt(pause, site);
  }
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_RETRY_H_
