// SPDX-License-Identifier: MIT
//
// Task<T>: a coroutine that does nothing until it is awaited, or spawned, and that owns its
// frame. `co_await SomeTask()` starts it in the same step, hands over its value or throws its
// exception unchanged, and costs two jumps. A Task must be awaited or spawned once.
//
//   heddle::Task<Receipt> Checkout(Shop& shop, Order order) {
//     Stock stock = co_await shop.Reserve(order);
//     co_return co_await shop.Charge(order, stock);
//   }
//
// Parameters live in the frame: take them by value, or by reference to something that
// outlives the task. Anything that can be awaited in C++20 may be awaited in a Task; what is
// not ours is recorded as such.
//
// Two things that g++ 12 gets wrong, with any coroutine type: it miscompiles awaiters that are
// aggregates with non-trivial members (give them a constructor), and `if (co_await ...)` in a
// coroutine whose outermost block declares no variable (name the result first).
//
// With HEDDLE_TRACING=0 a frame holds what a hand-written task holds: the continuation, the
// exception and the value. There, and with HEDDLE_TRACING=2, coroutines of any type may await a
// Task, on any executor.
#ifndef HEDDLE_TASK_H_
#define HEDDLE_TASK_H_

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/internal/get_awaiter.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/site.h"
#include "heddle/tracing.h"

#if HEDDLE_SIMULATED
#include "heddle/internal/foreign_awaiter.h"
#elif HEDDLE_LIVE
#include "heddle/internal/live_task.h"
#endif

namespace heddle::inline HEDDLE_VARIANT {

template <class T = void>
class Task;

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

template <class T>
class CallAwaiter;
#if HEDDLE_LIVE
template <class T>
class LiveCallAwaiter;
#endif

template <class T>
inline constexpr bool kIsTask = false;
template <class T>
inline constexpr bool kIsTask<Task<T>> = true;

// Of what refers to the temporaries that it was made of.
template <class T>
concept OnlyInItsExpression = requires { typename T::RefersToTemporaries; };

// At the end of a task: goes on with whoever awaits it.
struct FinalAwaiter {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> frame) const noexcept {
    auto& promise = frame.promise();
#if HEDDLE_TRACING
    const Outcome outcome = promise.exception == nullptr ? Outcome::kValue : Outcome::kException;
#endif
#if HEDDLE_SIMULATED
    return promise.state.executor->Finish(promise.state, outcome);
#else
#if HEDDLE_LIVE
    promise.live.Finish(outcome);
#endif
    return promise.continuation();
#endif
  }
  void await_resume() const noexcept {}
};

// Not inline: each await would carry the code.
[[noreturn, gnu::cold, gnu::noinline]] inline void Rethrow(const std::exception_ptr& exception) {
  std::rethrow_exception(exception);
}

#if HEDDLE_SIMULATED
// A coroutine ran off its end, which the compilers do not warn of.
[[noreturn, gnu::cold, gnu::noinline]] inline void ThrowNoValue(const TaskState& task) {
  throw UsageError("heddle: the task of " + DisplayName(task.function.location().function_name()) +
                   " ended without a co_return, and its value is asked for. Likely cause: a way "
                   "through it that has none. Give each way one, or throw.");
}
#endif

// What the promises of all tasks have in common.
struct PromiseBase {
#if HEDDLE_SIMULATED
  TaskState state;  // first: TaskState::handle
#elif HEDDLE_LIVE
  LiveTask live;
#endif
  std::exception_ptr exception;

  PromiseBase() = default;
  PromiseBase(const PromiseBase&) = delete;
  PromiseBase& operator=(const PromiseBase&) = delete;

#if HEDDLE_LIVE
  LiveStart initial_suspend() noexcept { return LiveStart(live); }
#else
  std::suspend_always initial_suspend() const noexcept { return {}; }
#endif
  FinalAwaiter final_suspend() const noexcept { return {}; }
  // What goes on when the task has ended.
#if HEDDLE_SIMULATED
  std::coroutine_handle<> continuation() const { return state.continuation; }
  void ReturnTo(std::coroutine_handle<> next) { state.continuation = next; }
#else
  std::coroutine_handle<> continuation() const { return continuation_; }
  void ReturnTo(std::coroutine_handle<> next) { continuation_ = next; }
#endif

  void unhandled_exception() noexcept {
    exception = std::current_exception();
#if HEDDLE_SIMULATED
    state.executor->NoteException(state);
#endif
  }

#if HEDDLE_SIMULATED
  ~PromiseBase() {
    if (state.executor != nullptr) state.executor->Forget(state);
  }

