// SPDX-License-Identifier: MIT
//
// JoinScope: several tasks that run beside each other, and one that waits for them. All, Any and
// TaskGroup (group_tasks.h) are made of it.
#ifndef HEDDLE_INTERNAL_JOIN_H_
#define HEDDLE_INTERNAL_JOIN_H_

#include <coroutine>
#include <cstddef>
#include <exception>
#include <string_view>
#include <utility>
#include <variant>

#include "heddle/check.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/task.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

class JoinScope : private SharedObject {
 public:
  JoinScope(std::string_view type, std::string_view name) : SharedObject(type, name) {}

  std::size_t pending() const { return pending_; }
  using SharedObject::id;
  using SharedObject::IdFor;

  // `waiter`, which is suspended, waits for WakeJoiners. It stays a joiner until it goes on.
  void AddJoiner(Waiter& waiter) { joiners_.PushBack(waiter); }
  void RemoveJoiner(Waiter& waiter) { joiners_.Remove(waiter); }

  // The executor of the run in which a task is to be spawned. Throws UsageError.
  static Executor& RequireExecutor() {
    Executor* executor = Executor::Current();
    if (executor == nullptr) [[unlikely]] {
      ThrowOutsideRun();
    }
    return *executor;
  }
  void AddPending() { ++pending_; }
  void RemovePending() { --pending_; }

 protected:
  ~JoinScope() {
    if (exception_ != nullptr) LetGo(exception_);
  }

  using SharedObject::RecordLeave;
  void WakeJoiners() {
    joiners_.ForEach([](Waiter& waiter) { ExecutorOf(waiter).WakeJoiner(waiter); });
  }
  // In the destructor of one that tasks share.
  void EndJoins(std::string_view type) { EndWaits(type, joiners_); }
  void HoldJoiners() {
    joiners_.ForEach([](Waiter& waiter) { ExecutorOf(waiter).MakeUnready(waiter); });
  }

  // Keeps the exception of a task that has just ended, if it is the first; null: it has none.
  void KeepException(const std::exception_ptr& exception) {
    if (exception_ != nullptr || exception == nullptr) return;
    exception_ = exception;
#if HEDDLE_SIMULATED
    thrower_ = Executor::Current()->thrower();
    Executor::Current()->NoteKept(exception_, thrower_);
#endif
  }
  // Throws the exception that is kept, once.
  void ThrowKept() {
    if (exception_ == nullptr) return;
    const std::exception_ptr exception = std::exchange(exception_, nullptr);
    LetGo(exception);
#if HEDDLE_SIMULATED
    Executor::Current()->NoteRethrow(exception, thrower_);
#endif
    std::rethrow_exception(exception);
  }
  // Ends the run with the exception that is kept: nobody is left who could look at it.
  void FailWithKept() {
    Executor* executor = Executor::Current();
    if (exception_ == nullptr || executor == nullptr) return;
#if HEDDLE_SIMULATED
    executor->Fail(exception_, thrower_);
#else
    executor->Fail(exception_);
#endif
  }

 private:
  // Not inline: it would cost each spawn its registers.
  [[noreturn, gnu::cold, gnu::noinline]] static void ThrowOutsideRun() {
    throw UsageError(
        "heddle: a task was spawned outside a run. Likely cause: a TaskGroup that is used before "
        "heddle::Run or after it. Spawn inside the body of a run.");
  }

  static void LetGo([[maybe_unused]] const std::exception_ptr& exception) {
#if HEDDLE_SIMULATED
    if (Executor* executor = Executor::Current(); executor != nullptr) {
      executor->NoteLetGo(exception);
    }
#endif
  }

  std::size_t pending_ = 0;
  Waiters joiners_;
  std::exception_ptr exception_;
#if HEDDLE_SIMULATED
  TaskId thrower_ = kNoTask;  // where exception_ began
#endif
};

class JoinChild;

// One that knows each task apart, by its JoinChild.
class JoinOfChildren : public JoinScope {
 protected:
  using JoinScope::JoinScope;
  ~JoinOfChildren() = default;

 private:
  friend JoinChild;

  // A child has ended, and is no longer pending. It may be destroyed here.
  virtual void OnEnded(JoinChild& child) = 0;
};

// Where a task of a JoinOfChildren returns to.
class JoinChild : private FrameProxy {
 public:
  JoinChild() : FrameProxy(&JoinChild::OnResume) {}

  // Spawns the task, which stays the owner of its frame.
  template <class Promise>
  void Start(JoinOfChildren& scope, std::coroutine_handle<Promise> frame) {
    Executor& executor = JoinScope::RequireExecutor();
    scope_ = &scope;
    promise_ = &frame.promise();
#if HEDDLE_SIMULATED
    executor.Spawn(promise_->state, scope.id());
#else
    start_.handle = inherited_.Carry(frame);
    executor.MakeReady(start_);
#endif
    promise_->ReturnTo(handle());
    scope.AddPending();
  }

  // Its task is about to be destroyed: it must not start any more.
  void CancelStart() {
#if !HEDDLE_SIMULATED
    Executor::Current()->Forget(start_);
#endif
  }

  const std::exception_ptr& exception() const { return promise_->exception; }

 private:
  static void OnResume(FrameProxy* proxy) {
    auto* child = static_cast<JoinChild*>(proxy);
#if !HEDDLE_SIMULATED
    strand_bindings = nullptr;  // the child may be destroyed here, and its bindings with it
#endif
    child->scope_->RemovePending();
    child->scope_->OnEnded(*child);
  }

  JoinOfChildren* scope_ = nullptr;
  PromiseBase* promise_ = nullptr;
#if !HEDDLE_SIMULATED
  InheritedBindings inherited_;
  Waiter start_;
#endif
};

// A void result, where a value is needed.
template <class T>
struct ValueOf {
  using Type = T;
  template <class Promise>
  static T Take(Promise& promise) {
    return promise.TakeValue();
  }
};
template <>
struct ValueOf<void> {
  using Type = std::monostate;
  template <class Promise>
  static std::monostate Take(Promise& promise) {
    promise.TakeValue();
    return {};
  }
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_JOIN_H_
