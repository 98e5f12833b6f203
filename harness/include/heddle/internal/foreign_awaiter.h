// SPDX-License-Identifier: MIT
//
// ForeignAwaiter: any awaitable that is not ours, awaited in a Task. It is given a proxy
// instead of the task's own handle: whoever resumes that does not run the task there and
// then, but makes it ready, so that when it goes on is a choice like any other and nothing
// runs in the middle of somebody else's step.
#ifndef HEDDLE_INTERNAL_FOREIGN_AWAITER_H_
#define HEDDLE_INTERNAL_FOREIGN_AWAITER_H_

#include <coroutine>
#include <type_traits>
#include <utility>

#include "heddle/executor.h"
#include "heddle/internal/get_awaiter.h"
#include "heddle/internal/type_name.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// `T` is deduced from a forwarding reference: an lvalue reference, or a value to be moved.
template <class T>
class ForeignAwaiter : private FrameProxy {
 public:
  ForeignAwaiter(T&& awaitable, SiteRef site)
      : FrameProxy(&ForeignAwaiter::OnResume),
        site_(site),
        awaiter_(GetAwaiter(std::forward<T>(awaitable))) {}

  ForeignAwaiter(const ForeignAwaiter&) = delete;
  ForeignAwaiter& operator=(const ForeignAwaiter&) = delete;
  ~ForeignAwaiter() { Retire(&ForeignAwaiter::OnResumeTooLate); }

  bool await_ready() { return awaiter_.await_ready(); }

  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> task) {
    task_ = &task.promise().state;
    Executor& executor = *task_->executor;
    executor.Suspend(*task_, Operation::kForeign, 0, site_);
    try {
      return SuspendIn(executor, task);
    } catch (...) {
      executor.Continue(*task_);  // as if it had not been suspended
      throw;
    }
  }

  decltype(auto) await_resume() {
    if (is_lost_) [[unlikely]] {
      task_->executor->RecordContextLost();
    }
    return awaiter_.await_resume();
  }

 private:
  using Awaiter = decltype(GetAwaiter(std::declval<T>()));

  std::coroutine_handle<> SuspendIn(Executor& executor, std::coroutine_handle<> task) {
    using Result = decltype(awaiter_.await_suspend(handle()));
    if constexpr (std::is_void_v<Result>) {
      awaiter_.await_suspend(handle());
      return std::noop_coroutine();
    } else if constexpr (std::is_same_v<Result, bool>) {
      if (awaiter_.await_suspend(handle())) return std::noop_coroutine();
      executor.Continue(*task_);
      return task;
    } else {
      const std::coroutine_handle<> next = awaiter_.await_suspend(handle());
      if (next != handle()) return next;
      executor.Continue(*task_);
      return task;
    }
  }

  static void OnResume(FrameProxy* proxy) {
    auto* self = static_cast<ForeignAwaiter*>(proxy);
    TaskState& task = *self->task_;
    if (task.executor == nullptr) return Executor::WakeTooLate(self->await());
    self->is_lost_ = task.executor->WakeFromOutside(task, self->await());
  }
  static void OnResumeTooLate(FrameProxy* proxy) {
    Executor::WakeTooLate(static_cast<ForeignAwaiter*>(proxy)->await());
  }

  ForeignAwait await() const { return {.type = TypeName<std::remove_cvref_t<T>>(), .site = site_}; }

  SiteRef site_;
  TaskState* task_ = nullptr;
  bool is_lost_ = false;  // nobody can say for which request the task goes on
  Awaiter awaiter_;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_FOREIGN_AWAITER_H_
