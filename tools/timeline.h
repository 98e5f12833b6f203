// SPDX-License-Identifier: MIT
//
// Timeline: a stretch of a run, event by event, whichever tasks they are of. Where a tree
// (task_tree.h) says what a request did, this says what happened at that time.
#ifndef HEDDLE_TOOLS_TIMELINE_H_
#define HEDDLE_TOOLS_TIMELINE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle::tools {

struct TimelineLine {
  std::size_t event = 0;
  TaskId task = kNoTask;
  std::string what = {};
  std::string site = {};
  FlowId flow = 0;
  std::size_t count = 1;  // so many equal ones in a row
};

struct TimelineOptions {
  std::size_t from = 0;  // events: [from, to)
  std::size_t to = 0;
  std::optional<std::size_t> at = {};  // the event that is marked in the margin
  FlowId flow = 0;                     // only events of this request; 0: all
  std::string task = {};               // only those of tasks that TaskTable::Matches; empty: all
  bool fold = true;                    // equal lines in a row are one
  bool color = false;
};

// One an event; none where none is left.
std::vector<TimelineLine> TimelineOf(const Trace& trace, const TaskTable& tasks,
                                     const TimelineOptions& options);

std::string TimelineText(const Trace& trace, const TaskTable& tasks, const TimelineOptions& options,
                         const std::vector<TimelineLine>& lines);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_TIMELINE_H_
