// SPDX-License-Identifier: MIT
//
// Names of the user's own for tasks. They stand behind the name that a task has anyway, in every
// view, report and verdict: `Checkout#0/Charge#1 "order 17"`.
//
//   world.Spawn(heddle::Named("order 17", Checkout(shop, order)));
//   heddle::NameTask("order " + std::to_string(order.id));   // the running task, from inside
//
// Matchers and `heddle show --task` find the task by either. A step needs no name: the Mark
// (mark.h) before it is one.
//
// With tracing off, both do nothing.
#ifndef HEDDLE_NAMED_H_
#define HEDDLE_NAMED_H_

#include <source_location>
#include <string_view>

#include "heddle/task.h"
#include "heddle/tracing.h"

#if HEDDLE_TRACING
#include "heddle/task_label.h"
#endif

namespace heddle::inline HEDDLE_VARIANT {

// The running task is called `name` from here on. Nothing outside a run.
inline void NameTask([[maybe_unused]] std::string_view name,
                     [[maybe_unused]] std::source_location site = std::source_location::current()) {
#if HEDDLE_SIMULATED
  Executor* executor = Executor::Current();
  if (executor == nullptr || executor->running() == nullptr) return;
  if (!executor->recorder().events_on()) return;
  executor->mutable_recorder().AddMark(EventKind::kMark, executor->running_id(), site,
                                       LabelMark(name));
#elif HEDDLE_LIVE
  internal::LiveTask* task = internal::LiveTask::Current();
  if (task != nullptr && internal::LiveOn()) task->Mark(site, LabelMark(name));
#endif
}

// The same of a task that is yet to run. Of one that was created outside the run nothing is known
// yet, and it stays without a name: call NameTask in it. Throws UsageError for an empty Task.
template <class T>
Task<T> Named([[maybe_unused]] std::string_view name, Task<T> task,
              [[maybe_unused]] std::source_location site = std::source_location::current()) {
#if HEDDLE_SIMULATED
  const internal::TaskState& state = task.RequireFrame().promise().state;
  if (state.executor != nullptr && state.executor->recorder().events_on()) {
    state.executor->mutable_recorder().AddMark(EventKind::kMark, state.id, site, LabelMark(name));
  }
#elif HEDDLE_LIVE
  if (internal::LiveOn()) task.RequireFrame().promise().live.Mark(site, LabelMark(name));
#endif
  return task;
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_NAMED_H_
