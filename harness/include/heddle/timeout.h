// SPDX-License-Identifier: MIT
//
// WithTimeout and Deadline: a task that may take so long, and no longer.
//
//   std::optional<Page> page = co_await heddle::WithTimeout(Fetch(url), 200ms);   // virtual time
//
//   const heddle::Deadline deadline(2s);        // for several tasks, one after the other
//   auto user = co_await heddle::WithDeadline(LoadUser(id), deadline);
//   auto cart = co_await heddle::WithDeadline(LoadCart(id), deadline);
//
// Empty: the time was over first, and the task was cancelled, that is destroyed where it was
// suspended. Which comes first of a task and a time that end in the same instant is a choice. A
// task without a value counts as one of std::monostate; an exception goes through.
#ifndef HEDDLE_TIMEOUT_H_
#define HEDDLE_TIMEOUT_H_

#include <optional>
#include <utility>
#include <variant>

#include "heddle/clock.h"
#include "heddle/combinators.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// A point in virtual time.
class Deadline {
 public:
  explicit Deadline(TimePoint when) : when_(when) {}
  // From now on. Throws UsageError outside a run.
  explicit Deadline(Duration duration) : when_(Later(duration)) {}

  TimePoint when() const { return when_; }
  bool has_passed() const { return VirtualClock::now() >= when_; }
  // None when it has passed.
  Duration remaining() const {
    return has_passed() ? Duration::zero() : when_ - VirtualClock::now();
  }

 private:
  static TimePoint Later(Duration duration) {
    const TimePoint now = VirtualClock::now();
    return duration > TimePoint::max() - now ? TimePoint::max() : now + duration;
  }

  TimePoint when_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

inline Task<> TimeOut(TimePoint when) { co_await SleepUntil(when); }

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

template <class T>
Task<std::optional<internal::ValueType<T>>> WithDeadline(Task<T> task, Deadline deadline) {
  auto first = co_await Any(std::move(task), internal::TimeOut(deadline.when()));
  if (first.index() == 1) co_return std::nullopt;
  co_return std::get<0>(std::move(first));
}

template <class T>
Task<std::optional<internal::ValueType<T>>> WithTimeout(Task<T> task, Duration duration) {
  return WithDeadline(std::move(task), Deadline(duration));
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_TIMEOUT_H_
