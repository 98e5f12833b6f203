// SPDX-License-Identifier: MIT
//
// Explanation: why a run failed, as far as the order of its steps says it. Explore finds it when it
// makes a schedule simple (shrink.h), and leaves it in the recording: whoever opens that sees it.
#ifndef HEDDLE_EXPLANATION_H_
#define HEDDLE_EXPLANATION_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace heddle {

// A step that has to come at a certain place.
struct ExplainedStep {
  // Its task was to make it next, and did not come to it.
  static constexpr std::uint64_t kNeverCame = std::numeric_limits<std::uint64_t>::max();

  // How many kStart and kResume events come before the one that begins it.
  std::uint64_t number = kNeverCame;
  // "Refund#0, from shop.cc:41 (lock till) to shop.cc:44 (sleep)"
  std::string text;

  friend bool operator==(const ExplainedStep&, const ExplainedStep&) = default;
};

struct Explanation {
  // The run fails where these come in this order, and everything else first in, first out. Where
  // that fails too: those whose order decides.
  std::vector<ExplainedStep> steps;
  bool fails_plain = false;  // first in, first out
  // What their order decides, which draws do, or that nothing was found that does: sentences, a
  // paragraph a line. Steps are called 1, 2, 3.
  std::string verdict;

  bool empty() const { return steps.empty() && verdict.empty(); }
  friend bool operator==(const Explanation&, const Explanation&) = default;
};

}  // namespace heddle

#endif  // HEDDLE_EXPLANATION_H_
