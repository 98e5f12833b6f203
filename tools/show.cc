// SPDX-License-Identifier: MIT
//
// Implements show.h: decides what to show, and puts the parts together.
#include "show.h"

#include <optional>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "heddle/task_table.h"
#include "outline.h"
#include "requests.h"
#include "summary.h"
#include "table.h"
#include "task_tree.h"
#include "words.h"

namespace heddle::tools {
namespace {

std::string ListText(const std::vector<Request>& requests, const Trace& trace, bool color) {
  std::vector<std::vector<Cell>> lines = {{{"number", kDim},
                                           {"start", kDim},
                                           {"took", kDim},
                                           {"tasks", kDim},
                                           {"outcome", kDim},
                                           {"request", kDim}}};
  for (const Request& request : requests) {
    lines.push_back({{"#" + std::to_string(request.flow), kDim},
                     {FormatNanos(request.start), kPlain},
                     {FormatNanos(request.duration), kPlain},
                     {std::to_string(request.tasks), kPlain},
                     {request.failed ? "✗ " + request.outcome : request.outcome,
                      request.failed ? kRedBold : kPlain},
                     {FlowText(trace, request.flow), request.failed ? kRedBold : kBold}});
  }
  return TableText({{.right = true}, {.right = true}, {.right = true}, {.right = true}, {}, {}},
                   lines, color);
}

std::string Titled(const std::string& title, const std::string& hint, const std::string& body,
                   bool color) {
  std::string text = "\n" + Colored(title, kBold, color);
  if (!hint.empty()) text += "  " + Colored("(" + hint + ")", kDim, color);
  return text + "\n\n" + body;
}

std::string ListPart(const Trace& trace, const TaskTable& tasks, bool color) {
  const std::vector<Request> requests = ListRequests(trace, tasks);
  if (requests.empty()) {
    return Titled("no requests", "this run names none; --all shows the whole run", "", color);
  }
  return Titled(Count(requests.size(), "request"), "--flow NAME shows one, --all the whole run",
                ListText(requests, trace, color), color);
}

std::string TreePart(const Trace& trace, const TaskTable& tasks, FlowId flow, bool color) {
  std::vector<Row> rows = RequestTree(trace, tasks, flow);
  FoldRepeats(rows);
  const std::string body = rows.empty() ? "" : OutlineText(rows, color);
  if (flow == 0) return Titled("the whole run", rows.empty() ? "no events" : "", body, color);
  const std::size_t others = ListRequests(trace, tasks).size();
  return Titled(
      FlowText(trace, flow),
      others <= 1 ? ""
                  : "1 of " + Count(others, "request") + "; --list shows them, --all the whole run",
      body, color);
}

absl::Status NoSuchTask(const std::vector<TaskInfo>& tasks, const std::string& pattern) {
  std::set<std::string> names;
  for (const TaskInfo& task : tasks) {
    const std::size_t number = task.name.rfind('#');
    names.insert({Printable(task.name.substr(0, number)), Printable(task.path)});
  }
  const std::vector<std::string> near = NearNames(pattern, {names.begin(), names.end()});
  return absl::NotFoundError(
      "no task is called " + Quoted({Printable(pattern)}) + "\n  " +
      (near.empty() ? "none of its " + Count(tasks.size(), "task") + " is spelled nearly like it"
                    : "did you mean " + Quoted(near) + "?"));
}

absl::StatusOr<std::string> TaskPart(const Trace& trace, const TaskTable& tasks, FlowId flow,
                                     const ShowOptions& options) {
  std::vector<TaskId> matching;
  for (const TaskInfo& task : tasks.tasks()) {
    if (TaskTable::Matches(task, options.task)) matching.push_back(task.id);
  }
  if (matching.empty()) return NoSuchTask(tasks.tasks(), options.task);
  std::vector<Row> rows = TaskTrees(trace, tasks, flow, matching);
  if (rows.empty()) {
    return absl::NotFoundError("no task called " + Quoted({Printable(options.task)}) +
                               " worked for " + FlowText(trace, flow) +
                               "\n  without --flow it is looked for in the whole run");
  }
  FoldRepeats(rows);
  return Titled(Count(matching.size(), "task") + " called " + Printable(options.task), "",
                OutlineText(rows, options.color), options.color);
}

}  // namespace

absl::StatusOr<std::string> ShowText(const Trace& trace, const ShowOptions& options) {
  const TaskTable tasks(trace);
  const std::string summary = SummaryText(trace, tasks, options.color);
  std::optional<FlowId> flow = 0;
  if (!options.flow.empty()) {
    const absl::StatusOr<FlowId> found = FindRequest(trace, options.flow);
    if (!found.ok()) return found.status();
    flow = *found;
  } else if (options.list) {
    flow = std::nullopt;
  } else if (!options.all && options.task.empty()) {
    flow = DefaultRequest(trace, tasks);
  }
  if (!flow) return summary + ListPart(trace, tasks, options.color);
  if (options.task.empty()) return summary + TreePart(trace, tasks, *flow, options.color);
  const absl::StatusOr<std::string> part = TaskPart(trace, tasks, *flow, options);
  if (!part.ok()) return part.status();
  return summary + *part;
}

}  // namespace heddle::tools
