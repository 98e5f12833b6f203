// SPDX-License-Identifier: MIT
//
// Implements export.h.
//   Chrome: the "Trace Event Format"; https://ui.perfetto.dev opens it.
//   OTLP: opentelemetry-proto, JSON mapping: ids are hex, 64-bit numbers are strings.
#include "export.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "heddle/causality.h"
#include "heddle/context.h"
#include "heddle/internal/shared_value.h"
#include "heddle/site.h"
#include "heddle/task_label.h"
#include "heddle/task_table.h"
#include "heddle/trace_text.h"
#include "json.h"
#include "requests.h"
#include "task_span.h"
#include "waits.h"
#include "words.h"

namespace heddle::tools {
namespace {

// Chrome counts in microseconds; three digits behind the point lose nothing.
std::string Micros(VirtualNanos nanos) {
  const std::string sign = nanos < 0 ? "-" : "";
  const std::uint64_t size =
      nanos < 0 ? 0 - static_cast<std::uint64_t>(nanos) : static_cast<std::uint64_t>(nanos);
  std::string digits = std::to_string(size % 1000);
  digits.insert(0, 3 - digits.size(), '0');
  return sign + std::to_string(size / 1000) + "." + digits;
}

std::string ValueText(const FieldValue& value) {
  MarkRecord mark{.name = "", .fields = {{"v", value}}};
  const std::string text = MarkText(mark);  // " {v: 12.5}"
  const std::size_t begin = text.find(": ") + 2;
  return text.substr(begin, text.rfind('}') - begin);
}

// What a run is called: after its test, or else after its program.
std::string RunName(const TraceHeader& header) {
  if (!header.test.empty()) return header.test;
  const std::string program =
      header.command.empty() ? "" : std::string(FileName(header.command.front()));
  return program.empty() ? "heddle" : program;
}

std::size_t LastOf(const Trace& trace, const TaskInfo& task) {
  return task.ended == kNoEvent ? trace.events.size() - 1 : task.ended;
}

// Which tasks share a lane. A call is in its caller's lane, and so lies within its slice; a
// spawned task gets a lane that is free from where it starts to where it ends.
class Lanes {
 public:
  Lanes(const Trace& trace, const TaskTable& tasks) : lanes_(tasks.tasks().size()) {
    std::vector<bool> called(lanes_.size());
    for (const Event& event : trace.events) {
      // The resumption too: the call itself may be older than the trace.
      const bool is_wait = event.kind == EventKind::kSuspend || event.kind == EventKind::kResume;
      if (!is_wait || event.op() != Operation::kCall) continue;
      if (event.object < called.size() && event.task < event.object) called[event.object] = true;
    }
    std::vector<TaskId> order;
    for (const TaskInfo& task : tasks.tasks()) {
      if (HasRun(task)) order.push_back(task.id);
      if (task.id < called.size() && WasCalledBefore(trace, task)) called[task.id] = true;
    }
    std::sort(order.begin(), order.end(), [&](TaskId a, TaskId b) {
      return std::pair(FromOf(tasks[a]), a) < std::pair(FromOf(tasks[b]), b);
    });
    std::vector<std::size_t> free_from;
    for (const TaskId id : order) {
      const TaskInfo& task = tasks[id];
      if (called[id] && task.parent < id && HasRun(tasks[task.parent])) {
        lanes_[id] = lanes_[task.parent];
        continue;
      }
      auto lane = std::find_if(free_from.begin(), free_from.end(),
                               [&](std::size_t from) { return from < FromOf(task); });
      if (lane == free_from.end()) lane = free_from.insert(lane, 0);
      *lane = LastOf(trace, task) + 1;
      lanes_[id] = static_cast<std::size_t>(lane - free_from.begin());
    }
    count_ = free_from.size();
  }

  std::size_t count() const { return count_; }
  std::size_t operator[](TaskId task) const { return task < lanes_.size() ? lanes_[task] : 0; }

 private:
  // Counted from 1; 0 is before all events.
  static std::size_t FromOf(const TaskInfo& task) {
    return task.started == kNoEvent ? 0 : task.started + 1;
  }

