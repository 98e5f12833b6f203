// SPDX-License-Identifier: MIT
//
// Implements show_json.h.
#include "show_json.h"

#include <string_view>

#include "heddle/ending.h"
#include "json.h"
#include "words.h"

namespace heddle::tools {
namespace {

std::string_view NameOf(RowKind kind) {
  switch (kind) {
    case RowKind::kTask:
      return "task";
    case RowKind::kAwait:
      return "await";
    case RowKind::kMark:
      return "mark";
    case RowKind::kAct:
      return "act";
  }
  return "?";
}

// Keys that are there only where something began before the trace did.
std::string EarlierKeys(bool began_before, bool at_least) {
  if (!began_before) return "";
  return std::string(", \"began_before_window\": true, \"at_least\": ") +
         (at_least ? "true" : "false");
}

std::string_view Bool(bool value) { return value ? "true" : "false"; }

std::string WhyJson(const Explanation& explanation) {
  if (explanation.empty()) return "null";
  std::string json = "{\"steps\": [";
  for (const ExplainedStep& step : explanation.steps) {
    json += json.ends_with('[') ? "" : ", ";
    json += JsonText(step.text);
  }
  return json + "], \"verdict\": " + JsonText(explanation.verdict) + "}";
}

std::string Head(const Trace& trace) {
  return "{\"test\": " + JsonText(trace.header.test) +
         ", \"ending\": " + JsonText(Name(trace.header.ending)) +
         ", \"why\": " + WhyJson(trace.header.explanation);
}

std::string RequestHead(const Trace& trace, FlowId flow) {
  return Head(trace) + ", \"request\": " + (flow == 0 ? "null" : JsonText(FlowText(trace, flow)));
}

void AppendRows(const std::vector<Row>& rows, std::string& json);

void AppendRow(const Row& row, std::string& json) {
  json.append("{\"kind\": \"").append(NameOf(row.kind)).append("\", \"time_ns\": ");
  json.append(std::to_string(row.time)).append(", \"text\": ").append(JsonText(row.text));
  json.append(", \"site\": ").append(JsonText(row.site)).append(", \"took_ns\": ");
  json.append(row.took ? std::to_string(*row.took) : "null");
  json.append(", \"note\": ").append(JsonText(row.note)).append(", \"other_steps\": ");
  json.append(std::to_string(row.other_steps)).append(", \"failed\": ").append(Bool(row.failed));
  if (!row.order.empty()) json.append(", \"order\": ").append(JsonText(row.order));
  json.append(EarlierKeys(row.began_before, row.at_least));
  json.append(", \"rows\": ");
  AppendRows(row.children, json);
  json.append("}");
}

void AppendRows(const std::vector<Row>& rows, std::string& json) {
  json.append("[");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    json.append(i == 0 ? "\n" : ",\n");
    AppendRow(rows[i], json);
  }
  json.append("]");
}

// `path` is JSON already.
void AppendTimes(const TaskTimes& times, const std::string& path, std::string& json) {
  json.append("{\"path\": ").append(path).append(", \"start_ns\": ");
  json.append(std::to_string(times.start)).append(", \"took_ns\": ");
  json.append(std::to_string(times.took)).append(", \"in_calls_ns\": ");
  json.append(std::to_string(times.in_calls)).append(", \"waited_ns\": ");
  json.append(std::to_string(times.waited)).append(", \"waits\": ");
  json.append(std::to_string(times.waits)).append(", \"passed_over\": ");
  json.append(std::to_string(times.passed_over)).append(", \"outcome\": ");
  json.append(times.outcome.empty() ? "null" : JsonText(times.outcome));
  json.append(", \"longest\": ");
  json.append(times.longest.empty() ? "null" : JsonText(times.longest));
  json.append(", \"longest_ns\": ").append(std::to_string(times.longest_waited));
  if (times.is_part) json.append(", \"part\": true");
  json.append(EarlierKeys(times.began_before, times.at_least)).append("}");
}

}  // namespace

std::string ListJson(const Trace& trace, const std::vector<Request>& requests,
                     const std::vector<RequestTimes>& times) {
  std::string json = Head(trace) + ", \"requests\": [";
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Request& request = requests[i];
    json.append(i == 0 ? "\n" : ",\n").append("{\"number\": ");
    json.append(std::to_string(request.flow)).append(", \"name\": ");
    json.append(JsonText(FlowText(trace, request.flow))).append(", \"start_ns\": ");
    json.append(std::to_string(request.start)).append(", \"took_ns\": ");
    json.append(std::to_string(request.duration)).append(", \"running_ns\": ");
    const RequestTimes& parts = times[request.flow];
    const auto number = [&](VirtualNanos time) {
      return request.kept ? std::to_string(time) : std::string("null");
    };
    json.append(number(parts.running)).append(", \"ready_ns\": ");
    json.append(IsLive(trace.header) ? "null" : number(parts.ready));
    json.append(", \"waiting_ns\": ");
    json.append(number(parts.waiting)).append(", \"longest_for\": ");
    json.append(request.kept ? JsonText(LongestText(trace, parts)) : "null");
    json.append(", \"tasks\": ");
    json.append(std::to_string(request.tasks)).append(", \"outcome\": ");
    json.append(JsonText(request.outcome)).append(", \"failed\": ");
    json.append(Bool(request.failed));
    if (!request.kept) json.append(", \"kept\": false");
    json.append(EarlierKeys(request.began_before, request.at_least)).append("}");
  }
  return json + "]" + MissingJson(trace.losses) + "}\n";
}

std::string TreeJson(const Trace& trace, FlowId flow, const std::vector<Row>& rows) {
  std::string json = RequestHead(trace, flow) + ", \"rows\": ";
  AppendRows(rows, json);
  return json + MissingJson(trace.losses) + "}\n";
}

std::string TimesJson(const Trace& trace, const TaskTable& tasks, FlowId flow,
                      const std::vector<TaskTimes>& times) {
  std::string json = RequestHead(trace, flow) + ", \"tasks\": [";
  for (std::size_t i = 0; i < times.size(); ++i) {
    json.append(i == 0 ? "\n" : ",\n");
    AppendTimes(times[i], JsonText(tasks[times[i].task].path), json);
  }
  return json + "]" + MissingJson(trace.losses) + "}\n";
}

std::string StretchJson(const Trace& trace, const TaskTable& tasks, FlowId flow,
                        std::optional<std::size_t> around, const std::vector<TimelineLine>& lines) {
  std::string json = RequestHead(trace, flow) +
                     ", \"around\": " + (around ? std::to_string(*around) : "null") +
                     ", \"events\": [";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const TimelineLine& line = lines[i];
    json.append(i == 0 ? "\n" : ",\n").append("{\"event\": ").append(std::to_string(line.event));
    json.append(", \"time_ns\": ").append(std::to_string(trace.events[line.event].time));
    json.append(", \"task\": ");
    json.append(line.task == kNoTask ? "null" : JsonText(tasks.Path(line.task)));
    json.append(", \"what\": ").append(JsonText(line.what)).append(", \"site\": ");
    json.append(JsonText(line.site)).append(", \"request\": ");
    json.append(line.flow == 0 ? "null" : JsonText(FlowText(trace, line.flow))).append("}");
  }
  return json + "]" + MissingJson(trace.losses) + "}\n";
}

}  // namespace heddle::tools
