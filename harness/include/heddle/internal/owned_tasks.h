// SPDX-License-Identifier: MIT
//
// OwnedTasks: spawned tasks whose frames one owner destroys: the run, or a TaskGroup. Intrusive: a
// task is in one such list at most.
#ifndef HEDDLE_INTERNAL_OWNED_TASKS_H_
#define HEDDLE_INTERNAL_OWNED_TASKS_H_

#include "heddle/internal/task_state.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

class OwnedTasks {
 public:
  // The one that was added last; null: there is none.
  TaskState* last() const { return last_; }

  void Add(TaskState& task) {
    task.next_owned = last_;
    task.previous_owned = nullptr;
    if (last_ != nullptr) last_->previous_owned = &task;
    last_ = &task;
  }
  void Remove(TaskState& task) {
    (task.previous_owned != nullptr ? task.previous_owned->next_owned : last_) = task.next_owned;
    if (task.next_owned != nullptr) task.next_owned->previous_owned = task.previous_owned;
  }

 private:
  TaskState* last_ = nullptr;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_OWNED_TASKS_H_
