// SPDX-License-Identifier: MIT
//
// Collecting the steps, after making sure that none is missing.
#include "step_list.h"

#include <string>

#include "heddle/check.h"
#include "heddle/losses.h"
#include "heddle/task_label.h"

namespace heddle::internal {
namespace {

bool IsMark(EventKind kind) {
  return kind == EventKind::kMark || kind == EventKind::kInput || kind == EventKind::kFault;
}

std::string NameOf(const Trace& trace) {
  const std::string& test = trace.header.test;
  return test.empty() ? "this trace" : "the trace of \"" + test + "\"";
}

// A matcher that looked at a part of a run would find orders that the run did not have.
void CheckThatNothingIsMissing(const Trace& trace, const TaskTable& tasks) {
  if (!trace.losses.empty()) ThrowLossy(trace);
  const std::string name = NameOf(trace);
  if (trace.events.empty()) {
    throw UsageError(name +
                     " has no events, so nothing can be asked about its steps. Recording of "
                     "events was off in this run, or the program was built with "
                     "HEDDLE_TRACING=0. Run it again with RecordMode::kEvents: the same choices "
                     "give the same run.");
  }
  const bool all_returned = trace.header.ending == Ending::kFinished;
  for (const TaskInfo& task : tasks.tasks()) {
    const bool lacks_begin = task.spawned == kNoEvent;
    const bool lacks_end = all_returned && task.started != kNoEvent && task.ended == kNoEvent;
    if (!lacks_begin && !lacks_end) continue;
    throw UsageError(name + " is not whole: the " + (lacks_begin ? "spawn" : "end") + " of " +
                     task.path +
                     " is missing, so nothing can be asked about its steps. Likely cause: it was "
                     "read from a damaged recording; see Recording::damage.");
  }
  for (const Event& event : trace.events) {
    if (IsMark(event.kind) && event.object >= trace.marks.size()) {
      throw UsageError(name +
                       " is not whole: a mark is missing. Likely cause: it was read from "
                       "a damaged recording; see Recording::damage.");
    }
  }
}

}  // namespace

void ThrowLossy(const Trace& trace) {
  throw UsageError(NameOf(trace) + " cannot answer this, because not all of the run is in it:\n  " +
                   LossText(trace.losses) +
                   ".\nWhat it has can be found in it, but not that something did not happen, or "
                   "only in this order. Record the run without a filter or a window to ask.");
}

StepList::StepList(const Trace& trace, PartialTrace partial) : trace_(trace), tasks_(trace) {
  if (partial == PartialTrace::kRejected || trace.losses.empty()) {
    CheckThatNothingIsMissing(trace, tasks_);
  }
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    if (event.kind == EventKind::kStart) {
      occurrences_.push_back({.task = event.task, .begin = i, .end = tasks_[event.task].ended});
    } else if (IsMark(event.kind) && event.object < trace.marks.size() &&
               LabelOf(trace.marks[event.object]) == nullptr) {
      occurrences_.push_back(
          {.task = event.task, .begin = i, .end = i, .mark = &trace.marks[event.object]});
    }
  }
}

std::vector<const Occurrence*> StepList::Find(const StepPattern& pattern) const {
  std::vector<const Occurrence*> found;
  for (const Occurrence& occurrence : occurrences_) {
    const bool matches = occurrence.mark != nullptr ? pattern.Matches(*occurrence.mark)
                                                    : pattern.Matches(tasks_[occurrence.task]);
    if (matches) found.push_back(&occurrence);
  }
  return found;
}

bool StepList::SameRequest(const Occurrence& first, const Occurrence& then) const {
  const FlowId wanted = tasks_.FlowOf(then.begin);
  // A task may learn only after its start which request it works for.
  return wanted == 0 || tasks_.FlowOf(first.begin) == wanted ||
         (first.ended() && tasks_.FlowOf(first.end) == wanted);
}

}  // namespace heddle::internal
