// SPDX-License-Identifier: MIT
//
// Tasks that wait for each other in a circle: which verdict that is, who waits for whom and why,
// and the likely cause.
#ifndef HEDDLE_RECORDER_STUCK_CIRCLES_H_
#define HEDDLE_RECORDER_STUCK_CIRCLES_H_

#include <string>
#include <vector>

#include "diagnosis_text.h"
#include "heddle/diagnosis.h"
#include "heddle/internal/wait_graph.h"
#include "heddle/trace.h"
#include "stuck_links.h"

namespace heddle::internal {

class StuckCircles {
 public:
  // Keeps references to all of them.
  StuckCircles(const Trace& trace, const WaitGraph& graph, const DiagnosisText& text)
      : graph_(graph), text_(text), links_(trace, graph, text) {}

  // Each of the tasks waits for the next, and the last one for the first.
  Diagnosis Diagnose(const std::vector<TaskId>& circle) const;

 private:
  std::vector<StuckLink> LinksOf(const std::vector<TaskId>& circle) const;
  Verdict VerdictOf(const std::vector<StuckLink>& links) const;
  const StuckLink& AwaitLink(const std::vector<StuckLink>& links, const StuckLink& held) const;

  std::string Headline(Verdict verdict, const std::vector<StuckLink>& links) const;
  std::string SelfHeadline(const StuckLink& link) const;
  std::string WaitText(TaskId task) const;
  std::string KeptText(const StuckLink& link) const;
  std::string WriterText(TaskId reader) const;

  std::string Hint(Verdict verdict, const std::vector<StuckLink>& links) const;
  std::string SelfHint(const StuckLink& link) const;
  bool AllReadAgain(const std::vector<StuckLink>& links) const;

  const WaitGraph& graph_;
  const DiagnosisText& text_;
  LinkText links_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_STUCK_CIRCLES_H_
