// SPDX-License-Identifier: MIT
//
// Implements diagnose_stuck.h. Every task of a stuck run waits; what is looked for are the causes:
// circles first (stuck_circles.h), then those who wait for nobody (stuck_leaves.h) and those who
// missed a signal. The others wait for one of these.
#include "diagnose_stuck.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "diagnosis_text.h"
#include "heddle/internal/wait_graph.h"
#include "heddle/object_words.h"
#include "stuck_circles.h"
#include "stuck_leaves.h"
#include "stuck_links.h"
#include "stuck_selects.h"

namespace heddle::internal {
namespace {

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
  // While others go on: only what they cannot change.
  std::vector<Diagnosis> DiagnoseForGood() {
    for (const std::vector<TaskId>& circle : graph_.Circles()) {
      if (IsForGood(circle)) AddCircle(circle);
    }
    return std::move(found_);
  }

 private:
  bool IsForGood(const std::vector<TaskId>& circle) const {
    for (std::size_t i = 0; i < circle.size(); ++i) {
      if (!WaitsForGood(circle[i], circle[(i + 1) % circle.size()])) return false;
    }
    return true;
  }
  // It cannot go on before that one does.
  bool WaitsForGood(TaskId task, TaskId next) const {
    const std::string_view type = text_.Type(graph_.SuspendOf(task).object);
    return std::ranges::any_of(graph_.BlockedEdgesFrom(task), [&](const WaitEdge& edge) {
      if (edge.to != next) return false;
      switch (edge.reason) {
        case WaitReason::kCall:
        case WaitReason::kTurn:
          return true;
        case WaitReason::kLock:
          return type == "Mutex" || type == "SharedMutex";
        case WaitReason::kJoin:
          return type == "TaskGroup" || type == "All";
        default:
          return false;  // somebody else may send, receive or notify
      }
    });
  }

  void AddCircle(const std::vector<TaskId>& circle) {
    // Who missed a signal waits for nobody any more, whoever gave it.
    const auto missed =
        std::ranges::find_if(circle, [this](TaskId task) { return graph_.MissedSignal(task); });
    found_.push_back(missed != circle.end() ? LostWakeUp(*missed) : circles_.Diagnose(circle));
  }

  void AddLeaves() {
    // Those that wait for the same thing are one finding.
    std::map<std::tuple<ObjectId, Operation>, std::vector<TaskId>> leaves;
    for (const auto& [task, blocked] : graph_.blocked()) {
      const Event& suspend = trace_.events[blocked.suspend];
      if (!graph_.BlockedEdgesFrom(task).empty() || IsJoinOfUnknown(suspend)) continue;
      if (graph_.MissedSignal(task)) {
        found_.push_back(LostWakeUp(task));
      } else {
        leaves[{suspend.object, suspend.op()}].push_back(task);
      }
    }
    for (const auto& [what, tasks] : leaves) found_.push_back(leaves_.Diagnose(tasks));
  }

  // The events do not say for which tasks it is.
  bool IsJoinOfUnknown(const Event& suspend) const {
    if (suspend.op() == Operation::kJoin) {
      return !graph_.KnowsTasksOf(suspend.object) || !trace_.losses.empty();
    }
    return suspend.op() == Operation::kCall;
  }

  Diagnosis LostWakeUp(TaskId task) const {
    const Blocked& blocked = graph_.blocked().at(task);
    const ObjectId object = graph_.SuspendOf(task).object;
    const bool is_gate = text_.Type(object) == "Gate";
    std::string text = "Lost wake-up: " + text_.Object(object) + " was " +
                       std::string(WordsOf(text_.Type(object)).released) + " before " +
                       text_.Task(task) + " waited.\n  " + text_.Wait(blocked.suspend) + "\n    " +
                       links_.Use(blocked.last_release);
    text += is_gate ? ", and it was closed again" : ", when nobody waited";
    text += is_gate ? "\n  Likely cause: a gate that is closed again right away lets through only "
                      "those who wait at that moment. Leave it open, or use a Condition."
                    : "\n  Likely cause: the task does not look whether what it waits for is there "
                      "already. Wait with a predicate.";
    return {Verdict::kLostWakeUp, {task}, std::move(text)};
  }

  // That nobody requests a stop is no cause where there is another: what UntilStopped runs hangs.
  void DropStops() {
    const auto is_stop = [this](const Diagnosis& diagnosis) {
      return diagnosis.verdict == Verdict::kNoWaker && !diagnosis.tasks.empty() &&
             selects_.WaitsForStop(diagnosis.tasks.front());
    };
    if (std::ranges::all_of(found_, is_stop)) return;
    std::erase_if(found_, is_stop);
  }

  const Trace& trace_;
  WaitGraph graph_;
  DiagnosisText text_;
  LinkText links_{trace_, graph_, text_};
  StuckSelects selects_{trace_, graph_, text_};
  StuckCircles circles_{trace_, graph_, text_};
  StuckLeaves leaves_{trace_, graph_, text_};
  std::vector<Diagnosis> found_;
};

}  // namespace

std::vector<Diagnosis> DiagnoseStuck(const Trace& trace, const TaskTable& tasks) {
  return StuckRun(trace, tasks).Diagnose();
}

std::vector<Diagnosis> DiagnoseStuckForGood(const Trace& trace, const TaskTable& tasks) {
  const bool waits = std::ranges::any_of(trace.header.waiting, [](const WaitingTask& task) {
    return task.operation == Operation::kLock || task.operation == Operation::kJoin;
  });
  if (!waits) return {};  // most runs without end, and they are long
  return StuckRun(trace, tasks).DiagnoseForGood();
}

}  // namespace heddle::internal
