// SPDX-License-Identifier: MIT
//
// One pass over the events that remembers, for whatever may become a cause, its latest
// event, and gives the index (causal_index.h) what it finds. Ids serve as keys only, so a
// damaged trace gives odd edges and never a bad access.
#include "heddle/causality.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "causal_index.h"
#include "heddle/check.h"
#include "id_map.h"

namespace heddle {
namespace {

using internal::CausalIndex;
using internal::IdMap;

// An event, or none.
struct Number {
  std::uint32_t event = CausalIndex::kNone;
};

}  // namespace

class Causality::Builder {
 public:
  Builder(const Trace& trace, std::vector<Node>& nodes, std::vector<Cancel>& cancels,
          CausalIndex& index)
      : events_(trace.events), nodes_(nodes), cancels_(cancels), index_(index) {}

  void Build() {
    nodes_.reserve(events_.size());
    for (std::uint32_t index = 0; index < events_.size(); ++index) {
      const Event& event = events_[index];
      Node node = CausesOf(index, event);
      if (event.task == kNoTask) {  // virtual time is nobody's
        nodes_.push_back(node);
        AddLooseToIndex(index, event, node);
        continue;
      }
      TaskState& task = tasks_[event.task];
      node.previous = task.last;
      nodes_.push_back(node);
      task.last = index;
      AddToIndex(index, event, node, task);
    }
    index_.Finish();
  }

 private:
  struct TaskState {
    std::uint32_t last = kNone;
    std::uint32_t finish = kNone;
    std::uint32_t sending = kNone;  // its last kSuspend for a send
    std::uint32_t cancels = kNone;  // asked since: the latest of them in cancel_requests_
  };

  // The releases of an object, or the finishes into a join.
  struct Chain {
    std::uint32_t head = kNone;
    // Who took the chain last, and what its head was then.
    TaskId taker = kNoTask;
    std::uint32_t taken = kNone;
    // What knows all that is in the chain, up to event `collected`.
    std::uint32_t collected = kNone;
    internal::Clock clock = 0;
  };

  // Of a channel, by message.
  struct Messages {
    IdMap<Number> sends;
    IdMap<Number> receives;
  };

  struct ObjectState {
    Chain releases;
    Chain finishes;
    std::uint32_t write = kNone;
    std::unique_ptr<Messages> messages;  // few objects have any
  };

  struct CancelRequest {
    std::uint32_t event;
    std::uint32_t earlier;  // of the same task, or kNone
  };

  // All but what comes before it in its task.
  Node CausesOf(std::uint32_t index, const Event& event) {
    Node node;
    switch (event.kind) {
      case EventKind::kSpawn:
      case EventKind::kStart:
      case EventKind::kWake:
        if (event.object != kNoTask) node.cause = tasks_.Get(event.object).last;
        break;
      case EventKind::kSuspend:
        if (event.op() == Operation::kSend) tasks_[event.task].sending = index;
        break;
      case EventKind::kResume:
        return CausesOfResume(index, event);
      case EventKind::kFinish:
        tasks_[event.task].finish = index;
        if (event.object != 0) node.chained = Append(objects_[event.object].finishes, index, event);
        break;
      case EventKind::kSend:
        node.cause = RoomFor(event);
        MessagesOf(event.object).sends[event.value].event = index;
        break;
      case EventKind::kReceive: {
        Messages& messages = MessagesOf(event.object);
        node.cause = messages.sends.Get(event.value).event;
        messages.receives[event.value].event = index;
        break;
      }
      case EventKind::kAcquire:
        if (event.object != 0) node.taken = Take(objects_[event.object].releases, event);
        break;
      case EventKind::kRelease:
        if (event.object != 0) node.chained = Append(objects_[event.object].releases, index, event);
        break;
      case EventKind::kAccess:
        node.cause = Access(index, event);
        break;
      case EventKind::kCancel:
        AddCancelRequest(index, event);
        break;
      default:
        break;
    }
    return node;
  }

