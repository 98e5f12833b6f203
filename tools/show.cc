// SPDX-License-Identifier: MIT
//
// Implements show.h: decides what to show, and puts the parts together.
#include "show.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "extract.h"
#include "heddle/task_label.h"
#include "heddle/task_table.h"
#include "heddle/trace_index.h"
#include "heddle/trace_io.h"
#include "heddle/trace_scan.h"
#include "indexed.h"
#include "outline.h"
#include "overview.h"
#include "place.h"
#include "request_times.h"
#include "requests.h"
#include "show_json.h"
#include "summary.h"
#include "table.h"
#include "task_span.h"
#include "task_times.h"
#include "task_tree.h"
#include "timeline.h"
#include "torn.h"
#include "words.h"

namespace heddle::tools {
namespace {

// What stands above everything that is for people.
std::string SummaryPart(const Trace& trace, const TaskTable& tasks, const Overview& overview,
                        const ShowOptions& options) {
  return options.json ? "" : SummaryText(trace, tasks, overview, options.color);
}

// A long list, summed up: how many there are of each outcome, and how long they took.
std::string OutcomesText(const std::vector<Request>& requests, bool color) {
  std::map<std::string, std::vector<VirtualNanos>> groups;
  for (const Request& request : requests) {
    groups[request.outcome + (request.kept ? "" : ", not kept")].push_back(request.duration);
  }
  std::vector<std::vector<Cell>> lines = {{{"requests", kDim},
                                           {"shortest", kDim},
                                           {"p50", kDim},
                                           {"p99", kDim},
                                           {"longest", kDim},
                                           {"outcome", kDim}}};
  for (auto& [outcome, durations] : groups) {
    std::vector<VirtualNanos>& took = durations;
    std::sort(took.begin(), took.end());
    const auto percentile = [&took](std::size_t percent) {
      return took[std::max<std::size_t>((took.size() * percent + 99) / 100, 1) - 1];
    };
    lines.push_back({{Grouped(took.size()), kPlain},
                     {FormatNanos(took.front()), kPlain},
                     {FormatNanos(percentile(50)), kPlain},
                     {FormatNanos(percentile(99)), kPlain},
                     {FormatNanos(took.back()), kPlain},
                     {outcome, kBold}});
  }
  std::vector<Column> columns(5, Column{.right = true});
  columns.resize(6);
  return TableText(columns, lines, color);
}

// `times` is by FlowId.
std::string ListText(const std::vector<Request>& requests, const std::vector<RequestTimes>& times,
                     const Trace& trace, bool color) {
  const bool live = IsLive(trace.header);  // nobody says there when a task could go on
  std::vector<std::vector<Cell>> lines = {{{"number", kDim},
                                           {"start", kDim},
                                           {"took", kDim},
                                           {"running", kDim},
                                           {"ready", kDim},
                                           {"waiting", kDim},
                                           {"tasks", kDim},
                                           {"outcome", kDim},
                                           {"request", kDim},
                                           {"longest for", kDim}}};
  for (const Request& request : requests) {
    const RequestTimes& parts = times[request.flow];
    const auto part = [&](VirtualNanos time) {
      return request.kept ? DurationText(time, request.began_before) : std::string("-");
    };
    lines.push_back({{"#" + std::to_string(request.flow), kDim},
                     {(request.at_least ? "<= " : "") + FormatNanos(request.start), kPlain},
                     {DurationText(request.duration, request.at_least), kPlain},
                     {part(parts.running), kPlain},
                     {live ? "-" : part(parts.ready), kPlain},
                     {part(parts.waiting), kPlain},
                     {Grouped(request.tasks), kPlain},
                     {request.failed ? "✗ " + request.outcome : request.outcome,
                      request.failed ? kRedBold : kPlain},
                     {FlowText(trace, request.flow), request.failed ? kRedBold : kBold},
                     {request.kept ? LongestText(trace, parts) : "not kept: its steps are missing",
                      request.kept ? kPlain : kDim}});
  }
  std::vector<Column> columns(7, Column{.right = true});
  columns.resize(10);
  return TableText(columns, lines, color);
}

// Of a whole trace.
std::vector<RequestTimes> RequestTimesOf(const Trace& trace) {
  RequestClock clock(trace.losses);
  for (const Event& event : trace.events) clock.Add(event);
  return std::move(clock).Times(trace.flows.size(), EndOf(trace));
}

std::string Titled(const std::string& title, const std::string& hint, const std::string& body,
                   bool color) {
  std::string text = "\n" + Colored(title, kBold, color);
  if (!hint.empty()) text += "  " + Colored("(" + hint + ")", kDim, color);
  return text + "\n\n" + body;
}

// More requests than somebody reads: their outcomes, the slowest, and those that did not return.
std::string LongListPart(const Trace& trace, const std::vector<Request>& requests,
                         const std::vector<RequestTimes>& times, bool color) {
  constexpr std::size_t kLinesMax = 10;
  std::vector<Request> slowest = requests;
  const std::size_t lines = std::min(slowest.size(), kLinesMax);
  std::sort(slowest.begin(), slowest.end(), [](const Request& a, const Request& b) {
    return std::pair(-a.duration, a.flow) < std::pair(-b.duration, b.flow);
  });
  slowest.resize(lines);
  std::vector<Request> failed;
  for (const Request& request : requests) {
    const bool is_well = request.outcome == "returned" || request.outcome == "done";
    if (request.failed || !is_well) failed.push_back(request);
  }
  const std::size_t all_failed = failed.size();
  // The one in which the run failed is among them.
  std::sort(failed.begin(), failed.end(), [](const Request& a, const Request& b) {
    return std::pair(!a.failed, a.flow) < std::pair(!b.failed, b.flow);
  });
  failed.resize(std::min(all_failed, kLinesMax));
  std::string text = Titled(Count(requests.size(), "request"),
                            "--list --full has all, --flow NAME shows one, --all the whole run",
                            OutcomesText(requests, color), color);
  text += Titled("the slowest", "", ListText(slowest, times, trace, color), color);
  if (failed.empty()) return text;
  const std::string hint = all_failed == failed.size() ? "" : "of " + Grouped(all_failed);
  return text +
         Titled("those that did not return", hint, ListText(failed, times, trace, color), color);
}

std::string ListPart(const Trace& trace, const std::vector<Request>& requests,
                     const std::vector<RequestTimes>& times, const ShowOptions& options) {
  if (options.json) return ListJson(trace, requests, times);
  const bool color = options.color;
  if (requests.empty()) {
    return Titled("no requests", "this run names none; --all shows the whole run", "", color);
  }
  constexpr std::size_t kListMax = 50;
  if (!options.full && requests.size() > kListMax) {
    return LongListPart(trace, requests, times, color);
  }
  return Titled(Count(requests.size(), "request"), "--flow NAME shows one, --all the whole run",
                ListText(requests, times, trace, color), color);
}

std::string HintOf(std::size_t requests) {
  return requests <= 1
             ? ""
             : "1 of " + Count(requests, "request") + "; --list shows them, --all the whole run";
}

std::string TitleOf(const Trace& trace, FlowId flow) {
  return flow == 0 ? "the whole run" : FlowText(trace, flow);
}

std::string TreeText(std::vector<Row> rows, const ShowOptions& options) {
  FoldRepeats(rows);
  if (!options.full) FoldLikeTasks(rows);
  if (options.depth > 0) CutBelow(rows, options.depth);
  return OutlineText(rows, options.color);
}

std::string TreePart(const Trace& trace, const TaskTable& tasks, FlowId flow,
                     const ShowOptions& options, std::size_t requests,
                     const Extract* extract = nullptr) {
  std::vector<Row> rows = RequestTree(trace, tasks, flow, extract);
  if (options.json) return TreeJson(trace, flow, rows);
  if (rows.empty()) return Titled(TitleOf(trace, flow), "no events", "", options.color);
  const std::vector<bool> dropped = DroppedRequests(trace, tasks);
  const std::string hint = flow < dropped.size() && dropped[flow]
                               ? "not kept: its steps are missing"
                           : flow == 0 ? ""
                                       : HintOf(requests);
  return Titled(TitleOf(trace, flow), hint, TreeText(std::move(rows), options), options.color);
}

absl::Status NoSuchTask(const std::vector<TaskInfo>& tasks, const std::string& pattern) {
  std::set<std::string> names;
  for (const TaskInfo& task : tasks) {
    const std::string_view name = WithoutLabel(task.name);
    names.insert({Printable(name.substr(0, name.rfind('#'))), Printable(WithoutLabel(task.path))});
    const std::string_view label = std::string_view(task.name).substr(name.size());
    if (!label.empty()) names.insert(Printable(label.substr(2, label.size() - 3)));  // no quotes
  }
  const std::vector<std::string> near = NearNames(pattern, {names.begin(), names.end()});
  return absl::NotFoundError(
      "no task is called " + Quoted({Printable(pattern)}) + "\n  " +
      (near.empty() ? "none of its " + Count(tasks.size(), "task") + " is spelled nearly like it"
                    : "did you mean " + Quoted(near) + "?"));
}

absl::Status NotInRequest(const Trace& trace, const std::string& task, FlowId flow) {
  return absl::NotFoundError("no task called " + Quoted({Printable(task)}) + " worked for " +
                             FlowText(trace, flow) +
                             "\n  without --flow it is looked for in the whole run");
}

std::vector<TaskId> MatchingTasks(const TaskTable& tasks, const std::string& pattern) {
  std::vector<TaskId> matching;
  for (const TaskInfo& task : tasks.tasks()) {
    if (pattern.empty() || TaskTable::Matches(task, pattern)) matching.push_back(task.id);
  }
  return matching;
}

absl::StatusOr<std::string> TaskPart(const Trace& trace, const TaskTable& tasks, FlowId flow,
                                     const ShowOptions& options) {
  const std::vector<TaskId> matching = MatchingTasks(tasks, options.task);
  std::vector<Row> rows = TaskTrees(trace, tasks, flow, matching);
  if (rows.empty()) return NotInRequest(trace, options.task, flow);
  if (options.json) return TreeJson(trace, flow, rows);
  return Titled(Count(matching.size(), "task") + " called " + Printable(options.task), "",
                TreeText(std::move(rows), options), options.color);
}

absl::StatusOr<std::string> TablePart(const Trace& trace, const TaskTable& tasks, FlowId flow,
                                      const ShowOptions& options) {
  std::vector<TaskId> wanted = MatchingTasks(tasks, options.task);
  if (flow != 0) {
    std::set<TaskId> working;
    for (std::size_t i = 0; i < trace.events.size(); ++i) {
      if (tasks.FlowOf(i) == flow) working.insert(trace.events[i].task);
    }
    std::erase_if(wanted, [&](TaskId task) { return working.count(task) == 0; });
  }
  if (wanted.empty() && !options.task.empty()) return NotInRequest(trace, options.task, flow);
  const std::vector<TaskTimes> times = TimesOf(trace, tasks, wanted, flow);
  if (options.json) return TimesJson(trace, tasks, flow, times);
  return Titled(TitleOf(trace, flow) + ", task by task",
                IsLive(trace.header) ? "ran: neither waited nor was in calls"
                                     : "passed over: steps of others while it could have gone on",
                TaskTimesText(trace, tasks, times, options.color), options.color);
}

// A jump of time is not shown; what it leads to is.
std::size_t AfterJump(const Trace& trace, std::size_t event) {
  while (event < trace.events.size() && trace.events[event].kind == EventKind::kTime) ++event;
  return event;
}

// The stretch of --around or --between.
absl::StatusOr<TimelineOptions> StretchOf(const Trace& trace, const ShowOptions& options) {
  TimelineOptions stretch;
  if (!options.around.empty()) {
    const absl::StatusOr<Place> place = FindPlace(trace, options.around);
    if (!place.ok()) return place.status();
    const std::size_t at = AfterJump(trace, place->begin);
    stretch.at = at;
    stretch.from = at - std::min(at, options.context);
    stretch.to = at + std::min(trace.events.size() - at, options.context + 1);
    return stretch;
  }
  const absl::StatusOr<Place> from = FindPlace(trace, options.between.front());
  if (!from.ok()) return from.status();
  const absl::StatusOr<Place> to = FindPlace(trace, options.between.back());
  if (!to.ok()) return to.status();
  if (to->begin < from->begin && to->end <= from->begin) {
    return absl::InvalidArgumentError("--between " + Printable(options.between.front()) + " " +
                                      Printable(options.between.back()) +
                                      " ends before it begins\n  name the earlier place first");
  }
  stretch.from = from->begin;
  stretch.to = to->end;
  return stretch;
}

absl::StatusOr<std::string> TimelinePart(const Trace& trace, const TaskTable& tasks, FlowId flow,
                                         const ShowOptions& options) {
  absl::StatusOr<TimelineOptions> stretch = StretchOf(trace, options);
  if (!stretch.ok()) return stretch.status();
  stretch->flow = flow;
  stretch->task = options.task;
  stretch->color = options.color;
  stretch->fold = !options.json;
  const std::vector<TimelineLine> lines = TimelineOf(trace, tasks, *stretch);
  if (lines.empty()) {
    return absl::NotFoundError("nothing that was asked for happened there\n  the run has " +
                               Count(trace.events.size(), "event") +
                               "; --context N shows more around a place");
  }
  if (options.json) return StretchJson(trace, tasks, flow, stretch->at, lines);
  return Titled("events " + std::to_string(stretch->from) + " to " +
                    std::to_string(stretch->to - 1) + " of " + std::to_string(trace.events.size()),
                flow == 0 ? "" : "only those of " + FlowText(trace, flow),
                TimelineText(trace, tasks, *stretch, lines), options.color);
}

bool IsStretch(const ShowOptions& options) {
  return !options.around.empty() || !options.between.empty();
}

// The request that is asked for; 0: the whole run; nothing: the list of them.
absl::StatusOr<std::optional<FlowId>> WantedRequest(const Trace& trace, const Overview& overview,
                                                    const ShowOptions& options) {
  if (!options.flow.empty()) {
    const absl::StatusOr<FlowId> found = FindRequest(trace, options.flow);
    if (!found.ok()) return found.status();
    return std::optional(*found);
  }
  if (options.list) return std::optional<FlowId>();
  if (options.all || !options.task.empty() || IsStretch(options)) return std::optional(FlowId{0});
  return DefaultRequest(overview);
}

absl::StatusOr<std::string> RequestPart(const Trace& trace, const TaskTable& tasks, FlowId flow,
                                        const ShowOptions& options, std::size_t requests) {
  if (IsStretch(options)) return TimelinePart(trace, tasks, flow, options);
  if (options.table) return TablePart(trace, tasks, flow, options);
  if (!options.task.empty()) return TaskPart(trace, tasks, flow, options);
  return TreePart(trace, tasks, flow, options, requests);
}

// Whether an extract will do: for the list of requests, or the tree of one.
bool IsSmall(const ShowOptions& options) {
  return !options.all && !options.table && options.task.empty() && !IsStretch(options);
}

// Nothing where it takes the whole trace.
absl::StatusOr<std::optional<std::string>> ShowExtract(const RunIndex& index,
                                                       const ShowOptions& options) {
  if (!index.is_sound()) return std::nullopt;
  const Overview& overview = index.overview();
  const absl::StatusOr<std::optional<FlowId>> flow =
      WantedRequest(index.recording().trace, overview, options);
  if (!flow.ok()) return flow.status();
  if (*flow == FlowId{0}) return std::nullopt;
  const std::optional<Extract> extract = index.ExtractOf(flow->value_or(0));
  if (!extract) return std::nullopt;
  const Trace& trace = extract->trace;
  const TaskTable tasks(trace);
  const std::string summary = SummaryPart(trace, tasks, overview, options);
  if (!*flow) {
    const absl::StatusOr<std::vector<RequestTimes>> times = index.Times();
    if (!times.ok()) return times.status();
    return summary + ListPart(index.recording().trace, overview.requests, *times, options);
  }
  return summary + TreePart(trace, tasks, **flow, options, overview.request_count, &*extract);
}

// By the index of the recording. Nothing where there is none, or where it takes more than one
// request's events.
std::optional<Shown> ShowIndexed(RecordingBytes& bytes, const ShowOptions& options) {
  if (!IsSmall(options) || options.list) return std::nullopt;
  const std::unique_ptr<IndexedRecording> recording = IndexedRecording::Open(bytes);
  if (recording == nullptr) return std::nullopt;
  const Overview overview = OverviewOf(recording->index());
  const absl::StatusOr<std::optional<FlowId>> flow =
      WantedRequest(recording->tables(), overview, options);
  if (!flow.ok()) return Shown{flow.status(), {}, {}};
  if (flow->value_or(0) == 0) return std::nullopt;
  const std::optional<Extract> extract = ExtractByIndex(*recording, **flow);
  if (!extract) return std::nullopt;
  const TaskTable tasks(extract->trace, extract->ordinals);
  return Shown{
      SummaryPart(extract->trace, tasks, overview, options) +
          TreePart(extract->trace, tasks, **flow, options, overview.request_count, &*extract),
      {},
      {}};
}

}  // namespace

absl::StatusOr<std::string> ShowText(const Trace& trace, const ShowOptions& options) {
  const TaskTable tasks(trace);
  const Overview overview = OverviewOf(trace, tasks);
  const std::string summary = SummaryPart(trace, tasks, overview, options);
  if (!options.task.empty() && MatchingTasks(tasks, options.task).empty()) {
    return NoSuchTask(tasks.tasks(), options.task);
  }
  const absl::StatusOr<std::optional<FlowId>> flow = WantedRequest(trace, overview, options);
  if (!flow.ok()) return flow.status();
  if (!*flow) {
    return summary + ListPart(trace, overview.requests, RequestTimesOf(trace), options);
  }
  const absl::StatusOr<std::string> part =
      RequestPart(trace, tasks, **flow, options, overview.request_count);
  if (!part.ok()) return part.status();
  return summary + *part;
}

absl::StatusOr<Shown> ShowRecording(std::string_view bytes, const std::string& name,
                                    const ShowOptions& options) {
  if (std::optional<Shown> shown = ShowIndexed(*BytesInMemory(bytes), options)) {
    return *std::move(shown);
  }
  if (IsSmall(options)) {
    const absl::StatusOr<RunIndex> index = RunIndex::Make(bytes, name);
    if (!index.ok()) return index.status();
    absl::StatusOr<std::optional<std::string>> text = ShowExtract(*index, options);
    const Recording& recording = index->recording();
    if (!text.ok()) return Shown{text.status(), recording.trace.losses, recording.damage};
    if (*text) return Shown{**std::move(text), recording.trace.losses, recording.damage};
  }
  absl::StatusOr<Recording> recording = DecodeRecording(bytes, name);
  if (!recording.ok()) return recording.status();
  NoteTorn(*recording);
  return Shown{ShowText(recording->trace, options), recording->trace.losses, recording->damage};
}

absl::StatusOr<Shown> ShowFile(const std::string& path, const ShowOptions& options) {
  if (const std::unique_ptr<RecordingBytes> file = BytesOfFile(path)) {
    if (std::optional<Shown> shown = ShowIndexed(*file, options)) return *std::move(shown);
  }
  const absl::StatusOr<std::string> bytes = ReadRecordingBytes(path);
  if (!bytes.ok()) return bytes.status();
  return ShowRecording(*bytes, path, options);
}

}  // namespace heddle::tools
