// SPDX-License-Identifier: MIT
//
// What was done before to the object that a stuck task waits for: who did last what would let the
// task go on, what became of them, and who was about to.
#ifndef HEDDLE_RECORDER_STUCK_PAST_H_
#define HEDDLE_RECORDER_STUCK_PAST_H_

#include <cstddef>
#include <string>
#include <vector>

#include "diagnosis_text.h"
#include "heddle/internal/wait_graph.h"
#include "heddle/trace.h"
#include "stuck_links.h"
#include "stuck_selects.h"

namespace heddle::internal {

class StuckPast {
 public:
  // Keeps references to all of them.
  StuckPast(const Trace& trace, const WaitGraph& graph, const DiagnosisText& text)
      : trace_(trace),
        graph_(graph),
        text_(text),
        links_(trace, graph, text),
        selects_(trace, graph, text) {}

  // A few lines on the object that `task` waits for; of a Select, on those of its arms.
  std::vector<std::string> History(TaskId task) const;
  // The last time that somebody did what would let `wait` go on; kNoEvent: nobody ever has.
  std::size_t LastUse(const Event& wait) const;
  // Whether who did last what `wait` is for was cancelled, or those who were just about to.
  bool CameToNothing(const Event& wait) const;

 private:
  std::vector<std::string> HistoryOf(TaskId task, const Event& wait) const;
  void AddSlowestTo(std::vector<std::string>& lines, ObjectId broadcast) const;
  void AddMissingTo(std::vector<std::string>& lines, ObjectId latch) const;
  void AddGivenUp(std::vector<std::string>& lines, const Event& wait, std::size_t use) const;
  void AddCancelled(std::vector<std::string>& lines, const Event& wait) const;
  std::string ArrivedText(const Event& suspend) const;
  std::string AfterwardsText(TaskId task) const;
  std::string TimeOf(std::size_t event) const;
  std::vector<TaskId> CancelledBefore(const Event& wait) const;
  bool WaitsAt(TaskId task, ObjectId object) const;

  const Trace& trace_;
  const WaitGraph& graph_;
  const DiagnosisText& text_;
  LinkText links_;
  StuckSelects selects_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_STUCK_PAST_H_
