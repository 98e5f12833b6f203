// SPDX-License-Identifier: MIT
//
// LockHolders: who has which lock, while the events of a run are read one by one: its tasks, with
// the events by which they took it. Of a Mutex there is one, of a Semaphore one for each permit.
//
// A guard may be handed on. It is given back by the task that took it, or else one of the same
// strand, or else whoever does so does it for the one that has had the lock longest.
#ifndef HEDDLE_INTERNAL_LOCK_HOLDERS_H_
#define HEDDLE_INTERNAL_LOCK_HOLDERS_H_

#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "heddle/event.h"

namespace heddle::internal {

class LockHolders {
 public:
  struct Hold {
    TaskId by = kNoTask;
    std::size_t event = 0;  // the kAcquire, or the kResume of an await that had to wait
    SiteId site = 0;        // of the await
    bool reads = false;     // together with others
  };

  // All of them, in the order of the run.
  void Add(std::size_t index, const Event& event);

  // Who has `object` now, in the order in which they took it.
  const std::vector<Hold>& Of(ObjectId object) const;
  // Whether `object`, of that type, is a Semaphore to which somebody gave a permit who had none: it
  // counts what others bring, and is used up by who takes it.
  bool IsSignal(ObjectId object, std::string_view type) const {
    return type == "Semaphore" && given_by_others_.contains(object);
  }

  // The task that awaits `task`, or did; kNoTask: it was spawned.
  TaskId CallerOf(TaskId task) const;
  // The task that was spawned, at the top of the calls that `task` is part of.
  TaskId StrandOf(TaskId task) const;

 private:
  void Suspend(const Event& event);
  void GoOn(std::size_t index, const Event& event);
  void GiveBack(TaskId task, ObjectId object);

  std::unordered_map<TaskId, TaskId> caller_;
  std::unordered_map<TaskId, Hold> waiting_;  // for a lock: as they would have it
  std::unordered_map<ObjectId, std::vector<Hold>> holds_;
  std::unordered_set<ObjectId> given_by_others_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_LOCK_HOLDERS_H_
