// SPDX-License-Identifier: MIT
//
// Implements requests.h.
#include "requests.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "heddle/internal/edit_distance.h"
#include "heddle/losses.h"
#include "heddle/task_label.h"
#include "task_span.h"
#include "words.h"

namespace heddle::tools {
namespace {

// What is known of a request while the events are read.
struct Span {
  std::size_t first = kNoEvent;
  std::size_t last = kNoEvent;
  TaskId task = kNoTask;  // with which it began
  VirtualNanos start = 0;
  bool began_before = false;
  bool at_least = false;  // before `start`, and nobody knows when
  bool is_open = false;   // a task still works for it where the trace ends
  std::set<TaskId> tasks;
  VirtualNanos left = 0;  // when a task last went on from it to something else
};

// The requests that tasks worked for when the trace began.
void AddCarried(const Trace& trace, const TaskTable& tasks, std::vector<Span>& spans) {
  const std::vector<CarriedTask>& all = trace.losses.tasks;
  for (TaskId task = 0; task < all.size(); ++task) {
    const CarriedTask& carried = all[task];
    const bool unknown = carried.state == CarriedState::kUnknown;
    if (carried.flow == 0 || carried.flow >= spans.size()) continue;
    if (carried.state == CarriedState::kEnded || (unknown && !tasks[task].began_before)) continue;
    Span& span = spans[carried.flow];
    if (!std::exchange(span.began_before, true)) {
      span.task = task;
      span.start = unknown ? BeginOf(trace) : carried.flow_since;
      span.at_least = unknown;
    }
    span.tasks.insert(task);
  }
}

// By FlowId; the events of "no request" are left out.
std::vector<Span> SpansOf(const Trace& trace, const TaskTable& tasks) {
  std::vector<Span> spans(trace.flows.size());
  AddCarried(trace, tasks, spans);
  std::map<TaskId, FlowId> works_for;  // those that work for one
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const FlowId flow = tasks.FlowOf(i);
    const TaskId task = trace.events[i].task;
    if (trace.events[i].kind == EventKind::kFlow) {
      const FlowId before = std::exchange(works_for[task], flow);
      if (before != flow && before < spans.size()) spans[before].left = trace.events[i].time;
    }
    if (flow == 0 || flow >= spans.size() || task == kNoTask) continue;
    Span& span = spans[flow];
    if (span.first == kNoEvent) {
      span.first = i;
      if (!span.began_before) {
        span.task = task;
        span.start = trace.events[i].time;
      }
    }
    span.last = i;
    span.tasks.insert(task);
  }
  for (const TaskInfo& task : tasks.tasks()) {
    if (task.ended != kNoEvent || task.flow >= spans.size()) continue;
    Span& span = spans[task.flow];
    span.is_open = span.is_open || span.tasks.count(task.id) > 0;
  }
  return spans;
}

// How the task with which a request began ended, if it still worked for it then.
std::string OutcomeOf(const Trace& trace, const TaskTable& tasks, FlowId flow, const Span& span) {
  const TaskInfo& task = tasks[span.task];
  if (task.ended == kNoEvent) return "unfinished";
  if (tasks.FlowOf(task.ended) != flow) return "done";
  const Event& end = trace.events[task.ended];
  return end.kind == EventKind::kAbandon ? "never ran" : std::string(OutcomeText(end.outcome()));
}

// A name with a typing error, or a part of a name.
std::size_t Distance(std::string_view wanted, std::string_view name) {
  return name.find(wanted) != std::string_view::npos ? 1 : internal::EditDistance(wanted, name);
}

// "3" or "#3" as a FlowId; 0 where it is neither.
FlowId ParseFlowNumber(std::string_view text) {
  constexpr std::size_t kDigitsMax = 9;
  if (text.starts_with('#')) text.remove_prefix(1);
  if (text.empty() || text.size() > kDigitsMax) return 0;
  FlowId number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    number = number * 10 + static_cast<FlowId>(c - '0');
  }
  return number;
}

std::vector<FlowId> FlowsCalled(const Trace& trace, std::string_view name) {
  std::vector<FlowId> flows;
  for (FlowId flow = 1; flow < trace.flows.size(); ++flow) {
    if (trace.flows[flow].name == name) flows.push_back(flow);
  }
  return flows;
}

absl::Status NoSuchRequest(const Trace& trace, std::string_view name) {
  std::vector<std::string> names;
  for (FlowId flow = 1; flow < trace.flows.size(); ++flow) names.push_back(FlowText(trace, flow));
  const std::vector<std::string> near = NearNames(name, names);
  const std::string cause = names.empty()  ? "this run names no requests"
                            : near.empty() ? "none of its " + Count(names.size(), "request") +
                                                 " is spelled nearly like it"
                                           : "did you mean " + Quoted(near) + "?";
  return absl::NotFoundError("no request is called " + Quoted({Printable(name)}) + "\n  " + cause);
}

// Whether event `i` is the receipt of a message by which its task began to work for another
// request. The filter saw it as what it was until then, and keeps it.
bool IsTakenUpBy(const Trace& trace, std::size_t i) {
  if (trace.events[i].kind != EventKind::kReceive || i + 1 == trace.events.size()) return false;
  const Event& next = trace.events[i + 1];
  return next.kind == EventKind::kFlow && next.task == trace.events[i].task &&
         next.op() == Operation::kReceive && next.object != 0 && next.also_for() == 0;
}

}  // namespace