  std::vector<std::size_t> lanes_;
  std::size_t count_ = 0;
};

// When events are said to happen. In virtual time many have one instant, and viewers lay slices
// into each other, and arrows onto slices, by time alone. So here the events of an instant
// follow each other by two nanoseconds, or by less if the next instant is too near.
class Moments {
 public:
  explicit Moments(const Trace& trace) {
    const std::vector<Event>& events = trace.events;
    moments_.reserve(2 * events.size());
    for (std::size_t from = 0, to = 0; from < events.size(); from = to) {
      const VirtualNanos time = events[from].time;
      while (to < events.size() && events[to].time == time) ++to;
      const std::size_t count = 2 * (to - from);
      const std::size_t room = to == events.size() ? count : RoomIn(time, events[to].time, count);
      for (std::size_t i = 0; i < count; ++i) {
        moments_.push_back(Sum(time, static_cast<VirtualNanos>(i * room / count)));
      }
    }
  }

  VirtualNanos At(std::size_t event) const { return moments_[2 * event]; }
  // After the event, and before the next one.
  VirtualNanos After(std::size_t event) const { return moments_[2 * event + 1]; }

 private:
  static std::size_t RoomIn(VirtualNanos time, VirtualNanos next, std::size_t wanted) {
    const VirtualNanos gap = std::max<VirtualNanos>(Elapsed(time, next), 0);
    return std::min(wanted, static_cast<std::size_t>(gap));
  }

  std::vector<VirtualNanos> moments_;
};

class ChromeWriter {
 public:
  explicit ChromeWriter(const Trace& trace)
      : trace_(trace),
        tasks_(trace),
        dropped_(DroppedRequests(trace, tasks_)),
        waits_(trace),
        lanes_(trace, tasks_),
        moments_(trace) {}

  std::string Write() {
    text_ = "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [";
    Add("{\"ph\": \"M\", \"name\": \"process_name\", \"pid\": 1, \"args\": {\"name\": " +
        JsonText(RunName(trace_.header)) + "}}");
    if (!trace_.losses.empty()) {
      Add("{\"ph\": \"M\", \"name\": \"process_labels\", \"pid\": 1, \"args\": {\"labels\": " +
          JsonText(LossText(trace_.losses)) + "}}");
    }
    for (std::size_t lane = 0; lane < lanes_.count(); ++lane) {
      Add("{\"ph\": \"M\", \"name\": \"thread_name\", \"pid\": 1, \"tid\": " +
          std::to_string(lane) + ", \"args\": {\"name\": \"lane " + std::to_string(lane) + "\"}}");
    }
    for (const TaskInfo& task : tasks_.tasks()) AddTask(task);
    AddArrows();
    return text_ + "\n]" + MissingJson(trace_.losses) + "}\n";
  }

 private:
  void Add(const std::string& json) {
    text_ += is_first_ ? "\n" : ",\n";
    is_first_ = false;
    text_ += json;
  }

  std::string Head(std::string_view phase, const std::string& name, TaskId task,
                   VirtualNanos time) const {
    return "{\"ph\": \"" + std::string(phase) + "\", \"name\": " + JsonText(name) +
           ", \"cat\": \"heddle\", \"pid\": 1, \"tid\": " + std::to_string(lanes_[task]) +
           ", \"ts\": " + Micros(time);
  }

  void AddSlice(const std::string& name, TaskId task, VirtualNanos begin, VirtualNanos end,
                const std::string& arguments) {
    Add(Head("X", name, task, begin) + ", \"dur\": " + Micros(Elapsed(begin, end)) +
        ", \"args\": {" + arguments + "}}");
  }

  void AddTask(const TaskInfo& task) {
    if (!HasRun(task) || trace_.events.empty()) return;
    std::string arguments = "\"task\": " + JsonText(task.path);
    if (task.flow != 0) arguments += ", \"request\": " + JsonText(FlowText(trace_, task.flow));
    if (task.ended == kNoEvent) arguments += ", \"ended\": false";
    if (task.flow < dropped_.size() && dropped_[task.flow]) arguments += ", \"kept\": false";
    const TaskSpan span = SpanOf(trace_, task);
    if (task.began_before) {
      arguments += ", \"began_before_window\": true, \"at_least\": ";
      arguments += span.at_least ? "true" : "false";
    }
    const VirtualNanos begin = task.began_before ? span.start : moments_.At(task.started);
    AddSlice(task.name, task.id, begin, moments_.After(LastOf(trace_, task)), arguments);
    if (task.id >= waits_.events().size()) return;
    const std::vector<std::size_t>& events = waits_.events()[task.id];
    for (std::size_t i = 0; i < events.size(); ++i) {
      const Event& event = trace_.events[events[i]];
      const std::string site = "\"site\": " + JsonText(SiteText(trace_, event.site));
      if (event.kind == EventKind::kSuspend) {
        if (event.op() == Operation::kCall) continue;
        const Wait wait = waits_.Of(task.id, i);
        const std::size_t end = wait.end() != kNoEvent ? wait.end() : trace_.events.size() - 1;
        AddSlice(AwaitText(trace_, event), task.id, moments_.At(events[i]), moments_.At(end), site);
      } else if (const std::string act = DeedText(event); !act.empty()) {
        Add(Head("i", act, task.id, moments_.At(events[i])) + ", \"s\": \"t\", \"args\": {" + site +
            "}}");
      }
    }
  }

