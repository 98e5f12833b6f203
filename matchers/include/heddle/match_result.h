// SPDX-License-Identifier: MIT
//
// MatchResult: what a question about a trace answers. The questions are in
// match_step.h, match_order.h and match_cause.h; none of them needs a test framework,
// and matchers.h dresses them up for Catch2.
#ifndef HEDDLE_MATCH_RESULT_H_
#define HEDDLE_MATCH_RESULT_H_

#include <string>

namespace heddle {

struct MatchResult {
  bool matched = false;
  // A few lines for people, without a newline at the end. Matched: where. Not matched: the
  // nearest match, where it broke, and the steps around that place.
  std::string explanation;
};

}  // namespace heddle

#endif  // HEDDLE_MATCH_RESULT_H_
