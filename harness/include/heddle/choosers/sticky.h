// SPDX-License-Identifier: MIT
//
// StickyChooser: a random walk with a tendency to go on with the task that made the last step.
#ifndef HEDDLE_CHOOSERS_STICKY_H_
#define HEDDLE_CHOOSERS_STICKY_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "heddle/internal/strand_chooser.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// While the strand that made the last step can go on, it does so with a given probability, and
// else any other candidate follows, all with the same probability. ("Probabilistic random
// scheduling" of Thomson, Donaldson and Betts, "Concurrency testing using controlled schedulers",
// TOPC 2016.) Long stretches without a switch are what a plain random walk hardly ever makes.
//
// It guarantees that each schedule has a probability that is not 0. Schedule n of a seed is a
// function of the seed and n. A step costs O(1), and time for each candidate that came or went.
class StickyChooser final : public internal::StrandChooser {
 public:
  explicit StickyChooser(std::uint64_t seed, std::uint32_t stay_percent = 90);

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::string_view name() const override { return "sticky"; }

 private:
  friend internal::Strands;

  void OnSpawn(internal::StrandNumber /*strand*/) {}
  void OnArrive(internal::StrandNumber /*strand*/, Candidate /*candidate*/) {}
  void OnLeave(internal::StrandNumber /*strand*/) {}

  std::uint32_t stay_percent_;
  internal::StrandNumber last_ = internal::kNoStrand;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_STICKY_H_
