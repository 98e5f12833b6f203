// SPDX-License-Identifier: MIT
//
// What a user of Catch2 includes, v2 or v3: its macros, the matchers, and recordings that know the
// name of the test case they come from. A check that fails while heddle looks through schedules is
// reported once: internal/catch_checks.h.
#ifndef HEDDLE_CATCH_H_
#define HEDDLE_CATCH_H_

#include "heddle/internal/catch_checks.h"
#include "heddle/internal/catch_strings.h"
#include "heddle/matchers.h"
#include "heddle/test_framework.h"

namespace heddle::internal {

// Registers before main(), in every program that has this header in one of its files.
inline constexpr TestFramework kCatch = {.current_test = &CatchTestName,
                                         .argument_of = &CatchTestArgument,
                                         .set_note = &SetCatchNote,
                                         .meaning_of = &CatchMeaningOf,
                                         .has_tag = &CatchTestHasTag,
#if HEDDLE_CATCH_HOLDS_CHECKS
                                         .hand_checks_to = &HandCatchChecksTo,
                                         .end_test = &EndCatchTest,
#endif
                                         .count_passed = &CountCatchPassed};
inline const bool catch_is_registered = (SetTestFramework(&kCatch), true);

}  // namespace heddle::internal

#endif  // HEDDLE_CATCH_H_
