// SPDX-License-Identifier: MIT
//
// In which order did steps come in this run? Another schedule may give another order;
// match_cause.h asks what every schedule keeps. Patterns: see match_step.h.
#ifndef HEDDLE_MATCH_ORDER_H_
#define HEDDLE_MATCH_ORDER_H_

#include <string>
#include <vector>

#include "heddle/match_result.h"
#include "heddle/trace.h"

namespace heddle {

// There are occurrences of the steps, one of each, that begin in this order. Others may
// come between them.
MatchResult MatchInOrder(const Trace& trace, const std::vector<std::string>& steps);

// `then` occurs, and before each of its occurrences began, a `first` of the same request
// had ended. For a `then` that works for no request, any `first` will do.
MatchResult MatchBefore(const Trace& trace, const std::string& first, const std::string& then);

}  // namespace heddle

#endif  // HEDDLE_MATCH_ORDER_H_
