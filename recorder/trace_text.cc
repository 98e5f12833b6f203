// SPDX-License-Identifier: MIT
//
// The canonical text, from its smallest pieces up: values, marks, events, choices, the
// whole. Everything here is a pure function of the trace.
#include "heddle/trace_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "heddle/internal/shared_value.h"
#include "heddle/site.h"

namespace heddle {
namespace {

std::string Padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string Number(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 6 ? 6 - digits.size() : 0, ' ') + digits;
}

// One line stays one line: control characters become \n, \t or \x1b.
std::string Escaped(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      escaped += "\\n";
    } else if (c == '\t') {
      escaped += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      escaped.append("\\x").append({kDigits[byte >> 4], kDigits[byte & 0xf]});
    } else {
      if (c == '"' || c == '\\') escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

// The shortest digits that read back as the same number; always seen to be a double.
std::string DoubleText(double value) {
  if (std::isnan(value)) return "nan";  // its sign is the machine's own affair
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  std::string text(buffer.data(), end);
  const bool integral = text.find_first_not_of("-0123456789") == std::string::npos;
  return integral ? text + ".0" : text;
}

std::string ValueText(const FieldValue& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, bool>) {
          return held ? "true" : "false";
        } else if constexpr (std::is_same_v<Held, std::int64_t>) {
          return std::to_string(held);
        } else if constexpr (std::is_same_v<Held, double>) {
          return DoubleText(held);
        } else if constexpr (std::is_same_v<Held, Bytes>) {
          return "0x" + absl::BytesToHexString(held.data);
        } else {
          return "\"" + Escaped(held) + "\"";
        }
      },
      value);
}

// Compilers disagree about the line of an await that goes over several.
enum class Lines : bool { kLeftOut, kShown };

// A coroutine is called by its function: compilers disagree about its line, too.
std::string SiteText(const Trace& trace, SiteId id, Lines lines) {
  if (id >= trace.sites.size()) return "?";
  const Site& site = trace.sites[id];
  if (!site.function.empty()) return Escaped(site.function);
  return lines == Lines::kShown ? ToString(site)
                                : ToString(Site{.file = site.file, .line = 0, .function = {}});
}

// "till.cc:41", as it stands in a header.
std::string WithoutLine(std::string_view site) {
  const std::size_t colon = site.rfind(':');
  const bool has_line = colon != std::string_view::npos &&
                        site.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
  return std::string(site.substr(0, has_line ? colon : site.size()));
}

// Puts events into words.
class EventWriter {
 public:
  // For many events: `object_names`, where given, saves looking each name up.
  EventWriter(const Trace& trace, const TaskTable& tasks, Lines lines,
              std::span<const std::string> object_names = {})
      : trace_(trace), tasks_(tasks), lines_(lines), object_names_(object_names) {}

  std::string Text(const Event& event) const {
    if (event.kind == EventKind::kTime) return "time  to " + FormatNanos(event.time);
    std::string text = tasks_.Path(event.task);
    text.append("  ").append(Name(event.kind));
    AppendPart(text, Details(event));
    if (event.site != 0) AppendPart(text, SiteText(trace_, event.site, lines_));
    if (event.chosen()) AppendPart(text, "chosen");
    // Recordings of earlier versions have no values.
    if (lines_ == Lines::kShown) AppendPart(text, internal::ValueText(event));
    return text;
  }

 private:
  static void AppendPart(std::string& text, const std::string& part) {
    if (!part.empty()) text.append("  ").append(part);
  }

  std::string Details(const Event& event) const {
    switch (event.kind) {
      case EventKind::kSpawn:
      case EventKind::kStart:
      case EventKind::kWake:
        return event.object == kNoTask ? "" : "by " + tasks_.Path(event.object);
      case EventKind::kSuspend:
      case EventKind::kResume:
        // In the canonical text it is a yield: recordings of earlier versions do not tell.
        if (lines_ == Lines::kShown && event.is_co_yield()) return "co_yield";
        return std::string(Name(event.op())) + Target(event);
      case EventKind::kFinish:
        return std::string(Name(event.outcome())) +
               (event.object == 0 ? "" : " into " + Object(event.object));
      case EventKind::kMark:
      case EventKind::kInput:
      case EventKind::kFault:
        return event.object < trace_.marks.size() ? MarkText(trace_.marks[event.object]) : "?";
      case EventKind::kDraw:
        return std::to_string(event.value);
      case EventKind::kSend:
        return "message " + std::to_string(event.value) + " into " + Object(event.object);
      case EventKind::kReceive:
        return "message " + std::to_string(event.value) + " out of " + Object(event.object);
      case EventKind::kAcquire:
      case EventKind::kRelease:
        return Object(event.object);
      case EventKind::kAccess:
        return std::string(Name(event.op())) + Target(event);
      case EventKind::kCancel:
        return tasks_.Path(event.object);
      case EventKind::kFlow:
        return FlowDetails(event);
      case EventKind::kAbandon:
      case EventKind::kTime:
      case EventKind::kContextLost:
        break;
    }
    return "";
  }

