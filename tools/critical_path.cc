// SPDX-License-Identifier: MIT
//
// Implements critical_path.h. Each move goes to an earlier event, so that it ends with any trace.
#include "critical_path.h"

#include <algorithm>

#include "words.h"

namespace heddle::tools {
namespace {

class Walk {
 public:
  Walk(const Trace& trace, const TaskTable& tasks, const Waits& waits, FlowId flow)
      : trace_(trace), tasks_(tasks), waits_(waits), flow_(flow) {}

  std::vector<PathPiece> From(std::size_t end) {
    MoveTo(end);
    while (at_ != kNoEvent) {
      const Event& event = trace_.events[at_];
      switch (event.kind) {
        case EventKind::kResume:
          LeaveWait();
          break;
        case EventKind::kStart:
          LeaveTask();
          break;
        default:
          Back();
          break;
      }
    }
    return std::move(pieces_);
  }

 private:
  const std::vector<std::size_t>& Events(TaskId task) const { return waits_.events()[task]; }

  bool IsOfRequest(std::size_t event) const { return flow_ == 0 || tasks_.FlowOf(event) == flow_; }

  // `event` is earlier than where the walk is.
  void MoveTo(std::size_t event) {
    at_ = kNoEvent;
    const TaskId task = trace_.events[event].task;
    if (task >= waits_.events().size() || !IsOfRequest(event)) return;
    const std::vector<std::size_t>& events = Events(task);
    const auto found = std::lower_bound(events.begin(), events.end(), event);
    if (found == events.end() || *found != event) return;
    at_ = event;
    position_ = static_cast<std::size_t>(found - events.begin());
  }

  // To the event before, of the same task, which ran in between.
  void Back() {
    const std::size_t later = at_;
    const TaskId task = trace_.events[at_].task;
    if (position_ == 0) {
      at_ = kNoEvent;
      return;
    }
    at_ = Events(task)[--position_];
    if (!IsOfRequest(at_)) {
      at_ = kNoEvent;
      return;
    }
    Add(task, kNoEvent, at_, later);
  }

  // The task goes on here: to whoever let it, or to where it stopped.
  void LeaveWait() {
    const std::size_t resumed = at_;
    const TaskId task = trace_.events[at_].task;
    const std::vector<std::size_t>& events = Events(task);
    std::size_t from = position_;
    while (from > 0 && trace_.events[events[from]].kind != EventKind::kSuspend) --from;
    const std::size_t suspended = events[from];
    if (trace_.events[suspended].kind != EventKind::kSuspend) {
      at_ = kNoEvent;  // it had stopped before the trace begins
      return;
    }
    const std::size_t cause = waits_.ReasonOf(task, from, position_);
    if (cause != kNoEvent && IsOfRequest(cause)) {
      Add(task, suspended, cause, resumed);
      MoveTo(cause);
      return;
    }
    Add(task, suspended, suspended, resumed);
    position_ = from;
    at_ = IsOfRequest(suspended) ? suspended : kNoEvent;
  }

  // The task begins here: to the step in which it was created.
  void LeaveTask() {
    const std::size_t started = at_;
    const TaskInfo& task = tasks_[trace_.events[at_].task];
    at_ = kNoEvent;
    if (task.spawned == kNoEvent || task.spawned >= started || task.parent == kNoTask) return;
    const std::size_t created = waits_.LastOf(task.parent, task.spawned);
    if (created == kNoEvent) return;
    Add(task.id, kNoEvent, created, started);
    MoveTo(created);
  }

  void Add(TaskId task, std::size_t suspend, std::size_t from, std::size_t to) {
    const VirtualNanos duration = Elapsed(trace_.events[from].time, trace_.events[to].time);
    if (duration > 0) pieces_.push_back({.task = task, .suspend = suspend, .duration = duration});
  }

  const Trace& trace_;
  const TaskTable& tasks_;
  const Waits& waits_;
  const FlowId flow_;
  std::size_t at_ = kNoEvent;
  std::size_t position_ = 0;  // of `at_` among the events of its task
  std::vector<PathPiece> pieces_;
};

}  // namespace

std::vector<std::size_t> PathEnds(const Trace& trace, const TaskTable& tasks) {
  struct Span {
    TaskId first_task = kNoTask;
    std::size_t last = kNoEvent;
  };
  std::vector<Span> spans(std::max<std::size_t>(trace.flows.size(), 1));
  const auto extend = [](Span& span, TaskId task, std::size_t event) {
    if (span.last == kNoEvent) span.first_task = task;
    span.last = event;
  };
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const TaskId task = trace.events[i].task;
    if (task == kNoTask) continue;
    extend(spans[0], task, i);
    const FlowId flow = tasks.FlowOf(i);
    if (flow != 0 && flow < spans.size()) extend(spans[flow], task, i);
  }
  std::vector<std::size_t> ends;
  for (FlowId flow = 0; flow < spans.size(); ++flow) {
    const std::size_t ended = tasks[spans[flow].first_task].ended;
    const bool whole = ended != kNoEvent && (flow == 0 || tasks.FlowOf(ended) == flow);
    ends.push_back(whole ? ended : spans[flow].last);
  }
  return ends;
}

std::vector<PathPiece> CriticalPath(const Trace& trace, const TaskTable& tasks, const Waits& waits,
                                    FlowId flow, std::size_t end) {
  return Walk(trace, tasks, waits, flow).From(end);
}

}  // namespace heddle::tools
