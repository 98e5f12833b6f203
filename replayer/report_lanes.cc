// SPDX-License-Identifier: MIT
//
// Implements report_lanes.h.
#include "report_lanes.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "heddle/causality.h"
#include "heddle/choice.h"

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
    case EventKind::kContextLost:
    case EventKind::kCancel:
      return true;
    case EventKind::kAbandon:
      return !event.went_unused();
    case EventKind::kFinish:
      return event.outcome() != Outcome::kValue;
    default:
      return event.kind != EventKind::kSuspend && ObjectOf(event) != 0;
  }
}

// Whether an event tells that a task was cancelled, by whoever runs.
bool IsCancellation(const Event& event) {
  return (event.kind == EventKind::kFinish && event.outcome() == Outcome::kCancelled) ||
         (event.kind == EventKind::kAbandon && !IsForgotten(event));
}

bool IsOfWord(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

// Whether `name` stands in `text`, and not as a part of a longer word or number.
bool Mentions(std::string_view text, std::string_view name) {
  if (name.empty()) return false;
  for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
    const std::size_t after = at + name.size();
    const bool begins = at == 0 || !IsOfWord(text[at - 1]) || !IsOfWord(name.front());
    const bool ends = after == text.size() || !IsOfWord(text[after]) || !IsOfWord(name.back());
    if (begins && ends) return true;
  }
  return false;
}

// Whether the order of the two alone makes the difference, whatever else happens.
bool DecidesAlone(const DecidingPair& pair) {
  constexpr double kDecides = 0.5;
  return pair.others_in_order == 0 && pair.contrast() >= kDecides;
}

class StrandRanking {
 public:
  StrandRanking(const Story& story, const ShrinkResult* shrunk) : story_(story) {
    if (shrunk != nullptr) FindDeciding(*shrunk);
    FindFocus();
    FindKin();
    FindCancels();
    FindFlows();
    FindShared();
    FindPast();
    for (std::size_t i = story.begin; i < story.end; ++i) Consider(i);
    for (auto& [strand, merit] : merits_) {
      merit.request = merit.request || merit.named;
      merit.named = merit.named && !merit.elsewhere && !settled_;
    }
  }

