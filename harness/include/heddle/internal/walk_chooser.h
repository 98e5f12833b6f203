// SPDX-License-Identifier: MIT
//
// WalkChooser: the random walk of RandomChooser, choice for choice, which also says of each run
// what class it is of, and how many interleavings there may be.
#ifndef HEDDLE_INTERNAL_WALK_CHOOSER_H_
#define HEDDLE_INTERNAL_WALK_CHOOSER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "heddle/internal/strand_chooser.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

class WalkChooser final : public StrandChooser {
 public:
  explicit WalkChooser(std::uint64_t seed) : StrandChooser(seed) {}

  void BeginRun(std::uint64_t schedule) override {
    StrandChooser::BeginRun(schedule);
    alternatives_ = 1;
  }
  std::size_t ChooseTask(const ReadySet& ready) override {
    strands_.Update(ready, *this);
    alternatives_ *= static_cast<double>(ready.size());
    return StepAtRandom(ready);
  }
  std::uint32_t ChooseValue(std::uint32_t alternatives) override {
    alternatives_ *= alternatives;
    return StrandChooser::ChooseValue(alternatives);
  }
  std::string_view name() const override { return "random"; }

  // After a run: the product of the numbers of alternatives that it met. Its mean over all walks
  // is the number of interleavings. (Knuth, "Estimating the efficiency of backtrack programs",
  // Mathematics of Computation 1975.)
  double estimate() const { return alternatives_; }
  std::uint64_t steps() const { return strands_.steps(); }

 private:
  friend Strands;

  void OnSpawn(StrandNumber /*strand*/) {}
  void OnArrive(StrandNumber /*strand*/, Candidate /*candidate*/) {}
  void OnLeave(StrandNumber /*strand*/) {}

  double alternatives_ = 1;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_WALK_CHOOSER_H_
