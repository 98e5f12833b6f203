// SPDX-License-Identifier: MIT
//
// GroupTasks: the tasks of a TaskGroup, which owns them. Each goes when it has ended.
#ifndef HEDDLE_INTERNAL_GROUP_TASKS_H_
#define HEDDLE_INTERNAL_GROUP_TASKS_H_

#include <coroutine>
#include <cstddef>
#include <exception>
#include <string_view>
#include <utility>

#include "heddle/executor.h"
#include "heddle/internal/join.h"
#include "heddle/task.h"
#include "heddle/tracing.h"

#if HEDDLE_SIMULATED
#include "heddle/internal/frame_proxy.h"
#include "heddle/internal/owned_tasks.h"
#endif

namespace heddle::internal::inline HEDDLE_VARIANT {

#if HEDDLE_SIMULATED

// A list through the tasks themselves. All of them return to one place: the executor knows who it
// is that has ended. So a task in a group costs no memory beside its frame.
class GroupTasks : public JoinScope {
 protected:
  using JoinScope::JoinScope;
  ~GroupTasks() = default;

  void Start(Task<void> task) {
    Executor& executor = RequireExecutor();
    TaskState& state = task.RequireFrame().promise().state;
    executor.Spawn(state, id());
    state.continuation = return_.handle();
    task.Release();
    tasks_.Add(state);
    AddPending();
  }
  // From the last that was spawned to the first.
  void DestroyAll() {
    while (tasks_.last() != nullptr) {
      RemovePending();
      Destroy(*tasks_.last());
    }
  }

 private:
  class Return : public FrameProxy {
   public:
    explicit Return(GroupTasks& group) : FrameProxy(&Return::OnResume), group_(&group) {}

   private:
    static void OnResume(FrameProxy* proxy) {
      static_cast<Return*>(proxy)->group_->End(*Executor::Current());
    }

    GroupTasks* group_;
  };

  // A task has ended, and is gone. Null: without an exception.
  virtual void OnEnded(const std::exception_ptr& exception) = 0;

  void End(Executor& executor) {
    RemovePending();
    const std::exception_ptr exception = executor.finished_exception();
    KeepException(exception);
    Destroy(*executor.finished());
    OnEnded(exception);
  }
  void Destroy(TaskState& task) {
    tasks_.Remove(task);
    Executor::Destroy(task);
  }

  OwnedTasks tasks_;
  Return return_{*this};
};

#else

class GroupTasks : public JoinOfChildren {
 protected:
  using JoinOfChildren::JoinOfChildren;
  ~GroupTasks() = default;

  void Start(Task<void> task) {
    auto* child = new Child(std::move(task));
    child->next = last_;
    if (last_ != nullptr) last_->previous = child;
    last_ = child;
    child->Start(*this, child->task.RequireFrame());
  }
  // From the last that was spawned to the first.
  void DestroyAll() {
    while (last_ != nullptr) {
      RemovePending();
      Remove(*last_);
    }
  }

 private:
  struct Child : JoinChild {
    explicit Child(Task<void> its_task) : task(std::move(its_task)) {}

    Task<void> task;
    Child* next = nullptr;
    Child* previous = nullptr;
  };

  // A task has ended, and is gone. Null: without an exception.
  virtual void OnEnded(const std::exception_ptr& exception) = 0;

  void OnEnded(JoinChild& ended) final {
    const std::exception_ptr exception = ended.exception();
    KeepException(exception);
    Remove(static_cast<Child&>(ended));
    OnEnded(exception);
  }
  void Remove(Child& child) {
    (child.previous != nullptr ? child.previous->next : last_) = child.next;
    if (child.next != nullptr) child.next->previous = child.previous;
    delete &child;
  }

  Child* last_ = nullptr;
};

#endif

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_GROUP_TASKS_H_
