// SPDX-License-Identifier: MIT
//
// Implements report_lanes.h.
#include "report_lanes.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "heddle/causality.h"

namespace heddle::internal {
namespace {

// The object that an event is about; 0: none.
ObjectId ObjectOf(const Event& event) {
  switch (event.kind) {
    case EventKind::kSuspend:
    case EventKind::kResume:
      return event.op() == Operation::kCall ? 0 : event.object;
    case EventKind::kFinish:
    case EventKind::kSend:
    case EventKind::kReceive:
    case EventKind::kAcquire:
    case EventKind::kRelease:
    case EventKind::kAccess:
      return event.object;
    default:
      return 0;
  }
}

// Whether an event says more than that its task ran.
bool IsTelling(const Event& event) {
  switch (event.kind) {
    case EventKind::kMark:
    case EventKind::kInput:
    case EventKind::kFault:
    case EventKind::kDraw:
    case EventKind::kAbandon:
    case EventKind::kContextLost:
    case EventKind::kCancel:
      return true;
    case EventKind::kFinish:
      return event.outcome() != Outcome::kValue;
    default:
      return event.kind != EventKind::kSuspend && ObjectOf(event) != 0;
  }
}

class StrandRanking {
 public:
  StrandRanking(const Story& story, const ShrinkResult* shrunk) : story_(story) {
    if (shrunk != nullptr) FindDeciding(*shrunk);
    FindFocus();
    FindShared();
    FindPast();
    for (std::size_t i = story.begin; i < story.end; ++i) Consider(i);
  }

  RankedLanes Ranked() const {
    std::vector<std::pair<TaskId, Merit>> ranked;
    for (const auto& entry : merits_) {
      const Merit& merit = entry.second;
      const bool matters = merit.decides || merit.focus;
      if (matters || (merit.tells && merit.Rank() > 0)) ranked.emplace_back(entry);
    }
    std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
      return std::tuple(a.second.Rank(), a.second.last, a.first) >
             std::tuple(b.second.Rank(), b.second.last, b.first);
    });
    RankedLanes lanes;
    lanes.strands.reserve(ranked.size());
    for (const auto& [strand, merit] : ranked) {
      lanes.strands.push_back(strand);
      lanes.needed += merit.tells_most || merit.decides;
    }
    return lanes;
  }

 private:
  struct Merit {
    bool tells_most = false;
    bool decides = false;
    bool holds = false;
    bool focus = false;
    bool throws = false;
    bool shares = false;
    bool past = false;
    bool deviates = false;
    bool tells = false;
    std::size_t last = 0;

    int Rank() const {
      return tells_most * 128 + decides * 64 + holds * 32 + focus * 16 + throws * 8 + shares * 4 +
             past * 2 + deviates;
    }
  };

  void FindDeciding(const ShrinkResult& shrunk) {
    const std::size_t first = shrunk.pairs.empty() ? 0 : shrunk.pairs.front().step;
    for (std::size_t i = 0; i < shrunk.steps.size(); ++i) {
      const TaskId strand = story_.StrandOf(shrunk.steps[i].task);
      if (strand == kNoTask) continue;
      Merit& merit = merits_[strand];
      merit.decides = true;
      merit.tells_most = merit.tells_most || i == first || i == first + 1;
    }
  }

  void Focus(TaskId task) {
    const TaskId strand = story_.StrandOf(task);
    if (strand == kNoTask) return;
    focus_tasks_.insert(task);
    merits_[strand].focus = true;
  }

  void FindFocus() {
    const TraceHeader& header = story_.trace.header;
    if (header.ending == Ending::kThrew) {
      Focus(header.failed_task);
      const TaskId failed = story_.StrandOf(header.failed_task);
      if (failed != kNoTask) merits_[failed].tells_most = true;
    }
    if (header.ending == Ending::kStuck) FocusOnWaiting();
    if (header.ending == Ending::kAbandoned) {
      for (const Event& event : story_.trace.events) {
        if (IsForgotten(event)) Focus(story_.tasks[event.task].parent);
      }
    }
    if (header.ending == Ending::kStepLimit) {
      for (const auto& [task, steps] : FindBusyTasks(story_).tasks) Focus(task);
    }
    for (std::size_t i = story_.end; i-- > 0 && focus_tasks_.empty();) Focus(story_.event(i).task);
  }

  // Who holds what others wait for matters more than who merely waits.
  void FocusOnWaiting() {
    for (const WaitingTask& waiting : story_.trace.header.waiting) {
      if (IsForOwnTask(waiting)) continue;
      Focus(waiting.task);
      const std::optional<std::size_t> intent = story_.Intent(waiting.task, story_.end);
      if (!intent || story_.event(*intent).op() != Operation::kLock) continue;
      const ObjectId mutex = story_.event(*intent).object;
      if (!held_seen_.insert(mutex).second) continue;
      const TaskId holder = story_.StrandOf(story_.HolderOf(mutex));
      if (holder != kNoTask) merits_[holder].holds = merits_[holder].focus = true;
    }
  }

  // What the strands and the requests of the failure touch. That two tasks report to the same
  // join says little, unless the failure is in the one that joins them.
  void FindShared() {
    std::set<FlowId> flows;
    for (const TaskId task : focus_tasks_) {
      if (story_.tasks[task].flow != 0) flows.insert(story_.tasks[task].flow);
    }
    for (std::size_t i = story_.begin; i < story_.end; ++i) {
      const Event& event = story_.event(i);
      if (event.kind == EventKind::kFinish || ObjectOf(event) == 0) continue;
      const bool ours = InFocus(event.task) || flows.count(story_.tasks.FlowOf(i)) != 0;
      if (ours) shared_.insert(ObjectOf(event));
    }
  }

  bool InFocus(TaskId task) const {
    const auto merit = merits_.find(story_.StrandOf(task));
    return merit != merits_.end() && merit->second.focus;
  }

  // Backwards from the last event of each strand in focus.
  void FindPast() {
    past_.resize(story_.end - story_.begin);
    const Causality causality(story_.trace);
    std::set<TaskId> open_for;
    for (std::size_t i = story_.end; i-- > story_.begin;) {
      const TaskId task = story_.event(i).task;
      if (InFocus(task) && open_for.insert(task).second) past_[i - story_.begin] = true;
      if (!past_[i - story_.begin]) continue;
      for (const std::size_t cause : causality.CausesOf(i)) {
        if (cause >= story_.begin) past_[cause - story_.begin] = true;
      }
    }
  }

  void Consider(std::size_t index) {
    const Event& event = story_.event(index);
    const TaskId strand = story_.StrandOf(event.task);
    if (strand == kNoTask) return;
    Merit& merit = merits_[strand];
    merit.last = index;
    merit.tells = merit.tells || IsTelling(event);
    const bool threw = event.task == strand && event.kind == EventKind::kFinish &&
                       event.outcome() == Outcome::kException;
    merit.throws = merit.throws || threw;
    merit.past = merit.past || past_[index - story_.begin];
    merit.shares = merit.shares || (ObjectOf(event) != 0 && shared_.count(ObjectOf(event)) != 0);
    merit.deviates = merit.deviates || story_.ChoiceOf(index).has_value();
  }

  const Story& story_;
  std::map<TaskId, Merit> merits_;  // by strand
  std::set<TaskId> focus_tasks_;
  std::set<ObjectId> held_seen_;
  std::set<ObjectId> shared_;
  std::vector<bool> past_;  // from story_.begin on
};

}  // namespace

RankedLanes RankedStrands(const Story& story, const ShrinkResult* shrunk) {
  return StrandRanking(story, shrunk).Ranked();
}

}  // namespace heddle::internal
