// SPDX-License-Identifier: MIT
//
// What Before and HappensBefore have in common: each `then` wants a `first` of its own
// request, and they differ in what "before" means.
#ifndef HEDDLE_MATCHERS_STEP_PAIRS_H_
#define HEDDLE_MATCHERS_STEP_PAIRS_H_

#include <functional>
#include <string>
#include <vector>

#include "heddle/match_result.h"
#include "step_list.h"

namespace heddle::internal {

struct StepPairs {
  StepPairs(const Trace& trace, const std::string& first_text, const std::string& then_text);

  StepList list;
  StepPattern first;
  StepPattern then;
  std::vector<const Occurrence*> firsts;
  std::vector<const Occurrence*> thens;
};

// In this run, `first` had ended before `then` began.
bool EndedBefore(const Occurrence& first, const Occurrence& then);

// The latest `first` of the request of `then` for which `precedes` holds; null: none.
using Precedes = std::function<bool(const Occurrence& first, const Occurrence& then)>;
const Occurrence* FindPartner(const StepPairs& pairs, const Occurrence& then,
                              const Precedes& precedes);

// Asks whether each `then` has a partner. `why_not` explains the first that has none.
using WhyNot = std::function<std::string(const Occurrence& then)>;
MatchResult MatchPairs(const StepPairs& pairs, const Precedes& precedes, const WhyNot& why_not);

// Why no `first` had ended before `then` began, in this run.
std::string WhyNoneEndedBefore(const StepPairs& pairs, const Occurrence& then);

}  // namespace heddle::internal

#endif  // HEDDLE_MATCHERS_STEP_PAIRS_H_
