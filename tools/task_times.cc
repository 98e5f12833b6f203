// SPDX-License-Identifier: MIT
//
// Implements task_times.h.
#include "task_times.h"

#include <algorithm>
#include <map>
#include <utility>

#include "heddle/ending.h"
#include "table.h"
#include "task_span.h"
#include "waits.h"
#include "words.h"

namespace heddle::tools {
namespace {

std::string_view HowItEnded(const Trace& trace, const TaskInfo& task) {
  return task.ended == kNoEvent ? "unfinished" : OutcomeText(trace.events[task.ended].outcome());
}

class Timer {
 public:
  Timer(const Trace& trace, const TaskTable& tasks, FlowId flow)
      : trace_(trace), tasks_(tasks), flow_(flow), waits_(trace) {}

  TaskTimes TimesOf(const TaskInfo& task) const {
    if (task.id >= waits_.events().size()) return WholeOf(task);  // a damaged recording
    const std::vector<std::size_t>& events = waits_.events()[task.id];
    return WorkedForOthers(trace_, tasks_, events, flow_) ? PartOf(task) : WholeOf(task);
  }

 private:
  using WaitedFor = std::map<std::string, VirtualNanos>;

  TaskTimes WholeOf(const TaskInfo& task) const {
    TaskTimes times;
    times.task = task.id;
    const TaskSpan span = SpanOf(trace_, task);
    times.start = span.start;
    times.took = span.duration();
    times.before = span.before;
    times.at_least = span.at_least;
    times.began_before = task.began_before;
    times.outcome = HowItEnded(trace_, task);
    if (task.id >= waits_.events().size()) return times;
    WaitedFor waited_for;
    if (task.began_before) AddEarlyWait(task, times, waited_for);
    const std::vector<std::size_t>& events = waits_.events()[task.id];
    for (std::size_t i = 0; i < events.size(); ++i) AddWait(task.id, i, times, waited_for);
    SetLongest(waited_for, times);
    return times;
  }

  // From each time that it takes the request up until it goes on to something else.
  TaskTimes PartOf(const TaskInfo& task) const {
    TaskTimes times;
    times.task = task.id;
    times.is_part = true;
    WaitedFor waited_for;
    bool works = BeginEarly(task, times, waited_for);
    bool has_begun = works;
    VirtualNanos since = times.start;
    const std::vector<std::size_t>& events = waits_.events()[task.id];
    for (std::size_t i = 0; i < events.size(); ++i) {
      const VirtualNanos now = trace_.events[events[i]].time;
      const bool worked = std::exchange(works, tasks_.FlowOf(events[i]) == flow_);
      if (works && !worked) since = now;
      if (works && !std::exchange(has_begun, true)) times.start = now;
      if (worked && !works) times.took = Sum(times.took, Elapsed(since, now));
      if (works) AddWait(task.id, i, times, waited_for);
    }
    if (works) {
      const std::size_t end = task.ended;
      const VirtualNanos now = end == kNoEvent ? EndOf(trace_) : trace_.events[end].time;
      times.took = Sum(times.took, Elapsed(since, now));
      times.outcome = HowItEnded(trace_, task);
    }
    SetLongest(waited_for, times);
    return times;
  }

  // Whether it worked for the request when the trace began.
  bool BeginEarly(const TaskInfo& task, TaskTimes& times, WaitedFor& waited_for) const {
    if (!task.began_before || task.id >= trace_.losses.tasks.size()) return false;
    const CarriedTask& carried = trace_.losses.tasks[task.id];
    if (carried.flow != flow_) return false;
    const VirtualNanos begin = BeginOf(trace_);
    times.began_before = true;
    times.at_least = carried.state == CarriedState::kUnknown;
    times.start = times.at_least ? begin : carried.flow_since;
    times.before = std::max<VirtualNanos>(Elapsed(times.start, begin), 0);
    AddEarlyWait(task, times, waited_for);
    return true;
  }

  // Where number `position` of its events is one that begins a wait.
  void AddWait(TaskId task, std::size_t position, TaskTimes& times, WaitedFor& waited_for) const {
    const Event& event = trace_.events[waits_.events()[task][position]];
    if (event.kind != EventKind::kSuspend) return;
    const Wait wait = waits_.Of(task, position);
    if (event.op() == Operation::kCall) {
      times.in_calls = Sum(times.in_calls, wait.duration);
      return;
    }
    ++times.waits;
    times.waited = Sum(times.waited, wait.duration);
    times.passed_over += wait.passed_over;
    VirtualNanos& total = waited_for[AwaitText(trace_, event)];
    total = Sum(total, wait.duration);
  }

