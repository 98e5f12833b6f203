// SPDX-License-Identifier: MIT
//
// Matchers for Catch2, v2 or v3, over the questions of match_step.h, match_order.h and
// match_cause.h:
//
//   CHECK_THAT(run.trace, heddle::InOrder("Reserve", "Charge"));
//   CHECK_THAT(run.trace, heddle::HappensBefore("Reserve", "Ship") && !heddle::HasStep("Refund"));
//
// How steps are named by patterns stands at the top of match_step.h.
#ifndef HEDDLE_MATCHERS_H_
#define HEDDLE_MATCHERS_H_

#include <concepts>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "heddle/catch_adapter.h"
#include "heddle/match_cause.h"
#include "heddle/match_order.h"
#include "heddle/match_step.h"

namespace heddle {

// How often: HasStep("Charge", Times(2)).
class Times {
 public:
  explicit constexpr Times(std::size_t count) : count_(count) {}
  constexpr std::size_t count() const { return count_; }

 private:
  std::size_t count_;
};

// At least one occurrence.
inline TraceMatcher HasStep(std::string step) {
  std::string sentence = "has the step " + step;
  return {std::move(sentence),
          [step = std::move(step)](const Trace& trace) { return MatchHasStep(trace, step); }};
}

// Exactly so many occurrences.
inline TraceMatcher HasStep(std::string step, Times times) {
  std::string sentence = "has the step " + step + " exactly " + std::to_string(times.count()) +
                         (times.count() == 1 ? " time" : " times");
  return {std::move(sentence), [step = std::move(step), times](const Trace& trace) {
            return MatchHasStep(trace, step, times.count());
          }};
}

// No occurrence.
inline TraceMatcher Never(std::string step) {
  std::string sentence = "never has the step " + step;
  return {std::move(sentence),
          [step = std::move(step)](const Trace& trace) { return MatchNever(trace, step); }};
}

// In this run, occurrences of these steps begin in this order.
template <std::convertible_to<std::string>... Steps>
  requires(sizeof...(Steps) >= 2)
TraceMatcher InOrder(Steps&&... steps) {
  std::vector<std::string> patterns{std::string(std::forward<Steps>(steps))...};
  std::string sentence = "begins " + patterns.front();
  for (std::size_t i = 1; i < patterns.size(); ++i) sentence += ", then " + patterns[i];
  return {std::move(sentence), [patterns = std::move(patterns)](const Trace& trace) {
            return MatchInOrder(trace, patterns);
          }};
}

// In this run, before each `then` began, a `first` of the same request had ended.
inline TraceMatcher Before(std::string first, std::string then) {
  std::string sentence = "ends a " + first + " before each " + then + " begins";
  return {std::move(sentence), [first = std::move(first), then = std::move(then)](
                                   const Trace& trace) { return MatchBefore(trace, first, then); }};
}

// The same in every run with these causes, not by luck of this schedule.
inline TraceMatcher HappensBefore(std::string first, std::string then) {
  std::string sentence =
      "ends a " + first + " before each " + then + " begins, in every schedule with these causes";
  return {std::move(sentence),
          [first = std::move(first), then = std::move(then)](const Trace& trace) {
            return MatchHappensBefore(trace, first, then);
          }};
}

}  // namespace heddle

#endif  // HEDDLE_MATCHERS_H_
