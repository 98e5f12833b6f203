// SPDX-License-Identifier: MIT
//
// Implements wait_graph.h. A recording may be damaged: ids are keys of maps, never indices.
#include "heddle/internal/wait_graph.h"

#include <algorithm>
#include <set>
#include <utility>

namespace heddle::internal {

WaitGraph::WaitGraph(const Trace& trace, const TaskTable& tasks) : trace_(trace), tasks_(tasks) {
  for (std::size_t i = 0; i < trace.events.size(); ++i) Read(i);
  FindWaiters();
}

void WaitGraph::Read(std::size_t index) {
  const Event& event = trace_.events[index];
  locks_.Add(index, event);
  switch (event.kind) {
    case EventKind::kSuspend:
      return ReadSuspend(index);
    case EventKind::kRelease:
      return ReadRelease(index);
    case EventKind::kSend:
      sends_[event.object][event.task] = index;
      sent_[event.object] = event.value + 1;
      return;
    case EventKind::kReceive:
      return ReadReceive(index);
    case EventKind::kAccess:
      if (event.op() == Operation::kWrite && TypeOf(event.object) == "Broadcast") {
        return ReadSubscribe(index);
      }
      if (event.op() != Operation::kRead && event.op() != Operation::kWrite) {
        arms_[event.task].push_back(index);
      }
      return;
    case EventKind::kStart:
    case EventKind::kResume:
      at_co_yield_.erase(event.task);
      ReadStep(index);
      break;
    case EventKind::kFinish:
    case EventKind::kAbandon:
      break;
    default:
      return;
  }
  // It goes on, or it is over.
  const auto found = blocked_.find(event.task);
  if (found == blocked_.end()) return;
  const Event& suspend = trace_.events[found->second.suspend];
  if (suspend.op() == Operation::kWait) --waiters_[suspend.object];
  blocked_.erase(found);
}

void WaitGraph::ReadStep(std::size_t index) {
  const Event& event = trace_.events[index];
  arms_[event.task].clear();
  if (event.op() != Operation::kCall) step_[event.task] = index;
  if (event.kind == EventKind::kStart) {
    if (event.value != 0) joined_[event.value].push_back(event.task);
    return;
  }
  // Who comes when it is done ends at once.
  if (event.op() == Operation::kWait && TypeOf(event.object) == "Once") {
    turns_[event.object] = {event.task, index};
  }
}

void WaitGraph::ReadSuspend(std::size_t index) {
  const Event& event = trace_.events[index];
  // It waits for nobody: it goes on when it is asked, which nobody has to do.
  if (event.is_co_yield()) {
    at_co_yield_[event.task] = index;
    return;
  }
  Blocked& blocked = blocked_[event.task];
  // Who was notified of a Condition goes on to its mutex without a resumption.
  if (blocked.suspend != kNoEvent && trace_.events[blocked.suspend].op() == Operation::kWait) {
    --waiters_[trace_.events[blocked.suspend].object];
    notified_.emplace(event.task, trace_.events[blocked.suspend].object);
  }
  blocked = {.suspend = index, .last_release = kNoEvent, .release_was_seen = false};
  if (event.op() != Operation::kWait) arms_[event.task].clear();
  if (event.op() != Operation::kWait) return;
  ++waiters_[event.object];
  if (const auto last = last_release_.find(event.object); last != last_release_.end()) {
    blocked.last_release = last->second.first;
    blocked.release_was_seen = last->second.second;
  }
}

void WaitGraph::ReadRelease(std::size_t index) {
  const Event& event = trace_.events[index];
  if (event.op() == Operation::kLock) return;  // of locks_
  releases_[event.object][event.task] = index;
  last_release_[event.object] = {index, waiters_[event.object] > 0};
  turns_.erase(event.object);
}

void WaitGraph::ReadReceive(std::size_t index) {
  const Event& event = trace_.events[index];
  receives_[event.object][event.task] = index;
  const auto found = subscriptions_.find(event.object);
  if (found == subscriptions_.end()) return;
  const auto is_likelier = [&](const SubscriptionState& a, const SubscriptionState& b) {
    const auto rank = [&](const SubscriptionState& one) {
      if (one.next != event.value) return 4;
      if (one.reader == event.task) return 0;
      if (one.reader != kNoTask) return 3;
      return one.by == event.task ? 1 : 2;
    };
    return rank(a) < rank(b);
  };
  const auto through = std::ranges::min_element(found->second, is_likelier);
  if (through == found->second.end() || through->next != event.value) return;
  through->next = event.value + 1;
  through->reader = event.task;
  through->received = index;
}

// Or one that goes.
void WaitGraph::ReadSubscribe(std::size_t index) {
  const Event& event = trace_.events[index];
  if (event.value == 1) {
    subscriptions_[event.object].push_back(
        {.by = event.task, .made = index, .next = sent_[event.object]});
    return;
  }
  const auto found = subscriptions_.find(event.object);
  if (found == subscriptions_.end() || found->second.empty()) return;
  const auto is_likelier = [&](const SubscriptionState& a, const SubscriptionState& b) {
    const auto rank = [&](const SubscriptionState& one) {
      if (one.reader == event.task) return one.by == event.task ? 0 : 1;
      return one.by == event.task ? 2 : 3;
    };
    return rank(a) < rank(b);
  };
  found->second.erase(std::ranges::min_element(found->second, is_likelier));
}

const std::vector<SubscriptionState>& WaitGraph::SubscriptionsTo(ObjectId broadcast) const {
  static const std::vector<SubscriptionState> none;
  const auto found = subscriptions_.find(broadcast);
  return found == subscriptions_.end() ? none : found->second;
}

std::vector<SubscriptionState> WaitGraph::SlowestOf(ObjectId broadcast) const {
  std::vector<SubscriptionState> slowest = SubscriptionsTo(broadcast);
  if (slowest.empty()) return slowest;
  const std::uint32_t next = std::ranges::min(slowest, {}, &SubscriptionState::next).next;
  std::erase_if(slowest, [&](const SubscriptionState& one) { return one.next != next; });
  return slowest;
}

// Of a Gate that was opened before and still holds the task: it was closed in between. Who waits
// on a Condition with a predicate has looked for itself, and misses nothing.
bool WaitGraph::MissedSignal(TaskId task) const {
  const auto found = blocked_.find(task);
  if (found == blocked_.end() || found->second.last_release == kNoEvent) return false;
  const ObjectId object = trace_.events[found->second.suspend].object;
  const std::string_view type = TypeOf(object);
  if (type == "Gate") return true;
  return type == "Condition" && !found->second.release_was_seen &&
         !tasks_[task].function.ends_with("Condition::Wait") &&
         !notified_.contains({task, object}) && !HasLooked(task, found->second.last_release);
}

// Whether somebody has had the lock that `task` waits with, and given it back, since the signal:
// who has may have looked, and found or taken what was signalled. Who took it once and waits there
// too has not.
bool WaitGraph::HasLooked(TaskId task, std::size_t signal) const {
  const std::size_t suspend = blocked_.at(task).suspend;
  const auto takes_lock = [&](std::size_t index) {
    const Event& event = trace_.events[index];
    return event.kind == EventKind::kAcquire ||
           (event.kind == EventKind::kResume && event.op() == Operation::kLock);
  };
  ObjectId lock = 0;
  for (std::size_t i = suspend; i-- > 0 && lock == 0;) {
    const Event& event = trace_.events[i];
    if (takes_lock(i) && StrandOf(event.task) == StrandOf(task)) lock = event.object;
  }
  std::set<TaskId> first_time;
  for (const auto& [other, blocked] : blocked_) {
    if (WaitsAt(other, trace_.events[suspend].object)) first_time.insert(StrandOf(other));
  }
  for (std::size_t i = signal; i < suspend; ++i) {
    if (!takes_lock(i) || trace_.events[i].object != lock) continue;
    if (first_time.erase(StrandOf(trace_.events[i].task)) == 0) return true;
  }
  return false;
}

bool WaitGraph::WasPassedOver(TaskId task) const {
  const auto found = blocked_.find(task);
  if (found == blocked_.end()) return false;
  const auto releases = releases_.find(trace_.events[found->second.suspend].object);
  return releases != releases_.end() &&
         std::ranges::any_of(releases->second, [&](const auto& release) {
           return release.second > found->second.suspend;
         });
}

TaskId WaitGraph::StrandOf(TaskId task) const { return locks_.StrandOf(task); }

bool WaitGraph::HasEnded(TaskId task) const { return tasks_[task].ended != kNoEvent; }

std::size_t WaitGraph::CoYieldOf(TaskId task) const {
  const auto found = at_co_yield_.find(task);
  return found == at_co_yield_.end() || HasEnded(task) ? kNoEvent : found->second;
}

// The task, or the caller to which it has returned, or given a value; kNoTask: all of them have
// ended.
TaskId WaitGraph::StillThere(TaskId task) const {
  // In a damaged recording tasks may call each other in a circle.
  std::set<TaskId> seen;
  while (HasEnded(task) || CoYieldOf(task) != kNoEvent) {
    if (!seen.insert(task).second) return kNoTask;
    task = locks_.CallerOf(task);
    if (task == kNoTask) return kNoTask;
  }
  return task;
}

std::string_view WaitGraph::TypeOf(ObjectId object) const {
  return object < trace_.objects.size() ? std::string_view(trace_.objects[object].type) : "";
}

bool WaitGraph::WaitsAt(TaskId task, ObjectId object) const {
  const auto found = blocked_.find(task);
  if (found == blocked_.end()) return false;
  const Event& suspend = trace_.events[found->second.suspend];
  return suspend.op() == Operation::kWait && suspend.object == object;
}

const std::vector<std::size_t>& WaitGraph::ArmsOf(TaskId task) const {
  static const std::vector<std::size_t> none;
  const auto found = arms_.find(task);
  return found == arms_.end() || !blocked_.contains(task) ? none : found->second;
}

std::vector<WaitEdge> WaitGraph::EdgesFrom(TaskId task) const {
  const auto found = blocked_.find(task);
  if (found == blocked_.end()) return {};
  const Event& suspend = trace_.events[found->second.suspend];
  switch (suspend.op()) {
    case Operation::kCall:
      return {{.to = suspend.object, .reason = WaitReason::kCall, .event = kNoEvent}};
    case Operation::kJoin:
      return JoinEdges(task);
    case Operation::kSend:
      return SendEdges(task, suspend.object);
    case Operation::kReceive:
      return UseEdges(task, sends_, suspend.object, WaitReason::kSent);
    case Operation::kWait:
      return SignalEdges(task);
    case Operation::kLock:
      return LockEdges(task);
    default:
      return {};
  }
}

std::vector<WaitEdge> WaitGraph::LockEdges(TaskId task) const {
  std::vector<WaitEdge> edges;
  const ObjectId object = trace_.events[blocked_.at(task).suspend].object;
  for (const LockHolders::Hold& one : locks_.Of(object)) {
    const TaskId there = StillThere(one.by);
    edges.push_back(
        {.to = there == kNoTask ? one.by : there, .reason = WaitReason::kLock, .event = one.event});
  }
  if (locks_.IsSignal(object, TypeOf(object))) {
    std::erase_if(edges, [&](const WaitEdge& edge) {
      return StrandOf(edge.to) == StrandOf(task) || blocked_.contains(edge.to);
    });
  }
  // Where others have a part of it too, it is those that the task waits for.
  std::ranges::sort(edges, {},
                    [&](const WaitEdge& edge) { return std::pair(edge.to == task, edge.event); });
  return edges;
}

std::vector<WaitEdge> WaitGraph::SignalEdges(TaskId task) const {
  const ObjectId object = trace_.events[blocked_.at(task).suspend].object;
  const std::string_view type = TypeOf(object);
  if (type == "Select") return ArmEdges(task);
  if (type == "Once") return TurnEdges(object);
  std::vector<WaitEdge> edges = UseEdges(task, releases_, object, WaitReason::kReleased);
  // Who has arrived and waits does not come again.
  if (type == "Barrier") {
    std::erase_if(edges, [&](const WaitEdge& edge) { return WaitsAt(edge.to, object); });
  }
  return edges;
}

std::vector<WaitEdge> WaitGraph::TurnEdges(ObjectId once) const {
  const auto turn = turns_.find(once);
  if (turn == turns_.end() || HasEnded(turn->second.by)) return {};
  return {{.to = turn->second.by, .reason = WaitReason::kTurn, .event = turn->second.event}};
}

// Of a Broadcast it is the slowest of those who receive that could let the task go on. Where one of
// the slowest subscriptions is nobody's the others do not help.
std::vector<WaitEdge> WaitGraph::SendEdges(TaskId task, ObjectId channel) const {
  const std::vector<SubscriptionState> slowest = SlowestOf(channel);
  if (slowest.empty()) return UseEdges(task, receives_, channel, WaitReason::kReceived);
  LastUse readers;
  for (const SubscriptionState& one : slowest) {
    if (one.reader == kNoTask || StillThere(one.reader) == kNoTask) return {};
    readers[one.reader] = one.received;
  }
  return UseEdges(task, {{channel, readers}}, channel, WaitReason::kReceived);
}

std::vector<WaitEdge> WaitGraph::ArmEdges(TaskId task) const {
  std::vector<WaitEdge> edges;
  for (const std::size_t index : ArmsOf(task)) {
    const Event& arm = trace_.events[index];
    const bool sends = arm.op() == Operation::kSend;
    if (!sends && arm.op() != Operation::kReceive) continue;
    const std::vector<WaitEdge> more = UseEdges(task, sends ? receives_ : sends_, arm.object,
                                                sends ? WaitReason::kReceived : WaitReason::kSent);
    edges.insert(edges.end(), more.begin(), more.end());
  }
  return edges;
}

std::vector<WaitEdge> WaitGraph::JoinEdges(TaskId task) const {
  const auto joined = joined_.find(trace_.events[blocked_.at(task).suspend].object);
  if (joined == joined_.end())
    return joined_.empty() ? GuessedJoinEdges(task) : std::vector<WaitEdge>();
  std::vector<WaitEdge> edges;
  for (const TaskId child : joined->second) {
    if (HasEnded(child)) continue;
    edges.push_back({.to = child, .reason = WaitReason::kJoin, .event = kNoEvent});
  }
  return edges;
}

// Earlier versions did not record which tasks a join is for. Those of a TaskGroup may have been
// spawned long before, those of the others were created for it, in the step that ends with the
// join.
std::vector<WaitEdge> WaitGraph::GuessedJoinEdges(TaskId task) const {
  const Event& suspend = trace_.events[blocked_.at(task).suspend];
  const bool is_group = TypeOf(suspend.object) == "TaskGroup";
  const auto step = step_.find(task);
  const std::size_t since = is_group || step == step_.end() ? 0 : step->second;
  std::vector<WaitEdge> edges;
  for (const TaskId child : tasks_[task].children) {
    if (HasEnded(child) || locks_.CallerOf(child) != kNoTask || tasks_[child].spawned < since)
      continue;
    edges.push_back({.to = child, .reason = WaitReason::kJoin, .event = kNoEvent});
  }
  return edges;
}

// A strand does not wait for itself to do once more what it did before.
std::vector<WaitEdge> WaitGraph::UseEdges(TaskId task, const std::map<ObjectId, LastUse>& uses,
                                          ObjectId object, WaitReason reason) const {
  std::vector<WaitEdge> edges;
  const auto found = uses.find(object);
  if (found == uses.end()) return edges;
  const TaskId strand = StrandOf(task);
  for (const auto& [user, event] : found->second) {
    const TaskId there = StillThere(user);
    if (there == kNoTask || StrandOf(there) == strand) continue;
    edges.push_back({.to = there, .reason = reason, .event = event});
  }
  return edges;
}

TaskId WaitGraph::WriterAheadOf(TaskId task) const {
  const Blocked& blocked = blocked_.at(task);
  const Event& suspend = trace_.events[blocked.suspend];
  if (suspend.op() != Operation::kLock || suspend.value != 1) return kNoTask;
  if (!std::ranges::all_of(locks_.Of(suspend.object), &LockHolders::Hold::reads)) return kNoTask;
  for (const auto& [other, its] : blocked_) {
    const Event& wait = trace_.events[its.suspend];
    if (its.suspend < blocked.suspend && wait.op() == Operation::kLock && wait.value == 0 &&
        wait.object == suspend.object) {
      return other;
    }
  }
  return kNoTask;
}

const std::vector<TaskId>& WaitGraph::WaitingForLocksOf(TaskId task) const {
  static const std::vector<TaskId> none;
  const auto found = lock_waiters_.find(StrandOf(task));
  return found == lock_waiters_.end() ? none : found->second;
}

// Edges, the other way.
void WaitGraph::FindWaiters() {
  for (const auto& [task, unused] : blocked_) {
    for (const WaitEdge& edge : BlockedEdgesFrom(task)) {
      waiters_of_[edge.to].push_back(task);
      const TaskId strand = StrandOf(edge.to);
      const bool is_held = edge.reason == WaitReason::kLock || edge.reason == WaitReason::kTurn;
      if (is_held && strand != StrandOf(task)) lock_waiters_[strand].push_back(task);
    }
  }
}

std::set<TaskId> WaitGraph::Behind(const std::vector<TaskId>& tasks) const {
  std::set<TaskId> behind(tasks.begin(), tasks.end());
  std::vector<TaskId> left = tasks;
  while (!left.empty()) {
    const TaskId task = left.back();
    left.pop_back();
    const auto waiters = waiters_of_.find(task);
    if (waiters == waiters_of_.end()) continue;
    for (const TaskId waiter : waiters->second) {
      if (behind.insert(waiter).second) left.push_back(waiter);
    }
  }
  return behind;
}

std::vector<WaitEdge> WaitGraph::BlockedEdgesFrom(TaskId task) const {
  std::vector<WaitEdge> edges = EdgesFrom(task);
  std::erase_if(edges, [&](const WaitEdge& edge) { return !blocked_.contains(edge.to); });
  return edges;
}

// Depth first, without recursion: chains of calls are long.
std::vector<std::vector<TaskId>> WaitGraph::Circles() const {
  struct Visit {
    TaskId task;
    std::vector<WaitEdge> edges;
    std::size_t next = 0;
  };
  std::vector<std::vector<TaskId>> circles;
  std::set<TaskId> in_circles;
  std::map<TaskId, bool> seen;  // and whether it is on the path
  std::vector<Visit> path;
  const auto visit = [&](TaskId task) {
    if (seen.emplace(task, true).second) path.push_back({task, BlockedEdgesFrom(task)});
  };
  const auto add_circle = [&](TaskId first) {
    std::vector<TaskId> circle;
    for (auto at = path.rbegin(); circle.empty() || circle.back() != first; ++at) {
      if (in_circles.contains(at->task)) return;
      circle.push_back(at->task);
    }
    in_circles.insert(circle.begin(), circle.end());
    std::ranges::rotate(circle, std::ranges::min_element(circle));
    std::ranges::reverse(circle.begin() + 1, circle.end());
    circles.push_back(std::move(circle));
  };
  for (const auto& [start, unused] : blocked_) {
    visit(start);
    while (!path.empty()) {
      Visit& at = path.back();
      if (at.next == at.edges.size()) {
        seen[at.task] = false;
        path.pop_back();
        continue;
      }
      const TaskId to = at.edges[at.next++].to;
      const auto known = seen.find(to);
      if (known == seen.end()) {
        visit(to);
      } else if (known->second) {
        add_circle(to);
      }
    }
  }
  return circles;
}

}  // namespace heddle::internal
