// SPDX-License-Identifier: MIT
//
// Implements diagnose_stuck.h. Every task of a stuck run waits; what is looked for are the causes:
// circles first, then those who wait for nobody. The others wait for one of these.
#include "diagnose_stuck.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "diagnosis_text.h"
#include "heddle/object_words.h"
#include "wait_graph.h"

namespace heddle::internal {
namespace {

constexpr std::size_t kShown = 5;  // tasks that wait for the same thing

// What would let a task go on that awaits this: "open", "send into".
std::string_view WakesWord(Operation operation, std::string_view type) {
  switch (operation) {
    case Operation::kSend:
      return "receive from";
    case Operation::kReceive:
      return "send into";
    case Operation::kLock:
      return type == "Semaphore" ? "give a permit to" : "unlock";
    case Operation::kJoin:
      return "end";
    default:
      break;
  }
  if (type == "Gate") return "open";
  if (type == "Latch") return "count down";
  if (type == "Condition") return "notify";
  if (type == "Barrier") return "arrive at";
  if (type == "Once") return "leave";
  if (type == "Select") return "offer something to";
  return "change";
}

// What a task did that recorded a kRelease.
std::string_view ReleasedIt(std::string_view type) {
  if (type == "Gate") return "opened it";
  if (type == "Latch") return "counted it down";
  if (type == "Condition") return "notified it";
  if (type == "Barrier") return "arrived at it";
  if (type == "Once") return "left it";
  if (type == "Watch") return "changed it";
  if (type == "Channel" || type == "Broadcast") return "closed it";
  return "released it";
}

// What a task that waits for `operation` on an object of `type` needs another to have done.
std::string_view WakesIt(Operation operation, std::string_view type) {
  switch (operation) {
    case Operation::kSend:
      return "received from it";
    case Operation::kReceive:
      return "sent into it";
    case Operation::kRead:
    case Operation::kUpdate:
      return "changed it";
    default:
      return ReleasedIt(type);
  }
}

std::string Headline(const Event& suspend, const DiagnosisText& text) {
  if (suspend.op() == Operation::kForeign) {
    return "Nobody in the run resumes an awaitable of another library.";
  }
  const std::string_view word = WakesWord(suspend.op(), text.Type(suspend.object));
  return "Nobody is left to " + std::string(word) + " " + text.Object(suspend.object) + ".";
}

class StuckRun {
 public:
  StuckRun(const Trace& trace, const TaskTable& tasks)
      : trace_(trace), graph_(trace, tasks), text_(trace, tasks) {}

  std::vector<Diagnosis> Diagnose() {
    for (const std::vector<TaskId>& circle : graph_.Circles()) AddCircle(circle);
    AddLeaves();
    return std::move(found_);
  }

 private:
  struct Link {
    TaskId from;
    WaitEdge edge;
  };

  const Event& SuspendOf(TaskId task) const {
    return trace_.events[graph_.blocked().at(task).suspend];
  }

  // --- circles ----------------------------------------------------------------------------

  std::vector<Link> LinksOf(const std::vector<TaskId>& circle) const {
    std::vector<Link> links;
    for (std::size_t i = 0; i < circle.size(); ++i) {
      const TaskId to = circle[(i + 1) % circle.size()];
      for (const WaitEdge& edge : graph_.BlockedEdgesFrom(circle[i])) {
        if (edge.to != to) continue;
        links.push_back({circle[i], edge});
        break;
      }
    }
    return links;
  }

  void AddCircle(const std::vector<TaskId>& circle) {
    const std::vector<Link> links = LinksOf(circle);
    // Who missed a signal waits for nobody any more, whoever gave it.
    const auto missed = std::ranges::find_if(
        links, [&](const Link& link) { return graph_.MissedSignal(link.from); });
    if (missed != links.end()) return AddLostWakeUp(missed->from);
    const Verdict verdict = VerdictOf(links);
    std::string text = CircleHeadline(verdict, links);
    for (const Link& link : links) {
      text += "\n  " + text_.Wait(graph_.blocked().at(link.from).suspend);
      text += "\n    " + EdgeText(link);
    }
    found_.push_back({verdict, circle, text + "\n  " + CircleHint(verdict, links)});
  }

  Verdict VerdictOf(const std::vector<Link>& links) const {
    std::set<TaskId> strands;
    std::set<TaskId> holders;
    bool only_tasks = true;  // no messages, no signals
    bool joins = false;
    for (const Link& link : links) {
      strands.insert(graph_.StrandOf(link.from));
      if (link.edge.reason == WaitReason::kLock) holders.insert(graph_.StrandOf(link.edge.to));
      joins = joins || link.edge.reason == WaitReason::kJoin;
      only_tasks = only_tasks && link.edge.reason <= WaitReason::kLock;
    }
    if (!only_tasks || holders.size() != 1) return Verdict::kDeadlock;
    if (strands.size() == 1) return Verdict::kSelfDeadlock;
    return joins ? Verdict::kHeldAcrossAwait : Verdict::kDeadlock;
  }

