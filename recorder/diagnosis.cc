// SPDX-License-Identifier: MIT
//
// Implements diagnosis.h: which verdicts are possible for which ending. The reasoning is in
// diagnose_stuck.cc, diagnose_limit.cc and diagnose_unseen.cc.
#include "heddle/diagnosis.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "diagnose_limit.h"
#include "diagnose_stuck.h"
#include "diagnose_unseen.h"
#include "diagnosis_text.h"
#include "heddle/ending.h"
#include "heddle/losses.h"
#include "heddle/task_table.h"

namespace heddle {
namespace {

constexpr std::size_t kShown = 5;

std::vector<Diagnosis> DiagnoseEnding(const Trace& trace, const TaskTable& tasks) {
  switch (trace.header.ending) {
    case Ending::kStuck:
      return internal::DiagnoseStuck(trace, tasks);
    case Ending::kStepLimit:
      return internal::DiagnoseStepLimit(trace, tasks);
    case Ending::kTaskLimit:
      return internal::DiagnoseTaskLimit(trace, tasks);
    case Ending::kThrew:
      return internal::DiagnoseUnseen(trace, tasks);
    default:
      return {};
  }
}

// A run that threw has left awaits behind for a good reason.
bool MayForget(Ending ending) {
  return ending == Ending::kStuck || ending == Ending::kAbandoned || ending == Ending::kStepLimit ||
         ending == Ending::kTaskLimit;
}

// A task that nobody has awaited, and that was destroyed, or kept until the run was over.
bool IsForgotten(const Event& event) {
  return event.kind == EventKind::kAbandon && event.op() == Operation::kNone;
}
bool IsLeaked(const Event& event) { return IsForgotten(event) && event.value != 0; }

// "\n  OpenIt#0 was created by main after shop.cc:41", for the first of them.
std::string CreatedText(const Trace& trace, const TaskTable& tasks,
                        const std::vector<TaskId>& forgotten) {
  const internal::DiagnosisText text(trace, tasks);
  std::string lines;
  for (std::size_t i = 0; i < std::min(forgotten.size(), kShown); ++i) {
    const TaskInfo& task = tasks[forgotten[i]];
    if (task.spawned == kNoEvent) continue;
    lines += "\n  " + task.path + " was created by " + tasks.Path(task.parent) +
             text.LastAwait(task.parent, task.spawned, "after");
  }
  if (forgotten.size() > kShown) {
    lines += "\n  and " + std::to_string(forgotten.size() - kShown) + " more";
  }
  return lines;
}

void AddNeverAwaited(const Trace& trace, const TaskTable& tasks, std::vector<Diagnosis>& found) {
  std::vector<TaskId> destroyed;
  std::vector<TaskId> leaked;
  for (const Event& event : trace.events) {
    if (IsForgotten(event)) (IsLeaked(event) ? leaked : destroyed).push_back(event.task);
  }
  if (!destroyed.empty()) {
    const bool one = destroyed.size() == 1;
    found.push_back({Verdict::kNeverAwaited, destroyed,
                     "Never awaited: " + internal::CountOf(destroyed.size(), "task") +
                         (one ? " was" : " were") + " destroyed before " + (one ? "it" : "they") +
                         " ran." + CreatedText(trace, tasks, destroyed) +
                         "\n  Likely cause: a forgotten co_await."});
  }
  if (!leaked.empty()) {
    const bool one = leaked.size() == 1;
    found.push_back(
        {Verdict::kLeaked, leaked,
         "Leaked: " + internal::CountOf(leaked.size(), "task") + (one ? " was" : " were") +
             " never awaited, and " + (one ? "is" : "are") + " still there after the run." +
             CreatedText(trace, tasks, leaked) +
             "\n  Likely cause: a Task in a static, in a container that outlives the run, in what "
             "its "
             "own arguments keep alive, or made with new. Await it, or spawn it, in the run that "
             "makes it."});
  }
}

}  // namespace

std::string_view Name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSelfDeadlock:
      return "self-deadlock";
    case Verdict::kHeldAcrossAwait:
      return "lock held across an await";
    case Verdict::kDeadlock:
      return "deadlock";
    case Verdict::kLostWakeUp:
      return "lost wake-up";
    case Verdict::kNoWaker:
      return "no waker";
    case Verdict::kLivelock:
      return "livelock";
    case Verdict::kEndless:
      return "without end";
    case Verdict::kStarvation:
      return "starvation";
    case Verdict::kNeverAwaited:
      return "never awaited";
    case Verdict::kUnseenException:
      return "exception nobody looked at";
    case Verdict::kLeaked:
      return "leaked";
  }
  return "?";
}

std::vector<Diagnosis> Diagnose(const Trace& trace) {
  if (trace.events.empty()) return {};
  const TaskTable tasks(trace);
  std::vector<Diagnosis> found = DiagnoseEnding(trace, tasks);
  if (MayForget(trace.header.ending)) AddNeverAwaited(trace, tasks, found);
  if (trace.losses.empty()) return found;
  for (Diagnosis& diagnosis : found) {
    diagnosis.text += "\n  This rests on a part of the run: " + LossText(trace.losses);
  }
  return found;
}

}  // namespace heddle