  static void* operator new(std::size_t size) { return Executor::AllocateFrame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { Arena::Free(frame, size); }

  // The task's identity: its coroutine's name, with no annotation by the user.
  void Identify(std::source_location function) {
    state.function = function;
    if (Executor* executor = Executor::Current(); executor != nullptr) {
      executor->Register(state, function);
    }
  }

  template <class T>
  auto await_transform(Task<T>&& task,
                       std::source_location site = std::source_location::current()) {
    return CallAwaiter<T>(std::move(task), site);
  }
  template <class T>
  void await_transform(Task<T>&) = delete;  // a Task is awaited once: co_await std::move(task)

  template <class T>
    requires OnlyInItsExpression<T>
  void await_transform(T&) = delete;  // it refers to a temporary: co_await it where it is made

  template <class T>
    requires std::is_base_of_v<BriefOperation, std::remove_cvref_t<T>>
  auto await_transform(T&& operation, std::source_location site = std::source_location::current()) {
    return OperationRef<std::remove_reference_t<T>>(operation, site);
  }

  template <class T>
    requires(!std::is_base_of_v<BriefOperation, std::remove_cvref_t<T>> &&
             !kIsTask<std::remove_cvref_t<T>>)
  auto await_transform(T&& awaitable, std::source_location site = std::source_location::current()) {
    return MakeAwaiter<ForeignAwaiter>(std::forward<T>(awaitable), site);
  }
#elif HEDDLE_LIVE
  void Identify(std::source_location function) { live.Create(function); }

  template <class T>
  auto await_transform(Task<T>&& task,
                       std::source_location site = std::source_location::current()) {
    return LiveCallAwaiter<T>(task.RequireUnused(), site);
  }
  template <class T>
  void await_transform(Task<T>&) = delete;  // a Task is awaited once: co_await std::move(task)

  template <class T>
    requires OnlyInItsExpression<T>
  void await_transform(T&) = delete;  // it refers to a temporary: co_await it where it is made

  template <class T>
    requires(!kIsTask<std::remove_cvref_t<T>>)
  auto await_transform(T&& awaitable, std::source_location site = std::source_location::current()) {
    return MakeAwaiter<LiveAwaiter>(std::forward<T>(awaitable), site);
  }
#endif

#if !HEDDLE_SIMULATED
 private:
  std::coroutine_handle<> continuation_;
#endif
};

// A frame has the alignment of any plain object.
template <class T>
concept FitsIntoFrame = alignof(T) <= alignof(std::max_align_t);

template <class T>
class Promise final : public PromiseBase {
  static_assert(FitsIntoFrame<T>,
                "heddle: what a Task gives back lies in its frame, which has the alignment of "
                "std::max_align_t: give back a std::unique_ptr to it.");

 public:
#if HEDDLE_TRACING
  Task<T> get_return_object(std::source_location here = std::source_location::current()) {
    Identify(here);
    return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
  }
#else
  Task<T> get_return_object() {
    return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
  }
#endif

  // By value: a forwarding reference would put one more temporary into the frame.
  void return_value(T value) { value_.emplace(std::move(value)); }

  T TakeValue() {
    if (exception != nullptr) Rethrow(exception);
#if HEDDLE_SIMULATED
    if (!value_.has_value()) [[unlikely]] {
      ThrowNoValue(state);
    }
#endif
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <class T>
class Promise<T&> final : public PromiseBase {
 public:
#if HEDDLE_TRACING
  Task<T&> get_return_object(std::source_location here = std::source_location::current()) {
    Identify(here);
    return Task<T&>(std::coroutine_handle<Promise>::from_promise(*this));
  }
#else
  Task<T&> get_return_object() {
    return Task<T&>(std::coroutine_handle<Promise>::from_promise(*this));
  }
#endif

  void return_value(T& value) noexcept { value_ = std::addressof(value); }

  T& TakeValue() {
    if (exception != nullptr) Rethrow(exception);
#if HEDDLE_SIMULATED
    if (value_ == nullptr) [[unlikely]] {
      ThrowNoValue(state);
    }
#endif
    return *value_;
  }

 private:
  T* value_ = nullptr;
};

template <>
class Promise<void> final : public PromiseBase {
 public:
#if HEDDLE_TRACING
  Task<void> get_return_object(std::source_location here = std::source_location::current());
#else
  Task<void> get_return_object();
#endif

  void return_void() const noexcept {}

  void TakeValue() const {
    if (exception != nullptr) Rethrow(exception);
  }
};

// `co_await SomeTask()`: starts the callee and comes back when it has ended.
#if HEDDLE_SIMULATED

// Owns the callee, so that nobody else can await it, and it goes when the caller goes.
template <class T>
class CallAwaiter final : public TaskOwner {
 public:
  CallAwaiter(Task<T>&& callee, SiteRef site) : callee_(std::move(callee)), site_(site) {
    callee_.RequireFrame();
  }

  bool await_ready() const noexcept { return false; }

  template <class CallerPromise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<CallerPromise> caller) {
    promise().ReturnTo(caller);
    caller_ = &caller.promise().state;
    promise().state.owner = this;
    return caller_->executor->Call(*caller_, promise().state, site_);
  }

  decltype(auto) await_resume() {
    caller_->executor->Continue(*caller_);
    return promise().TakeValue();
  }

  void Disown() override { callee_.frame_ = nullptr; }

 private:
  auto& promise() const { return callee_.frame_.promise(); }

  Task<T> callee_;
  SiteRef site_;
  TaskState* caller_ = nullptr;
};

#else

// As small as a hand-written one: the callee stays where it is.
template <class T>
class CallAwaiter {
 public:
  explicit CallAwaiter(std::coroutine_handle<Promise<T>> callee) : callee_(callee) {}

