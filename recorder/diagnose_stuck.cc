// SPDX-License-Identifier: MIT
//
// Implements diagnose_stuck.h. Every task of a stuck run waits; what is looked for are the causes:
// circles first, then those who wait for nobody. The others wait for one of these.
#include "diagnose_stuck.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "diagnosis_text.h"
#include "heddle/ending.h"
#include "heddle/internal/wait_graph.h"
#include "heddle/object_words.h"
#include "heddle/task_label.h"

namespace heddle::internal {
namespace {

constexpr std::size_t kShown = 5;  // tasks that wait for the same thing

// In the value of the kSuspend of a Select (select.h).
constexpr std::uint32_t kSelectHasTime = 1;
constexpr std::uint32_t kSelectForNothing = 2;

constexpr std::string_view kReadsAgain =
    "a task that reads locks it to read again, and a writer came in between. Locks are not "
    "recursive: pass the guard on.";

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
  if (type == "TaskGroup") return "end";
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

// Whether it is the arm of a Select that waits for a stop.
bool IsForStop(const Event& wait) {
  return wait.kind == EventKind::kAccess && wait.op() == Operation::kWait;
}

// "send into Channel jobs", of a kSuspend or of the arm of a Select; empty for a time.
std::string WakingDeed(const Event& wait, const DiagnosisText& text) {
  if (wait.op() == Operation::kSleep) return "";
  if (IsForStop(wait)) return "request a stop";
  return std::string(WakesWord(wait.op(), text.Type(wait.object))) + " " + text.Object(wait.object);
}

// "a", "a or b", "a, b or c"
std::string OneOf(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

class StuckRun {
 public:
  StuckRun(const Trace& trace, const TaskTable& tasks)
      : trace_(trace), graph_(trace, tasks), text_(trace, tasks) {}

  std::vector<Diagnosis> Diagnose() {
    for (const std::vector<TaskId>& circle : graph_.Circles()) AddCircle(circle);
    AddLeaves();
    DropStops();
    return std::move(found_);
  }

 private:
  struct Link {
    TaskId from;
    WaitEdge edge;
  };

  std::size_t SuspendIn(TaskId task) const { return graph_.blocked().at(task).suspend; }
  const Event& SuspendOf(TaskId task) const { return trace_.events[SuspendIn(task)]; }

  // That nobody requests a stop is no cause where there is another: what UntilStopped runs hangs.
  void DropStops() {
    const auto is_stop = [this](const Diagnosis& diagnosis) {
      return diagnosis.verdict == Verdict::kNoWaker && !diagnosis.tasks.empty() &&
             WaitsForStop(diagnosis.tasks.front());
    };
    if (std::ranges::all_of(found_, is_stop)) return;
    std::erase_if(found_, is_stop);
  }

  // Of a Select: none of its arms can ever be taken, because its tokens have no source.
  bool WaitsForNothing(TaskId task) const {
    const Event& suspend = SuspendOf(task);
    return text_.Type(suspend.object) == "Select" && suspend.value == kSelectForNothing;
  }

  bool WaitsForStop(TaskId task) const {
    if (WaitsForNothing(task)) return true;
    const std::vector<std::size_t>& arms = graph_.ArmsOf(task);
    return !arms.empty() && std::ranges::all_of(arms, [this](std::size_t arm) {
      return IsForStop(trace_.events[arm]);
    });
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
    const std::vector<Link> shown = verdict == Verdict::kSelfDeadlock ? links : WithoutCalls(links);
    std::string text = CircleHeadline(verdict, shown);
    std::vector<TaskId> tasks;
    for (const Link& link : shown) {
      tasks.push_back(link.from);
      text += "\n  " + (verdict == Verdict::kSelfDeadlock ? text_.Wait(SuspendIn(link.from))
                                                          : WaitText(link.from));
      text += "\n    " + EdgeText(link);
      if (link.edge.reason != WaitReason::kLock) continue;
      if (verdict == Verdict::kSelfDeadlock) text += KeptText(link);
      text += WriterText(link.from);
    }
    found_.push_back({verdict, std::move(tasks), text + "\n  " + CircleHint(verdict, links)});
  }

  // Of a lock that its owner waits for.
  std::string KeptText(const Link& link) const {
    const bool is_part = text_.Type(SuspendOf(link.from).object) == "Semaphore";
    return is_part ? "; it has not been given back since" : "; it has not been unlocked since";
  }

  // A task that waits for its call is one with what it calls.
  static std::vector<Link> WithoutCalls(std::vector<Link> links) {
    std::erase_if(links, [](const Link& link) { return link.edge.reason == WaitReason::kCall; });
    return links;
  }

  // What a task waits for, and for which other it does so, where its name does not say that.
  std::string WaitText(TaskId task) const {
    const TaskId strand = graph_.StrandOf(task);
    const std::string path(WithoutLabel(text_.Task(strand)));
    const bool is_told = strand == task || text_.Task(task).starts_with(path + "/");
    return text_.Wait(SuspendIn(task), is_told ? "" : ", called by " + text_.Task(strand) + ",");
  }

  // Whether one has what the other needs: a lock, or the turn at a Once.
  static bool IsHeld(WaitReason reason) {
    return reason == WaitReason::kLock || reason == WaitReason::kTurn;
  }
  // Whether it is neither that nor a call: the end of a task, a message, a signal.
  static bool IsAwait(WaitReason reason) { return !IsHeld(reason) && reason != WaitReason::kCall; }

  Verdict VerdictOf(const std::vector<Link>& links) const {
    std::set<TaskId> strands;
    std::set<TaskId> holders;
    bool only_tasks = true;  // no messages, no signals
    bool awaits = false;
    for (const Link& link : links) {
      const WaitReason reason = link.edge.reason;
      strands.insert(graph_.StrandOf(link.from));
      if (IsHeld(reason)) holders.insert(graph_.StrandOf(link.edge.to));
      awaits = awaits || IsAwait(reason);
      only_tasks = only_tasks && reason <= WaitReason::kTurn;
    }
    if (only_tasks && strands.size() == 1) return Verdict::kSelfDeadlock;
    return awaits && holders.size() == 1 ? Verdict::kHeldAcrossAwait : Verdict::kDeadlock;
  }

  // The one that waits for a lock, or for a turn.
  static const Link& HeldLink(const std::vector<Link>& links) {
    return *std::ranges::find_if(links, [](const Link& link) { return IsHeld(link.edge.reason); });
  }
  // The one that waits for more than a call to return: a circle has one.
  static const Link& DecidingLink(const std::vector<Link>& links) {
    const auto deciding = std::ranges::find_if(
        links, [](const Link& link) { return link.edge.reason != WaitReason::kCall; });
    return deciding != links.end() ? *deciding : links.front();
  }
  // What the one who has what `held.from` waits for awaits.
  const Link& AwaitLink(const std::vector<Link>& links, const Link& held) const {
    const TaskId strand = graph_.StrandOf(held.edge.to);
    const auto await = std::ranges::find_if(links, [&](const Link& link) {
      return IsAwait(link.edge.reason) && graph_.StrandOf(link.from) == strand;
    });
    return await != links.end() ? *await : held;
  }

  std::string CircleHeadline(Verdict verdict, const std::vector<Link>& links) const {
    if (verdict == Verdict::kDeadlock) {
      return "Deadlock: " + CountOf(links.size(), "task") + " wait for each other in a circle.";
    }
    if (verdict == Verdict::kSelfDeadlock) return SelfHeadline(DecidingLink(links));
    const Link& held = HeldLink(links);
    const Link& await = AwaitLink(links, held);
    if (await.edge.reason == WaitReason::kJoin) {
      return "Lock held across an await: " + HasText(held) + " and awaits a task that needs it.";
    }
    return HeldHeadline(await.from, held, text_.Task(held.from) + " needs.");
  }

  // "main has Mutex ledger", of who has what `held.from` waits for.
  std::string HasText(const Link& held) const {
    return text_.Task(held.edge.to) + " " + HeldText(held);
  }
  std::string HeldText(const Link& held) const {
    const std::string object = text_.Object(SuspendOf(held.from).object);
    if (held.edge.reason == WaitReason::kTurn) return "does " + object;
    const bool is_part = text_.Type(SuspendOf(held.from).object) == "Semaphore";
    return (is_part ? "has a permit of " : "has ") + object;
  }

  // `waiting` is in the strand that has what `held.from` waits for; `needed` says who needs it.
  std::string HeldHeadline(TaskId waiting, const Link& held, const std::string& needed) const {
    return "Lock held across an await: " + text_.Task(waiting) + " waits for " +
           text_.Object(SuspendOf(waiting).object) + ", and " +
           (held.edge.to == waiting ? HeldText(held) : HasText(held)) + ", which " + needed;
  }

  std::string SelfHeadline(const Link& link) const {
    const bool itself = link.from == link.edge.to;
    const std::string caller = itself ? "" : "its caller " + text_.Task(link.edge.to);
    std::string text = "Self-deadlock: " + text_.Task(link.from) + " waits for " +
                       text_.Object(SuspendOf(link.from).object);
    if (link.edge.reason == WaitReason::kJoin) {
      return text + ", of which " + (itself ? "it" : caller) + " is a task itself.";
    }
    if (link.edge.reason == WaitReason::kTurn) {
      return text + ", which " + (itself ? "it does itself." : caller + " is doing.");
    }
    return text + ", which " + (itself ? "it has itself." : caller + " has.");
  }

  // A line about who comes first to a lock that is taken by readers only.
  std::string WriterText(TaskId reader) const {
    const TaskId writer = graph_.WriterAheadOf(reader);
    if (writer == kNoTask) return "";
    const std::size_t suspend = graph_.blocked().at(writer).suspend;
    return "\n    " + text_.Task(writer) + " waits to write since " +
           FormatNanos(trace_.events[suspend].time) + ", and a reader waits behind it";
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
      case WaitReason::kTurn:
        return to + " does it, and is not done";
      case WaitReason::kReceived:
        return to + " has received from " + ChannelOf(link) + " before, last" +
               text_.Place(link.edge.event);
      case WaitReason::kSent:
        return to + " has sent into " + ChannelOf(link) + " before, last" +
               text_.Place(link.edge.event);
      case WaitReason::kReleased:
        break;
    }
    return UseText(trace_.events[link.edge.event], link.edge.event);
  }

  // A Select waits for several.
  std::string ChannelOf(const Link& link) const {
    const ObjectId channel = trace_.events[link.edge.event].object;
    return channel == SuspendOf(link.from).object ? "it" : text_.Object(channel);
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
      const Link& link = DecidingLink(links);
      if (link.edge.reason == WaitReason::kJoin) {
        return "Likely cause: a task of a group that waits for the group to end. Join from "
               "outside it.";
      }
      if (link.edge.reason == WaitReason::kTurn) {
        return "Likely cause: what is to be done once calls for itself. Let it not need what it "
               "makes.";
      }
      if (graph_.WriterAheadOf(link.from) != kNoTask) {
        return "Likely cause: " + std::string(kReadsAgain);
      }
      return "Likely cause: it is taken by a task that has it already. Locks are not recursive: "
             "pass the guard on, or unlock first.";
    }
    std::set<WaitReason> reasons;
    std::set<ObjectId> held;
    for (const Link& link : links) {
      reasons.insert(link.edge.reason);
      if (IsHeld(link.edge.reason)) held.insert(SuspendOf(link.from).object);
    }
    if (!held.empty() && std::ranges::any_of(reasons, IsAwait)) {
      return "Likely cause: " + std::string(HeldHint(HeldLink(links), reasons));
    }
    if (reasons.contains(WaitReason::kSent)) {
      return "Likely cause: nobody closed the channel. Close() it when the last message is in.";
    }
    if (reasons.contains(WaitReason::kReceived)) {
      return "Likely cause: more is sent than the channel has room for before anybody receives. "
             "Give it more room, or receive meanwhile.";
    }
    if (held.size() == 1 && AllReadAgain(links)) {
      return "Likely cause: " + std::string(kReadsAgain);
    }
    if (held.size() == 1) {
      return "Likely cause: each has a part of what the others need. Take all of it at once.";
    }
    if (held.size() > 1) {
      return "Likely cause: they take the locks in different orders. Take them in the same order "
             "everywhere.";
    }
    return "Likely cause: none of them does the first step before it waits.";
  }

