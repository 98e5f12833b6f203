// SPDX-License-Identifier: MIT
//
// LivePast: what a window of a LiveLog has to know of the events that are gone: who has not ended
// yet, what each of them waits for, and which requests they work for. It needs memory for the tasks
// that live, not for those that were.
//
// The rule it relies on: the times of one task's events grow. So it may be told of the events of
// several threads in any order, as long as it is told of all up to one moment before any later one.
#ifndef HEDDLE_RECORDER_LIVE_PAST_H_
#define HEDDLE_RECORDER_LIVE_PAST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "heddle/internal/live_log.h"

namespace heddle::internal {

// Numbers other than 0, for a short while.
class LiveIdSet {
 public:
  // Room for `count` of them.
  void Clear(std::size_t count);
  void Add(LiveId id) { slots_[SlotOf(id)] = id; }
  bool Contains(LiveId id) const { return slots_[SlotOf(id)] == id; }

 private:
  std::size_t SlotOf(LiveId id) const;

  std::vector<LiveId> slots_;  // a power of two
};

class LivePast {
 public:
  struct Task {
    LiveId parent = 0;
    const void* coroutine = nullptr;
    std::uint64_t spawned = 0;  // ticks; 0: before the recorder
    std::uint64_t last = 0;     // the ticks of its last event
    LiveEvent stop;             // the last kSuspend, if it has not gone on since
    LiveFlow flow = 0;
    std::shared_ptr<const std::string> label_suffix;  // task_label.h; null: none

    bool is_stopped() const { return stop.kind == EventKind::kSuspend; }
  };
  using Tasks = absl::flat_hash_map<LiveId, Task>;

  void Clear();
  // One stretch of events after the other, and then Fold(). `block` is theirs, and stays until
  // then.
  void Add(LiveBlock& block, const LiveEvent* begin, const LiveEvent* end);
  // What came in up to `until` is past. Gives the requests for which nobody works any more.
  std::vector<LiveFlow> Fold(std::uint64_t until);

  // By id, in no order.
  const Tasks& tasks() const { return tasks_; }

 private:
  struct Stretch {
    LiveBlock* block = nullptr;
    const LiveEvent* begin = nullptr;
    const LiveEvent* end = nullptr;
  };

  void FoldEvent(const LiveEvent& event, LiveBlock& block);
  void SetFlow(Task& task, LiveFlow flow);
  void Leave(LiveFlow flow);

  Tasks tasks_;
  absl::flat_hash_map<LiveFlow, std::uint32_t> flow_tasks_;
  std::uint64_t until_ = 0;
  std::vector<Stretch> stretches_;
  LiveIdSet ended_;
  std::vector<LiveFlow> left_;  // requests that a task left in this fold
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_LIVE_PAST_H_
