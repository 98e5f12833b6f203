// SPDX-License-Identifier: MIT
//
// What the environment says to a test: HEDDLE_SCHEDULES and the like.
#ifndef HEDDLE_INTERNAL_ENVIRONMENT_H_
#define HEDDLE_INTERNAL_ENVIRONMENT_H_

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

namespace heddle::internal {

// Empty where the variable is not set.
std::string Environment(const char* variable);

// Throws UsageError where a variable has a name that is nearly one of those that a test reads. All
// others may be somebody else's.
void RejectMisspeltVariables();

// Sets `number` where the variable is set and not empty. Throws UsageError for what is no whole
// number.
void OverrideNumber(const char* variable, std::uint64_t& number);

// Sets `flag` where the variable is set and not empty. Throws UsageError for what is neither 0 nor
// 1.
void OverrideFlag(const char* variable, bool& flag);

// How much is looked through.
struct Budget {
  std::uint64_t schedules = 0;
  std::chrono::nanoseconds time_max{0};  // zero: as long as it takes
};

inline constexpr std::uint64_t kAsManyAsThereIsTimeFor = std::numeric_limits<std::uint64_t>::max();

// What a test is given, unless somebody says otherwise: HEDDLE_SCHEDULES=N, or else
// HEDDLE_BUDGET=N, =30s, =5m or =1h, =quick (a tenth of the schedules), =nightly (a hundred times
// as many), or else a tag of the test, [quick] or [nightly]. Throws UsageError.
void OverrideBudget(Budget& budget);

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_ENVIRONMENT_H_
