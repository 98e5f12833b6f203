// SPDX-License-Identifier: MIT
//
// Implements words.h. Ids are checked against their tables here: a damaged recording may
// hold any number.
#include "words.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "heddle/internal/shared_value.h"
#include "heddle/internal/unseen_text.h"
#include "heddle/object_words.h"
#include "heddle/task_label.h"
#include "heddle/trace_text.h"

namespace heddle::tools {
namespace {

// Whether no code point begins with these two bytes, although their bits look like it: it would be
// written shorter, or is one of a surrogate pair, or above U+10FFFF (RFC 3629, section 4).
bool IsForbiddenPair(std::uint8_t lead, std::uint8_t second) {
  return (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) ||
         (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second >= 0x90);
}

// How many bytes the code point that begins at `text[at]` has; 0 if it is not UTF-8.
std::size_t CodePointLength(std::string_view text, std::size_t at) {
  const auto lead = static_cast<std::uint8_t>(text[at]);
  const std::size_t length = lead < 0x80                  ? 1
                             : lead < 0xc2 || lead > 0xf4 ? 0
                             : lead < 0xe0                ? 2
                             : lead < 0xf0                ? 3
                                                          : 4;
  if (at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<std::uint8_t>(text[at + i]) & 0xc0) != 0x80) return 0;
  }
  if (length > 1 && IsForbiddenPair(lead, static_cast<std::uint8_t>(text[at + 1]))) return 0;
  return length;
}