  std::string DeedText(const Event& event) const {
    return event.kind == EventKind::kCancel ? "cancels " + tasks_.Path(event.object)
                                            : ActText(trace_, event);
  }

  // One for each cause that comes from another lane.
  void AddArrows() {
    const Causality causality(trace_);
    std::size_t number = 0;
    for (std::size_t i = 0; i < trace_.events.size(); ++i) {
      const Event& event = trace_.events[i];
      if (event.kind == EventKind::kSpawn || event.task == kNoTask) continue;
      for (const std::size_t cause : causality.CausesOf(i)) {
        const Event& from = trace_.events[cause];
        if (from.task == kNoTask || lanes_[from.task] == lanes_[event.task]) continue;
        const std::string id = ", \"id\": " + std::to_string(++number) + "}";
        const std::string name(Name(from.kind));
        Add(Head("s", name, from.task, moments_.At(cause)) + id);
        Add(Head("f", name, event.task, moments_.At(i)) + ", \"bp\": \"e\"" + id);
      }
    }
  }

  const Trace& trace_;
  const TaskTable tasks_;
  const std::vector<bool> dropped_;
  const Waits waits_;
  const Lanes lanes_;
  const Moments moments_;
  std::string text_;
  bool is_first_ = true;
};

std::string Attribute(std::string_view key, const FieldValue& value) {
  const std::string typed = std::visit(
      [&](const auto& v) -> std::string {
        using Value = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<Value, bool>) {
          return std::string("\"boolValue\": ") + (v ? "true" : "false");
        } else if constexpr (std::is_same_v<Value, std::int64_t>) {
          return "\"intValue\": \"" + std::to_string(v) + "\"";
        } else if constexpr (std::is_same_v<Value, double>) {
          const std::string text = ValueText(v);
          const bool is_number = text.find_first_of("ni") == std::string::npos;  // nan, inf
          return "\"doubleValue\": " + (is_number ? text
                                        : v != v  ? "\"NaN\""
                                        : v < 0   ? "\"-Infinity\""
                                                  : "\"Infinity\"");
        } else if constexpr (std::is_same_v<Value, Bytes>) {
          return "\"bytesValue\": " + JsonText(absl::Base64Escape(v.data));
        } else {
          return "\"stringValue\": " + JsonText(v);
        }
      },
      value);
  return "{\"key\": " + JsonText(key) + ", \"value\": {" + typed + "}}";
}

class OtlpWriter {
 public:
  explicit OtlpWriter(const Trace& trace)
      : trace_(trace),
        tasks_(trace),
        dropped_(DroppedRequests(trace, tasks_)),
        run_(Digest(trace)) {
    marks_.resize(tasks_.tasks().size());
    ReadContexts();
    ReadCarriers();
    for (std::size_t i = 0; i < trace.events.size(); ++i) {
      const Event& event = trace.events[i];
      if (event.kind == EventKind::kMark && event.task < marks_.size() &&
          LabelOf(trace, event) == nullptr) {
        marks_[event.task].push_back(i);
      }
    }
  }