  RankedLanes Ranked(std::size_t few) const {
    std::vector<std::pair<TaskId, Merit>> ranked;
    for (const auto& entry : merits_) {
      if (entry.second.ran || entry.second.Matters()) ranked.emplace_back(entry);
    }
    const bool all = ranked.size() <= few;
    if (!all) {
      std::erase_if(ranked, [&](const auto& entry) { return !MayHelp(entry.second); });
    }
    std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
      return std::tuple(a.second.Rank(), a.second.last, a.first) >
             std::tuple(b.second.Rank(), b.second.last, b.first);
    });
    RankedLanes lanes;
    lanes.all = all;
    lanes.settled = settled_;
    lanes.strands.reserve(ranked.size());
    for (const auto& [strand, merit] : ranked) {
      lanes.strands.push_back(strand);
      lanes.needed += merit.IsNeeded();
      lanes.close += merit.IsNeeded() || merit.cancels;
      if (!merit.IsRelated()) lanes.noise.insert(strand);
    }
    return lanes;
  }

 private:
  struct Merit {
    bool tells_most = false;
    bool named = false;
    bool decides = false;
    bool holds = false;
    bool focus = false;
    bool cancels = false;
    bool throws = false;
    bool request = false;
    bool counterpart = false;
    bool parent = false;
    bool sibling = false;
    bool shares = false;
    bool past = false;
    bool tells = false;
    bool deviates = false;
    bool elsewhere = false;  // it works for requests that the message does not name
    bool ran = false;
    std::size_t last = 0;

    bool IsNeeded() const { return tells_most || named || decides; }
    bool Matters() const { return IsNeeded() || focus; }
    // More than that it was there, and came before: `shares`, or what stands above it.
    bool IsRelated() const { return Rank() >= 8; }
    int Rank() const {
      int rank = 0;
      for (const bool merit : {tells_most, named, decides, holds, focus, cancels, throws, request,
                               counterpart, parent, sibling, shares, past, tells, deviates}) {
        rank = 2 * rank + (merit ? 1 : 0);
      }
      return rank;
    }
  };

  // Where it is known which steps decide, to have come before says nothing.
  bool MayHelp(const Merit& merit) const {
    return merit.IsRelated() || (!known_ && (merit.past || merit.deviates));
  }

  void FindDeciding(const ShrinkResult& shrunk) {
    const DecidingPair pair = shrunk.pairs.empty() ? DecidingPair() : shrunk.pairs.front();
    const std::size_t first = pair.step;
    const std::size_t second = first + pair.distance;
    settled_ = !shrunk.pairs.empty() && DecidesAlone(shrunk.pairs.front());
    for (std::size_t i = 0; i < shrunk.steps.size(); ++i) {
      Decide(shrunk.steps[i].task, i == first || i == second);
    }
    if (!shrunk.draws_decide) return;
    for (std::size_t i = 0; i < story_.trace.choices.size(); ++i) {
      const Choice& choice = story_.trace.choices[i];
      const std::optional<std::size_t> draw = story_.EventOf(i);
      if (choice.kind != ChoiceKind::kValue || !choice.deviates() || !draw) continue;
      Decide(story_.event(*draw).task, false);
    }
  }

  void Decide(TaskId task, bool tells_most) {
    const TaskId strand = story_.StrandOf(task);
    if (strand == kNoTask) return;
    known_ = true;
    Merit& merit = merits_[strand];
    merit.decides = true;
    merit.tells_most = merit.tells_most || tells_most;
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

  // The strands of the steps that decide, and the one that failed.
  std::vector<TaskId> Culprits() const {
    std::vector<TaskId> culprits;
    for (const auto& [strand, merit] : merits_) {
      if (merit.tells_most || merit.decides) culprits.push_back(strand);
    }
    return culprits;
  }

  TaskId ParentOf(TaskId strand) const { return story_.StrandOf(story_.tasks[strand].parent); }

  // What two tasks do to plain variables are no events. Those of the same sort do the same: under
  // another culprit the one of the same name, under the same parent all of them.
  void FindKin() {
    const std::vector<TaskId> culprits = Culprits();
    const std::set<TaskId> guilty(culprits.begin(), culprits.end());
    std::set<std::string> names;
    std::set<std::pair<TaskId, std::string>> families;
    for (const TaskId culprit : culprits) {
      const TaskId parent = ParentOf(culprit);
      if (parent == kNoTask) continue;
      names.insert(story_.tasks[culprit].name);
      families.emplace(parent, story_.tasks[culprit].function);
      if (ParentOf(parent) != kNoTask) merits_[parent].parent = true;
    }
    for (const TaskInfo& task : story_.tasks.tasks()) {
      const TaskId parent = ParentOf(task.id);
      if (parent == kNoTask || story_.StrandOf(task.id) != task.id) continue;
      const bool counterpart = guilty.contains(parent) && names.contains(task.name);
      const bool sibling = families.contains({parent, task.function});
      if (!counterpart && !sibling) continue;
      merits_[task.id].counterpart = counterpart;
      merits_[task.id].sibling = sibling;
    }
  }

  // Who ended a culprit, and whom one ended. What falls with the task that throws is its fault, and
  // not its cause.
  void FindCancels() {
    const std::vector<TaskId> culprits = Culprits();
    const std::set<TaskId> guilty(culprits.begin(), culprits.end());
    const bool threw = story_.trace.header.ending == Ending::kThrew;
    std::size_t last_step = story_.end;
    while (threw && last_step > 0 && !IsStep(story_.event(last_step - 1).kind)) --last_step;
    TaskId runs = kNoTask;
    for (std::size_t i = 0; i < last_step; ++i) {
      const Event& event = story_.event(i);
      if (IsStep(event.kind)) runs = story_.StrandOf(event.task);
      const bool asks = event.kind == EventKind::kCancel;
      if (!asks && !IsCancellation(event)) continue;
      const TaskId cancelled = story_.StrandOf(asks ? event.object : event.task);
      if (runs == kNoTask || cancelled == kNoTask || cancelled == runs) continue;
      if (asks && runs == ParentOf(cancelled)) continue;  // a helper that is no longer needed
      if (guilty.contains(runs)) merits_[cancelled].cancels = true;
      if (guilty.contains(cancelled)) merits_[runs].cancels = true;
    }
  }

  // The requests that the message names, and those that the failure is in.
  void FindFlows() {
    const std::vector<FlowRecord>& flows = story_.trace.flows;
    for (std::size_t flow = 1; flow < flows.size(); ++flow) {
      if (Mentions(story_.trace.header.message, flows[flow].name)) {
        named_flows_.insert(static_cast<FlowId>(flow));
      }
    }
    for (const TaskId task : focus_tasks_) {
      if (story_.tasks[task].flow != 0) flows_.insert(story_.tasks[task].flow);
    }
  }

  // What the strands and the requests of the failure touch. That two tasks report to the same
  // join says little.
  void FindShared() {
    for (std::size_t i = story_.begin; i < story_.end; ++i) {
      const Event& event = story_.event(i);
      if (event.kind == EventKind::kFinish || ObjectOf(event) == 0) continue;
      const FlowId flow = story_.tasks.FlowOf(i);
      const bool of_request = flows_.contains(flow) || named_flows_.contains(flow);
      if (of_request || IsOurs(event.task)) shared_.insert(ObjectOf(event));
    }
  }

  bool IsOurs(TaskId task) const {
    const auto merit = merits_.find(story_.StrandOf(task));
    return merit != merits_.end() && merit->second.Matters();
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
    merit.ran = merit.ran || (event.kind != EventKind::kSpawn && event.kind != EventKind::kWake);
    merit.tells = merit.tells || IsTelling(event);
    const bool threw = event.task == strand && event.kind == EventKind::kFinish &&
                       event.outcome() == Outcome::kException;
    merit.throws = merit.throws || threw;
    const FlowId flow = story_.tasks.FlowOf(index);
    const bool named = named_flows_.contains(flow);
    merit.named = merit.named || named;
    merit.elsewhere = merit.elsewhere || (flow != 0 && !named);
    merit.request = merit.request || flows_.contains(flow);
    merit.past = merit.past || past_[index - story_.begin];
    const bool touches = event.kind != EventKind::kFinish && shared_.contains(ObjectOf(event));
    merit.shares = merit.shares || touches;
    merit.deviates = merit.deviates || story_.ChoiceOf(index).has_value();
  }

  const Story& story_;
  std::map<TaskId, Merit> merits_;  // by strand
  std::set<TaskId> focus_tasks_;
  std::set<ObjectId> held_seen_;
  std::set<FlowId> named_flows_;
  std::set<FlowId> flows_;
  std::set<ObjectId> shared_;
  std::vector<bool> past_;  // from story_.begin on
  bool known_ = false;      // which steps decide
  bool settled_ = false;    // and that nothing else does
};

}  // namespace

RankedLanes RankedStrands(const Story& story, const ShrinkResult* shrunk, std::size_t few) {
  return StrandRanking(story, shrunk).Ranked(few);
}

}  // namespace heddle::internal
