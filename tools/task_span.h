// SPDX-License-Identifier: MIT
//
// Task span: from when to when a task ran. Of one that had begun before the first event of a trace
// (losses.h) the start is not among the events; it is what the recording says of it, or, where that
// says nothing, where the trace begins: then the task took at least as long as its span.
#ifndef HEDDLE_TOOLS_TASK_SPAN_H_
#define HEDDLE_TOOLS_TASK_SPAN_H_

#include <cstddef>
#include <vector>

#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle::tools {

// Whether it made a step, here or before.
bool HasRun(const TaskInfo& task);

// Whether a task with these events did something for others than `flow` too; 0 is all. Whoever
// created and started it may have worked for another request.
bool WorkedForOthers(const Trace& trace, const TaskTable& tasks,
                     const std::vector<std::size_t>& events, FlowId flow);

// Whether its parent awaited it when the trace began.
bool WasCalledBefore(const Trace& trace, const TaskInfo& task);

// Where the trace begins: at the first event, or at the end of what is missing before it.
VirtualNanos BeginOf(const Trace& trace);
// And ends.
VirtualNanos EndOf(const Trace& trace);

struct TaskSpan {
  VirtualNanos start = 0;
  VirtualNanos end = 0;     // of the trace, where the task has not ended
  bool at_least = false;    // it began earlier, and nobody knows when
  VirtualNanos before = 0;  // how much of it lies before the trace

  VirtualNanos duration() const;
};

// Of a task that HasRun.
TaskSpan SpanOf(const Trace& trace, const TaskInfo& task);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_TASK_SPAN_H_
