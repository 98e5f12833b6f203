// SPDX-License-Identifier: MIT
//
// OperationAwaiter: what the awaitables of our primitives are derived from. It binds the
// operation to the task that awaits it.
//
// A primitive is written once for both variants. With tracing on every operation suspends,
// and takes place when the chooser lets the task go on. With tracing off it goes on at once
// when it can.
#ifndef HEDDLE_INTERNAL_OPERATION_AWAITER_H_
#define HEDDLE_INTERNAL_OPERATION_AWAITER_H_

#include <coroutine>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "heddle/event.h"
#include "heddle/executor.h"
#include "heddle/internal/message_flow.h"
#include "heddle/internal/shared_value.h"
#include "heddle/tracing.h"

#if HEDDLE_LIVE
#include "heddle/internal/live_task.h"
#endif

namespace heddle::internal::inline HEDDLE_VARIANT {

// Who waits for one of our objects.
using Waiters = WaitList<Waiter>;

// The executor of who is about to wait. Throws UsageError outside a run.
inline Executor& ExecutorToWaitIn([[maybe_unused]] const Waiter& waiter) {
#if HEDDLE_SIMULATED
  return *waiter.executor;
#else
  return Executor::RequireToWait();
#endif
}

// The executor that runs who waits. Throws UsageError outside a run.
inline Executor& ExecutorOf([[maybe_unused]] const Waiter& waiter) {
#if HEDDLE_SIMULATED
  return *waiter.executor;
#else
  return Executor::RequireToWake();
#endif
}

// What `waiter` waits for has gone: it waits for nothing, and that ends the run unless it goes in
// the same step.
inline void LoseObject(Waiter& waiter, std::string_view type, ObjectId object = 0) {
#if HEDDLE_SIMULATED
  Executor* executor = waiter.executor;  // null: somebody kept the task of a run that is over
#else
  Executor* executor = Executor::Current();
#endif
  if (executor != nullptr) executor->LoseObject(waiter, type, object);
}

// In all awaiters `site` is the line of the await, which only await_transform knows.
#if HEDDLE_SIMULATED

// What an event says of the object that is waited for.
using AwaitedObject = ObjectId;

// An operation that has nothing left to do when its task goes on.
class BriefOperation {
 public:
  // The task that awaits it goes, and it stays: it has to leave where it waits. Doing so twice is
  // doing it once. Who has something to leave hides this.
  static void Abandon() {}

 protected:
  template <class Promise>
  static Waiter& WaiterOf(std::coroutine_handle<Promise> task) {
    return task.promise().state;
  }
  // Suspends the awaiting task before `operation` on `object`.
  template <class Promise>
  static void Suspend(std::coroutine_handle<Promise> task, Operation operation,
                      std::uint32_t object, SiteRef site, std::uint32_t value = 0) {
    TaskState& state = task.promise().state;
    state.executor->Suspend(state, operation, object, site, value);
  }
};

// One that takes place when its task goes on.
class OperationAwaiter : public BriefOperation {
 protected:
  OperationAwaiter() = default;

  template <class Promise>
  void Suspend(std::coroutine_handle<Promise> task, Operation operation, std::uint32_t object,
               SiteRef site, std::uint32_t value = 0) {
    task_ = &task.promise().state;
    BriefOperation::Suspend(task, operation, object, site, value);
  }
  // The same, where a message of `object` is waited for.
  template <class Promise>
  void SuspendForMessage(std::coroutine_handle<Promise> task, Operation operation,
                         std::uint32_t object, SiteRef site) {
    TaskState& state = task.promise().state;
    state.executor->LeaveRequest(state, object);
    Suspend(task, operation, object, site);
  }
  Waiter& waiter() { return *task_; }
  Executor& executor() { return *task_->executor; }

 private:
  TaskState* task_ = nullptr;
};

// Awaits an operation where it is: it may be one that cannot be moved, and g++ 12 moves what
// await_transform returns by reference.
template <class Awaiter>
class OperationRef {
 public:
  OperationRef(Awaiter& awaiter, SiteRef site) : awaiter_(&awaiter), site_(site) {}

  bool await_ready() const { return false; }
  template <class Promise>
  auto await_suspend(std::coroutine_handle<Promise> task) const {
    return awaiter_->await_suspend(task, site_);
  }
  decltype(auto) await_resume() const { return awaiter_->await_resume(); }

