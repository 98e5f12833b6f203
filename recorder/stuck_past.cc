// SPDX-License-Identifier: MIT
//
// Implements stuck_past.h.
#include "stuck_past.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>

#include "heddle/ending.h"
#include "stuck_wakers.h"

namespace heddle::internal {
namespace {

constexpr std::size_t kLinesShown = 5;  // of a kind

}  // namespace

std::vector<std::string> StuckPast::History(TaskId task) const {
  const Event& suspend = graph_.SuspendOf(task);
  const std::vector<std::size_t>& arms = graph_.ArmsOf(task);
  if (arms.empty()) return HistoryOf(task, suspend);
  std::vector<std::string> lines;
  for (const std::size_t arm : arms) {
    const Event& wait = trace_.events[arm];
    if (StuckSelects::IsForStop(wait)) continue;
    for (const std::string& line : HistoryOf(task, wait)) {
      if (lines.size() < kLinesShown) lines.push_back(text_.Object(wait.object) + ": " + line);
    }
  }
  return lines;
}

std::vector<std::string> StuckPast::HistoryOf(TaskId task, const Event& wait) const {
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
      if (lines.size() == kLinesShown) break;
      const std::size_t end = graph_.EndOf(edge.to);
      const bool was_cancelled = end != kNoEvent && trace_.events[end].kind == EventKind::kFinish &&
                                 trace_.events[end].outcome() == Outcome::kCancelled;
      lines.push_back(links_.Taken(edge) + ", and " +
                      (was_cancelled ? "was cancelled at " + TimeOf(end) : "ended") +
                      " without giving it back");
    }
    if (lines.empty() && type == "Semaphore") lines.emplace_back("nobody has ever given it one");
    return lines;
  }
  if (selects_.WaitsForNothing(task)) {
    lines.emplace_back("its token has no source, or none any more");
  }
  if (wait.op() == Operation::kForeign || type == "Select") return lines;
  if (wait.op() == Operation::kJoin) {
    lines.emplace_back("all of its tasks have ended, or were destroyed with it");
    return lines;
  }
  const std::size_t use = LastUse(wait);
  if (use != kNoEvent) {
    lines.push_back(links_.Use(use) + AfterwardsText(trace_.events[use].task));
  } else if (type == "Barrier") {
    lines.emplace_back("nobody else has ever arrived at it");
  } else {
    lines.emplace_back("nobody has ever ");
    lines.back().append(WakesIt(wait.op(), type));
  }
  AddGivenUp(lines, wait, use);
  AddCancelled(lines, wait);
  return lines;
}

// Which subscriptions hold up those who send.
void StuckPast::AddSlowestTo(std::vector<std::string>& lines, ObjectId broadcast) const {
  const std::vector<SubscriptionState> slowest = graph_.SlowestOf(broadcast);
  lines.push_back(std::to_string(slowest.size()) + " of its " +
                  CountOf(graph_.SubscriptionsTo(broadcast).size(), "subscription") +
                  (slowest.size() == 1 ? " has" : " have") + " not received the oldest message");
  for (std::size_t i = 0; i < std::min(slowest.size(), kLinesShown); ++i) {
    const SubscriptionState& one = slowest[i];
    if (one.reader != kNoTask) {
      lines.push_back(links_.Use(one.received) + AfterwardsText(one.reader));
    } else {
      lines.push_back(text_.Task(one.by) + " made this one" +
                      text_.LastAwait(one.by, one.made, "after") +
                      ", and nobody has ever received from it");
    }
  }
}

// "2 counts are missing", of a Latch; nothing in recordings of earlier versions.
void StuckPast::AddMissingTo(std::vector<std::string>& lines, ObjectId latch) const {
  std::uint32_t missing = 0;
  for (const Event& event : trace_.events) {
    const bool tells = event.kind == EventKind::kRelease || event.kind == EventKind::kSuspend;
    if (tells && event.object == latch && event.op() == Operation::kWait) missing = event.value;
  }
  if (missing == 0) return;
  lines.push_back(CountOf(missing, "count") + (missing == 1 ? " is missing" : " are missing"));
}

