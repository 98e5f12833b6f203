// SPDX-License-Identifier: MIT
//
// What `heddle show --json` prints. Shapes, which only ever get more keys:
//
//   the list     {"test", "ending", "requests": [{"number", "name", "start_ns", "took_ns", "tasks",
//                "outcome", "failed"}]}
//   one request  {"test", "ending", "request", "rows": [row]}; request is null for the whole run
//   its table    {"test", "ending", "request", "tasks": [{"path", "start_ns", "took_ns",
//                "in_calls_ns", "waited_ns", "waits", "passed_over", "outcome", "longest",
//                "longest_ns"}]}; longest is null where it waited for no time;
//                of who worked for other requests too it is the part for this one ("part": true),
//                and outcome is null where the end is not of it
//   a stretch    {"test", "ending", "request", "around", "events": [{"event", "time_ns", "task",
//                "what", "site", "request"}]}; around is the number of the event that was asked
//                for, or null; task and request of an event that has none are null
//   a row        {"kind": "task" | "await" | "mark" | "act", "time_ns", "text", "site", "took_ns",
//                "note", "other_steps", "failed", "rows": [row]}; took_ns is null where nothing is
//                known of it
#ifndef HEDDLE_TOOLS_SHOW_JSON_H_
#define HEDDLE_TOOLS_SHOW_JSON_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "heddle/task_table.h"
#include "heddle/trace.h"
#include "outline.h"
#include "request_times.h"
#include "requests.h"
#include "task_times.h"
#include "timeline.h"

namespace heddle::tools {

std::string ListJson(const Trace& trace, const std::vector<Request>& requests,
                     const std::vector<RequestTimes>& times);

// `flow` 0: the whole run.
std::string TreeJson(const Trace& trace, FlowId flow, const std::vector<Row>& rows);

// The same, task by task.
std::string TimesJson(const Trace& trace, const TaskTable& tasks, FlowId flow,
                      const std::vector<TaskTimes>& times);

// A stretch of the run, event by event. `around` is the one in the middle, if it is that.
std::string StretchJson(const Trace& trace, const TaskTable& tasks, FlowId flow,
                        std::optional<std::size_t> around, const std::vector<TimelineLine>& lines);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_SHOW_JSON_H_
