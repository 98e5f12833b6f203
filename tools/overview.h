// SPDX-License-Identifier: MIT
//
// Overview: what is said of a run as a whole, whatever part of it is shown. It is made of a whole
// trace here, and of a recording that is too large for that in extract.h.
#ifndef HEDDLE_TOOLS_OVERVIEW_H_
#define HEDDLE_TOOLS_OVERVIEW_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "heddle/task_table.h"
#include "heddle/trace.h"
#include "requests.h"

namespace heddle::tools {

struct Overview {
  std::size_t tasks = 0;
  std::size_t events = 0;
  std::size_t steps = 0;  // starts and resumes among them
  VirtualNanos end = 0;   // the time of the last event
  std::size_t choices = 0;
  std::size_t deviations = 0;     // choices that were not first-in-first-out
  std::size_t lost_contexts = 0;  // kContextLost events
  std::size_t request_count = 0;
  std::vector<Request> requests;  // as ListRequests() has them
  FlowId failed = 0;              // as FailedRequest() has it
};

Overview OverviewOf(const Trace& trace, const TaskTable& tasks);

// What to show when nobody said what: as DefaultRequest() in requests.h.
std::optional<FlowId> DefaultRequest(const Overview& overview);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_OVERVIEW_H_