// "main waited for it in a Select until 1ms, and took After"
void StuckPast::AddGivenUp(std::vector<std::string>& lines, const Event& wait,
                           std::size_t use) const {
  if (wait.op() != Operation::kSend && wait.op() != Operation::kReceive) return;
  const std::vector<GivenUp> given_up = selects_.GivenUpAfter(wait, use);
  for (std::size_t i = 0; i < std::min(given_up.size(), kLinesShown); ++i) {
    lines.push_back(text_.Task(given_up[i].task) + " waited for it in a Select until " +
                    TimeOf(given_up[i].resume) + ", and took " +
                    (given_up[i].took_time ? "After" : "another arm"));
  }
}

// "Charge#0 was to send into it, and was cancelled at 1ms"
void StuckPast::AddCancelled(std::vector<std::string>& lines, const Event& wait) const {
  for (const TaskId other : CancelledBefore(wait)) {
    lines.push_back(text_.Task(other) + " was to " +
                    std::string(WakesWord(wait.op(), text_.Type(wait.object))) +
                    " it, and was cancelled at " + TimeOf(graph_.EndOf(other)));
  }
}

// "2 of 3 have arrived", of a Barrier.
std::string StuckPast::ArrivedText(const Event& suspend) const {
  const auto arrived = std::ranges::count_if(
      graph_.blocked(), [&](const auto& entry) { return WaitsAt(entry.first, suspend.object); });
  return std::to_string(arrived) + " of " + std::to_string(suspend.value) + " have arrived";
}

// What became of who did last what others wait for: "and was cancelled at 1ms" says why nobody
// did so again.
std::string StuckPast::AfterwardsText(TaskId task) const {
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

std::string StuckPast::TimeOf(std::size_t event) const {
  return FormatNanos(trace_.events[event].time);
}

std::size_t StuckPast::LastUse(const Event& wait) const {
  for (std::size_t i = trace_.events.size(); i-- > 0;) {
    const Event& event = trace_.events[i];
    if (event.object != wait.object || !Wakes(event, wait.op())) continue;
    if (text_.Type(event.object) != "Barrier" || !WaitsAt(event.task, event.object)) return i;
  }
  return kNoEvent;
}

bool StuckPast::CameToNothing(const Event& wait) const {
  const std::size_t use = LastUse(wait);
  if (use == kNoEvent) return !CancelledBefore(wait).empty();
  const std::size_t end = graph_.EndOf(graph_.StrandOf(trace_.events[use].task));
  return end != kNoEvent && trace_.events[end].kind == EventKind::kFinish &&
         trace_.events[end].outcome() == Outcome::kCancelled;
}

// The first of those that were cancelled while they awaited to do what would let `wait` go on.
std::vector<TaskId> StuckPast::CancelledBefore(const Event& wait) const {
  std::vector<TaskId> cancelled;
  std::map<TaskId, const Event*> awaits;
  for (const Event& event : trace_.events) {
    if (event.kind == EventKind::kSuspend) {
      awaits[event.task] = &event;
    } else if (event.kind == EventKind::kFinish && event.outcome() == Outcome::kCancelled) {
      const auto found = awaits.find(event.task);
      if (found == awaits.end() || found->second->object != wait.object) continue;
      if (IsToWake(found->second->op(), wait.op())) cancelled.push_back(event.task);
      if (cancelled.size() == kLinesShown) break;
    }
  }
  return cancelled;
}

bool StuckPast::WaitsAt(TaskId task, ObjectId object) const {
  const auto found = graph_.blocked().find(task);
  return found != graph_.blocked().end() && graph_.SuspendOf(task).object == object;
}

}  // namespace heddle::internal
