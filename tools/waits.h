// SPDX-License-Identifier: MIT
//
// Waits: how each await of a run ended, and which event of which other task ended it.
// Causality (causality.h) says what could have influenced a resumption; here we name the
// one event that a person wants to hear: who unlocked, who sent, who finished.
#ifndef HEDDLE_TOOLS_WAITS_H_
#define HEDDLE_TOOLS_WAITS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle::tools {

struct Wait {
  std::size_t resumed = kNoEvent;    // the kResume; kNoEvent: it never went on
  std::size_t cancelled = kNoEvent;  // the kFinish that destroyed the task in this wait
  // The kSuspend by which it waits on for something else: who is notified of a Condition, for its
  // mutex.
  std::size_t notified = kNoEvent;
  // The event that made it possible to go on, where that came after the suspension: a
  // kRelease, kSend, kReceive, or the kFinish of the last task that was joined.
  std::size_t cause = kNoEvent;
  // Where a Mutex was free: the kRelease of whoever had it before.
  std::size_t held_before = kNoEvent;
  bool woken = false;           // there is a kWake ...
  TaskId waker = kNoTask;       // ... by this task; kNoTask: a timer, or outside
  VirtualNanos duration = 0;    // to its end, or to the end of the run
  std::size_t other_steps = 0;  // steps of other tasks in between
  std::size_t passed_over = 0;  // those of them while this task could have gone on

  // kNoEvent: it still waits.
  std::size_t end() const {
    return resumed != kNoEvent ? resumed : cancelled != kNoEvent ? cancelled : notified;
  }
};

class Waits {
 public:
  // Keeps references. `steps_before` is for a trace that is an extract of a longer one: by event,
  // how many steps came before it there.
  explicit Waits(const Trace& trace, const std::vector<std::size_t>* steps_before = nullptr);

  // The events of each task, ascending. Index is TaskId.
  const std::vector<std::vector<std::size_t>>& events() const { return events_; }

  // Of a task that waited when the trace began: the position, among its events, of the kResume with
  // which it went on. kNoEvent: it did not wait then, or has not gone on.
  std::size_t EarlyResume(TaskId task) const;

  // The wait that begins at number `position` of the events of `task`, a kSuspend.
  Wait Of(TaskId task, std::size_t position) const;

  // The event of another task because of which `task` goes on at number `position` of its events, a
  // kResume; `suspended` is the number of the kSuspend before it. kNoEvent: time passed, or it came
  // from outside.
  std::size_t ReasonOf(TaskId task, std::size_t suspended, std::size_t position) const;

  // The last event of `task` before another; kNoEvent: there is none.
  std::size_t LastOf(TaskId task, std::size_t before) const;

 private:
  using Message = std::pair<ObjectId, std::uint32_t>;  // a channel, and a number in it

  std::size_t CauseOf(TaskId task, std::size_t suspended, std::size_t after) const;
  std::size_t MessageCause(std::size_t suspended, std::size_t after) const;
  std::size_t ReleaseBetween(ObjectId object, std::size_t suspended, std::size_t resumed) const;
  std::size_t HeldBefore(std::size_t suspended) const;
  std::size_t StepsBetween(std::size_t from, std::size_t to) const;

  const Trace& trace_;
  const std::vector<std::size_t>* const steps_before_;
  std::vector<std::vector<std::size_t>> events_;
  std::vector<std::size_t> steps_;                         // every kStart and kResume
  std::map<ObjectId, std::vector<std::size_t>> releases_;  // kRelease events, ascending
  std::map<Message, std::size_t> sends_;
  std::map<ObjectId, std::vector<std::size_t>> receives_;
};

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_WAITS_H_