  Node CausesOfResume(std::uint32_t index, const Event& event) {
    Node node;
    switch (event.op()) {
      case Operation::kCall:
        node.cause = tasks_.Get(event.object).finish;
        break;
      case Operation::kJoin:
        if (event.object != 0) node.taken = Take(objects_[event.object].finishes, event);
        break;
      case Operation::kWait:
      case Operation::kLock:
      case Operation::kSend:
      case Operation::kReceive:
        if (event.object != 0) node.taken = Take(objects_[event.object].releases, event);
        break;
      case Operation::kRead:
      case Operation::kWrite:
      case Operation::kUpdate:
        node.cause = Access(index, event);
        break;
      default:
        break;
    }
    return node;
  }

  // The write that it reads from. An update is a read here: the kAccess that follows says whether
  // it wrote as well.
  std::uint32_t Access(std::uint32_t index, const Event& event) {
    if (event.object == 0) return kNone;
    ObjectState& object = objects_[event.object];
    if (event.op() == Operation::kRead || event.op() == Operation::kUpdate) return object.write;
    if (event.op() == Operation::kWrite) object.write = index;
    return kNone;
  }

  void AddCancelRequest(std::uint32_t index, const Event& event) {
    if (event.object == kNoTask || event.object == event.task) return;
    TaskState& task = tasks_[event.object];
    cancel_requests_.push_back({.event = index, .earlier = task.cancels});
    task.cancels = static_cast<std::uint32_t>(cancel_requests_.size() - 1);
  }

  Messages& MessagesOf(ObjectId object) {
    std::unique_ptr<Messages>& messages = objects_[object].messages;
    if (messages == nullptr) messages = std::make_unique<Messages>();
    return *messages;
  }

  // The kReceive that made room for this kSend while its task was waiting.
  std::uint32_t RoomFor(const Event& send) {
    const std::uint32_t suspended = tasks_.Get(send.task).sending;
    if (suspended == kNone || events_[suspended].object != send.object) return kNone;
    const std::uint32_t capacity = events_[suspended].value;
    if (capacity == 0 || send.value < capacity) return kNone;
    const std::uint32_t received =
        MessagesOf(send.object).receives.Get(send.value - capacity).event;
    return received != kNone && received > suspended ? received : kNone;
  }

  // Gives the member that comes before the new one. The new member stands for those that it is seen
  // at a glance to come after: the head, if it is of the same task, or the whole chain, if this
  // task was the last to take it.
  std::uint32_t Append(Chain& chain, std::uint32_t index, const Event& event) {
    const std::uint32_t head = std::exchange(chain.head, index);
    if (event.task == kNoTask) return head;  // not ordered among the events of a task
    if (head != kNone && events_[head].task == event.task) return nodes_[head].chained;
    return chain.taken == head && chain.taker == event.task ? kNone : head;
  }

  // Gives the head.
  std::uint32_t Take(Chain& chain, const Event& event) {
    chain.taken = chain.head;
    chain.taker = event.task;
    if (IsMany(chain.head)) Collect(chain);
    taken_clock_ = chain.clock;
    return chain.head;
  }

  bool IsMany(std::uint32_t head) const { return head != kNone && nodes_[head].chained != kNone; }

  // The newest first: it knows most.
  void Collect(Chain& chain) {
    if (chain.collected == chain.head) return;
    internal::Clock clock = 0;
    std::uint32_t member = chain.head;
    while (member != kNone && (chain.collected == kNone || member > chain.collected)) {
      clock = index_.Joined(clock, member);
      member = nodes_[member].chained;
    }
    if (member != kNone) clock = index_.Merged(clock, chain.clock);
    chain.clock = clock;
    chain.collected = chain.head;
  }