std::vector<Request> ListRequests(const Trace& trace, const TaskTable& tasks) {
  const std::vector<Span> spans = SpansOf(trace, tasks);
  const FlowId failed = FailedRequest(trace, tasks);
  const std::vector<bool> dropped = DroppedRequests(trace, tasks);
  std::vector<Request> requests;
  for (FlowId flow = 1; flow < spans.size(); ++flow) {
    const Span& span = spans[flow];
    if (span.tasks.empty()) continue;
    const bool to_the_end = span.is_open || span.last == kNoEvent;
    VirtualNanos end = to_the_end ? EndOf(trace) : trace.events[span.last].time;
    const bool kept = dropped.empty() || !dropped[flow];
    // What a worker did for it last is not there, but until when it did it is.
    if (!kept) end = std::max(end, span.left);
    requests.push_back({.flow = flow,
                        .start = span.start,
                        .duration = Elapsed(span.start, end),
                        .outcome = OutcomeOf(trace, tasks, flow, span),
                        .failed = flow == failed,
                        .tasks = span.tasks.size(),
                        .began_before = span.began_before,
                        .at_least = span.at_least,
                        .kept = kept});
  }
  std::sort(requests.begin(), requests.end(), [&](const Request& a, const Request& b) {
    if (a.began_before != b.began_before) return a.began_before;
    if (a.began_before) return std::tie(a.start, a.flow) < std::tie(b.start, b.flow);
    return spans[a.flow].first < spans[b.flow].first;
  });
  return requests;
}

std::vector<bool> DroppedRequests(const Trace& trace, const TaskTable& tasks) {
  const bool any = std::any_of(trace.losses.list.begin(), trace.losses.list.end(),
                               [](const Loss& l) { return l.reason == LossReason::kRequest; });
  if (!any) return {};
  std::vector<bool> dropped(trace.flows.size(), true);
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    const FlowId flow = tasks.FlowOf(i);
    if (flow >= dropped.size() || StaysOfDropped(event.kind) || IsTakenUpBy(trace, i)) continue;
    if (event.kind == EventKind::kMark && LabelOf(trace, event) != nullptr) continue;
    dropped[flow] = false;
  }
  if (!dropped.empty()) dropped[0] = false;  // no request
  return dropped;
}

std::vector<TaskId> FailedTasks(const Trace& trace, const TaskTable& tasks) {
  std::vector<TaskId> failed;
  switch (trace.header.ending) {
    case Ending::kThrew:
      if (trace.header.failed_task != kNoTask) failed.push_back(trace.header.failed_task);
      break;
    case Ending::kStuck:
    case Ending::kStepLimit:
    case Ending::kTaskLimit:
      for (const WaitingTask& waiting : trace.header.waiting) failed.push_back(waiting.task);
      break;
    case Ending::kAbandoned:
      for (const TaskInfo& task : tasks.tasks()) {
        if (task.ended == kNoEvent) continue;
        if (trace.events[task.ended].kind == EventKind::kAbandon) failed.push_back(task.id);
      }
      break;
    case Ending::kFinished:
    case Ending::kStopped:
      break;
  }
  return failed;
}

FlowId FailedRequest(const Trace& trace, const TaskTable& tasks) {
  for (const TaskId id : FailedTasks(trace, tasks)) {
    const TaskInfo& task = tasks[id];
    const FlowId flow = task.ended == kNoEvent ? task.flow : tasks.FlowOf(task.ended);
    if (flow != 0) return flow;
  }
  return 0;
}

std::optional<FlowId> DefaultRequest(const Trace& trace, const TaskTable& tasks) {
  if (ListRequests(trace, tasks).size() <= 1) return FlowId{0};
  const FlowId failed = FailedRequest(trace, tasks);
  return failed == 0 ? std::nullopt : std::optional(failed);
}

absl::StatusOr<FlowId> FindRequest(const Trace& trace, std::string_view name) {
  const std::vector<FlowId> flows = FlowsCalled(trace, name);
  if (flows.size() == 1) return flows[0];
  if (flows.size() > 1) {
    std::vector<std::string> numbers;
    numbers.reserve(flows.size());
    for (const FlowId flow : flows) numbers.push_back("#" + std::to_string(flow));
    return absl::InvalidArgumentError(Count(flows.size(), "request") + " are called " +
                                      Quoted({Printable(name)}) + "\n  give the number: one of " +
                                      Quoted(numbers));
  }
  const FlowId number = ParseFlowNumber(name);
  if (number != 0 && number < trace.flows.size()) return number;
  return NoSuchRequest(trace, name);
}

std::vector<std::string> NearNames(std::string_view wanted, const std::vector<std::string>& names) {
  constexpr std::size_t kNamesMax = 5;
  // Beyond this length a distance costs too much, and nobody types such a name.
  constexpr std::size_t kLengthMax = 200;
  if (wanted.size() > kLengthMax) return {};
  const std::size_t far = std::max<std::size_t>(2, wanted.size() / 3);
  std::set<std::pair<std::size_t, std::string>> near;
  for (const std::string& name : names) {
    if (name.size() > kLengthMax) continue;
    const std::size_t distance = Distance(wanted, name);
    if (distance <= far) near.emplace(distance, name);
  }
  std::vector<std::string> result;
  for (const auto& [distance, name] : near) {
    if (result.size() == kNamesMax) break;
    result.push_back(name);
  }
  return result;
}

std::string Quoted(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ", ";
    text += "\"" + name + "\"";
  }
  return text;
}

}  // namespace heddle::tools
