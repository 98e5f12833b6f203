// SPDX-License-Identifier: MIT
//
// Implements stuck_leaves.h.
#include "stuck_leaves.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "stuck_wakers.h"

namespace heddle::internal {
namespace {

constexpr std::size_t kWaitersShown = 5;  // for the same thing

// "a", "a or b", "a, b or c"
std::string OneOf(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

// Of one that awaits `operation`, and of which nothing more is known.
std::string_view UsualHint(Operation operation) {
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

}  // namespace

Diagnosis StuckLeaves::Diagnose(const std::vector<TaskId>& tasks) const {
  const auto holder = std::ranges::find_if(
      tasks, [&](TaskId task) { return !graph_.WaitingForLocksOf(task).empty(); });
  return holder != tasks.end() ? HeldWhileWaiting(tasks, *holder) : NoWaker(tasks);
}

Diagnosis StuckLeaves::NoWaker(const std::vector<TaskId>& tasks) const {
  const std::set<TaskId> behind = graph_.Behind(tasks);
  const bool others_are_stuck = behind.size() < graph_.blocked().size();
  std::string text = Headline(tasks.front(), others_are_stuck) + WaitsText(tasks);
  if (others_are_stuck) text += OthersText(behind);
  const auto passed_over =
      std::ranges::find_if(tasks, [this](TaskId task) { return graph_.WasPassedOver(task); });
  const std::string_view hint = Hint(passed_over == tasks.end() ? tasks.front() : *passed_over);
  if (!hint.empty()) {
    text += "\n  Likely cause: ";
    if (others_are_stuck) text += "one of those that are stuck was to do it. Or ";
    text += hint;
  }
  return {Verdict::kNoWaker, tasks, std::move(text)};
}

// `holder`, one of `tasks`, has a lock that others wait for: those who were to wake it, since
// nobody else is left but who waits for them.
Diagnosis StuckLeaves::HeldWhileWaiting(const std::vector<TaskId>& tasks, TaskId holder) const {
  const std::vector<TaskId>& waiting = graph_.WaitingForLocksOf(holder);
  const StuckLink held = {waiting.front(), EdgeToStrandOf(waiting.front(), holder)};
  std::string text =
      links_.HeldHeadline(holder, held,
                          waiting.size() == 1 ? text_.Task(waiting.front()) + " needs."
                                              : CountOf(waiting.size(), "task") + " need.") +
      WaitsText(tasks);
  for (std::size_t i = 0; i < std::min(waiting.size(), kWaitersShown); ++i) {
    text += "\n  " + text_.Wait(graph_.blocked().at(waiting[i]).suspend);
    text += "\n    " + links_.Edge({waiting[i], EdgeToStrandOf(waiting[i], holder)});
  }
  if (waiting.size() > kWaitersShown) {
    text += "\n  and " + CountOf(waiting.size() - kWaitersShown, "more task");
  }
  text += "\n  Likely cause: ";
  text.append(HeldHint(held, {WaitReason::kReleased})).append(" Or ").append(Hint(holder));
  std::vector<TaskId> all = tasks;
  all.insert(all.end(), waiting.begin(), waiting.end());
  return {Verdict::kHeldAcrossAwait, std::move(all), std::move(text)};
}

// By which `waiting` waits for what the strand of `holder` has.
WaitEdge StuckLeaves::EdgeToStrandOf(TaskId waiting, TaskId holder) const {
  const std::vector<WaitEdge> edges = graph_.BlockedEdgesFrom(waiting);
  const auto found = std::ranges::find_if(edges, [&](const WaitEdge& edge) {
    return graph_.StrandOf(edge.to) == graph_.StrandOf(holder);
  });
  return found != edges.end() ? *found : edges.front();
}

std::string StuckLeaves::Headline(TaskId task, bool others_are_stuck) const {
  const Event& suspend = graph_.SuspendOf(task);
  const std::string object = text_.Object(suspend.object);
  if (suspend.op() == Operation::kForeign) {
    return "Nobody in the run resumes an awaitable of another library.";
  }
  if (suspend.op() == Operation::kJoin) {
    return "Nobody is left to end in " + object + ", and yet it is waited for.";
  }
  if (selects_.WaitsForNothing(task)) return "Nobody can request the stop that is waited for.";
  std::vector<std::string> deeds;
  for (const std::size_t arm : graph_.ArmsOf(task)) {
    const std::string deed = WakingDeed(trace_.events[arm]);
    if (!deed.empty()) deeds.push_back(deed);
  }
  if (deeds.empty()) deeds.push_back(WakingDeed(suspend));
  const std::string deed = OneOf(deeds);
  return others_are_stuck ? "Nobody goes on to " + deed + ": the others are stuck too."
                          : "Nobody is left to " + deed + ".";
}

// "send into Channel jobs", of a kSuspend or of the arm of a Select; empty for a time.
std::string StuckLeaves::WakingDeed(const Event& wait) const {
  if (wait.op() == Operation::kSleep) return "";
  if (StuckSelects::IsForStop(wait)) return "request a stop";
  return std::string(WakesWord(wait.op(), text_.Type(wait.object))) + " " +
         text_.Object(wait.object);
}

// Each of those that wait for the same thing, and what was done to it before.
std::string StuckLeaves::WaitsText(const std::vector<TaskId>& tasks) const {
  std::string text;
  for (std::size_t i = 0; i < std::min(tasks.size(), kWaitersShown); ++i) {
    text += "\n  " + text_.Wait(graph_.blocked().at(tasks[i]).suspend);
  }
  if (tasks.size() > kWaitersShown) {
    text += "\n  and " + CountOf(tasks.size() - kWaitersShown, "more task");
  }
  for (const std::string& line : past_.History(tasks.front())) text += "\n    " + line;
  return text;
}

// Those that wait for something else, but for who only awaits a task.
std::string StuckLeaves::OthersText(const std::set<TaskId>& behind) const {
  std::string text;
  std::size_t count = 0;
  for (const auto& [task, blocked] : graph_.blocked()) {
    const Operation operation = graph_.SuspendOf(task).op();
    const bool awaits_task = operation == Operation::kCall || operation == Operation::kJoin;
    if (behind.contains(task) || awaits_task) continue;
    if (++count <= kWaitersShown) text += "\n    " + text_.Wait(blocked.suspend);
  }
  if (count > kWaitersShown) text += "\n    and " + CountOf(count - kWaitersShown, "more task");
  return count == 0 ? "" : "\n  stuck too:" + text;
}

std::string_view StuckLeaves::Hint(TaskId task) const {
  const Event& suspend = graph_.SuspendOf(task);
  Operation operation = suspend.op();
  for (const std::size_t arm : graph_.ArmsOf(task)) {
    operation = trace_.events[arm].op();
    if (!StuckSelects::IsForStop(trace_.events[arm])) break;
  }
  if (operation == Operation::kJoin) {
    return "the group was destroyed while a task waited for it. Let it live until Join() has "
           "returned.";
  }
  if (operation == Operation::kLock && graph_.EdgesFrom(task).empty()) {
    return "the task that was to do it ended early, took another way, or was never started.";
  }
  if (selects_.WaitsForNothing(task)) {
    return "the std::stop_source went before its token. Let it live where the stop is requested.";
  }
  if (text_.Type(suspend.object) == "Barrier") {
    return "it is for more tasks than come to it, or one of them left before the last round.";
  }
  if (text_.Type(suspend.object) == "Condition" && graph_.WasPassedOver(task)) {
    return "a NotifyOne() woke somebody else. It wakes one of those that wait; where they wait "
           "for different things, NotifyAll().";
  }
  if (graph_.ArmsOf(task).empty() && operation != Operation::kLock &&
      past_.CameToNothing(suspend)) {
    const bool is_channel = operation == Operation::kSend || operation == Operation::kReceive;
    return is_channel ? "a task that is cancelled ends where it waits, and does no more. Let a "
                        "destructor close the channel."
                      : "a task that is cancelled ends where it waits, and does no more. Let a "
                        "destructor do what others wait for, as a guard does.";
  }
  if (operation == Operation::kWait && !graph_.ArmsOf(task).empty()) {
    return "nobody calls request_stop() on the source of the token.";
  }
  if (suspend.op() == Operation::kSend &&
      !selects_.GivenUpAfter(suspend, past_.LastUse(suspend)).empty()) {
    return "who was to receive has given up. Give the channel room for the message, or send in a "
           "Select that gives up, too.";
  }
  if (operation == Operation::kSend && text_.Type(suspend.object) == "Broadcast") {
    return "a subscription that nobody receives from holds up all who send. Receive from it, or "
           "let it go.";
  }
  return UsualHint(operation);
}

}  // namespace heddle::internal
