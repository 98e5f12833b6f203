// SPDX-License-Identifier: MIT
//
// What the two ways to an extract (extract.h) share: the reading that takes the events of one
// request, and how an extract is put together. One way is over all of a recording (extract.cc), the
// other over those chunks that its index names (indexed.cc).
#ifndef HEDDLE_TOOLS_TAKER_H_
#define HEDDLE_TOOLS_TAKER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "extract.h"
#include "heddle/ending.h"
#include "heddle/task_table.h"
#include "heddle/trace.h"
#include "heddle/trace_scan.h"

namespace heddle::tools {

// An event, its number in the run, and how many steps came before it (where that is known).
struct Numbered {
  std::size_t index = kNoEvent;
  std::size_t steps = 0;
  Event event{};

  bool exists() const { return index != kNoEvent; }
};

inline bool IsStep(const Event& event) {
  return event.kind == EventKind::kStart || event.kind == EventKind::kResume;
}

inline bool IsEnd(const Event& event) {
  return event.kind == EventKind::kFinish || event.kind == EventKind::kAbandon;
}

// Whether the object of the event is a task.
inline bool RefersToTask(const Event& event) {
  switch (event.kind) {
    case EventKind::kSpawn:
    case EventKind::kStart:
    case EventKind::kWake:
    case EventKind::kCancel:
      return true;
    case EventKind::kSuspend:
    case EventKind::kResume:
      return event.op() == Operation::kCall;
    default:
      return false;
  }
}

inline bool HasMark(const Event& event) {
  return event.kind == EventKind::kMark || event.kind == EventKind::kInput ||
         event.kind == EventKind::kFault;
}

// Takes the events that the tree of one request looks at.
class Taker : public TraceVisitor {
 public:
  Taker(FlowId flow, std::vector<bool> in_view) : flow_(flow), in_view_(std::move(in_view)) {}

  // How many steps come before the next piece, where pieces are left out.
  void SetSteps(std::size_t steps) { steps_ = steps; }

  void Visit(const Trace& piece, std::size_t first) override {
    for (const Event& event : piece.events) {
      Add({.index = first++, .steps = steps_, .event = event});
      steps_ += IsStep(event) ? 1 : 0;
    }
  }

  // When all is read: the locks for which the request still waits.
  std::set<ObjectId> OpenLocks() const {
    std::set<ObjectId> locks;
    for (const auto& [id, task] : seen_) {
      const Event& suspend = task.suspended.event;
      if (task.await == Await::kOpen && suspend.op() == Operation::kLock) {
        locks.insert(suspend.object);
      }
    }
    return locks;
  }

  std::vector<Numbered> TakeOut() && { return std::move(taken_); }

 private:
  enum class Await : std::uint8_t {
    kNone,
    kOpen,   // an await of the request has not ended
    kMoved,  // it has, and the next event says what was sent or received
  };
  // Of a task in view.
  struct Seen {
    Await await = Await::kNone;
    bool is_part = false;  // an event of something else was taken
    Numbered suspended;
    Numbered received;  // its last event, where that was a message, and was not taken
  };

  void Add(const Numbered& numbered) {
    const Event& event = numbered.event;
    if (event.task < in_view_.size()) {
      Follow(event);
      if (in_view_[event.task]) {
        AddInView(numbered, seen_[event.task]);
      } else if (IsCallInView(event) || IsAwaitedSend(event)) {
        taken_.push_back(numbered);
      }
    }
    if (event.kind == EventKind::kRelease) last_release_.insert_or_assign(event.object, numbered);
    if (event.kind == EventKind::kReceive) last_receive_.insert_or_assign(event.object, numbered);
  }

  void Follow(const Event& event) {
    if (event.kind == EventKind::kFlow) {
      if (event.object == flow_) {
        working_.insert(event.task);
      } else if (in_view_[event.task]) {
        working_.erase(event.task);
      }
    } else if (event.kind == EventKind::kSpawn && IsWorking(event.object)) {
      working_.insert(event.task);
    }
  }

  // Only those in view ever do.
  bool IsWorking(TaskId task) const {
    return task < in_view_.size() && in_view_[task] && working_.count(task) > 0;
  }

  bool IsCallInView(const Event& event) const {
    return event.kind == EventKind::kSuspend && event.op() == Operation::kCall &&
           event.object < in_view_.size() && in_view_[event.object];
  }
  bool IsAwaitedSend(const Event& event) const {
    return event.kind == EventKind::kSend && receivers_.count(event.object) > 0;
  }

  void AddInView(const Numbered& numbered, Seen& task) {
    const Event& event = numbered.event;
    const bool is_of_request = IsWorking(event.task);
    bool wanted = is_of_request || event.kind == EventKind::kSpawn || IsStart(event) ||
                  IsEnd(event) || IsCallInView(event) || IsAwaitedSend(event);
    if (task.await != Await::kNone) {
      GoOn(numbered, task);
      wanted = true;
    }
    if (!is_of_request && !task.is_part && event.kind != EventKind::kSpawn && !IsStart(event)) {
      task.is_part = wanted = true;
    }
    // The message by which a task comes to work for the request is part of it: see TaskTable.
    const Numbered received = std::exchange(task.received, {});
    if (event.kind == EventKind::kFlow && is_of_request && received.exists()) {
      taken_.push_back(received);
    }
    if (wanted) taken_.push_back(numbered);
    if (!wanted && event.kind == EventKind::kReceive) task.received = numbered;
    if (is_of_request && event.kind == EventKind::kSuspend) Suspend(numbered, task);
  }

