// SPDX-License-Identifier: MIT
//
// Is this step in the trace, and how often?
//
// A step is asked for by a pattern, here and in match_order.h and match_cause.h:
//
//   "Reserve"  "Shop::Reserve"        tasks, by function
//   "Charge#1"  "Checkout#0/Charge#0" one task, by name or by the end of its path
//   "charged"                         marks, by name
//   "charged{order: 17}"              marks that have (at least) these fields
//
// A task occurs from its start to its end, a mark at one event. A task that never ran
// does not occur.
//
// Throws UsageError for a pattern that cannot be read, and for a trace that cannot be
// asked because events are missing: a question that cannot be answered must fail a test
// also where the answer is negated.
#ifndef HEDDLE_MATCH_STEP_H_
#define HEDDLE_MATCH_STEP_H_

#include <cstddef>
#include <string>

#include "heddle/match_result.h"
#include "heddle/trace.h"

namespace heddle {

// At least one occurrence.
MatchResult MatchHasStep(const Trace& trace, const std::string& step);

// Exactly `times` occurrences.
MatchResult MatchHasStep(const Trace& trace, const std::string& step, std::size_t times);

// No occurrence.
MatchResult MatchNever(const Trace& trace, const std::string& step);

}  // namespace heddle

#endif  // HEDDLE_MATCH_STEP_H_
