// SPDX-License-Identifier: MIT
//
// Which order of steps does every run with these causes have? Patterns: see match_step.h;
// causes: see causality.h.
#ifndef HEDDLE_MATCH_CAUSE_H_
#define HEDDLE_MATCH_CAUSE_H_

#include <string>

#include "heddle/match_result.h"
#include "heddle/trace.h"

namespace heddle {

// `then` occurs, and to the beginning of each of its occurrences a chain of causes leads
// from the end of a `first` of the same request. For a `then` that works for no request,
// any `first` will do.
MatchResult MatchHappensBefore(const Trace& trace, const std::string& first,
                               const std::string& then);

}  // namespace heddle

#endif  // HEDDLE_MATCH_CAUSE_H_