  static void SetLongest(const WaitedFor& waited_for, TaskTimes& times) {
    for (const auto& [what, waited] : waited_for) {
      if (waited <= times.longest_waited) continue;
      times.longest = what;
      times.longest_waited = waited;
    }
  }

  // What it waited for when the trace began. Of a call it is known since when, if it is known of
  // the callee when that began.
  void AddEarlyWait(const TaskInfo& task, TaskTimes& times, WaitedFor& waited_for) const {
    const std::size_t early = waits_.EarlyResume(task.id);
    const std::vector<std::size_t>& events = waits_.events()[task.id];
    if (early == kNoEvent && !events.empty()) return;
    const VirtualNanos begin = BeginOf(trace_);
    const VirtualNanos end = early == kNoEvent ? EndOf(trace_) : trace_.events[events[early]].time;
    if (const TaskInfo* const callee = OpenCall(task, early)) {
      const VirtualNanos called = callee->began.value_or(begin);
      times.in_calls = Elapsed(called, end);
      if (callee->began) times.before = Elapsed(times.start, called);
      return;
    }
    times.waits = 1;
    times.waited = Elapsed(begin, end);
    if (early != kNoEvent) {
      waited_for[AwaitText(trace_, trace_.events[events[early]])] = times.waited;
    }
  }

  // The task that `task` was awaiting when the trace began; null: it awaited something else.
  const TaskInfo* OpenCall(const TaskInfo& task, std::size_t early) const {
    if (early != kNoEvent) {
      const Event& resume = trace_.events[waits_.events()[task.id][early]];
      return resume.op() == Operation::kCall ? &tasks_[resume.object] : nullptr;
    }
    for (const TaskId child : task.children) {
      if (WasCalledBefore(trace_, tasks_[child])) return &tasks_[child];
    }
    return nullptr;
  }

  const Trace& trace_;
  const TaskTable& tasks_;
  const FlowId flow_;
  const Waits waits_;
};

}  // namespace

VirtualNanos TaskTimes::ran() const { return Elapsed(Sum(Sum(in_calls, waited), before), took); }

std::vector<TaskTimes> TimesOf(const Trace& trace, const TaskTable& tasks,
                               const std::vector<TaskId>& wanted, FlowId flow) {
  const Timer timer(trace, tasks, flow);
  std::vector<TaskTimes> times;
  for (const TaskId task : wanted) {
    if (HasRun(tasks[task])) times.push_back(timer.TimesOf(tasks[task]));
  }
  return times;
}

std::string TaskTimesText(const Trace& trace, const TaskTable& tasks,
                          const std::vector<TaskTimes>& times, bool color) {
  const bool live = IsLive(trace.header);
  std::vector<std::vector<Cell>> rows = {{{"start", kDim},
                                          {"took", kDim},
                                          {"in calls", kDim},
                                          {"waited", kDim},
                                          {"waits", kDim},
                                          {live ? "ran" : "passed over", kDim},
                                          {"task", kDim},
                                          {"ended", kDim},
                                          {"longest for", kDim}}};
  for (const TaskTimes& line : times) {
    const TaskInfo& task = tasks[line.task];
    const bool unfinished = task.ended == kNoEvent;
    const bool threw = !unfinished && trace.events[task.ended].outcome() == Outcome::kException;
    rows.push_back(
        {{(line.at_least ? "<= " : "") + FormatNanos(line.start), kDim},
         {DurationText(line.took, line.at_least), kPlain},
         {FormatNanos(line.in_calls), kPlain},
         {DurationText(line.waited, line.at_least || line.before > 0),
          line.waited > 0 ? kBold : kPlain},
         {Grouped(line.waits), kPlain},
         {live ? FormatNanos(line.ran()) : Grouped(line.passed_over), kPlain},
         {ShortPath(task.path) + (line.is_part ? " (a part of it)" : ""), kBold},
         {std::string(line.outcome),
          !line.outcome.empty() && (threw || unfinished) ? kRedBold : kPlain},
         {line.longest.empty() ? "" : line.longest + " (" + FormatNanos(line.longest_waited) + ")",
          kPlain}});
  }
  std::vector<Column> columns(6, Column{.right = true});
  columns.resize(9, Column{.right = false, .width_max = 56});
  return TableText(columns, rows, color);
}

}  // namespace heddle::tools
