// SPDX-License-Identifier: MIT
//
// SelectiveChooser: selectively uniform random walk, as surw.h has it, with other orders of the
// steps between.
#ifndef HEDDLE_CHOOSERS_SELECTIVE_H_
#define HEDDLE_CHOOSERS_SELECTIVE_H_

#include <cstdint>
#include <string_view>

#include "heddle/internal/selective_walk.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// As in surw.h one object is singled out for each run, and the order of what is done to it is drawn
// so that all orders are equally likely. The paper leaves open who makes the other steps. In surw.h
// each of them has a random priority. Here the runs alternate between two ways:
//   - each strand has a priority, as in pct.h: then what is not selected goes on for long
//     stretches;
//   - each strand has the weight of the steps that it still has to make, as in urw.h: then tasks
//     advance together, and who waits for a moment in the life of another one meets it.
//
// It guarantees what surw.h does: the order of the selected steps does not depend on the others. A
// step costs O(log n).
class SelectiveChooser final : public internal::SelectiveWalk {
 public:
  explicit SelectiveChooser(std::uint64_t seed) : SelectiveWalk(seed) {}

  std::string_view name() const override { return "selective"; }

 private:
  Rest RestOf(std::uint64_t run) const override {
    return run % 2 == 0 ? Rest::kStrandPriorities : Rest::kStrandWeights;
  }
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_SELECTIVE_H_
