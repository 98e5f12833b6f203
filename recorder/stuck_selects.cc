// SPDX-License-Identifier: MIT
//
// Implements stuck_selects.h.
#include "stuck_selects.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>

#include "stuck_wakers.h"

namespace heddle::internal {
namespace {

// In the value of the kSuspend of a Select (select.h).
constexpr std::uint32_t kSelectHasTime = 1;
constexpr std::uint32_t kSelectForNothing = 2;

}  // namespace

bool StuckSelects::IsForStop(const Event& wait) {
  return wait.kind == EventKind::kAccess && wait.op() == Operation::kWait;
}

bool StuckSelects::WaitsForNothing(TaskId task) const {
  const Event& suspend = graph_.SuspendOf(task);
  return text_.Type(suspend.object) == "Select" && suspend.value == kSelectForNothing;
}

bool StuckSelects::WaitsForStop(TaskId task) const {
  if (WaitsForNothing(task)) return true;
  const std::vector<std::size_t>& arms = graph_.ArmsOf(task);
  return !arms.empty() && std::ranges::all_of(arms, [this](std::size_t arm) {
    return IsForStop(trace_.events[arm]);
  });
}

std::vector<GivenUp> StuckSelects::GivenUpAfter(const Event& wait, std::size_t since) const {
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
std::size_t StuckSelects::FirstAfter(std::size_t resume) const {
  std::size_t next = resume + 1;
  const auto is_kind = [&](EventKind kind) {
    return next < trace_.events.size() && trace_.events[next].kind == kind;
  };
  if (is_kind(EventKind::kDraw)) ++next;
  return is_kind(EventKind::kSend) || is_kind(EventKind::kReceive) ? next : kNoEvent;
}

}  // namespace heddle::internal
