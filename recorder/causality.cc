// SPDX-License-Identifier: MIT
//
// One pass over the events that remembers, for whatever may become a cause, its latest
// event. Ids serve as keys only, so a damaged trace gives odd edges and never a bad access.
#include "heddle/causality.h"

#include <algorithm>
#include <unordered_map>

#include "heddle/check.h"

namespace heddle {

class Causality::Builder {
 public:
  Builder(const std::vector<Event>& events, std::vector<Node>& nodes)
      : events_(events), nodes_(nodes) {}

  void Build() {
    for (std::uint32_t index = 0; index < events_.size(); ++index) {
      const Event& event = events_[index];
      AddCauses(index, event);
      if (event.task == kNoTask) continue;  // virtual time is nobody's
      nodes_[index].previous = Find(last_of_task_, event.task);
      last_of_task_[event.task] = index;
    }
  }

 private:
  // The releases of an object, or the finishes into a join.
  struct Chain {
    std::uint32_t head = kNone;
    // Who took the chain last, and what its head was then.
    TaskId taker = kNoTask;
    std::uint32_t taken = kNone;
  };

  template <class Key>
  static std::uint32_t Find(const std::unordered_map<Key, std::uint32_t>& map, Key key) {
    const auto found = map.find(key);
    return found == map.end() ? kNone : found->second;
  }

  static std::uint64_t MessageKey(ObjectId channel, std::uint32_t number) {
    return std::uint64_t{channel} << 32 | number;
  }

  void AddCauses(std::uint32_t index, const Event& event) {
    Node& node = nodes_[index];
    switch (event.kind) {
      case EventKind::kSpawn:
      case EventKind::kStart:
      case EventKind::kWake:
        if (event.object != kNoTask) node.cause = Find(last_of_task_, event.object);
        break;
      case EventKind::kSuspend:
        if (event.op() == Operation::kSend) sending_[event.task] = index;
        break;
      case EventKind::kResume:
        AddCausesOfResume(index, event);
        break;
      case EventKind::kFinish:
        finish_of_task_[event.task] = index;
        Append(finishes_, index, event);
        break;
      case EventKind::kSend:
        node.cause = RoomFor(event);
        sends_[MessageKey(event.object, event.value)] = index;
        break;
      case EventKind::kReceive:
        node.cause = Find(sends_, MessageKey(event.object, event.value));
        receives_[MessageKey(event.object, event.value)] = index;
        break;
      case EventKind::kAcquire:
        Take(releases_, index, event);
        break;
      case EventKind::kRelease:
        Append(releases_, index, event);
        break;
      default:
        break;
    }
  }

  void AddCausesOfResume(std::uint32_t index, const Event& event) {
    switch (event.op()) {
      case Operation::kCall:
        nodes_[index].cause = Find(finish_of_task_, event.object);
        break;
      case Operation::kJoin:
        Take(finishes_, index, event);
        break;
      case Operation::kWait:
      case Operation::kLock:
      case Operation::kSend:
      case Operation::kReceive:
        Take(releases_, index, event);
        break;
      default:
        break;
    }
  }

  // The kReceive that made room for this kSend while its task was waiting.
  std::uint32_t RoomFor(const Event& send) const {
    const std::uint32_t suspended = Find(sending_, send.task);
    if (suspended == kNone || events_[suspended].object != send.object) return kNone;
    const std::uint32_t capacity = events_[suspended].value;
    if (capacity == 0 || send.value < capacity) return kNone;
    const std::uint32_t received = Find(receives_, MessageKey(send.object, send.value - capacity));
    return received != kNone && received > suspended ? received : kNone;
  }

  // The new member stands for those that it is seen at a glance to come after: the head, if
  // it is of the same task, or the whole chain, if this task was the last to take it.
  void Append(std::unordered_map<ObjectId, Chain>& chains, std::uint32_t index,
              const Event& event) {
    if (event.object == 0) return;
    Chain& chain = chains[event.object];
    const bool ordered = event.task != kNoTask;  // among the events of its task
    if (ordered && chain.head != kNone && events_[chain.head].task == event.task) {
      nodes_[index].chained = nodes_[chain.head].chained;
    } else if (!ordered || chain.taken != chain.head || chain.taker != event.task) {
      nodes_[index].chained = chain.head;
    }
    chain.head = index;
  }

  void Take(std::unordered_map<ObjectId, Chain>& chains, std::uint32_t index, const Event& event) {
    if (event.object == 0) return;
    Chain& chain = chains[event.object];
    nodes_[index].taken = chain.head;
    chain.taken = chain.head;
    chain.taker = event.task;
  }

  const std::vector<Event>& events_;
  std::vector<Node>& nodes_;

  // Never iterated: their order reaches nothing.
  std::unordered_map<TaskId, std::uint32_t> last_of_task_;
  std::unordered_map<TaskId, std::uint32_t> finish_of_task_;
  std::unordered_map<TaskId, std::uint32_t> sending_;  // its last kSuspend for a send
  std::unordered_map<std::uint64_t, std::uint32_t> sends_;
  std::unordered_map<std::uint64_t, std::uint32_t> receives_;
  std::unordered_map<ObjectId, Chain> releases_;
  std::unordered_map<ObjectId, Chain> finishes_;
};

Causality::Causality(const Trace& trace) : nodes_(trace.events.size()) {
  HEDDLE_CHECK(trace.events.size() < kNone, "a trace of more events than its format can number");
  Builder(trace.events, nodes_).Build();
}

bool Causality::HappensBefore(std::size_t a, std::size_t b) const {
  if (a >= b || b >= nodes_.size()) return false;
  // A search backwards from `b`. Causes are earlier than what they cause, so nothing that is
  // earlier than `a` can lead to it.
  std::vector<bool> seen(b - a);
  std::vector<bool> chain_seen(b - a);
  std::vector<std::size_t> open = {b};
  const auto visit = [&](std::size_t event) {
    if (event == kNone || event < a || seen[event - a]) return;
    seen[event - a] = true;
    open.push_back(event);
  };
  while (!open.empty() && !seen[0]) {
    const Node& node = nodes_[open.back()];
    open.pop_back();
    visit(node.previous);
    visit(node.cause);
    for (std::size_t member = node.taken; member != kNone && member >= a && !chain_seen[member - a];
         member = nodes_[member].chained) {
      chain_seen[member - a] = true;
      visit(member);
    }
  }
  return seen[0];
}

std::vector<std::size_t> Causality::CausesOf(std::size_t event) const {
  std::vector<std::size_t> causes;
  if (event >= nodes_.size()) return causes;
  const Node& node = nodes_[event];
  if (node.previous != kNone) causes.push_back(node.previous);
  if (node.cause != kNone) causes.push_back(node.cause);
  for (std::uint32_t member = node.taken; member != kNone; member = nodes_[member].chained) {
    causes.push_back(member);
  }
  std::sort(causes.begin(), causes.end());
  causes.erase(std::unique(causes.begin(), causes.end()), causes.end());
  return causes;
}

}  // namespace heddle