  std::string Flow(FlowId flow) const {
    return flow < trace_.flows.size() ? Escaped(trace_.flows[flow].name) : "?";
  }
  // By itself as the task said it; "receive order 17", "call none", "receive also order 18".
  std::string FlowDetails(const Event& event) const {
    if (event.op() == Operation::kNone && event.also_for() == 0) return Flow(event.object);
    const std::string why(Name(event.op()));
    if (event.also_for() != 0) return why + " also " + Flow(event.also_for());
    return why + " " + (event.object == 0 ? "none" : Flow(event.object));
  }

  std::string Target(const Event& event) const {
    if (event.op() == Operation::kCall) return " " + tasks_.Path(event.object);
    return event.object == 0 ? "" : " " + Object(event.object);
  }

  std::string Object(ObjectId object) const {
    return Escaped(object < object_names_.size() ? object_names_[object]
                                                 : ObjectName(trace_, object));
  }

  const Trace& trace_;
  const TaskTable& tasks_;
  Lines lines_;
  std::span<const std::string> object_names_;
};

void AppendHeaderLine(std::string& text, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  text.append(Padded(std::string(key), 10));
  for (const char c : value) {
    text += c;
    if (c == '\n') text.append(10, ' ');  // a message of several lines keeps its shape
  }
  text += '\n';
}

std::string HeaderText(const TraceHeader& header, const Losses& losses, const TaskTable& tasks) {
  std::string text;
  AppendHeaderLine(text, "test", header.test);
  AppendHeaderLine(text, "chooser", header.chooser);
  AppendHeaderLine(text, "seed", std::to_string(header.seed));
  if (header.schedule != 0) AppendHeaderLine(text, "schedule", std::to_string(header.schedule));
  AppendHeaderLine(text, "input", header.input_text);
  AppendHeaderLine(text, "ending", Name(header.ending));
  AppendHeaderLine(text, "message", header.message);
  if (header.failed_task != kNoTask) {
    AppendHeaderLine(text, "failed", tasks.Path(header.failed_task));
  }
  AppendHeaderLine(text, "steps", std::to_string(header.steps));
  for (WaitingTask waiting : header.waiting) {
    waiting.site = WithoutLine(waiting.site);
    AppendHeaderLine(text, "waiting", ToString(waiting));
  }
  for (const std::string& line : LossLines(losses)) AppendHeaderLine(text, "missing", line);
  return text;
}

// A trace of choices alone does not say who its tasks are.
std::string CandidateText(const Choice& choice, std::uint32_t candidate, const TaskTable& tasks) {
  if (choice.kind != ChoiceKind::kTask) return std::to_string(candidate);
  return candidate < tasks.tasks().size() ? tasks.Path(candidate)
                                          : "task " + std::to_string(candidate);
}

std::string ChoiceText(const Choice& choice, const TaskTable& tasks) {
  std::string text = choice.kind == ChoiceKind::kTask ? "" : std::string(Name(choice.kind)) + " ";
  text += CandidateText(choice, choice.picked, tasks);
  text += " of " + std::to_string(choice.alternatives);
  if (choice.deviates()) text += ", not " + CandidateText(choice, choice.first, tasks);
  return text;
}

}  // namespace

std::string CanonicalText(const Trace& trace) {
  const TaskTable tasks(trace);
  std::string text = HeaderText(trace.header, trace.losses, tasks);
  if (!trace.choices.empty()) text += "\nchoices\n";
  for (std::size_t index = 0; index < trace.choices.size(); ++index) {
    text += Number(index) + "  " + ChoiceText(trace.choices[index], tasks) + "\n";
  }
  if (!trace.events.empty()) text += "\nevents\n";
  const CanonicalEvents events(trace, tasks);
  for (std::size_t index = 0; index < trace.events.size(); ++index) {
    const VirtualNanos time = trace.events[index].time;
    text += Number(index) + "  " + Padded(FormatNanos(time), 8) + "  " + events.Text(index);
    text += '\n';
  }
  return text;
}

std::string EventText(const Trace& trace, const TaskTable& tasks, std::size_t event) {
  return EventWriter(trace, tasks, Lines::kShown).Text(trace.events[event]);
}

CanonicalEvents::CanonicalEvents(const Trace& trace, const TaskTable& tasks)
    : trace_(&trace), tasks_(&tasks), object_names_(ObjectNames(trace)) {}

std::string CanonicalEvents::Text(std::size_t event) const {
  return EventWriter(*trace_, *tasks_, Lines::kLeftOut, object_names_).Text(trace_->events[event]);
}

std::string MarkText(const MarkRecord& mark) {
  std::string text = Escaped(mark.name);
  if (mark.fields.empty()) return text;
  std::string_view separator = " {";
  for (const Field& field : mark.fields) {
    text.append(separator).append(Escaped(field.key)).append(": ").append(ValueText(field.value));
    separator = ", ";
  }
  return text + "}";
}

// FNV-1a (Fowler, Noll, Vo), 64 bits.
std::uint64_t Digest(const Trace& trace) {
  std::uint64_t digest = 0xcbf29ce484222325;
  for (const char c : CanonicalText(trace)) {
    digest ^= static_cast<unsigned char>(c);
    digest *= 0x100000001b3;
  }
  return digest;
}

}  // namespace heddle
