// SPDX-License-Identifier: MIT
//
// Requests: the flows of a run as a person asks for them, and which of them to show when
// nobody said which. Used by show.h and graph.h.
#ifndef HEDDLE_TOOLS_REQUESTS_H_
#define HEDDLE_TOOLS_REQUESTS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle::tools {

struct Request {
  FlowId flow = 0;
  VirtualNanos start = 0;
  VirtualNanos duration = 0;
  std::string outcome;  // of its first task: "returned", "threw", ...
  bool failed = false;  // the run failed in it
  std::size_t tasks = 0;
  bool began_before = false;  // the trace; then `start` is known all the same, or ...
  bool at_least = false;      // ... it took at least as long
  bool kept = true;           // otherwise a filter left no more than births and deaths of its tasks
};

// The requests that have events, by the time of their first one.
std::vector<Request> ListRequests(const Trace& trace, const TaskTable& tasks);

// Which requests a filter took the steps of, by FlowId; empty where it took none. A recording only
// counts them, so it is those that have no event that a filter takes.
std::vector<bool> DroppedRequests(const Trace& trace, const TaskTable& tasks);

// Where the run failed: the task that threw, those that never got on, or those that were
// destroyed before they ran. Empty for a run that did not fail.
std::vector<TaskId> FailedTasks(const Trace& trace, const TaskTable& tasks);

// The request in which the run failed; 0 where it did not fail, or not in a request.
FlowId FailedRequest(const Trace& trace, const TaskTable& tasks);

// What to show when nobody said what: the request in which the run failed, or the whole
// run (0) if it has no two requests. Nothing where that leaves several to choose from.
std::optional<FlowId> DefaultRequest(const Trace& trace, const TaskTable& tasks);

// The request called `name`; otherwise the one whose number it is ("3" or "#3").
// NotFound names those that are spelled nearly so.
absl::StatusOr<FlowId> FindRequest(const Trace& trace, std::string_view name);

// Those of `names` that are spelled nearly like `wanted`, nearest first, five at most.
std::vector<std::string> NearNames(std::string_view wanted, const std::vector<std::string>& names);

// `"a", "b"`.
std::string Quoted(const std::vector<std::string>& names);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_REQUESTS_H_