 private:
  Awaiter* awaiter_;
  SiteRef site_;
};

// The same for an operation without a state, such as Yield: nothing to refer to.
template <class Awaiter>
  requires std::is_empty_v<Awaiter>
class OperationRef<Awaiter> {
 public:
  OperationRef(const Awaiter& /*awaiter*/, SiteRef site) : site_(site) {}

  bool await_ready() const { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task) const {
    Awaiter().await_suspend(task, site_);
  }
  void await_resume() const {}

 private:
  SiteRef site_;
};

#else

// What an event says of the object that is waited for.
#if HEDDLE_LIVE
using AwaitedObject = const LiveType*;
#else
using AwaitedObject = std::uint32_t;
#endif

class BriefOperation : public Waiter {
 public:
  // As above.
  void Abandon() {
    LeaveWaitList();
    if (ready_index != kNowhere || timer_index != kNowhere) Executor::Current()->Forget(*this);
  }

 protected:
  BriefOperation() = default;

  Waiter& WaiterOf(std::coroutine_handle<> /*task*/) { return *this; }
  template <class Promise>
  void Suspend(std::coroutine_handle<Promise> task, Operation operation, AwaitedObject object,
               SiteRef site, std::uint32_t /*value*/ = 0) {
    Executor::RequireToWait();
    SuspendAnywhere(task, operation, object, site);
  }
  // The same on a thread without an executor.
  template <class Promise>
  void SuspendAnywhere(std::coroutine_handle<Promise> task, [[maybe_unused]] Operation operation,
                       [[maybe_unused]] AwaitedObject object, [[maybe_unused]] SiteRef site) {
#if HEDDLE_LIVE
    if constexpr (IsLive<Promise>) {
      task.promise().live.Suspend(operation, reinterpret_cast<std::uint64_t>(object), site);
    }
#endif
    handle = strand_bindings == nullptr ? task : strand_bindings->Carry(task);
  }
};

class OperationAwaiter : public BriefOperation {
 protected:
  OperationAwaiter() = default;

  template <class Promise>
  void SuspendForMessage(std::coroutine_handle<Promise> task, Operation operation,
                         AwaitedObject object, SiteRef site) {
    Suspend(task, operation, object, site);
  }
  Waiter& waiter() { return *this; }
  static Executor& executor() { return *Executor::Current(); }
};

#endif

// What Mutex, Channel and Gate have in common: an identity in each run that meets them.
class SharedObject {
 public:
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;

#if HEDDLE_SIMULATED
 protected:
  // `type` must be a literal.
  SharedObject(std::string_view type, std::string_view name) : type_(type), name_(name) {}
  ~SharedObject() = default;

  // Its number in the run that this thread is in; 0 outside.
  ObjectId id() {
    Executor* executor = Executor::Current();
    return executor != nullptr ? IdIn(*executor) : 0;
  }
  // The same, for the executor that the caller knows.
  ObjectId IdIn(Executor& executor) {
    if (run_number_ != executor.run_number()) [[unlikely]] {
      EnterRun(executor);
    }
    return id_;
  }
  // The same, for `task`, which runs.
  template <class Promise>
  ObjectId IdFor(std::coroutine_handle<Promise> task) {
    return IdIn(*task.promise().state.executor);
  }
  // The running task did something to it, without waiting.
  void Record(EventKind kind, Operation operation, std::uint32_t value = 0) {
    if (Executor* executor = Executor::Current(); executor != nullptr) {
      executor->Record(kind, IdIn(*executor), operation, value);
    }
  }
  // About the last event, a `kind` of this object: what was found there, or put there. Gives
  // whether events are kept.
  template <class T>
  bool NoteValue(EventKind kind, const T& value, unsigned flags = 0) {
    Executor* executor = Executor::Current();
    if (executor == nullptr || !executor->recorder().events_on()) return false;
    const SharedValue noted = SharedValueOf(value);
    flags |= static_cast<unsigned>(noted.kind) << kValueKindShift;
    executor->mutable_recorder().AddValue(kind, id_, static_cast<std::uint8_t>(flags), noted.bits);
    return true;
  }
  // The running task put message `number` in; gives the request that it belongs to.
  MessageFlow RecordSend(std::uint32_t number) {
    Executor* executor = Executor::Current();
    if (executor == nullptr) return {};
    executor->Record(EventKind::kSend, IdIn(*executor), Operation::kNone, number);
    return executor->FlowOfMessage();
  }
  // It took message `number` out, which belongs to `flow`.
  void RecordReceive(std::uint32_t number, MessageFlow flow) {
    Executor* executor = Executor::Current();
    if (executor == nullptr) return;
    executor->Record(EventKind::kReceive, IdIn(*executor), Operation::kNone, number);
    executor->TakeUp(flow, id_);
  }
  // The same where it has no number.
  static MessageFlow FlowOfMessage() {
    const Executor* executor = Executor::Current();
    return executor != nullptr ? executor->FlowOfMessage() : MessageFlow();
  }
  void TakeUp(MessageFlow flow) {
    if (Executor* executor = Executor::Current(); executor != nullptr) {
      executor->TakeUp(flow, IdIn(*executor));
    }
  }
  // The same to one that the run has met: somebody who had a part in it goes.
  void RecordLeave() {
    Executor* executor = Executor::Current();
    if (executor == nullptr || run_number_ != executor->run_number()) return;
    executor->Record(EventKind::kAccess, id_, Operation::kWrite);
  }
  // It saw that there was nothing to be done: what a Try... that fails is.
  void RecordLook() { Record(EventKind::kAccess, Operation::kRead); }

