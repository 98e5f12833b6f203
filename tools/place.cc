// SPDX-License-Identifier: MIT
//
// Implements place.h. A time is read as it is printed: digits, a point, digits, a unit.
#include "place.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "words.h"

namespace heddle::tools {
namespace {

// Digits and nothing else.
std::optional<std::int64_t> ParseNumber(std::string_view text) {
  std::int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || __builtin_mul_overflow(number, 10, &number) ||
        __builtin_add_overflow(number, c - '0', &number)) {
      return std::nullopt;
    }
  }
  return text.empty() ? std::nullopt : std::optional(number);
}

// Removes the unit from `text`. 0: there is none.
std::int64_t TakeUnit(std::string_view& text) {
  constexpr std::pair<std::string_view, std::int64_t> kUnits[] = {
      {"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}, {"min", 60'000'000'000}};
  for (const auto& [name, nanos] : kUnits) {
    if (!text.ends_with(name)) continue;
    text.remove_suffix(name.size());
    return nanos;
  }
  return 0;
}

std::optional<VirtualNanos> ParseTime(std::string_view text) {
  const std::int64_t unit = TakeUnit(text);
  const std::size_t point = text.find('.');
  const std::optional<std::int64_t> whole = ParseNumber(text.substr(0, point));
  VirtualNanos time = 0;
  if (unit == 0 || !whole || __builtin_mul_overflow(*whole, unit, &time)) return std::nullopt;
  if (point == std::string_view::npos) return time;
  std::int64_t digit = unit;
  for (const char c : text.substr(point + 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    digit /= 10;
    time = Sum(time, digit * (c - '0'));
  }
  return text.size() == point + 1 ? std::nullopt : std::optional(time);
}

// The first event for which `is_behind` holds; the number of events where there is none.
template <class IsBehind>
std::size_t FirstEvent(const Trace& trace, IsBehind is_behind) {
  const auto found = std::find_if(trace.events.begin(), trace.events.end(),
                                  [&](const Event& event) { return is_behind(event.time); });
  return static_cast<std::size_t>(found - trace.events.begin());
}

}  // namespace

absl::StatusOr<Place> FindPlace(const Trace& trace, std::string_view place) {
  if (const std::optional<std::int64_t> number = ParseNumber(place)) {
    const auto event = static_cast<std::size_t>(*number);
    if (event < trace.events.size()) return Place{.begin = event, .end = event + 1};
    return absl::NotFoundError("there is no event " + std::to_string(event) + "\n  the run has " +
                               Count(trace.events.size(), "event") + ", counted from 0");
  }
  const std::optional<VirtualNanos> time = ParseTime(place);
  if (!time) {
    return absl::InvalidArgumentError("\"" + Printable(place) +
                                      "\" is neither an event nor a time\n  write 4711 for event "
                                      "number 4711, or a time with its unit: 2.5ms, 167s, 5min");
  }
  return Place{.begin = FirstEvent(trace, [&](VirtualNanos t) { return t >= *time; }),
               .end = FirstEvent(trace, [&](VirtualNanos t) { return t > *time; })};
}

}  // namespace heddle::tools
