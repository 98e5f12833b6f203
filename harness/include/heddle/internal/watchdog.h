// SPDX-License-Identifier: MIT
//
// Watchdog: ends a process in which one step takes too long in real time. A step that never
// suspends is the one thing that the step limit cannot end.
//
// RunOptions::step_timeout or HEDDLE_STEP_TIMEOUT, in seconds, gives the time; else it is a minute,
// unless a debugger holds the process. It costs a step nothing, and a run does not notice it: a
// timer of the thread looks now and then whether the number of steps has changed.
#ifndef HEDDLE_INTERNAL_WATCHDOG_H_
#define HEDDLE_INTERNAL_WATCHDOG_H_

#include <memory>

#include "heddle/run_options.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

class StepTimer;

// Watches the run that this thread is in, for as long as it lives.
class Watchdog {
 public:
  // Throws UsageError for a HEDDLE_STEP_TIMEOUT that is no number of seconds.
  explicit Watchdog(const RunOptions& options);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

 private:
  std::unique_ptr<StepTimer> timer_;  // null: off, or the thread's
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_WATCHDOG_H_
