// SPDX-License-Identifier: MIT
//
// What the events say of Selects: which wait for nothing but a stop, and which had an arm that
// would have let another task go on, and took another one.
#ifndef HEDDLE_RECORDER_STUCK_SELECTS_H_
#define HEDDLE_RECORDER_STUCK_SELECTS_H_

#include <cstddef>
#include <vector>

#include "diagnosis_text.h"
#include "heddle/internal/wait_graph.h"
#include "heddle/trace.h"

namespace heddle::internal {

// A Select that took another arm than the one that is asked for.
struct GivenUp {
  TaskId task = kNoTask;
  std::size_t resume = kNoEvent;
  bool took_time = false;
};

class StuckSelects {
 public:
  // Keeps references to all of them.
  StuckSelects(const Trace& trace, const WaitGraph& graph, const DiagnosisText& text)
      : trace_(trace), graph_(graph), text_(text) {}

  // Whether it is the arm of a Select that waits for a stop.
  static bool IsForStop(const Event& wait);
  // Of a Select: none of its arms can ever be taken, because its tokens have no source.
  bool WaitsForNothing(TaskId task) const;
  // Whether none of its arms waits for anything else.
  bool WaitsForStop(TaskId task) const;

  // The last such Select of each task after event number `since`, for what awaits `wait`.
  std::vector<GivenUp> GivenUpAfter(const Event& wait, std::size_t since) const;

 private:
  std::size_t FirstAfter(std::size_t resume) const;

  const Trace& trace_;
  const WaitGraph& graph_;
  const DiagnosisText& text_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_STUCK_SELECTS_H_
