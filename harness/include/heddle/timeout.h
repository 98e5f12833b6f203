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
//   auto guard = co_await heddle::WithTimeout(till.Lock(), 50ms);   // or anything that is awaited
//
// Empty: the time was over first, and the task was cancelled, that is destroyed where it was
// suspended. What is no task is awaited where it is written: its WithTimeout cannot be kept. A task
// that has to clean up is given as a callable that takes a std::stop_token:
//
//   auto page = co_await heddle::WithTimeout(
//       [&](std::stop_token stop) { return Fetch(url, stop); }, 200ms);
//
// When the time is over it is asked to stop (cancel.h), and WithTimeout waits until it has
// returned; what it gives then is dropped, what it throws goes through. Which comes first of a task
// and a time that end in the same instant is a choice. A task without a value counts as one of
// std::monostate; an exception goes through.
#ifndef HEDDLE_TIMEOUT_H_
#define HEDDLE_TIMEOUT_H_

#include <coroutine>
#include <optional>
#include <source_location>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <variant>

#include "heddle/clock.h"
#include "heddle/combinators.h"
#include "heddle/internal/attempt.h"
#include "heddle/internal/attempt_or.h"
#include "heddle/internal/awaited_at.h"
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

// In all of them `site` is the line of the user's call.
inline Task<> TimeOut(TimePoint when, SiteRef site) {
  SleepAwaiter sleep = SleepUntil(when);
  co_await AwaitedAt(sleep, site);
}
inline Task<> StopAt(TimePoint when, std::stop_source source, SiteRef site) {
  SleepAwaiter sleep = SleepUntil(when);
  co_await AwaitedAt(sleep, site);
  source.request_stop();
}

// Waits for `task`. The other one runs beside it, and goes with it.
template <class T>
class [[nodiscard("co_await it")]] BesideAwaiter : public JoinAwaiter {
 public:
  BesideAwaiter(Task<T> task, Task<> other)
      : JoinAwaiter("WithTimeout"), task_(std::move(task)), other_(std::move(other)) {}

  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    task_child_.Start(*this, task_.RequireFrame());
    other_child_.Start(*this, other_.RequireFrame());
    this->Suspend(task, Operation::kJoin, this->IdFor(task), site);
    this->AddJoiner(this->waiter());
  }
  void Abandon() {
    JoinAwaiter::Abandon();
    task_child_.CancelStart();
    other_child_.CancelStart();
    this->DestroyCancelled(task_);
    this->DestroyCancelled(other_);
  }
  ValueType<T> await_resume() {
    this->EndJoin();
    return ValueOf<T>::Take(task_.RequireFrame().promise());
  }

 private:
  void OnEnded(JoinChild& child) final {
    if (&child == &other_child_) return;
    this->KeepException(child.exception());
    this->WakeJoiners();
    other_child_.CancelStart();
    other_ = {};
  }

  JoinChild task_child_;
  JoinChild other_child_;
  Task<T> task_;
  Task<> other_;
};

template <class Start>
using StartedTask = std::invoke_result_t<Start&, std::stop_token>;

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

template <class T>
Task<std::optional<internal::ValueType<T>>> WithDeadline(
    Task<T> task, Deadline deadline, std::source_location site = std::source_location::current()) {
  internal::AttemptOr either(task, internal::TimeOut(deadline.when(), site), site);
  co_return co_await internal::AwaitedAt(either, site);
}

// Of an operation: Lock(), Receive(), Select(...), All(...) and the like.
template <internal::IsOperation Operation>
internal::AttemptOr<Operation> WithDeadline(
    Operation&& operation, Deadline deadline,
    std::source_location site = std::source_location::current()) {
  return {operation, internal::TimeOut(deadline.when(), site), site};
}

template <class Start>
  requires std::is_invocable_v<Start&, std::stop_token>
auto WithDeadline(Start start, Deadline deadline,
                  std::source_location site = std::source_location::current())
    -> Task<std::optional<internal::ValueType<typename internal::StartedTask<Start>::value_type>>> {
  std::stop_source source;
  internal::BesideAwaiter both(start(source.get_token()),
                               internal::StopAt(deadline.when(), source, site));
  auto value = co_await internal::AwaitedAt(both, site);
  if (source.stop_requested()) co_return std::nullopt;
  co_return std::move(value);
}

template <class T>
Task<std::optional<internal::ValueType<T>>> WithTimeout(
    Task<T> task, Duration duration, std::source_location site = std::source_location::current()) {
  return WithDeadline(std::move(task), Deadline(duration), site);
}

template <internal::IsOperation Operation>
internal::AttemptOr<Operation> WithTimeout(
    Operation&& operation, Duration duration,
    std::source_location site = std::source_location::current()) {
  return WithDeadline(std::forward<Operation>(operation), Deadline(duration), site);
}

template <class Start>
  requires std::is_invocable_v<Start&, std::stop_token>
auto WithTimeout(Start start, Duration duration,
                 std::source_location site = std::source_location::current()) {
  return WithDeadline(std::move(start), Deadline(duration), site);
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_TIMEOUT_H_
