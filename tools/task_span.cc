// SPDX-License-Identifier: MIT
//
// Implements task_span.h.
#include "task_span.h"

#include <algorithm>

#include "words.h"

namespace heddle::tools {

bool HasRun(const TaskInfo& task) { return task.started != kNoEvent || task.began_before; }

bool WorkedForOthers(const Trace& trace, const TaskTable& tasks,
                     const std::vector<std::size_t>& events, FlowId flow) {
  return flow != 0 && std::any_of(events.begin(), events.end(), [&](std::size_t e) {
           const EventKind kind = trace.events[e].kind;
           return tasks.FlowOf(e) != flow && kind != EventKind::kSpawn && kind != EventKind::kStart;
         });
}

bool WasCalledBefore(const Trace& trace, const TaskInfo& task) {
  return task.began_before && task.id < trace.losses.tasks.size() &&
         trace.losses.tasks[task.id].is_called;
}

VirtualNanos BeginOf(const Trace& trace) {
  VirtualNanos begin = trace.events.empty() ? 0 : trace.events.front().time;
  for (const Loss& loss : trace.losses.list) {
    if (loss.reason == LossReason::kWindow) begin = std::min(begin, loss.to);
  }
  return begin;
}

VirtualNanos EndOf(const Trace& trace) {
  return trace.events.empty() ? BeginOf(trace) : trace.events.back().time;
}

VirtualNanos TaskSpan::duration() const { return Elapsed(start, end); }

TaskSpan SpanOf(const Trace& trace, const TaskInfo& task) {
  TaskSpan span;
  span.end = task.ended == kNoEvent ? EndOf(trace) : trace.events[task.ended].time;
  if (task.started != kNoEvent) {
    span.start = trace.events[task.started].time;
    return span;
  }
  const VirtualNanos begin = BeginOf(trace);
  span.at_least = !task.began;
  span.start = task.began.value_or(begin);
  span.before = std::max<VirtualNanos>(Elapsed(span.start, begin), 0);
  return span;
}

}  // namespace heddle::tools
