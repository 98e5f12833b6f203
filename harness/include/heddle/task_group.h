// SPDX-License-Identifier: MIT
//
// TaskGroup: a number of tasks that is not known beforehand, and one place that waits for
// them.
//
//   heddle::TaskGroup group;
//   for (const Order& order : orders) group.Spawn(Handle(order));
//   co_await group.Join();
//
// Join waits until no task of the group is left, including those spawned meanwhile, and then
// throws the exception that came first, if any; errors() has them all. Tasks that are left when the
// group goes, or at a Cancel(), are cancelled: destroyed where they are suspended. The frame of a
// task that has ended goes at once, so a group may live long.
//
// The first task that throws cancels the others in the same way, the youngest first, and what is
// spawned until Join has thrown does not start. With FirstError::kLetsOthersFinish they go on, and
// each may throw. A CancelScope (cancel.h) asks them to stop, so that they can clean up.
//
// No exception is lost: where a task threw, and the group goes before anybody has called Join or
// errors(), the run ends with that exception. Only a group that goes because another exception is
// on its way lets its own go with it.
#ifndef HEDDLE_TASK_GROUP_H_
#define HEDDLE_TASK_GROUP_H_

#include <coroutine>
#include <cstdint>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/internal/group_tasks.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/task.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// What becomes of the others when a task of a group throws.
enum class FirstError : std::uint8_t { kCancelsOthers, kLetsOthersFinish };

class TaskGroup : private internal::GroupTasks {
 public:
  class [[nodiscard("co_await it")]] JoinAwaiter;

  explicit TaskGroup(std::string_view name = {}, FirstError first_error = {})
      : GroupTasks("TaskGroup", name), first_error_(first_error) {}
  explicit TaskGroup(FirstError first_error) : TaskGroup({}, first_error) {}
  virtual ~TaskGroup() {
    DestroyAll();
    if (unjoined_) RecordLeave();  // a little earlier it would have cancelled them
    EndJoins("TaskGroup");
    if (!looked_at_ && std::uncaught_exceptions() == 0) FailWithKept();
  }

  // The task starts when it is its turn. Throws UsageError for an empty Task.
  void Spawn(Task<void> task) {
    Start(std::move(task));
    if (cancelled_) [[unlikely]] {
      return DestroyAll();
    }
    HoldJoiners();
  }
  // Destroys the tasks that have not ended where they are suspended, the youngest first; who joins
  // the group goes on. It may be used again. Not for a task of the group: it would destroy itself.
  void Cancel() {
    RecordLeave();  // what is spawned a little later goes on
    DestroyAll();
    WakeJoiners();
  }
  // How many have not ended.
  using GroupTasks::pending;
  JoinAwaiter Join();
  // The exceptions of all tasks that threw, in the order in which they did.
  const std::vector<std::exception_ptr>& errors() const {
    looked_at_ = true;
    return errors_;
  }

 protected:
  // A task has thrown.
  virtual void OnError() {}

 private:
  void OnEnded(const std::exception_ptr& exception) final {
    unjoined_ = true;
    if (exception != nullptr) {
      errors_.push_back(exception);
      looked_at_ = false;
      OnError();
      if (first_error_ == FirstError::kCancelsOthers) {
        cancelled_ = true;
        DestroyAll();
      }
    }
    if (pending() == 0) WakeJoiners();
  }

  // A joiner goes on: throws what the group keeps. After that it may be used again.
  void EndJoin() {
    cancelled_ = unjoined_ = false;
    ThrowKept();
  }

  std::vector<std::exception_ptr> errors_;
  FirstError first_error_;
  bool cancelled_ = false;          // a task threw, and no Join has thrown that yet
  bool unjoined_ = false;           // a task has ended since anybody joined the last time
  mutable bool looked_at_ = false;  // errors() was called after the last of them came
};

class TaskGroup::JoinAwaiter : public internal::OperationAwaiter {
 public:
  explicit JoinAwaiter(TaskGroup& group) : group_(&group) {}

  bool await_ready() const { return !kSimulated && group_->pending() == 0; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    Suspend(task, Operation::kJoin, group_->IdFor(task), site);
    group_->AddJoiner(waiter());
    if (group_->pending() == 0) executor().MakeReady(waiter());
  }
  void await_resume() {
    if (waiter().in_wait_list()) group_->RemoveJoiner(waiter());
    group_->EndJoin();
  }

 private:
  TaskGroup* group_;
};

inline TaskGroup::JoinAwaiter TaskGroup::Join() { return JoinAwaiter(*this); }

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_TASK_GROUP_H_
