// SPDX-License-Identifier: MIT
//
// What the environment says to a test: HEDDLE_SCHEDULES and the like.
#ifndef HEDDLE_INTERNAL_ENVIRONMENT_H_
#define HEDDLE_INTERNAL_ENVIRONMENT_H_

#include <cstdint>
#include <string>

namespace heddle::internal {

// Empty where the variable is not set.
std::string Environment(const char* variable);

// Sets `number` where the variable is set and not empty. Throws UsageError for what is no whole
// number.
void OverrideNumber(const char* variable, std::uint64_t& number);

// A number of schedules: HEDDLE_SCHEDULES, or else what HEDDLE_BUDGET makes of it: a tenth for
// "quick", a hundredfold for "nightly".
void OverrideSchedules(std::uint64_t& schedules);

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_ENVIRONMENT_H_
