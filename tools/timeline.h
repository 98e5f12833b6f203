// SPDX-License-Identifier: MIT
//
// Timeline: a stretch of a run, event by event, whichever tasks they are of. Where a tree
// (task_tree.h) says what a request did, this says what happened at that time.
#ifndef HEDDLE_TOOLS_TIMELINE_H_
#define HEDDLE_TOOLS_TIMELINE_H_

#include <cstddef>
#include <optional>
#include <string>

#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle::tools {

struct TimelineOptions {
  std::size_t from = 0;  // events: [from, to)
  std::size_t to = 0;
  std::optional<std::size_t> at = {};  // the event that is marked in the margin
  FlowId flow = 0;                     // only events of this request; 0: all
  std::string task = {};               // only those of tasks that TaskTable::Matches; empty: all
  bool color = false;
};

// One line an event; empty where none is left.
std::string TimelineText(const Trace& trace, const TaskTable& tasks,
                         const TimelineOptions& options);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_TIMELINE_H_
