// SPDX-License-Identifier: MIT
//
// Implements task_times.h.
#include "task_times.h"

#include <algorithm>
#include <map>

#include "heddle/ending.h"
#include "table.h"
#include "waits.h"
#include "words.h"

namespace heddle::tools {
namespace {

class Timer {
 public:
  explicit Timer(const Trace& trace) : trace_(trace), waits_(trace) {}

  TaskTimes TimesOf(const TaskInfo& task) const {
    TaskTimes times;
    times.task = task.id;
    times.start = TimeAt(task.started);
    if (task.id >= waits_.events().size()) return times;  // a damaged recording
    std::map<std::string, VirtualNanos> waited_for;
    const std::vector<std::size_t>& events = waits_.events()[task.id];
    // It began before the window.
    if (task.started == kNoEvent && !events.empty()) times.start = TimeAt(events.front());
    times.took = Elapsed(times.start, TimeAt(task.ended));
    for (std::size_t i = 0; i < events.size(); ++i) {
      const Event& event = trace_.events[events[i]];
      if (event.kind != EventKind::kSuspend) continue;
      const Wait wait = waits_.Of(task.id, i);
      if (event.op() == Operation::kCall) {
        times.in_calls = Sum(times.in_calls, wait.duration);
        continue;
      }
      ++times.waits;
      times.waited = Sum(times.waited, wait.duration);
      times.passed_over += wait.passed_over;
      VirtualNanos& total = waited_for[AwaitText(trace_, event)];
      total = Sum(total, wait.duration);
    }
    for (const auto& [what, waited] : waited_for) {
      if (waited <= times.longest_waited) continue;
      times.longest = what;
      times.longest_waited = waited;
    }
    return times;
  }
  bool HasEvents(TaskId task) const {
    return task < waits_.events().size() && !waits_.events()[task].empty();
  }

 private:
  // What has not ended goes on to the end of the run.
  VirtualNanos TimeAt(std::size_t event) const {
    return event == kNoEvent ? trace_.events.back().time : trace_.events[event].time;
  }

  const Trace& trace_;
  const Waits waits_;
};

}  // namespace

VirtualNanos TaskTimes::ran() const { return Elapsed(Sum(in_calls, waited), took); }

std::vector<TaskTimes> TimesOf(const Trace& trace, const TaskTable& tasks,
                               const std::vector<TaskId>& wanted) {
  const Timer timer(trace);
  std::vector<TaskTimes> times;
  for (const TaskId task : wanted) {
    const bool is_carried = task < trace.losses.tasks.size() && timer.HasEvents(task);
    if (tasks[task].started != kNoEvent || is_carried) times.push_back(timer.TimesOf(tasks[task]));
  }
  return times;
}

std::string_view OutcomeText(const Trace& trace, const TaskInfo& task) {
  return task.ended == kNoEvent ? "unfinished" : OutcomeText(trace.events[task.ended].outcome());
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
        {{FormatNanos(line.start), kDim},
         {FormatNanos(line.took), kPlain},
         {FormatNanos(line.in_calls), kPlain},
         {FormatNanos(line.waited), line.waited > 0 ? kBold : kPlain},
         {Grouped(line.waits), kPlain},
         {live ? FormatNanos(line.ran()) : Grouped(line.passed_over), kPlain},
         {ShortPath(task.path), kBold},
         {std::string(OutcomeText(trace, task)), threw || unfinished ? kRedBold : kPlain},
         {line.longest.empty() ? "" : line.longest + " (" + FormatNanos(line.longest_waited) + ")",
          kPlain}});
  }
  std::vector<Column> columns(6, Column{.right = true});
  columns.resize(9, Column{.right = false, .width_max = 56});
  return TableText(columns, rows, color);
}

}  // namespace heddle::tools
