// SPDX-License-Identifier: MIT
//
// Implements live_past.h. Most tasks begin and end within one stretch: those are passed over before
// anything is looked up.
#include "live_past.h"

#include <algorithm>
#include <bit>
#include <mutex>
#include <utility>

#include "heddle/task_label.h"

namespace heddle::internal {

void LiveIdSet::Clear(std::size_t count) { slots_.assign(std::bit_ceil(2 * count + 2), 0); }

// Ids of one thread follow one another, and so do their slots.
std::size_t LiveIdSet::SlotOf(LiveId id) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = static_cast<std::size_t>(id) & mask;
  while (slots_[slot] != 0 && slots_[slot] != id) slot = (slot + 1) & mask;
  return slot;
}

void LivePast::Clear() { *this = {}; }

void LivePast::Add(LiveBlock& block, const LiveEvent* begin, const LiveEvent* end) {
  if (begin != end) stretches_.push_back({.block = &block, .begin = begin, .end = end});
}

std::vector<LiveFlow> LivePast::Fold(std::uint64_t until) {
  std::size_t count = 0;
  for (const Stretch& stretch : stretches_) {
    count += static_cast<std::size_t>(stretch.end - stretch.begin);
  }
  ended_.Clear(count);
  for (const Stretch& stretch : stretches_) {
    for (const LiveEvent* event = stretch.begin; event != stretch.end; ++event) {
      if (event->kind != EventKind::kFinish && event->kind != EventKind::kAbandon) continue;
      ended_.Add(event->task);
      const auto task = tasks_.find(event->task);
      if (task == tasks_.end()) continue;
      Leave(task->second.flow);
      tasks_.erase(task);
    }
  }
  for (const Stretch& stretch : stretches_) {
    for (const LiveEvent* event = stretch.begin; event != stretch.end; ++event) {
      if (!ended_.Contains(event->task)) {
        FoldEvent(*event, *stretch.block);
      } else if (event->kind == EventKind::kFlow) {
        left_.push_back(event->flow);
      }
    }
  }
  stretches_.clear();
  until_ = std::max(until_, until);
  std::vector<LiveFlow> idle = std::exchange(left_, {});
  std::erase_if(idle, [this](LiveFlow flow) { return flow_tasks_.contains(flow); });
  return idle;
}

void LivePast::FoldEvent(const LiveEvent& event, LiveBlock& block) {
  auto known = tasks_.find(event.task);
  if (known == tasks_.end()) {
    // A late one, from before what was folded already: its task may have ended since. Not if it is
    // the spawn: nobody has the task before that is written.
    if (event.ticks <= until_ && event.kind != EventKind::kSpawn) return;
    known = tasks_.try_emplace(event.task).first;
  }
  Task& task = known->second;
  switch (event.kind) {
    case EventKind::kSpawn:
      task.parent = event.object;
      task.spawned = event.ticks;
      task.coroutine = event.site;
      break;
    case EventKind::kStart:
    case EventKind::kResume:
      task.coroutine = event.site;
      if (event.ticks > task.stop.ticks) task.stop = {.ticks = event.ticks};
      break;
    case EventKind::kSuspend:
      if (event.ticks > task.stop.ticks) task.stop = event;
      break;
    case EventKind::kMark: {
      const std::lock_guard lock(block.marks_mutex);
      if (event.object >= block.marks.size()) break;
      const std::string* label = LabelOf(block.marks[event.object]);
      if (label != nullptr)
        task.label_suffix = std::make_shared<const std::string>(LabelSuffix(*label));
      break;
    }
    default:
      break;
  }
  if (event.ticks <= task.last) return;
  task.last = event.ticks;
  SetFlow(task, event.flow);
}

void LivePast::SetFlow(Task& task, LiveFlow flow) {
  if (task.flow == flow) return;
  if (flow != 0) ++flow_tasks_[flow];
  Leave(std::exchange(task.flow, flow));
}

void LivePast::Leave(LiveFlow flow) {
  const auto known = flow_tasks_.find(flow);
  if (known == flow_tasks_.end() || --known->second > 0) return;
  flow_tasks_.erase(known);
  left_.push_back(flow);
}

}  // namespace heddle::internal
