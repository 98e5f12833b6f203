// SPDX-License-Identifier: MIT
//
// SurwChooser: selectively uniform random walk. In each run one object is singled out, and all
// orders of what is done to it are equally likely.
#ifndef HEDDLE_CHOOSERS_SURW_H_
#define HEDDLE_CHOOSERS_SURW_H_

#include <cstdint>
#include <string_view>

#include "heddle/internal/selective_walk.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// internal/selective_walk.h says how the object is drawn, what is guaranteed, and where the paper
// is. The steps that do not touch the object are made by random priorities, one for each step.
class SurwChooser final : public internal::SelectiveWalk {
 public:
  explicit SurwChooser(std::uint64_t seed) : SelectiveWalk(seed) {}

  std::string_view name() const override { return "surw"; }

 private:
  Rest RestOf(std::uint64_t /*run*/) const override { return Rest::kStepPriorities; }
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_SURW_H_
