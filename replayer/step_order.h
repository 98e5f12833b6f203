// SPDX-License-Identifier: MIT
//
// The order of the steps of a run, in terms that another run of the body understands. Read next:
// order_chooser.h, which runs a body by such an order.
#ifndef HEDDLE_REPLAYER_STEP_ORDER_H_
#define HEDDLE_REPLAYER_STEP_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "heddle/internal/body_ref.h"
#include "heddle/run_options.h"
#include "heddle/trace.h"

namespace heddle::internal {

// A step of a strand (strands.h): the strand by its path, and its how-manieth step it is. Both are
// the same in every run of the body.
struct StepName {
  std::uint64_t strand = 0;
  std::uint32_t number = 0;  // from 0

  friend bool operator==(const StepName&, const StepName&) = default;

  template <class Hash>
  friend Hash AbslHashValue(Hash hash, const StepName& step) {
    return Hash::combine(std::move(hash), step.strand, step.number);
  }
};

// A draw, as a rule one that does not give 0.
struct PlannedDraw {
  StepName step;
  std::uint32_t number = 0;  // among the draws of its step, from 0
  std::uint32_t value = 0;
  std::uint32_t alternatives = 0;
  std::uint32_t turn = 0;  // among the draws of the run that have so many, from 0
};

struct StepOrder {
  // So many steps come one after the other; those behind them come later, in any order.
  std::size_t in_order = 0;
  std::vector<StepName> steps;
  std::vector<PlannedDraw> draws;
  // Whose turn it is makes a draw, and not the step that it is of.
  bool draws_by_turn = false;
};

// All steps of the run that has these choices, and behind them those that strands were still to
// make when it ended: a run by this order is the same run. What the run does not come to, where the
// body does not follow the choices, is not there.
StepOrder StepOrderOf(const Trace& trace, BodyRef body, RunOptions options);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_STEP_ORDER_H_