  static bool IsStart(const Event& event) { return event.kind == EventKind::kStart; }

  void Suspend(const Numbered& numbered, Seen& task) {
    const Event& event = numbered.event;
    task.await = Await::kOpen;
    task.suspended = numbered;
    if (event.op() == Operation::kLock) TakeLastRelease(event.object);
    if (event.op() == Operation::kReceive) receivers_.insert(event.object);
  }

  // What ended the await, and what came of it.
  void GoOn(const Numbered& numbered, Seen& task) {
    const Event& event = numbered.event;
    if (task.await == Await::kOpen) {
      if (event.kind == EventKind::kWake) return;
      TakeLastRelease(task.suspended.event.object);
      task.await = event.kind == EventKind::kResume ? Await::kMoved : Await::kNone;
    } else {
      if (event.kind == EventKind::kSend) TakeLastReceive(event.object);
      task.await = Await::kNone;
    }
    const Event& suspend = task.suspended.event;
    if (task.await == Await::kNone && suspend.op() == Operation::kReceive) {
      const auto receiver = receivers_.find(suspend.object);
      if (receiver != receivers_.end()) receivers_.erase(receiver);
    }
  }

  void TakeLastRelease(ObjectId object) {
    const auto last = last_release_.find(object);
    if (last != last_release_.end()) taken_.push_back(last->second);
  }
  void TakeLastReceive(ObjectId channel) {
    const auto last = last_receive_.find(channel);
    if (last != last_receive_.end()) taken_.push_back(last->second);
  }

  const FlowId flow_;
  const std::vector<bool> in_view_;     // by TaskId
  std::unordered_set<TaskId> working_;  // for the request, now
  std::unordered_map<TaskId, Seen> seen_;
  std::unordered_map<ObjectId, Numbered> last_release_;
  std::unordered_map<ObjectId, Numbered> last_receive_;
  std::multiset<ObjectId> receivers_;  // on whose channels tasks of the request wait
  std::vector<Numbered> taken_;
  std::size_t steps_ = 0;
};

// In the order of the run, each once.
inline void Order(std::vector<Numbered>& events) {
  std::sort(events.begin(), events.end(),
            [](const Numbered& a, const Numbered& b) { return a.index < b.index; });
  events.erase(std::unique(events.begin(), events.end(),
                           [](const Numbered& a, const Numbered& b) { return a.index == b.index; }),
               events.end());
}

// Where `mark` is among those that an extract has.
inline std::uint32_t PlaceOf(std::uint32_t mark, const std::vector<std::uint32_t>& marks) {
  return static_cast<std::uint32_t>(std::lower_bound(marks.begin(), marks.end(), mark) -
                                    marks.begin());
}

// By lock, the events by which it was taken, of those that have it in the end, and where.
struct TakenLock {
  Numbered taken;
  SiteId site = 0;
};
using Holders = std::map<ObjectId, std::vector<TakenLock>>;

// The same, by where the events stand among `events`, which are in order and have them.
inline std::map<ObjectId, std::vector<LockHolder>> PlacesOf(const Holders& holders,
                                                            const std::vector<Numbered>& events) {
  std::map<ObjectId, std::vector<LockHolder>> places;
  for (const auto& [object, locks] : holders) {
    for (const TakenLock& lock : locks) {
      const auto place = std::lower_bound(
          events.begin(), events.end(), lock.taken.index,
          [](const Numbered& numbered, std::size_t index) { return numbered.index < index; });
      places[object].push_back(
          {.event = static_cast<std::size_t>(place - events.begin()), .site = lock.site});
    }
  }
  return places;
}

// An extract of these events, and of the marks with the numbers `marks`. `number_of` gives the
// tasks that it has new numbers, and kNoTask to all others. `holders` are among the events.
template <class NumberOf>
Extract MakeExtract(const Trace& tables, std::vector<Numbered> events, const Holders& holders,
                    const std::vector<std::uint32_t>& marks, std::vector<MarkRecord> records,
                    const NumberOf& number_of) {
  Order(events);
  Extract extract{
      .trace = tables, .steps_before = {}, .holders = PlacesOf(holders, events), .ordinals = {}};
  extract.trace.marks = std::move(records);
  for (const Numbered& numbered : events) {
    Event event = numbered.event;
    event.task = number_of(event.task);
    if (RefersToTask(event)) event.object = number_of(event.object);
    if (HasMark(event)) event.object = PlaceOf(event.object, marks);
    extract.trace.events.push_back(event);
    extract.steps_before.push_back(numbered.steps);
  }
  // Of a task that the run does not have it is still said that it failed.
  constexpr TaskId kUnknown = kNoTask - 1;
  TraceHeader& header = extract.trace.header;
  if (header.failed_task != kNoTask) {
    const TaskId number = number_of(header.failed_task);
    header.failed_task = number == kNoTask ? kUnknown : number;
  }
  for (WaitingTask& waiting : header.waiting) waiting.task = number_of(waiting.task);
  return extract;
}

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_TAKER_H_
