// SPDX-License-Identifier: MIT
//
// The trace context (context.h) of the running task: what to send along when it asks another
// program for something, so that what is done there belongs to the same request.
//
//   heddle::BeginFlow(request.header("traceparent"));   // goes on with the caller's request
//   ...
//   if (const auto context = heddle::CurrentContext()) {
//     query.set_header("traceparent", heddle::ToString(*context));
//   }
//
// `heddle export --format otlp` gives the task's span the id that was sent.
#ifndef HEDDLE_CURRENT_CONTEXT_H_
#define HEDDLE_CURRENT_CONTEXT_H_

#include <optional>
#include <source_location>
#include <string>
#include <string_view>

#include "heddle/context.h"
#include "heddle/tracing.h"

#if HEDDLE_SIMULATED
#include "heddle/executor.h"
#elif HEDDLE_LIVE
#include "heddle/internal/live_task.h"
#endif

namespace heddle::inline HEDDLE_VARIANT {

// Nothing outside of tasks, for a task that works for no request, where nothing is recorded, and,
// in production, for a request of an earlier LiveRecorder whose name is no longer in memory: then
// the recording has a lost context. The trace is the one that the request's name
// gives, if that is a traceparent; else one of its own: in production a random one, in a simulation
// one that is the same in every run with this schedule. Recorded as a mark, `traceparent`.
inline std::optional<TraceContext> CurrentContext(
    [[maybe_unused]] std::source_location site = std::source_location::current()) {
#if HEDDLE_SIMULATED
  Executor* executor = Executor::Current();
  if (executor == nullptr || executor->running() == nullptr) return std::nullopt;
  const internal::TaskState& task = *executor->running();
  const std::string* name = executor->recorder().FlowName(task.flow);
  if (task.flow == 0 || name == nullptr) return std::nullopt;
  const TraceContext context = MakeContext({}, *name, task.flow, task.id);
  executor->mutable_recorder().AddMark(EventKind::kMark, task.id, site, ContextMark(context));
  return context;
#elif HEDDLE_LIVE
  internal::LiveTask* task = internal::LiveTask::Current();
  if (task == nullptr || task->flow() == 0 || !internal::LiveOn()) return std::nullopt;
  const std::optional<std::string> name = internal::LiveFlowName(task->flow());
  if (!name) {
    task->LoseContext(site);
    return std::nullopt;
  }
  const TraceContext context =
      MakeContext(internal::LiveTraceSeed(), *name, task->flow(), task->id());
  task->Mark(site, ContextMark(context));
  return context;
#else
  return std::nullopt;
#endif
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CURRENT_CONTEXT_H_
