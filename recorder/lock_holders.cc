// SPDX-License-Identifier: MIT
//
// Implements lock_holders.h. A recording may be damaged: ids are keys of maps, never indices.
#include "heddle/internal/lock_holders.h"

#include <algorithm>

namespace heddle::internal {

void LockHolders::Add(std::size_t index, const Event& event) {
  switch (event.kind) {
    case EventKind::kSuspend:
      return Suspend(event);
    case EventKind::kResume:
      return GoOn(index, event);
    case EventKind::kAcquire:
      holds_[event.object].push_back({.by = event.task, .event = index, .site = event.site});
      return;
    case EventKind::kRelease:
      if (event.op() == Operation::kLock) GiveBack(event.task, event.object);
      return;
    default:
      return;
  }
}

void LockHolders::Suspend(const Event& event) {
  if (event.op() == Operation::kCall) caller_[event.object] = event.task;
  if (event.op() != Operation::kLock) return;
  waiting_[event.task] = {.by = event.task, .site = event.site, .reads = event.value == 1};
}

void LockHolders::GoOn(std::size_t index, const Event& event) {
  if (event.op() != Operation::kLock) return;
  Hold hold{.by = event.task};
  if (const auto waiting = waiting_.find(event.task); waiting != waiting_.end()) {
    hold = waiting->second;
    waiting_.erase(waiting);
  }
  hold.event = index;
  holds_[event.object].push_back(hold);
}

void LockHolders::GiveBack(TaskId task, ObjectId object) {
  std::vector<Hold>& holds = holds_[object];
  const auto own = std::ranges::find_if(holds, [&](const Hold& hold) {
    return hold.by == task || StrandOf(hold.by) == StrandOf(task);
  });
  if (own == holds.end()) given_by_others_.insert(object);
  if (!holds.empty()) holds.erase(own != holds.end() ? own : holds.begin());
}

const std::vector<LockHolders::Hold>& LockHolders::Of(ObjectId object) const {
  static const std::vector<Hold> none;
  const auto found = holds_.find(object);
  return found == holds_.end() ? none : found->second;
}

TaskId LockHolders::CallerOf(TaskId task) const {
  const auto caller = caller_.find(task);
  return caller == caller_.end() ? kNoTask : caller->second;
}

TaskId LockHolders::StrandOf(TaskId task) const {
  // In a damaged recording tasks may call each other in a circle.
  for (std::size_t left = caller_.size(); left > 0; --left) {
    const TaskId caller = CallerOf(task);
    if (caller == kNoTask) break;
    task = caller;
  }
  return task;
}

}  // namespace heddle::internal