  // Whether all wait to share a lock that they share already, behind a writer.
  bool AllReadAgain(const std::vector<Link>& links) const {
    return std::ranges::all_of(links, [this](const Link& link) {
      return link.edge.reason == WaitReason::kCall ||
             (link.edge.reason == WaitReason::kLock && graph_.WriterAheadOf(link.from) != kNoTask);
    });
  }

  // Why what `held.from` waits for should not be held while its holder waits for one of `reasons`.
  static std::string_view HeldHint(const Link& held, const std::set<WaitReason>& reasons) {
    if (held.edge.reason == WaitReason::kTurn) {
      return "what is done once waits for one that waits until it is done. Wait before it, or "
             "after it.";
    }
    if (std::ranges::all_of(reasons, [](WaitReason reason) {
          return reason == WaitReason::kJoin || !IsAwait(reason);
        })) {
      return "the lock is held for longer than it is needed. Unlock it before the await.";
    }
    return "who is to let it go on needs the lock first. Unlock it before the await.";
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
  bool IsJoinOfUnknown(const Event& suspend) const {
    if (suspend.op() == Operation::kJoin) {
      return !graph_.KnowsTasksOf(suspend.object) || !trace_.losses.empty();
    }
    return suspend.op() == Operation::kCall;
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
    const auto holder = std::ranges::find_if(
        tasks, [&](TaskId task) { return !graph_.WaitingForLocksOf(task).empty(); });
    if (holder != tasks.end()) return AddHeldWhileWaiting(tasks, *holder);
    const std::set<TaskId> behind = graph_.Behind(tasks);
    const bool others_are_stuck = behind.size() < graph_.blocked().size();
    std::string text = Headline(tasks.front(), others_are_stuck) + WaitsText(tasks);
    if (others_are_stuck) text += OthersText(behind);
    const auto passed_over =
        std::ranges::find_if(tasks, [this](TaskId task) { return graph_.WasPassedOver(task); });
    const std::string_view hint =
        NoWakerHint(passed_over == tasks.end() ? tasks.front() : *passed_over);
    if (!hint.empty()) {
      text += "\n  Likely cause: ";
      if (others_are_stuck) text += "one of those that are stuck was to do it. Or ";
      text += hint;
    }
    found_.push_back({Verdict::kNoWaker, tasks, std::move(text)});
  }

  // Each of those that wait for the same thing, and what was done to it before.
  std::string WaitsText(const std::vector<TaskId>& tasks) const {
    std::string text;
    for (std::size_t i = 0; i < std::min(tasks.size(), kShown); ++i) {
      text += "\n  " + text_.Wait(graph_.blocked().at(tasks[i]).suspend);
    }
    if (tasks.size() > kShown) text += "\n  and " + CountOf(tasks.size() - kShown, "more task");
    for (const std::string& line : History(tasks.front())) text += "\n    " + line;
    return text;
  }

  std::string Headline(TaskId task, bool others_are_stuck) const {
    const Event& suspend = SuspendOf(task);
    const std::string object = text_.Object(suspend.object);
    if (suspend.op() == Operation::kForeign) {
      return "Nobody in the run resumes an awaitable of another library.";
    }
    if (suspend.op() == Operation::kJoin) {
      return "Nobody is left to end in " + object + ", and yet it is waited for.";
    }
    if (WaitsForNothing(task)) return "Nobody can request the stop that is waited for.";
    std::vector<std::string> deeds;
    for (const std::size_t arm : graph_.ArmsOf(task)) {
      const std::string deed = WakingDeed(trace_.events[arm], text_);
      if (!deed.empty()) deeds.push_back(deed);
    }
    if (deeds.empty()) deeds.push_back(WakingDeed(suspend, text_));
    const std::string deed = OneOf(deeds);
    return others_are_stuck ? "Nobody goes on to " + deed + ": the others are stuck too."
                            : "Nobody is left to " + deed + ".";
  }

  // "2 of 3 have arrived", of a Barrier.
  std::string ArrivedText(const Event& suspend) const {
    const auto arrived = std::ranges::count_if(
        graph_.blocked(), [&](const auto& entry) { return WaitsAt(entry.first, suspend.object); });
    return std::to_string(arrived) + " of " + std::to_string(suspend.value) + " have arrived";
  }

  // "2 counts are missing", of a Latch; nothing in recordings of earlier versions.
  void AddMissingTo(std::vector<std::string>& lines, ObjectId latch) const {
    std::uint32_t missing = 0;
    for (const Event& event : trace_.events) {
      const bool tells = event.kind == EventKind::kRelease || event.kind == EventKind::kSuspend;
      if (tells && event.object == latch && event.op() == Operation::kWait) missing = event.value;
    }
    if (missing == 0) return;
    lines.push_back(CountOf(missing, "count") + (missing == 1 ? " is missing" : " are missing"));
  }

  // Those that wait for something else, but for who only awaits a task.
  std::string OthersText(const std::set<TaskId>& behind) const {
    std::string text;
    std::size_t count = 0;
    for (const auto& [task, blocked] : graph_.blocked()) {
      const Operation operation = SuspendOf(task).op();
      const bool awaits_task = operation == Operation::kCall || operation == Operation::kJoin;
      if (behind.contains(task) || awaits_task) continue;
      if (++count <= kShown) text += "\n    " + text_.Wait(blocked.suspend);
    }
    if (count > kShown) text += "\n    and " + CountOf(count - kShown, "more task");
    return count == 0 ? "" : "\n  stuck too:" + text;
  }

  // `holder`, one of `tasks`, has a lock that others wait for: those who were to wake it, since
  // nobody else is left but who waits for them.
  void AddHeldWhileWaiting(const std::vector<TaskId>& tasks, TaskId holder) {
    const std::vector<TaskId>& waiting = graph_.WaitingForLocksOf(holder);
    const Link held = {waiting.front(), EdgeToStrandOf(waiting.front(), holder)};
    std::string text =
        HeldHeadline(holder, held,
                     waiting.size() == 1 ? text_.Task(waiting.front()) + " needs."
                                         : CountOf(waiting.size(), "task") + " need.") +
        WaitsText(tasks);
    for (std::size_t i = 0; i < std::min(waiting.size(), kShown); ++i) {
      text += "\n  " + text_.Wait(graph_.blocked().at(waiting[i]).suspend);
      text += "\n    " + EdgeText({waiting[i], EdgeToStrandOf(waiting[i], holder)});
    }
    if (waiting.size() > kShown) text += "\n  and " + CountOf(waiting.size() - kShown, "more task");
    text += "\n  Likely cause: ";
    text.append(HeldHint(held, {WaitReason::kReleased})).append(" Or ").append(NoWakerHint(holder));
    std::vector<TaskId> all = tasks;
    all.insert(all.end(), waiting.begin(), waiting.end());
    found_.push_back({Verdict::kHeldAcrossAwait, std::move(all), std::move(text)});
  }

  // By which `waiting` waits for what the strand of `holder` has.
  WaitEdge EdgeToStrandOf(TaskId waiting, TaskId holder) const {
    const std::vector<WaitEdge> edges = graph_.BlockedEdgesFrom(waiting);
    const auto found = std::ranges::find_if(edges, [&](const WaitEdge& edge) {
      return graph_.StrandOf(edge.to) == graph_.StrandOf(holder);
    });
    return found != edges.end() ? *found : edges.front();
  }

  // What was done before to the object that `task` waits for.
  std::vector<std::string> History(TaskId task) const {
    const Event& suspend = SuspendOf(task);
    const std::vector<std::size_t>& arms = graph_.ArmsOf(task);
    if (arms.empty()) return HistoryOf(task, suspend);
    std::vector<std::string> lines;
    for (const std::size_t arm : arms) {
      const Event& wait = trace_.events[arm];
      if (IsForStop(wait)) continue;
      for (const std::string& line : HistoryOf(task, wait)) {
        if (lines.size() < kShown) lines.push_back(text_.Object(wait.object) + ": " + line);
      }
    }
    return lines;
  }

  std::vector<std::string> HistoryOf(TaskId task, const Event& wait) const {
    std::vector<std::string> lines;
    if (wait.kind == EventKind::kSuspend && wait.op() == Operation::kSend) {
      lines.push_back("it has room for " + CountOf(wait.value, "message"));
    }
    const std::string_view type = text_.Type(wait.object);
    if (wait.op() == Operation::kSend && graph_.SubscriptionsTo(wait.object).size() > 1) {
      AddSlowestTo(lines, wait.object);
      return lines;
    }
    if (type == "Barrier" && wait.value > 0) lines.push_back(ArrivedText(wait));
    if (type == "Latch") AddMissingTo(lines, wait.object);
    if (wait.op() == Operation::kLock) {
      for (const WaitEdge& edge : graph_.EdgesFrom(task)) {
        if (lines.size() == kShown) break;
        lines.push_back(TakenText(edge) + ", and ended without giving it back");
      }
      if (lines.empty() && type == "Semaphore") lines.emplace_back("nobody has ever given it one");
      return lines;
    }
    if (WaitsForNothing(task)) lines.emplace_back("its token has no source, or none any more");
    if (wait.op() == Operation::kForeign || type == "Select") return lines;
    if (wait.op() == Operation::kJoin) {
      lines.emplace_back("all of its tasks have ended, or were destroyed with it");
      return lines;
    }
    const std::size_t use = LastUse(wait);
    if (use != kNoEvent) {
      lines.push_back(UseText(trace_.events[use], use) + AfterwardsText(trace_.events[use].task));
    } else if (type == "Barrier") {
      lines.emplace_back("nobody else has ever arrived at it");
    } else {
      lines.emplace_back("nobody has ever ");
      lines.back().append(WakesIt(wait.op(), type));
    }
    AddGivenUp(lines, wait, use);
    for (const TaskId other : CancelledBefore(wait)) {
      lines.push_back(text_.Task(other) + " was to " + std::string(WakesWord(wait.op(), type)) +
                      " it, and was cancelled at " + TimeOf(graph_.EndOf(other)));
    }
    return lines;
  }

  // Which subscriptions hold up those who send.
  void AddSlowestTo(std::vector<std::string>& lines, ObjectId broadcast) const {
    const std::vector<SubscriptionState> slowest = graph_.SlowestOf(broadcast);
    lines.push_back(std::to_string(slowest.size()) + " of its " +
                    CountOf(graph_.SubscriptionsTo(broadcast).size(), "subscription") +
                    (slowest.size() == 1 ? " has" : " have") + " not received the oldest message");
    for (std::size_t i = 0; i < std::min(slowest.size(), kShown); ++i) {
      const SubscriptionState& one = slowest[i];
      if (one.reader != kNoTask) {
        lines.push_back(UseText(trace_.events[one.received], one.received) +
                        AfterwardsText(one.reader));
      } else {
        lines.push_back(text_.Task(one.by) + " made this one" +
                        text_.LastAwait(one.by, one.made, "after") +
                        ", and nobody has ever received from it");
      }
    }
  }

  // A Select that had an arm which would have let another task go on, and took another one.
  struct GivenUp {
    TaskId task = kNoTask;
    std::size_t resume = kNoEvent;
    bool took_time = false;
  };

  // The last such Select of each task after event number `since`, for what awaits `wait`.
  std::vector<GivenUp> GivenUpAfter(const Event& wait, std::size_t since) const {
    std::map<TaskId, GivenUp> given_up;
    std::map<TaskId, GivenUp> selects;  // those that wait for it
    std::set<TaskId> begins;            // a Select, of which one arm waits for it
    std::set<TaskId> has_stop;
    for (std::size_t i = 0; i < trace_.events.size(); ++i) {
      const Event& event = trace_.events[i];
      if (event.task == wait.task) continue;
      if (event.kind == EventKind::kAccess) {
        if (IsForStop(event)) has_stop.insert(event.task);
        const bool is_arm = event.object == wait.object && IsToWake(event.op(), wait.op());
        if (is_arm) begins.insert(event.task);
      } else if (event.kind == EventKind::kSuspend) {
        selects.erase(event.task);
        const bool may_stop = has_stop.erase(event.task) > 0;
        if (begins.erase(event.task) == 0) continue;
        selects[event.task] = {.task = event.task,
                               .resume = kNoEvent,
                               .took_time = event.value == kSelectHasTime && !may_stop};
      } else if (event.kind == EventKind::kResume && selects.contains(event.task)) {
        GivenUp& select = given_up[event.task] = selects[event.task];
        select.resume = i;
        const std::size_t taken = FirstAfter(i);
        if (taken == kNoEvent) continue;
        select.took_time = false;
        if (trace_.events[taken].object == wait.object) given_up.erase(event.task);
      }
    }
    std::vector<GivenUp> found;
    for (const auto& [task, one] : given_up) {
      if (since == kNoEvent || one.resume > since) found.push_back(one);
    }
    return found;
  }

  // The message that a Select has sent or received which went on at `resume`; kNoEvent: none.
  std::size_t FirstAfter(std::size_t resume) const {
    std::size_t next = resume + 1;
    const auto is_kind = [&](EventKind kind) {
      return next < trace_.events.size() && trace_.events[next].kind == kind;
    };
    if (is_kind(EventKind::kDraw)) ++next;
    return is_kind(EventKind::kSend) || is_kind(EventKind::kReceive) ? next : kNoEvent;
  }

  // "main waited for it in a Select until 1ms, and took After"
  void AddGivenUp(std::vector<std::string>& lines, const Event& wait, std::size_t use) const {
    if (wait.op() != Operation::kSend && wait.op() != Operation::kReceive) return;
    const std::vector<GivenUp> given_up = GivenUpAfter(wait, use);
    for (std::size_t i = 0; i < std::min(given_up.size(), kShown); ++i) {
      lines.push_back(text_.Task(given_up[i].task) + " waited for it in a Select until " +
                      TimeOf(given_up[i].resume) + ", and took " +
                      (given_up[i].took_time ? "After" : "another arm"));
    }
  }

  std::string TimeOf(std::size_t event) const { return FormatNanos(trace_.events[event].time); }

  // What became of who did last what others wait for: "and was cancelled at 1ms" says why nobody
  // did so again.
  std::string AfterwardsText(TaskId task) const {
    const TaskId strand = graph_.StrandOf(task);
    const std::size_t end = graph_.EndOf(strand);
    if (end == kNoEvent || trace_.events[end].kind != EventKind::kFinish ||
        trace_.events[end].outcome() == Outcome::kValue) {
      return ", and nobody after that";
    }
    const bool was_cancelled = trace_.events[end].outcome() == Outcome::kCancelled;
    return ", and " + (strand == task ? "" : text_.Task(strand) + " ") +
           (was_cancelled ? "was cancelled at " : "threw at ") + TimeOf(end);
  }

  // Whether who did last what `wait` is for was cancelled, or those who were just about to.
  bool CameToNothing(const Event& wait) const {
    const std::size_t use = LastUse(wait);
    if (use == kNoEvent) return !CancelledBefore(wait).empty();
    const std::size_t end = graph_.EndOf(graph_.StrandOf(trace_.events[use].task));
    return end != kNoEvent && trace_.events[end].kind == EventKind::kFinish &&
           trace_.events[end].outcome() == Outcome::kCancelled;
  }

  // The first of those that were cancelled while they awaited to do what would let `wait` go on.
  std::vector<TaskId> CancelledBefore(const Event& wait) const {
    std::vector<TaskId> cancelled;
    std::map<TaskId, const Event*> awaits;
    for (const Event& event : trace_.events) {
      if (event.kind == EventKind::kSuspend) {
        awaits[event.task] = &event;
      } else if (event.kind == EventKind::kFinish && event.outcome() == Outcome::kCancelled) {
        const auto found = awaits.find(event.task);
        if (found == awaits.end() || found->second->object != wait.object) continue;
        if (IsToWake(found->second->op(), wait.op())) cancelled.push_back(event.task);
        if (cancelled.size() == kShown) break;
      }
    }
    return cancelled;
  }

  // Whether who awaits `operation` would then let another go on that awaits `wait`.
  static bool IsToWake(Operation operation, Operation wait) {
    switch (wait) {
      case Operation::kSend:
        return operation == Operation::kReceive;
      case Operation::kReceive:
        return operation == Operation::kSend;
      case Operation::kRead:
      case Operation::kUpdate:
        return operation == Operation::kWrite || operation == Operation::kUpdate;
      default:
        return false;
    }
  }

  // The last time that somebody did what would let `suspend` go on.
  std::size_t LastUse(const Event& suspend) const {
    for (std::size_t i = trace_.events.size(); i-- > 0;) {
      const Event& event = trace_.events[i];
      if (event.object != suspend.object || !Wakes(event, suspend.op())) continue;
      if (text_.Type(event.object) != "Barrier" || !WaitsAt(event.task, event.object)) return i;
    }
    return kNoEvent;
  }

  bool WaitsAt(TaskId task, ObjectId object) const {
    const auto found = graph_.blocked().find(task);
    return found != graph_.blocked().end() && SuspendOf(task).object == object;
  }

  // Whether `event` is what a task waits for that awaits `operation`.
  static bool Wakes(const Event& event, Operation operation) {
    switch (operation) {
      case Operation::kSend:
        return event.kind == EventKind::kReceive;
      case Operation::kReceive:
        return event.kind == EventKind::kSend;
      case Operation::kRead:
      case Operation::kUpdate:
        return event.op() == Operation::kWrite &&
               (event.kind == EventKind::kAccess || event.kind == EventKind::kResume);
      default:
        return event.kind == EventKind::kRelease;
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
      case EventKind::kResume:
        text += "wrote it";
        break;
      default:
        text += ReleasedIt(text_.Type(event.object));
        break;
    }
    return text + text_.Place(index);
  }

  std::string_view NoWakerHint(TaskId task) const {
    const Event& suspend = SuspendOf(task);
    Operation operation = suspend.op();
    for (const std::size_t arm : graph_.ArmsOf(task)) {
      operation = trace_.events[arm].op();
      if (!IsForStop(trace_.events[arm])) break;
    }
    if (operation == Operation::kJoin) {
      return "the group was destroyed while a task waited for it. Let it live until Join() has "
             "returned.";
    }
    if (operation == Operation::kLock && graph_.EdgesFrom(task).empty()) {
      return "the task that was to do it ended early, took another way, or was never started.";
    }
    if (WaitsForNothing(task)) {
      return "the std::stop_source went before its token. Let it live where the stop is requested.";
    }
    if (text_.Type(suspend.object) == "Barrier") {
      return "it is for more tasks than come to it, or one of them left before the last round.";
    }
    if (text_.Type(suspend.object) == "Condition" && graph_.WasPassedOver(task)) {
      return "a NotifyOne() woke somebody else. It wakes one of those that wait; where they wait "
             "for different things, NotifyAll().";
    }
    if (graph_.ArmsOf(task).empty() && operation != Operation::kLock && CameToNothing(suspend)) {
      const bool is_channel = operation == Operation::kSend || operation == Operation::kReceive;
      return is_channel ? "a task that is cancelled ends where it waits, and does no more. Let a "
                          "destructor close the channel."
                        : "a task that is cancelled ends where it waits, and does no more. Let a "
                          "destructor do what others wait for, as a guard does.";
    }
    if (operation == Operation::kWait && !graph_.ArmsOf(task).empty()) {
      return "nobody calls request_stop() on the source of the token.";
    }
    if (suspend.op() == Operation::kSend && !GivenUpAfter(suspend, LastUse(suspend)).empty()) {
      return "who was to receive has given up. Give the channel room for the message, or send in a "
             "Select that gives up, too.";
    }
    if (operation == Operation::kSend && text_.Type(suspend.object) == "Broadcast") {
      return "a subscription that nobody receives from holds up all who send. Receive from it, or "
             "let it go.";
    }
    switch (operation) {
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
