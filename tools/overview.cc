// SPDX-License-Identifier: MIT
//
// Implements overview.h.
#include "overview.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "heddle/choice.h"

namespace heddle::tools {

Overview OverviewOf(const Trace& trace, const TaskTable& tasks) {
  const auto deviations = std::count_if(trace.choices.begin(), trace.choices.end(),
                                        [](const Choice& choice) { return choice.deviates(); });
  const auto lost = std::count_if(trace.events.begin(), trace.events.end(), [](const Event& event) {
    return event.kind == EventKind::kContextLost;
  });
  const auto steps =
      std::count_if(trace.events.begin(), trace.events.end(), [](const Event& event) {
        return event.kind == EventKind::kStart || event.kind == EventKind::kResume;
      });
  std::vector<Request> requests = ListRequests(trace, tasks);
  return {.tasks = tasks.tasks().size(),
          .events = trace.events.size(),
          .steps = static_cast<std::size_t>(steps),
          .end = trace.events.empty() ? 0 : trace.events.back().time,
          .choices = trace.choices.size(),
          .deviations = static_cast<std::size_t>(deviations),
          .lost_contexts = static_cast<std::size_t>(lost),
          .request_count = requests.size(),
          .requests = std::move(requests),
          .failed = FailedRequest(trace, tasks)};
}

std::optional<FlowId> DefaultRequest(const Overview& overview) {
  if (overview.request_count <= 1) return FlowId{0};
  return overview.failed == 0 ? std::nullopt : std::optional(overview.failed);
}

}  // namespace heddle::tools