  std::string Write() const {
    std::string spans;
    for (const TaskInfo& task : tasks_.tasks()) {
      if (!HasRun(task)) continue;
      spans += spans.empty() ? "\n" : ",\n";
      spans += Span(task);
      for (auto part = parts_.lower_bound({task.id, 0});
           part != parts_.end() && part->first.first == task.id; ++part) {
        spans += ",\n" + PartSpan(task, part->first.second, part->second);
      }
    }
    return "{\"resourceSpans\": [{\"resource\": {\"attributes\": [" +
           Attribute("service.name", RunName(trace_.header)) + LostContexts() + Missing() +
           "]}, \"scopeSpans\": [{\"scope\": {\"name\": \"heddle\", \"version\": " +
           JsonText(trace_.header.heddle_version) + "}, \"spans\": [" + spans + "\n]}]}]}\n";
  }

 private:
  // How often it was not known for which request a task went on. Its span may then hold what
  // belongs to another one.
  std::string LostContexts() const {
    const auto lost = std::count_if(trace_.events.begin(), trace_.events.end(), [](const Event& e) {
      return e.kind == EventKind::kContextLost;
    });
    return lost == 0 ? "" : ", " + Attribute("heddle.context_lost", std::int64_t{lost});
  }

  // What of the run has no spans, or not all of its events.
  std::string Missing() const {
    if (trace_.losses.empty()) return "";
    return ", " + Attribute("heddle.missing", LossText(trace_.losses));
  }

  // What was sent to other programs: there it is known by these ids.
  void ReadContexts() {
    for (std::size_t i = 0; i < trace_.events.size(); ++i) {
      const Event& event = trace_.events[i];
      if (event.kind != EventKind::kMark || event.object >= trace_.marks.size()) continue;
      const std::optional<TraceContext> sent = heddle::ContextOf(trace_.marks[event.object]);
      if (!sent) continue;
      spans_.emplace(std::pair(event.task, tasks_.FlowOf(i)), sent->span);
      traces_.emplace(tasks_.FlowOf(i), sent->trace);
    }
  }

  // What a task that has no request of its own did for one of which it received a message.
  struct Part {
    std::size_t first = kNoEvent;
    std::size_t last = kNoEvent;
    std::size_t sent = kNoEvent;  // the kSend of the message, where it is known
  };

  // Each part is a span of its own: a span is in one request.
  void ReadCarriers() {
    std::vector<bool> carries(tasks_.tasks().size());
    for (const Event& event : trace_.events) {
      if (event.kind != EventKind::kFlow || event.op() == Operation::kNone) continue;
      if (event.also_for() == 0 && event.task < carries.size()) carries[event.task] = true;
    }
    std::map<std::pair<ObjectId, std::uint32_t>, std::size_t> sends;
    std::size_t sent = kNoEvent;  // of the message that was received last
    for (std::size_t i = 0; i < trace_.events.size(); ++i) {
      const Event& event = trace_.events[i];
      if (event.task >= carries.size()) continue;
      if (event.kind == EventKind::kSend) sends[{event.object, event.value}] = i;
      if (event.kind == EventKind::kReceive) {
        const auto known = sends.find({event.object, event.value});
        sent = known == sends.end() ? kNoEvent : known->second;
      }
      const FlowId flow = tasks_.FlowOf(i);
      if (flow == 0 || !carries[event.task]) continue;
      Part& part = parts_[{event.task, flow}];
      if (part.first == kNoEvent) part = {.first = i, .last = i, .sent = sent};
      part.last = i;
    }
    for (const auto& [key, part] : parts_) carriers_.insert(key.first);
  }

  // The request that the span of the task as a whole is in.
  FlowId FlowOf(const TaskInfo& task) const { return carriers_.count(task.id) > 0 ? 0 : task.flow; }
  TraceContext ContextOf(const TaskInfo& task) const { return ContextOf(task.id, FlowOf(task)); }

  // A request that came with a context of its own, as its name, goes on in it; so does one that was
  // sent on with one. The others get ids that are the same in every process that makes this run.
  TraceContext ContextOf(TaskId task, FlowId flow) const {
    TraceContext context = SimulatedContext(run_, flow, task);
    if (const std::optional<TraceContext> outer = OuterContext(flow)) {
      context.trace = outer->trace;
    } else if (const auto sent = traces_.find(flow); sent != traces_.end()) {
      context.trace = sent->second;
    }
    if (parts_.count({task, flow}) > 0) context.span |= std::uint64_t{flow} << 32;
    if (const auto sent = spans_.find({task, flow}); sent != spans_.end()) {
      context.span = sent->second;
    }
    return context;
  }
  // Of the task of `event`, in the request of the event.
  TraceContext ContextAt(std::size_t event) const {
    const TaskId task = trace_.events[event].task;
    return carriers_.count(task) > 0 ? ContextOf(task, tasks_.FlowOf(event))
                                     : ContextOf(tasks_[task]);
  }

