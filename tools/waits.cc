// SPDX-License-Identifier: MIT
//
// Implements waits.h.
#include "waits.h"

#include <algorithm>

#include "words.h"

namespace heddle::tools {
namespace {

// The last of `ascending` that is less than `end`.
std::size_t LastBefore(const std::vector<std::size_t>& ascending, std::size_t end) {
  const auto after = std::lower_bound(ascending.begin(), ascending.end(), end);
  return after == ascending.begin() ? kNoEvent : *(after - 1);
}

// The last that lies strictly between `from` and `to`.
std::size_t LastBetween(const std::vector<std::size_t>& ascending, std::size_t from,
                        std::size_t to) {
  const std::size_t last = LastBefore(ascending, to);
  return last == kNoEvent || last <= from ? kNoEvent : last;
}

}  // namespace

Waits::Waits(const Trace& trace, const std::vector<std::size_t>* steps_before)
    : trace_(trace), steps_before_(steps_before) {
  // Those that were there before have no event that creates them.
  const std::size_t carried = trace.losses.tasks.size();
  events_.resize(carried);
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    // Ids are dense, so a larger one comes from a damaged recording.
    if (event.task < carried + trace.events.size()) {
      if (event.task >= events_.size()) events_.resize(event.task + std::size_t{1});
      events_[event.task].push_back(i);
    }
    switch (event.kind) {
      case EventKind::kStart:
      case EventKind::kResume:
        steps_.push_back(i);
        break;
      case EventKind::kRelease:
        releases_[event.object].push_back(i);
        break;
      case EventKind::kSend:
        sends_.emplace(Message(event.object, event.value), i);
        break;
      case EventKind::kReceive:
        receives_[event.object].push_back(i);
        break;
      default:
        break;
    }
  }
}

std::size_t Waits::EarlyResume(TaskId task) const {
  if (task >= trace_.losses.tasks.size()) return kNoEvent;
  for (std::size_t i = 0; i < events_[task].size(); ++i) {
    const EventKind kind = trace_.events[events_[task][i]].kind;
    if (kind == EventKind::kResume) return i;
    if (kind != EventKind::kWake) return kNoEvent;
  }
  return kNoEvent;
}

Wait Waits::Of(TaskId task, std::size_t position) const {
  const std::vector<std::size_t>& events = events_[task];
  const std::size_t suspended = events[position];
  Wait wait;
  std::size_t end = trace_.events.size() - 1;
  std::size_t ready = suspended;
  for (std::size_t i = position + 1; i < events.size(); ++i) {
    const Event& event = trace_.events[events[i]];
    if (event.kind == EventKind::kWake) {
      wait.woken = true;
      ready = events[i];
      wait.waker = event.object;
      continue;
    }
    end = events[i];
    if (event.kind == EventKind::kResume) {
      wait.resumed = end;
      wait.cause = CauseOf(task, suspended, i);
      if (wait.cause == kNoEvent) wait.held_before = HeldBefore(suspended);
    } else if (event.kind == EventKind::kSuspend && event.op() == Operation::kLock &&
               trace_.events[suspended].op() == Operation::kWait) {
      wait.notified = end;
      wait.cause = CauseOf(task, suspended, i);
    } else {
      wait.cancelled = end;
    }
    break;
  }
  wait.duration = Elapsed(trace_.events[suspended].time, trace_.events[end].time);
  if (IsLive(trace_.header)) return wait;  // they were made at the same time, by other threads
  wait.other_steps = StepsBetween(suspended, end);
  if (wait.resumed != kNoEvent) {
    if (!wait.woken && wait.cause != kNoEvent) ready = wait.cause;
    wait.passed_over = StepsBetween(ready, end);
  }
  return wait;
}

std::size_t Waits::ReasonOf(TaskId task, std::size_t suspended, std::size_t position) const {
  const std::size_t from = events_[task][suspended];
  const std::size_t resumed = events_[task][position];
  const auto in_wait = [&](TaskId other) {
    const std::size_t event = LastOf(other, resumed);
    return event != kNoEvent && event > from ? event : kNoEvent;
  };
  if (trace_.events[from].op() == Operation::kCall) return in_wait(trace_.events[from].object);
  const Wait wait = Of(task, suspended);
  if (wait.cause != kNoEvent && wait.cause < resumed) return wait.cause;
  return wait.woken ? in_wait(wait.waker) : kNoEvent;
}

std::size_t Waits::LastOf(TaskId task, std::size_t before) const {
  return task < events_.size() ? LastBefore(events_[task], before) : kNoEvent;
}

// `after` is the position of the kResume among the events of `task`.
std::size_t Waits::CauseOf(TaskId task, std::size_t suspended, std::size_t after) const {
  const std::vector<std::size_t>& events = events_[task];
  const Event& suspend = trace_.events[suspended];
  switch (suspend.op()) {
    case Operation::kWait:
    case Operation::kLock:
      return ReleaseBetween(suspend.object, suspended, events[after]);
    case Operation::kSend:
    case Operation::kReceive: {
      // What was sent or received is the next event; without one, the channel was closed.
      const bool moved = after + 1 < events.size() &&
                         (trace_.events[events[after + 1]].kind == EventKind::kSend ||
                          trace_.events[events[after + 1]].kind == EventKind::kReceive);
      return moved ? MessageCause(suspended, events[after + 1])
                   : ReleaseBetween(suspend.object, suspended, events[after]);
    }
    default:
      return kNoEvent;
  }
}

std::size_t Waits::MessageCause(std::size_t suspended, std::size_t after) const {
  const Event& event = trace_.events[after];
  if (event.kind == EventKind::kSend) {
    const auto receives = receives_.find(event.object);
    return receives == receives_.end() ? kNoEvent : LastBetween(receives->second, suspended, after);
  }
  const auto sent = sends_.find(Message(event.object, event.value));
  return sent == sends_.end() || sent->second < suspended ? kNoEvent : sent->second;
}

std::size_t Waits::ReleaseBetween(ObjectId object, std::size_t suspended,
                                  std::size_t resumed) const {
  const auto releases = releases_.find(object);
  return releases == releases_.end() ? kNoEvent : LastBetween(releases->second, suspended, resumed);
}

std::size_t Waits::HeldBefore(std::size_t suspended) const {
  const Event& suspend = trace_.events[suspended];
  const auto releases = releases_.find(suspend.object);
  if (suspend.op() != Operation::kLock || releases == releases_.end()) return kNoEvent;
  return LastBefore(releases->second, suspended);
}

std::size_t Waits::StepsBetween(std::size_t from, std::size_t to) const {
  if (steps_before_ != nullptr) {
    if (from >= to) return 0;
    const EventKind kind = trace_.events[from].kind;
    const bool is_step = kind == EventKind::kStart || kind == EventKind::kResume;
    return (*steps_before_)[to] - (*steps_before_)[from] - (is_step ? 1 : 0);
  }
  return static_cast<std::size_t>(std::lower_bound(steps_.begin(), steps_.end(), to) -
                                  std::upper_bound(steps_.begin(), steps_.end(), from));
}

}  // namespace heddle::tools