  // The one that waits for a lock.
  static const Link& LockLink(const std::vector<Link>& links) {
    return *std::ranges::find(links, WaitReason::kLock,
                              [](const Link& link) { return link.edge.reason; });
  }

  std::string CircleHeadline(Verdict verdict, const std::vector<Link>& links) const {
    if (verdict == Verdict::kDeadlock) {
      return "Deadlock: " + CountOf(links.size(), "task") + " wait for each other in a circle.";
    }
    const Link& lock = LockLink(links);
    const std::string object = text_.Object(SuspendOf(lock.from).object);
    if (verdict == Verdict::kHeldAcrossAwait) {
      return "Lock held across an await: " + text_.Task(lock.edge.to) + " has " + object +
             " and awaits a task that needs it.";
    }
    return "Self-deadlock: " + text_.Task(lock.from) + " waits for " + object + ", which " +
           (lock.from == lock.edge.to ? "it has itself."
                                      : "its caller " + text_.Task(lock.edge.to) + " has.");
  }

  std::string EdgeText(const Link& link) const {
    const std::string to = text_.Task(link.edge.to);
    switch (link.edge.reason) {
      case WaitReason::kCall:
        return to + " has not returned";
      case WaitReason::kJoin:
        return to + " has not ended";
      case WaitReason::kLock:
        return TakenText(link.edge);
      case WaitReason::kReceived:
        return to + " has received from it before, last" + text_.Place(link.edge.event);
      case WaitReason::kSent:
        return to + " has sent into it before, last" + text_.Place(link.edge.event);
      case WaitReason::kReleased:
        break;
    }
    return UseText(trace_.events[link.edge.event], link.edge.event);
  }

  std::string TakenText(const WaitEdge& edge) const {
    const TaskId taker = trace_.events[edge.event].task;
    const bool is_part = text_.Type(trace_.events[edge.event].object) == "Semaphore";
    std::string text =
        text_.Task(taker) + (is_part ? " took a permit" : " took it") + text_.Place(edge.event);
    if (taker != edge.to) text += " and returned to " + text_.Task(edge.to);
    return text;
  }

  std::string CircleHint(Verdict verdict, const std::vector<Link>& links) const {
    if (verdict == Verdict::kSelfDeadlock) {
      return "Likely cause: it is taken by a task that has it already. Locks are not recursive: "
             "pass the guard on, or unlock first.";
    }
    if (verdict == Verdict::kHeldAcrossAwait) {
      return "Likely cause: the lock is held for longer than it is needed. Unlock it before the "
             "await.";
    }
    std::set<WaitReason> reasons;
    std::set<ObjectId> locks;
    for (const Link& link : links) {
      reasons.insert(link.edge.reason);
      if (link.edge.reason == WaitReason::kLock) locks.insert(SuspendOf(link.from).object);
    }
    if (reasons.contains(WaitReason::kSent)) {
      return "Likely cause: nobody closed the channel. Close() it when the last message is in.";
    }
    if (reasons.contains(WaitReason::kReceived)) {
      return "Likely cause: more is sent than the channel has room for before anybody receives. "
             "Give it more room, or receive meanwhile.";
    }
    if (locks.size() == 1) {
      return "Likely cause: each has a part of what the others need. Take all of it at once.";
    }
    if (locks.size() > 1) {
      return "Likely cause: they take the locks in different orders. Take them in the same order "
             "everywhere.";
    }
    return "Likely cause: none of them does the first step before it waits.";
  }

  // --- those who wait for nobody ----------------------------------------------------------

  void AddLeaves() {
    // Those that wait for the same thing are one finding.
    std::map<std::tuple<ObjectId, Operation>, std::vector<TaskId>> leaves;
    for (const auto& [task, blocked] : graph_.blocked()) {
      const Event& suspend = trace_.events[blocked.suspend];
      if (!graph_.BlockedEdgesFrom(task).empty() || IsJoinOfUnknown(suspend)) continue;
      if (graph_.MissedSignal(task)) {
        AddLostWakeUp(task);
      } else {
        leaves[{suspend.object, suspend.op()}].push_back(task);
      }
    }
    for (const auto& [what, tasks] : leaves) AddNoWaker(tasks);
  }

  // The events do not say for which tasks it is.
  static bool IsJoinOfUnknown(const Event& suspend) {
    return suspend.op() == Operation::kJoin || suspend.op() == Operation::kCall;
  }