  std::optional<TraceContext> OuterContext(FlowId flow) const {
    if (flow >= trace_.flows.size()) return std::nullopt;
    const absl::StatusOr<TraceContext> context = ParseTraceparent(trace_.flows[flow].name);
    return context.ok() ? std::optional(*context) : std::nullopt;
  }

  // Of a task whose creator works for another request: the span from which the request came.
  // 0: none is known.
  std::uint64_t ParentOf(const TaskInfo& task) const {
    if (task.parent != kNoTask && HasRun(tasks_[task.parent])) {
      const TraceContext parent = carriers_.count(task.parent) > 0 && task.spawned != kNoEvent
                                      ? ContextOf(task.parent, tasks_.FlowOf(task.spawned))
                                      : ContextOf(tasks_[task.parent]);
      if (parent.trace == ContextOf(task).trace) return parent.span;
    }
    const std::optional<TraceContext> outer = OuterContext(FlowOf(task));
    return outer ? outer->span : 0;
  }

  // Of a part: the span that sent the message.
  std::uint64_t ParentOf(FlowId flow, const Part& part) const {
    // A message to oneself is no parent.
    if (part.sent != kNoEvent && tasks_.FlowOf(part.sent) == flow &&
        trace_.events[part.sent].task != trace_.events[part.first].task) {
      return ContextAt(part.sent).span;
    }
    const std::optional<TraceContext> outer = OuterContext(flow);
    return outer ? outer->span : 0;
  }

  std::string PartSpan(const TaskInfo& task, FlowId flow, const Part& part) const {
    constexpr int kConsumer = 5;
    return SpanHead(task, ContextOf(task.id, flow), ParentOf(flow, part), kConsumer) +
           Nanos(trace_.events[part.first].time) +
           ", \"endTimeUnixNano\": " + Nanos(trace_.events[part.last].time) +
           ", \"attributes\": [" + Attribute("heddle.task", task.path) + ", " +
           Attribute("heddle.request", FlowText(trace_, flow)) + Marks(task, flow) +
           "], \"status\": {}}";
  }

  // Up to the time at which it starts.
  static std::string SpanHead(const TaskInfo& task, const TraceContext& context,
                              std::uint64_t parent, int kind) {
    std::string json = "{\"traceId\": \"" + TraceIdText(context.trace) + "\", \"spanId\": \"" +
                       SpanIdText(context.span) + "\"";
    if (parent != 0) json += ", \"parentSpanId\": \"" + SpanIdText(parent) + "\"";
    return json + ", \"name\": " + JsonText(task.function.empty() ? task.name : task.function) +
           ", \"kind\": " + std::to_string(kind) + ", \"startTimeUnixNano\": ";
  }

  // From the end of the attributes on: what the task said while it worked for `flow`.
  std::string Marks(const TaskInfo& task, FlowId flow) const {
    const bool all = carriers_.count(task.id) == 0;
    std::string json;
    for (const std::size_t mark : marks_[task.id]) {
      if (!all && tasks_.FlowOf(mark) != flow) continue;
      json += (json.empty() ? "" : ", ") + MarkEvent(mark);
    }
    return "], \"events\": [" + json;
  }

  std::string Span(const TaskInfo& task) const {
    const TaskSpan span = SpanOf(trace_, task);
    const FlowId flow = FlowOf(task);
    std::string json = SpanHead(task, ContextOf(task), ParentOf(task), 1) + Nanos(span.start) +
                       ", \"endTimeUnixNano\": " + Nanos(span.end) + ", \"attributes\": [" +
                       Attribute("heddle.task", task.path);
    if (flow != 0) json += ", " + Attribute("heddle.request", FlowText(trace_, flow));
    if (task.began_before) json += ", " + Attribute("heddle.began_before_window", true);
    if (span.at_least) json += ", " + Attribute("heddle.at_least", true);
    if (flow < dropped_.size() && dropped_[flow]) json += ", " + Attribute("heddle.kept", false);
    return json + Marks(task, flow) + "], \"status\": {" + Status(task) + "}}";
  }

