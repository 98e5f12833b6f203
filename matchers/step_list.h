// SPDX-License-Identifier: MIT
//
// StepList: what occurs in a trace, in the order in which it begins. Every matcher asks
// this list; step_text.h puts it into words.
#ifndef HEDDLE_MATCHERS_STEP_LIST_H_
#define HEDDLE_MATCHERS_STEP_LIST_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heddle/task_table.h"
#include "heddle/trace.h"
#include "step_pattern.h"

namespace heddle::internal {

// A task that ran, or a mark.
struct Occurrence {
  TaskId task = kNoTask;
  std::size_t begin = kNoEvent;
  std::size_t end = kNoEvent;        // kNoEvent: the task did not get to its end
  const MarkRecord* mark = nullptr;  // null: the task itself

  bool ended() const { return end != kNoEvent; }
};

// What is done with a trace that has losses (losses.h).
enum class PartialTrace : std::uint8_t { kRejected, kAccepted };

class StepList {
 public:
  // Keeps a reference to `trace`. Throws UsageError if events are missing.
  explicit StepList(const Trace& trace, PartialTrace partial = PartialTrace::kRejected);

  const Trace& trace() const { return trace_; }
  const TaskTable& tasks() const { return tasks_; }

  // Ascending by `begin`; no two begin at the same event.
  const std::vector<Occurrence>& all() const { return occurrences_; }
  // Those that the pattern names, in the same order; pointers into all().
  std::vector<const Occurrence*> Find(const StepPattern& pattern) const;

  // Whether `first` works for the request that `then` works for, or `then` works for none.
  bool SameRequest(const Occurrence& first, const Occurrence& then) const;

 private:
  const Trace& trace_;
  TaskTable tasks_;
  std::vector<Occurrence> occurrences_;
};

// Throws the UsageError that says what is missing.
[[noreturn]] void ThrowLossy(const Trace& trace);

}  // namespace heddle::internal

#endif  // HEDDLE_MATCHERS_STEP_LIST_H_