  void AddLostWakeUp(TaskId task) {
    const Blocked& blocked = graph_.blocked().at(task);
    const ObjectId object = SuspendOf(task).object;
    const Event& signal = trace_.events[blocked.last_release];
    const bool is_gate = text_.Type(object) == "Gate";
    std::string text = "Lost wake-up: " + text_.Object(object) + " was " +
                       std::string(WordsOf(text_.Type(object)).released) + " before " +
                       text_.Task(task) + " waited.\n  " + text_.Wait(blocked.suspend) + "\n    " +
                       UseText(signal, blocked.last_release);
    text += is_gate ? ", and it was closed again" : ", when nobody waited";
    text += is_gate ? "\n  Likely cause: a gate that is closed again right away lets through only "
                      "those who wait at that moment. Leave it open, or use a Condition."
                    : "\n  Likely cause: the task does not look whether what it waits for is there "
                      "already. Wait with a predicate.";
    found_.push_back({Verdict::kLostWakeUp, {task}, std::move(text)});
  }

  void AddNoWaker(const std::vector<TaskId>& tasks) {
    const Event& suspend = SuspendOf(tasks.front());
    std::string text = Headline(suspend, text_);
    for (std::size_t i = 0; i < std::min(tasks.size(), kShown); ++i) {
      text += "\n  " + text_.Wait(graph_.blocked().at(tasks[i]).suspend);
    }
    if (tasks.size() > kShown) text += "\n  and " + CountOf(tasks.size() - kShown, "more task");
    for (const std::string& line : History(tasks.front())) text += "\n    " + line;
    const std::string_view hint = NoWakerHint(suspend);
    if (!hint.empty()) text.append("\n  Likely cause: ").append(hint);
    found_.push_back({Verdict::kNoWaker, tasks, std::move(text)});
  }

  // What was done before to the object that `task` waits for.
  std::vector<std::string> History(TaskId task) const {
    const Event& suspend = SuspendOf(task);
    std::vector<std::string> lines;
    if (suspend.op() == Operation::kSend) {
      lines.push_back("it has room for " + CountOf(suspend.value, "message"));
    }
    if (suspend.op() == Operation::kLock) {
      for (const WaitEdge& edge : graph_.EdgesFrom(task)) {
        if (lines.size() == kShown) break;
        lines.push_back(TakenText(edge) + ", and ended without giving it back");
      }
      return lines;
    }
    if (suspend.op() == Operation::kForeign) return lines;
    const std::size_t use = LastUse(suspend);
    if (use != kNoEvent) {
      lines.push_back(UseText(trace_.events[use], use) + ", and nobody after that");
    } else {
      lines.emplace_back("nobody has ever ");
      lines.back().append(WakesIt(suspend.op(), text_.Type(suspend.object)));
    }
    return lines;
  }

  // The last time that somebody did what would let `suspend` go on.
  std::size_t LastUse(const Event& suspend) const {
    for (std::size_t i = trace_.events.size(); i-- > 0;) {
      const Event& event = trace_.events[i];
      if (event.object != suspend.object) continue;
      if (event.kind == WakingKind(suspend.op())) return i;
    }
    return kNoEvent;
  }

  static EventKind WakingKind(Operation operation) {
    switch (operation) {
      case Operation::kSend:
        return EventKind::kReceive;
      case Operation::kReceive:
        return EventKind::kSend;
      case Operation::kRead:
      case Operation::kUpdate:
        return EventKind::kAccess;
      default:
        return EventKind::kRelease;
    }
  }

  // "Charge#0 opened it after shop.cc:12"
  std::string UseText(const Event& event, std::size_t index) const {
    std::string text = text_.Task(event.task) + " ";
    switch (event.kind) {
      case EventKind::kSend:
        text += "sent into it";
        break;
      case EventKind::kReceive:
        text += "received from it";
        break;
      case EventKind::kAccess:
        text += event.op() == Operation::kRead ? "read it" : "wrote it";
        break;
      default:
        text += ReleasedIt(text_.Type(event.object));
        break;
    }
    return text + text_.Place(index);
  }

  std::string_view NoWakerHint(const Event& suspend) const {
    switch (suspend.op()) {
      case Operation::kSend:
        return "the receiver ended early, or nobody was to receive. Close() the channel when "
               "nobody receives any more.";
      case Operation::kReceive:
        return "nobody closed the channel, or its sender ended early. Close() it when the last "
               "message is in.";
      case Operation::kForeign:
        return "what it waits for is outside the run: a thread, a socket, a timer of another "
               "library. A simulated run must resume its tasks itself.";
      case Operation::kLock:
        return "a guard or a permit was kept by something that outlives its task, or Consume()d.";
      default:
        return "the task that was to do it ended early, took another way, or was never started.";
    }
  }

  const Trace& trace_;
  WaitGraph graph_;
  DiagnosisText text_;
  std::vector<Diagnosis> found_;
};

}  // namespace

std::vector<Diagnosis> DiagnoseStuck(const Trace& trace, const TaskTable& tasks) {
  return StuckRun(trace, tasks).Diagnose();
}

}  // namespace heddle::internal