 private:
  // Not inline: it would cost each operation its registers.
  [[gnu::noinline]] void EnterRun(Executor& executor) {
    run_number_ = executor.run_number();
    id_ = executor.NewObject(type_, name_);
  }

  std::string_view type_;
  std::string name_;
  std::uint64_t run_number_ = 0;
  ObjectId id_ = 0;
#else
 protected:
#if HEDDLE_LIVE
  SharedObject(std::string_view type, std::string_view name) : type_(type), name_(name) {}
  const LiveType* IdFor(std::coroutine_handle<> /*task*/) {
    if (live_type_ == nullptr && LiveOn()) live_type_ = LiveObjectType(type_, name_);
    return live_type_;
  }
#else
  SharedObject(std::string_view, std::string_view) {}
  static ObjectId IdFor(std::coroutine_handle<> /*task*/) { return 0; }
#endif
  ~SharedObject() = default;

  static ObjectId id() { return 0; }
  static void Record(EventKind, Operation, std::uint32_t = 0) {}
  template <class T>
  static bool NoteValue(EventKind, const T&, unsigned = 0) {
    return false;
  }
  static MessageFlow RecordSend(std::uint32_t) { return {}; }
  static void RecordReceive(std::uint32_t, MessageFlow) {}
  static MessageFlow FlowOfMessage() { return {}; }
  static void TakeUp(MessageFlow) {}
  static void RecordLeave() {}
  static void RecordLook() {}

#if HEDDLE_LIVE
 private:
  std::string_view type_;
  std::string name_;
  const LiveType* live_type_ = nullptr;  // nothing until somebody waits while it is recorded
#endif
#endif

 protected:
  // For destructors: whoever is left in `lists` waits for nothing from here on.
  template <class... Lists>
  void EndWaits(std::string_view type, Lists&... lists) {
    if ((... && lists.empty())) [[likely]] {
      return;
    }
    (EndWaitsIn(type, lists), ...);
  }

  // For the destructors of locks: so many guards would unlock what is gone. `is_told`: the run ends
  // for another reason.
  void EndLock(std::string_view type, std::size_t guards, bool is_told) {
    if (guards == 0) [[likely]] {
      return;
    }
    Executor* executor = Executor::Current();
    if (executor == nullptr) return;
    for (; guards > 0; --guards) executor->lost_locks().Add(this);
    if (!is_told) executor->LoseLock(type, id());
  }
  // Whether it was one, and has gone: its guard has nothing to unlock. Looks at the address only.
  bool IsLostLock() const {
    Executor* executor = Executor::Current();
    return executor != nullptr && executor->lost_locks().Take(this);
  }

 private:
  // One by one: who waits in two places of a list leaves both.
  template <class List>
  void EndWaitsIn(std::string_view type, List& list) {
    while (auto* place = list.head()) {
      list.Remove(*place);
      if constexpr (requires { place->OnGone(); }) place->OnGone();
      if constexpr (requires { place->waiter; }) {
        LoseObject(*place->waiter, type, id());
      } else {
        LoseObject(*place, type, id());
      }
    }
  }
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_OPERATION_AWAITER_H_
