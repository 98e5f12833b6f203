// SPDX-License-Identifier: MIT
//
// Task times: where the time of each task went, as a table. Virtual time stands still while a
// task runs, so a task's time is what it waited for itself, and what those that it called did.
// How long it was ready and others went first is counted in their steps. In a live trace
// (live_recorder.h) the rest is what it ran.
#ifndef HEDDLE_TOOLS_TASK_TIMES_H_
#define HEDDLE_TOOLS_TASK_TIMES_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle::tools {

struct TaskTimes {
  TaskId task = kNoTask;
  VirtualNanos start = 0;
  VirtualNanos took = 0;        // of a part: all stretches of it together
  VirtualNanos in_calls = 0;    // within those that it called
  VirtualNanos waited = 0;      // for what it awaited itself
  std::size_t waits = 0;        // how often it did
  VirtualNanos before = 0;      // before the trace began, as far as no open call tells of it
  bool at_least = false;        // it began earlier than `start`, and nobody knows when
  bool began_before = false;    // the trace
  bool is_part = false;         // what it did for one request, and it worked for others too
  std::size_t passed_over = 0;  // steps of other tasks while it was ready
  std::string longest = {};     // what it waited for longest, in total; empty: no time
  VirtualNanos longest_waited = 0;
  std::string_view outcome = {};  // "returned", ..., "unfinished"; empty: that is not of the part

  // The rest. In a simulation it is nothing, unless the thread was blocked.
  VirtualNanos ran() const;
};

// Of the tasks that ran, in the order of their ids, as far as they worked for `flow`; 0: all.
std::vector<TaskTimes> TimesOf(const Trace& trace, const TaskTable& tasks,
                               const std::vector<TaskId>& wanted, FlowId flow = 0);

std::string TaskTimesText(const Trace& trace, const TaskTable& tasks,
                          const std::vector<TaskTimes>& times, bool color);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_TASK_TIMES_H_
