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

void AddNeverAwaited(const Trace& trace, const TaskTable& tasks, std::vector<Diagnosis>& found) {
  const internal::DiagnosisText text(trace, tasks);
  Diagnosis diagnosis = {Verdict::kNeverAwaited, {}, {}};
  std::string lines;
  for (const Event& event : trace.events) {
    if (event.kind != EventKind::kAbandon || event.op() != Operation::kNone) continue;
    diagnosis.tasks.push_back(event.task);
    const TaskInfo& task = tasks[event.task];
    if (diagnosis.tasks.size() > kShown || task.spawned == kNoEvent) continue;
    lines += "\n  " + task.path + " was created by " + tasks.Path(task.parent) +
             text.LastAwait(task.parent, task.spawned, "after");
  }
  if (diagnosis.tasks.empty()) return;
  const std::size_t count = diagnosis.tasks.size();
  diagnosis.text = "Never awaited: " + internal::CountOf(count, "task") +
                   (count == 1 ? " was" : " were") + " destroyed before " +
                   (count == 1 ? "it" : "they") + " ran." + lines;
  if (count > kShown) diagnosis.text += "\n  and " + std::to_string(count - kShown) + " more";
  diagnosis.text += "\n  Likely cause: a forgotten co_await.";
  found.push_back(std::move(diagnosis));
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