  void AddToIndex(std::uint32_t index, const Event& event, Node node, TaskState& task) {
    if (event.kind == EventKind::kSpawn && task.cancels == kNone &&
        (node.previous == kNone || node.cause == kNone)) {
      return index_.AddCreation(index, node.cause == kNone ? node.previous : node.cause);
    }
    CausalIndex::Causes causes{.previous = node.previous, .other = node.cause};
    const std::uint32_t other = node.taken == kNone ? node.cause : node.taken;
    if (other != kNone && HasStopped(events_[other])) causes.heritage = other;
    if (IsMany(node.taken)) causes.taken = taken_clock_;
    index_.Add(index, causes);
    if (node.taken != kNone && !IsMany(node.taken)) index_.AddCause(index, node.taken);
    if (task.cancels != kNone) AddCancels(index, task);
    if (event.kind == EventKind::kFinish || event.kind == EventKind::kAbandon) {
      index_.MarkEnd(index);
    }
  }

  // Whether its task does nothing for now, so that its chain may go on elsewhere.
  static bool HasStopped(const Event& event) {
    return event.kind == EventKind::kSuspend || event.kind == EventKind::kFinish;
  }

  void AddLooseToIndex(std::uint32_t index, const Event& event, Node node) {
    if (event.kind == EventKind::kTime) return;
    CausalIndex::Causes causes{.other = node.cause};
    if (node.taken != kNone) {
      causes.taken = IsMany(node.taken) ? taken_clock_ : index_.Joined(0, node.taken);
    }
    index_.AddLoose(index, causes);
  }

  void AddCancels(std::uint32_t index, TaskState& task) {
    while (task.cancels != kNone) {
      const CancelRequest& request = cancel_requests_[task.cancels];
      cancels_.push_back({.event = index, .cause = request.event});
      index_.AddCause(index, request.event);
      task.cancels = request.earlier;
    }
  }

  const std::vector<Event>& events_;
  std::vector<Node>& nodes_;
  std::vector<Cancel>& cancels_;
  CausalIndex& index_;

  IdMap<TaskState> tasks_;
  IdMap<ObjectState> objects_;
  std::vector<CancelRequest> cancel_requests_;
  internal::Clock taken_clock_ = 0;  // what the last Take got
};

Causality::Causality(const Trace& trace)
    : index_(std::make_unique<CausalIndex>(trace.events.size())) {
  HEDDLE_CHECK(trace.events.size() < CausalIndex::kNone,
               "a trace of more events than its format can number");
  Builder(trace, nodes_, cancels_, *index_).Build();
}

Causality::~Causality() = default;
Causality::Causality(Causality&&) noexcept = default;
Causality& Causality::operator=(Causality&&) noexcept = default;

bool Causality::HappensBefore(std::size_t a, std::size_t b) const {
  if (a >= b || b >= nodes_.size()) return false;
  return index_->HappensBefore(static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b));
}

bool Causality::AreConcurrent(std::size_t a, std::size_t b) const {
  if (a == b || a >= nodes_.size() || b >= nodes_.size()) return false;
  return !HappensBefore(a, b) && !HappensBefore(b, a);
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
  const auto cancels = std::equal_range(
      cancels_.begin(), cancels_.end(), Cancel{static_cast<std::uint32_t>(event), 0},
      [](const Cancel& a, const Cancel& b) { return a.event < b.event; });
  for (auto cancel = cancels.first; cancel != cancels.second; ++cancel) {
    causes.push_back(cancel->cause);
  }
  std::sort(causes.begin(), causes.end());
  causes.erase(std::unique(causes.begin(), causes.end()), causes.end());
  return causes;
}

std::vector<std::size_t> Causality::PastOf(std::size_t event) const {
  std::vector<std::size_t> past;
  for (std::size_t i = 0; i < event; ++i) {
    if (HappensBefore(i, event)) past.push_back(i);
  }
  return past;
}

std::vector<std::size_t> Causality::ConcurrentWith(std::size_t event) const {
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (AreConcurrent(i, event)) others.push_back(i);
  }
  return others;
}

}  // namespace heddle