// C0, DEL, and C1 (which is two bytes long in UTF-8).
bool IsControl(std::string_view code_point) {
  const auto first = static_cast<std::uint8_t>(code_point[0]);
  if (code_point.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<std::uint8_t>(code_point[1]) < 0xa0;
}

std::string Escaped(char c) {
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<std::uint8_t>(c);
  return {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

std::string MarkOf(const Trace& trace, const Event& event) {
  if (event.object >= trace.marks.size()) return "?";
  return Printable(MarkText(trace.marks[event.object]));
}

std::string Object(const Trace& trace, const Event& event) {
  return Printable(ObjectName(trace, event.object));
}

// Of what is not heddle's only a live trace knows the type.
std::string ForeignText(const Trace& trace, ObjectId object) {
  const std::string_view type = ObjectType(trace, object);
  return type.empty() ? "something that is not heddle's" : Printable(type);
}

std::string ReleaseText(const Trace& trace, const Event& release) {
  return std::string(WordsOf(ObjectType(trace, release.object)).releases) + " " +
         Object(trace, release);
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = CodePointLength(text, i);
    const std::string_view code_point = text.substr(i, length == 0 ? 1 : length);
    if (length != 0 && !IsControl(code_point) && !internal::MovesText(code_point)) {
      result += code_point;
    } else {
      for (const char c : code_point) result += Escaped(c);
    }
    i += code_point.size();
  }
  return result;
}

std::vector<std::string> PrintableLines(std::string_view text) {
  std::vector<std::string> lines;
  do {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(Printable(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  } while (!text.empty());
  return lines;
}

std::size_t Width(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) {
    if ((static_cast<std::uint8_t>(c) & 0xc0) != 0x80) ++width;
  }
  return width;
}

std::string FirstLine(std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return Printable(text);
  return Printable(text.substr(0, end)) + " ...";
}

std::vector<std::string> FittingLines(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  for (std::string rest = Printable(text); !rest.empty();) {
    const std::size_t end = std::min(rest.find(' ', 1), rest.size());
    const std::string word = rest.substr(0, end);
    rest.erase(0, end);
    if (!line.empty() && Width(line) + Width(word) > width) {
      lines.push_back(std::exchange(line, word.substr(word.front() == ' ' ? 1 : 0)));
    } else {
      line += word;
    }
  }
  lines.push_back(line);
  return lines;
}

VirtualNanos Elapsed(VirtualNanos from, VirtualNanos to) {
  VirtualNanos result = 0;
  const bool fits = !__builtin_sub_overflow(to, from, &result);
  return fits ? result : std::numeric_limits<VirtualNanos>::max();
}

VirtualNanos Sum(VirtualNanos a, VirtualNanos b) {
  VirtualNanos result = 0;
  const bool fits = !__builtin_add_overflow(a, b, &result);
  return fits ? result : std::numeric_limits<VirtualNanos>::max();
}

std::string DurationText(VirtualNanos duration, bool at_least) {
  return (at_least ? ">= " : "") + FormatNanos(duration);
}

std::string Grouped(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string Count(std::size_t number, std::string_view noun) {
  return Grouped(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

std::string ShortPath(std::string_view path) {
  constexpr int kPartsMax = 2;
  std::size_t begin = path.size();
  for (int parts = 0; parts < kPartsMax; ++parts) {
    begin = begin == 0 ? std::string_view::npos : path.rfind('/', begin - 1);
    if (begin == std::string_view::npos) return Printable(path);
  }
  return "..." + Printable(path.substr(begin));
}

std::string SiteText(const Trace& trace, SiteId site) {
  if (site >= trace.sites.size() || trace.sites[site].line == 0) return "";
  return Printable(ToString(trace.sites[site]));
}

std::string FlowText(const Trace& trace, FlowId flow) {
  if (flow == 0) return "no request";
  if (flow >= trace.flows.size() || trace.flows[flow].name.empty()) {
    return "request " + std::to_string(flow);
  }
  return Printable(trace.flows[flow].name);
}

std::string_view ObjectType(const Trace& trace, ObjectId object) {
  return object < trace.objects.size() ? std::string_view(trace.objects[object].type) : "";
}

std::string AwaitText(const Trace& trace, const Event& suspend) {
  switch (suspend.op()) {
    case Operation::kYield:
      return suspend.is_co_yield() ? "co_yield" : "yield";
    case Operation::kSleep:
      return "sleep";
    case Operation::kJoin:
      return "join " + Object(trace, suspend);
    case Operation::kWait:
      return "wait for " + Object(trace, suspend);
    case Operation::kLock:
      return std::string(LockWord(ObjectType(trace, suspend.object))) + " " +
             Object(trace, suspend);
    case Operation::kSend:
      return "send on " + Object(trace, suspend);
    case Operation::kReceive:
      return "receive from " + Object(trace, suspend);
    case Operation::kForeign:
      return "await " + ForeignText(trace, suspend.object);
    case Operation::kRead:
      return "read " + Object(trace, suspend);
    case Operation::kWrite:
      return "write " + Object(trace, suspend);
    case Operation::kUpdate:
      return "update " + Object(trace, suspend);
    case Operation::kNone:
    case Operation::kStart:
    case Operation::kCall:
      break;
  }
  return "await";
}

std::string ActText(const Trace& trace, const Event& event) {
  switch (event.kind) {
    case EventKind::kMark:
      return LabelOf(trace, event) != nullptr ? "" : MarkOf(trace, event);
    case EventKind::kInput:
      return "input " + MarkOf(trace, event);
    case EventKind::kFault:
      return "fault " + MarkOf(trace, event);
    case EventKind::kDraw:
      return "draws " + std::to_string(event.value);
    case EventKind::kSend:
      return "sends message " + std::to_string(event.value) + " on " + Object(trace, event);
    case EventKind::kReceive:
      return "receives message " + std::to_string(event.value) + " from " + Object(trace, event);
    case EventKind::kAcquire:
      return "takes " + Object(trace, event);
    case EventKind::kRelease:
      return ReleaseText(trace, event);
    case EventKind::kFlow:
      if (event.also_for() != 0) return "also for " + FlowText(trace, event.also_for());
      // That it waits for the next message says so, and of a call the callee.
      if (event.op() != Operation::kNone && event.object == 0) return "";
      if (event.op() == Operation::kCall) return "";
      return "works for " + FlowText(trace, event.object);
    case EventKind::kContextLost:
      return "context lost: what follows may belong to another request";
    case EventKind::kAccess:
      if (!IsAct(event.op(), ObjectType(trace, event.object))) return "";
      return std::string(AccessWord(event, ObjectType(trace, event.object))) + " " +
             Object(trace, event) + internal::ValueSuffix(event);
    case EventKind::kCancel:
      return "cancels task " + std::to_string(event.object);
    case EventKind::kSpawn:
    case EventKind::kStart:
    case EventKind::kSuspend:
    case EventKind::kWake:
    case EventKind::kResume:
    case EventKind::kFinish:
    case EventKind::kAbandon:
    case EventKind::kTime:
      break;
  }
  return "";
}

std::string FoundText(const Trace& trace, const Event& resume) {
  const std::string value = internal::ValueSuffix(resume);
  if (value.empty()) return "";
  return (resume.op() == Operation::kWrite ? "writes " : "reads ") + Object(trace, resume) + value;
}

bool IsForgotten(const Event& abandon) {
  return abandon.kind == EventKind::kAbandon && abandon.op() == Operation::kNone;
}

std::string_view AbandonText(const Event& abandon) {
  if (abandon.went_unused()) return "never asked for a value";
  return IsForgotten(abandon) && abandon.value != 0 ? "never awaited, and still there"
                                                    : "destroyed before it ran";
}

std::string_view ReleasedText(const Trace& trace, const Event& release) {
  return WordsOf(ObjectType(trace, release.object)).released;
}

std::string_view OutcomeText(Outcome outcome) {
  switch (outcome) {
    case Outcome::kValue:
      return "returned";
    case Outcome::kException:
      return "threw";
    case Outcome::kCancelled:
      return "cancelled";
  }
  return "?";
}

}  // namespace heddle::tools
