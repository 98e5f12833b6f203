// SPDX-License-Identifier: MIT
//
// Implements context.h. The grammar stands in the recommendation, sections 3.2 and 3.3.
#include "heddle/context.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/status/status.h"

namespace heddle {
namespace {

constexpr std::size_t kVersion00Size = 55;  // 00-<32>-<16>-<2>
constexpr std::uint64_t kSampled = 1;
constexpr std::uint64_t kRandom = 2;

absl::Status Invalid(std::string_view header, std::string_view why) {
  return absl::InvalidArgumentError(std::string(header) + ": " + std::string(why) +
                                    "\n  go on without it, as if none had been sent");
}

// Lower case only: the recommendation has no other.
std::optional<std::uint64_t> ParseHex(std::string_view digits) {
  std::uint64_t number = 0;
  for (const char c : digits) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && (c < 'a' || c > 'f')) return std::nullopt;
    number = number << 4 | static_cast<std::uint64_t>(is_digit ? c - '0' : c - 'a' + 10);
  }
  return number;
}

std::string HexText(std::uint64_t number, std::size_t digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; number >>= 4) text[i] = kDigits[number & 15];
  return text;
}

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// simple-key, tenant-id and system-id: a first letter, and then any of the rest.
bool IsKeyPart(std::string_view text, std::size_t size_max, bool may_begin_with_digit) {
  if (text.empty() || text.size() > size_max) return false;
  if (!IsLower(text[0]) && !(may_begin_with_digit && IsDigit(text[0]))) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return IsLower(c) || IsDigit(c) || std::string_view("_-*/").find(c) != std::string_view::npos;
  });
}

bool IsKey(std::string_view key) {
  const std::size_t at = key.find('@');
  if (at == std::string_view::npos) return IsKeyPart(key, 256, false);
  return IsKeyPart(key.substr(0, at), 241, true) && IsKeyPart(key.substr(at + 1), 14, false);
}

// Printable ASCII without comma and equals sign; a blank, but not at the end.
bool IsValue(std::string_view value) {
  if (value.empty() || value.size() > 256 || value.back() == ' ') return false;
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; });
}

// Without the blanks and tabs around it.
std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

constexpr std::size_t kEntriesMax = 32;

}  // namespace

absl::StatusOr<TraceContext> ParseTraceparent(std::string_view header) {
  const auto invalid = [](std::string_view why) { return Invalid("traceparent", why); };
  if (header.size() < kVersion00Size) return invalid("it is too short");
  const std::optional<std::uint64_t> version = ParseHex(header.substr(0, 2));
  if (!version || *version == 0xff) return invalid("its version is not 00 to fe");
  if (*version == 0 && header.size() > kVersion00Size) return invalid("it is too long");
  const bool has_more = header.size() > kVersion00Size;
  if (header[2] != '-' || header[35] != '-' || header[52] != '-' ||
      (has_more && header[kVersion00Size] != '-')) {
    return invalid("its parts are not where they belong");
  }
  const std::optional<std::uint64_t> high = ParseHex(header.substr(3, 16));
  const std::optional<std::uint64_t> low = ParseHex(header.substr(19, 16));
  if (!high || !low || (*high == 0 && *low == 0)) {
    return invalid("its trace-id is not 32 lower-case hexadecimal digits, or all zeros");
  }
  const std::optional<std::uint64_t> span = ParseHex(header.substr(36, 16));
  if (!span || *span == 0) {
    return invalid("its parent-id is not 16 lower-case hexadecimal digits, or all zeros");
  }
  const std::optional<std::uint64_t> flags = ParseHex(header.substr(53, 2));
  if (!flags) return invalid("its trace-flags are not 2 lower-case hexadecimal digits");
  return TraceContext{.trace = {.high = *high, .low = *low},
                      .span = *span,
                      .sampled = (*flags & kSampled) != 0,
                      .random = (*flags & kRandom) != 0};
}

std::string ToString(const TraceContext& context) {
  const std::uint64_t flags = (context.sampled ? kSampled : 0) | (context.random ? kRandom : 0);
  return "00-" + TraceIdText(context.trace) + "-" + SpanIdText(context.span) + "-" +
         HexText(flags, 2);
}

std::string TraceIdText(const TraceId& trace) {
  return HexText(trace.high, 16) + HexText(trace.low, 16);
}

