// SPDX-License-Identifier: MIT
//
// The leaves of the wait graph, tasks that wait for nobody: what was to be done, what was done
// before, who is stuck because of it, and the likely cause.
#ifndef HEDDLE_RECORDER_STUCK_LEAVES_H_
#define HEDDLE_RECORDER_STUCK_LEAVES_H_

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis_text.h"
#include "heddle/diagnosis.h"
#include "heddle/internal/wait_graph.h"
#include "heddle/trace.h"
#include "stuck_links.h"
#include "stuck_past.h"
#include "stuck_selects.h"

namespace heddle::internal {

class StuckLeaves {
 public:
  // Keeps references to all of them.
  StuckLeaves(const Trace& trace, const WaitGraph& graph, const DiagnosisText& text)
      : trace_(trace),
        graph_(graph),
        text_(text),
        links_(trace, graph, text),
        selects_(trace, graph, text),
        past_(trace, graph, text) {}

  // All of `tasks` wait for the same thing.
  Diagnosis Diagnose(const std::vector<TaskId>& tasks) const;

 private:
  Diagnosis NoWaker(const std::vector<TaskId>& tasks) const;
  Diagnosis HeldWhileWaiting(const std::vector<TaskId>& tasks, TaskId holder) const;
  WaitEdge EdgeToStrandOf(TaskId waiting, TaskId holder) const;

  std::string Headline(TaskId task, bool others_are_stuck) const;
  std::string WakingDeed(const Event& wait) const;
  std::string WaitsText(const std::vector<TaskId>& tasks) const;
  std::string OthersText(const std::set<TaskId>& behind) const;
  std::string_view Hint(TaskId task) const;

  const Trace& trace_;
  const WaitGraph& graph_;
  const DiagnosisText& text_;
  LinkText links_;
  StuckSelects selects_;
  StuckPast past_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_STUCK_LEAVES_H_
