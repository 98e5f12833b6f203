// SPDX-License-Identifier: MIT
//
// Detach: a task that nobody waits for.
//
//   heddle::Detach(SendReceipt(order));   // and go on
//
// It is let go of, not forgotten. The run does not end before it has ended; while it waits for what
// will never come, the run is stuck and the report names it; and if it throws, the run ends with
// that exception, since nobody else could look at it. Its frame goes when it has ended. What it
// refers to must live as long as the run: prefer a TaskGroup where a scope can wait.
#ifndef HEDDLE_DETACH_H_
#define HEDDLE_DETACH_H_

#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/task.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// The task starts when it is its turn. Throws UsageError for an empty Task, and outside a run.
inline void Detach(Task<void> task) {
  Executor* executor = Executor::Current();
  if (executor == nullptr) {
    throw UsageError(
        "heddle: a task was detached outside a run. Likely cause: Detach is called before "
        "heddle::Run or after it. Call it in the body of a run.");
  }
  const auto frame = task.Release();
  executor->SpawnRoot(frame.promise(), frame);
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_DETACH_H_
