// SPDX-License-Identifier: MIT
#include "heddle/internal/environment.h"

#include <charconv>
#include <cstdlib>
#include <limits>
#include <system_error>

#include "heddle/check.h"

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

void OverrideSchedules(std::uint64_t& schedules) {
  constexpr std::uint64_t kNightly = 100;
  const std::string budget = Environment("HEDDLE_BUDGET");
  if (budget == "quick") {
    schedules = schedules / 10 + (schedules % 10 != 0 ? 1 : 0);
  } else if (budget == "nightly") {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    schedules = schedules > kMost / kNightly ? kMost : schedules * kNightly;
  } else if (!budget.empty()) {
    throw UsageError("heddle: HEDDLE_BUDGET='" + budget +
                     "' is not known. Give 'quick' (a tenth of the schedules) or 'nightly' (a "
                     "hundred times as many), or unset it.");
  }
  OverrideNumber("HEDDLE_SCHEDULES", schedules);
}

}  // namespace heddle::internal