  bool await_ready() const noexcept { return false; }

  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) const noexcept {
    callee_.promise().ReturnTo(caller);
    return callee_;
  }

  decltype(auto) await_resume() const { return callee_.promise().TakeValue(); }

 private:
  std::coroutine_handle<Promise<T>> callee_;
};

#if HEDDLE_LIVE

// The same from a Task; a coroutine of another type awaits by the one above.
template <class T>
class LiveCallAwaiter {
 public:
  LiveCallAwaiter(std::coroutine_handle<Promise<T>> callee, SiteRef site)
      : callee_(callee), site_(site) {}

  bool await_ready() const noexcept { return false; }

  template <class CallerPromise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<CallerPromise> caller) {
    caller_ = &caller.promise().live;
    caller_->Call(callee_.promise().live, site_);
    callee_.promise().ReturnTo(caller);
    return callee_;
  }

  decltype(auto) await_resume() const {
    caller_->ResumeFrom(callee_.promise().live);
    return callee_.promise().TakeValue();
  }

 private:
  std::coroutine_handle<Promise<T>> callee_;
  SiteRef site_;
  LiveTask* caller_ = nullptr;
};

#endif
#endif

// Not inline: it would cost each await its registers.
[[noreturn, gnu::cold, gnu::noinline]] inline void ThrowEmptyTask() {
  throw UsageError(
      "heddle: an empty Task was awaited or spawned. Likely cause: it was moved from, for "
      "example awaited before. A Task can be awaited once.");
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

template <class T>
class [[nodiscard("a Task does nothing until it is awaited or spawned")]] Task {
 public:
  using promise_type = internal::Promise<T>;
  using value_type = T;

  // Owns nothing; awaiting it is a UsageError.
  Task() = default;
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      Destroy();
      frame_ = std::exchange(other.frame_, nullptr);
    }
    return *this;
  }
  ~Task() { Destroy(); }

  explicit operator bool() const { return frame_ != nullptr; }

#if !HEDDLE_SIMULATED
  auto operator co_await() && { return internal::CallAwaiter<T>(RequireUnused()); }
#endif

  // --- for the harness ------------------------------------------------------------------

  // The frame; throws UsageError when there is none.
  std::coroutine_handle<promise_type> RequireFrame() const {
    if (frame_ == nullptr) [[unlikely]] {
      internal::ThrowEmptyTask();
    }
    return frame_;
  }
#if !HEDDLE_SIMULATED
  // The same of one that is awaited where it is: a task that has ended was awaited before.
  std::coroutine_handle<promise_type> RequireUnused() const {
    if (RequireFrame().done()) [[unlikely]] {
      internal::ThrowEmptyTask();
    }
    return frame_;
  }
#endif
  // Gives up the frame: the caller destroys it.
  std::coroutine_handle<promise_type> Release() {
    RequireFrame();
    return std::exchange(frame_, nullptr);
  }

 private:
  friend promise_type;
  friend internal::CallAwaiter<T>;
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  void Destroy() noexcept {
    if (frame_ == nullptr) return;
#if HEDDLE_SIMULATED
    Executor::Destroy(frame_.promise().state);
#else
    frame_.destroy();
#endif
  }

  std::coroutine_handle<promise_type> frame_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

#if HEDDLE_TRACING
inline Task<void> Promise<void>::get_return_object(std::source_location here) {
  Identify(here);
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}
#else
inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}
#endif

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_TASK_H_
