// SPDX-License-Identifier: MIT
//
// Waiting for nothing but time, or for the others.
//
//   co_await heddle::SleepFor(50ms);   // virtual: costs no real time
//   co_await heddle::Yield();          // "not me next"
#ifndef HEDDLE_SLEEP_H_
#define HEDDLE_SLEEP_H_

#include <algorithm>
#include <coroutine>

#include "heddle/clock.h"
#include "heddle/executor.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

class [[nodiscard("co_await it")]] YieldAwaiter : public BriefOperation {
 public:
  YieldAwaiter() = default;

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    Waiter& waiter = WaiterOf(task);
    ExecutorToWaitIn(waiter).MakeYielded(waiter);
    Suspend(task, Operation::kYield, AwaitedObject(), site);
  }
  void await_resume() const noexcept {}
};

class [[nodiscard("co_await it")]] SleepAwaiter : public BriefOperation {
 public:
  explicit SleepAwaiter(VirtualNanos until) : until_(until) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    Waiter& waiter = WaiterOf(task);
    Executor& executor = ExecutorToWaitIn(waiter);
    // It may be awaited later than it was made, and time does not go back.
    executor.MakeSleep(waiter, std::max(until_, executor.now()));
    Suspend(task, Operation::kSleep, AwaitedObject(), site);
  }
  void await_resume() const noexcept {}

 private:
  VirtualNanos until_;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

// Lets the others go first: the task is passed over until another one has made a step. With
// nobody else ready it goes on.
inline internal::YieldAwaiter Yield() { return {}; }

// Sleeps until `when`, or until now if that is past. Sleepers of one instant wake together;
// which of them goes first is a choice.
inline internal::SleepAwaiter SleepUntil(TimePoint when) {
  const TimePoint now = VirtualClock::now();
  return internal::SleepAwaiter((when > now ? when : now).time_since_epoch().count());
}

// Sleeps for `duration`; for nothing at all if that is negative. Time passes only when nobody is
// ready, and of a sleep of nothing the same holds: all who can go on do so first. To give way once,
// Yield(). One that reaches past the end of virtual time (292 years) sleeps until there.
inline internal::SleepAwaiter SleepFor(Duration duration) {
  const TimePoint now = VirtualClock::now();
  return SleepUntil(duration > TimePoint::max() - now ? TimePoint::max() : now + duration);
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_SLEEP_H_