std::string SpanIdText(std::uint64_t span) { return HexText(span, 16); }

absl::Status TraceState::Put(std::string_view key, std::string_view value) {
  if (!IsKey(key)) return Invalid("tracestate", "a key that is not allowed");
  if (!IsValue(value)) return Invalid("tracestate", "a value that is not allowed");
  std::erase_if(entries_, [&](const Entry& entry) { return entry.key == key; });
  entries_.insert(entries_.begin(), {.key = std::string(key), .value = std::string(value)});
  if (entries_.size() > kEntriesMax) entries_.pop_back();
  return absl::OkStatus();
}

absl::StatusOr<TraceState> ParseTracestate(std::string_view header) {
  const auto invalid = [](std::string_view why) { return Invalid("tracestate", why); };
  TraceState state;
  for (bool more = true; more;) {
    const std::size_t comma = header.find(',');
    const std::string_view member = Trimmed(header.substr(0, comma));
    more = comma != std::string_view::npos;
    if (more) header.remove_prefix(comma + 1);
    if (member.empty()) continue;  // allowed: some proxies leave such
    const std::size_t equals = member.find('=');
    if (equals == std::string_view::npos) return invalid("an entry without \"=\"");
    const std::string_view key = member.substr(0, equals);
    const std::string_view value = member.substr(equals + 1);
    if (!IsKey(key)) return invalid("a key that is not allowed");
    if (!IsValue(value)) return invalid("a value that is not allowed");
    if (state.entries_.size() == kEntriesMax) return invalid("more than 32 entries");
    if (std::any_of(state.entries_.begin(), state.entries_.end(),
                    [&](const TraceState::Entry& entry) { return entry.key == key; })) {
      return invalid("two entries with one key");
    }
    state.entries_.push_back({.key = std::string(key), .value = std::string(value)});
  }
  return state;
}

std::string ToString(const TraceState& state) {
  std::string text;
  for (const TraceState::Entry& entry : state.entries()) {
    text += (text.empty() ? "" : ",") + entry.key + "=" + entry.value;
  }
  return text;
}

namespace {

constexpr std::string_view kContextMark = "traceparent";
constexpr std::string_view kSentKey = "sent";

// Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
std::uint64_t Mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

std::uint64_t Mixed(std::uint64_t seed, std::string_view text) {
  for (const char c : text) seed = Mixed(seed ^ static_cast<unsigned char>(c));
  return seed;
}

// An id of zeros would be none.
std::uint64_t NotZero(std::uint64_t id) { return id == 0 ? 1 : id; }

}  // namespace

TraceContext MakeContext(const TraceId& seed, std::string_view name, std::uint64_t flow,
                         std::uint64_t task) {
  const std::uint64_t span = NotZero(Mixed(Mixed(seed.high ^ flow) ^ Mixed(seed.low + task)));
  if (absl::StatusOr<TraceContext> caller = ParseTraceparent(name); caller.ok()) {
    caller->span = span;
    return *caller;
  }
  const std::uint64_t named = Mixed(seed.low ^ Mixed(flow), name);
  return {.trace = {.high = Mixed(seed.high ^ named), .low = NotZero(named)},
          .span = span,
          .sampled = true,
          .random = seed != TraceId()};
}

MarkRecord ContextMark(const TraceContext& context) {
  return {.name = std::string(kContextMark),
          .fields = {{.key = std::string(kSentKey), .value = ToString(context)}}};
}

std::optional<TraceContext> ContextOf(const MarkRecord& mark) {
  if (mark.name != kContextMark || mark.fields.size() != 1 || mark.fields[0].key != kSentKey) {
    return std::nullopt;
  }
  const auto* text = std::get_if<std::string>(&mark.fields[0].value);
  if (text == nullptr) return std::nullopt;
  const absl::StatusOr<TraceContext> context = ParseTraceparent(*text);
  return context.ok() ? std::optional(*context) : std::nullopt;
}

TraceContext SimulatedContext(std::uint64_t run, FlowId flow, TaskId task) {
  // One more: neither id may be zero.
  return {.trace = {.high = run, .low = std::uint64_t{flow} + 1},
          .span = std::uint64_t{task} + 1,
          .sampled = true};
}

}  // namespace heddle
