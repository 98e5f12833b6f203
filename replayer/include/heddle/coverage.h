// SPDX-License-Identifier: MIT
//
// Coverage: how much of what could happen an exploration has seen, and how sure that makes us.
#ifndef HEDDLE_COVERAGE_H_
#define HEDDLE_COVERAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "heddle/orders.h"

namespace heddle {

struct Coverage {
  // How many schedules passed. The same one may have come up several times.
  std::uint64_t schedules = 0;
  // There is nothing that another schedule could show: all that the body awaits was tried in
  // every order. Data that it shares without awaiting anything is not seen (Shared).
  bool complete = false;
  // Where the search was complete: how many interleavings there are. Else 0.
  std::uint64_t interleavings = 0;
  // The chooser is a search, and the schedules ended before it did.
  bool unfinished = false;
  // How many classes of schedules came up, where those are one class that differ only in the order
  // of steps that do not depend on each other (conflict.h); 0: they were not counted.
  std::uint64_t classes = 0;
  // How many schedules were drawn by a chooser that knows classes: `classes` and `unseen` are about
  // these. What a search comes to, one after the other, is no sample.
  std::uint64_t classified = 0;
  // How probable it is that one more schedule is of a class that did not come up: Good and
  // Turing's estimate.
  double unseen = 1;
  // A bound, by proof, on the probability that a failure that takes two ordering constraints was
  // missed, in a program whose runs are no longer than those that were seen (pct.h). 1: none.
  double missed_of_depth_2 = 1;
};

// "all 252 interleavings explored", or
// "1 000 schedules passed, of 412 classes; one more would be of a new class with probability 3 %
// (estimated)".
std::string Describe(const Coverage& coverage);

// The same as the last word of an exploration: what it means, and the orders of conflicting steps
// that never came up. A few lines; `full`: all orders, with their counts.
std::string ClosingText(const Coverage& coverage, const std::vector<OrderSeen>& orders, bool full);

}  // namespace heddle

#endif  // HEDDLE_COVERAGE_H_