  // A time before the epoch has no place there.
  std::string Nanos(VirtualNanos of_trace) const {
    const VirtualNanos time = Sum(trace_.header.began, of_trace);
    return "\"" + std::to_string(std::max<VirtualNanos>(time, 0)) + "\"";
  }

  std::string MarkEvent(std::size_t event) const {
    const ObjectId number = trace_.events[event].object;
    if (number >= trace_.marks.size()) return "{\"name\": \"?\"}";
    const MarkRecord& mark = trace_.marks[number];
    std::string attributes;
    for (const Field& field : mark.fields) {
      if (!attributes.empty()) attributes += ", ";
      attributes += Attribute(field.key, field.value);
    }
    return "{\"timeUnixNano\": " + Nanos(trace_.events[event].time) +
           ", \"name\": " + JsonText(mark.name) + ", \"attributes\": [" + attributes + "]}";
  }

  std::string Status(const TaskInfo& task) const {
    if (task.ended == kNoEvent) return "\"code\": 2, \"message\": \"did not end\"";
    const Event& end = trace_.events[task.ended];
    if (end.kind != EventKind::kFinish || end.outcome() == Outcome::kValue) return "";
    return "\"code\": 2, \"message\": " + JsonText(task.id == trace_.header.failed_task
                                                       ? trace_.header.message
                                                       : std::string(OutcomeText(end.outcome())));
  }

  const Trace& trace_;
  const TaskTable tasks_;
  const std::vector<bool> dropped_;  // by FlowId
  const std::uint64_t run_;
  std::map<std::pair<TaskId, FlowId>, std::uint64_t> spans_;  // that were sent
  std::map<std::pair<TaskId, FlowId>, Part> parts_;           // flow: never 0
  std::set<TaskId> carriers_;                                 // that have parts
  std::map<FlowId, TraceId> traces_;
  std::vector<std::vector<std::size_t>> marks_;  // by task
};

// As RFC 4180 has it.
std::string CsvCell(std::string_view text) {
  std::string cell = Printable(text);
  if (cell.find_first_of("\",") == std::string::npos) return cell;
  for (std::size_t at = 0; (at = cell.find('"', at)) != std::string::npos; at += 2) {
    cell.insert(at, 1, '"');
  }
  return "\"" + cell + "\"";
}

}  // namespace

std::string ChromeText(const Trace& trace) { return ChromeWriter(trace).Write(); }

std::string OtlpText(const Trace& trace) { return OtlpWriter(trace).Write(); }

std::string CsvText(const Trace& trace) {
  const TaskTable tasks(trace);
  const std::vector<std::string> objects = ObjectNames(trace);
  std::string text = "event,time_ns,task,name,kind,operation,object,value,site,request\n";
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    const bool is_finish = event.kind == EventKind::kFinish;
    const bool is_task = event.kind == EventKind::kSpawn || event.kind == EventKind::kStart ||
                         event.kind == EventKind::kWake || event.kind == EventKind::kCancel ||
                         (event.op() == Operation::kCall && !is_finish);
    const bool is_mark = event.kind == EventKind::kMark || event.kind == EventKind::kInput ||
                         event.kind == EventKind::kFault;
    std::string object;
    if (is_task) {
      object = event.object == kNoTask ? "" : tasks.Path(event.object);
    } else if (is_mark) {
      object = event.object < trace.marks.size() ? MarkText(trace.marks[event.object]) : "?";
    } else if (event.object != 0 && event.kind != EventKind::kFlow &&
               event.kind != EventKind::kDraw) {
      object = event.object < objects.size() ? objects[event.object] : "?";
    }
    const bool has_task = event.task != kNoTask;
    const std::string value = internal::ValueText(event);
    text += std::to_string(i) + "," + std::to_string(event.time) + "," +
            (has_task ? std::to_string(event.task) : "") + "," +
            (has_task ? CsvCell(tasks.Path(event.task)) : "") + "," +
            std::string(Name(event.kind)) + "," +
            std::string(is_finish ? Name(event.outcome()) : Name(event.op())) + "," +
            CsvCell(object) + "," + (value.empty() ? std::to_string(event.value) : value) + "," +
            CsvCell(SiteText(trace, event.site)) + ",";
    const FlowId flow = tasks.FlowOf(i);
    text += (flow == 0 ? "" : CsvCell(FlowText(trace, flow))) + "\n";
  }
  return text;
}

}  // namespace heddle::tools
