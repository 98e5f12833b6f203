// SPDX-License-Identifier: MIT
#include "heddle/internal/environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <system_error>

#include "heddle/check.h"
#include "heddle/internal/edit_distance.h"
#include "heddle/test_framework.h"

namespace heddle::internal {

std::string Environment(const char* variable) {
  const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return value != nullptr ? value : "";
}

void OverrideNumber(const char* variable, std::uint64_t& number) {
  const std::string text = Environment(variable);
  if (text.empty()) return;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) {
    throw UsageError("heddle: " + std::string(variable) + "='" + text +
                     "' is not a whole number. Give one like 1000, or unset it.");
  }
}

void OverrideFlag(const char* variable, bool& flag) {
  const std::string text = Environment(variable);
  if (text.empty()) return;
  if (text != "0" && text != "1") {
    throw UsageError("heddle: " + std::string(variable) + "='" + text +
                     "' is not known. Give 0 or 1, or unset it.");
  }
  flag = text == "1";
}

namespace {

// Of those that a test reads. HEDDLE_REPLAY_OUT is set by `heddle replay`.
constexpr std::array<std::string_view, 13> kVariables = {
    "HEDDLE_BUDGET", "HEDDLE_KEPT",         "HEDDLE_REPLAY",   "HEDDLE_REPLAY_OUT",
    "HEDDLE_REPORT", "HEDDLE_SCHEDULES",    "HEDDLE_SEED",     "HEDDLE_SHARD",
    "HEDDLE_SHRINK", "HEDDLE_STEP_TIMEOUT", "HEDDLE_STRATEGY", "HEDDLE_VERBOSE",
    "HEDDLE_WORKERS"};

// Empty: it is one, or like none of them.
std::string_view MeantBy(std::string_view name) {
  constexpr std::size_t kSlip = 2;
  if (std::find(kVariables.begin(), kVariables.end(), name) != kVariables.end()) return {};
  for (std::size_t slip = 1; slip <= kSlip; ++slip) {
    for (const std::string_view known : kVariables) {
      if (EditDistance(name, known) == slip) return known;
    }
  }
  return {};
}

}  // namespace

void RejectMisspeltVariables() {
  constexpr std::string_view kPrefix = "HEDDLE_";
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (text.substr(0, kPrefix.size()) != kPrefix) continue;
    const std::string_view name = text.substr(0, text.find('='));
    const std::string_view meant = MeantBy(name);
    if (meant.empty()) continue;
    throw UsageError("heddle: there is no variable " + std::string(name) +
                     ", and it would change nothing. Did you mean " + std::string(meant) +
                     "? Set that, or unset it.");
  }
}

namespace {

constexpr std::string_view kQuick = "quick";
constexpr std::string_view kNightly = "nightly";

std::uint64_t Times(std::uint64_t number, std::uint64_t factor) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  return factor != 0 && number > kMost / factor ? kMost : number * factor;
}

// A limit of time goes with the number of schedules: both are what somebody thought enough.
void Scale(Budget& budget, std::string_view word) {
  constexpr std::uint64_t kFactor = 100;
  constexpr std::uint64_t kPart = 10;
  if (word == kNightly) {
    budget.schedules = Times(budget.schedules, kFactor);
  } else {
    budget.schedules = budget.schedules / kPart + (budget.schedules % kPart != 0 ? 1 : 0);
  }
}

// Of the unit behind a number; 0: there is no such unit.
std::uint64_t SecondsOf(std::string_view unit) {
  constexpr std::uint64_t kMinute = 60;
  constexpr std::uint64_t kHour = 3600;
  if (unit == "s") return 1;
  if (unit == "m") return kMinute;
  return unit == "h" ? kHour : 0;
}

// "5000", "30s"; false: it is neither.
bool Set(Budget& budget, std::string_view text) {
  std::uint64_t number = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stopped, error] = std::from_chars(begin, end, number);
  if (error != std::errc() || number == 0) return false;
  if (stopped == end) {
    budget.schedules = number;
    return true;
  }
  constexpr std::uint64_t kYear = std::uint64_t{365} * 24 * 3600;
  const std::uint64_t seconds =
      Times(number, SecondsOf({stopped, static_cast<std::size_t>(end - stopped)}));
  if (seconds == 0 || seconds > kYear) return false;
  budget = {.schedules = kAsManyAsThereIsTimeFor, .time_max = std::chrono::seconds(seconds)};
  return true;
}

void OverrideByVariable(Budget& budget, const std::string& text) {
  if (text == kQuick || text == kNightly) return Scale(budget, text);
  if (Set(budget, text)) return;
  throw UsageError("heddle: HEDDLE_BUDGET='" + text +
                   "' is not known. Give a number of schedules (5000), a time (30s, 5m, 1h), "
                   "'quick' (a tenth of the schedules) or 'nightly' (a hundred times as many), or "
                   "unset it.");
}

void OverrideByTags(Budget& budget) {
  for (const std::string_view word : {kQuick, kNightly}) {
    if (CurrentTestHasTag(word)) return Scale(budget, word);
  }
}

}  // namespace

void OverrideBudget(Budget& budget) {
  if (!Environment("HEDDLE_SCHEDULES").empty()) {
    OverrideNumber("HEDDLE_SCHEDULES", budget.schedules);
    if (budget.schedules == 0) {
      throw UsageError(
          "heddle: HEDDLE_SCHEDULES=0 would look through nothing, and pass. Give a number like "
          "1000, or unset it.");
    }
    budget.time_max = std::chrono::nanoseconds(0);
  } else if (const std::string text = Environment("HEDDLE_BUDGET"); !text.empty()) {
    OverrideByVariable(budget, text);
  } else {
    OverrideByTags(budget);
  }
}

}  // namespace heddle::internal
