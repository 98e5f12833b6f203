// SPDX-License-Identifier: MIT
//
// DeepeningChooser: every interleaving, those nearest to the plain schedule first. It is the
// bounded search of exhaustive.h with the bound 0, then 1, and so on until no bound leaves anything
// out.
#ifndef HEDDLE_CHOOSERS_DEEPENING_H_
#define HEDDLE_CHOOSERS_DEEPENING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "heddle/chooser.h"
#include "heddle/choosers/exhaustive.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// Most failures need few preemptions, or few delays, so they are met early in a search that never
// ends. (Musuvathi and Qadeer, "Iterative context bounding for systematic testing of multithreaded
// programs", PLDI 2007; Emmi, Qadeer and Rakamaric, "Delay-bounded scheduling", POPL 2011.)
//
// It guarantees that before any run with bound() preemptions, or delays, all with fewer were made.
// The search for each bound begins anew, and so makes those of the smaller bounds once more: that
// is little beside what the larger bound adds. One chooser searches one body; an exploration that
// begins anew (schedule 1) forgets it.
class DeepeningChooser final : public Chooser {
 public:
  enum class Cost : std::uint8_t { kPreemptions, kDelays };

  explicit DeepeningChooser(Cost cost);

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override { return search_->ChooseTask(ready); }
  std::uint32_t ChooseValue(std::uint32_t alternatives) override {
    return search_->ChooseValue(alternatives);
  }
  void EndRun(const Recorder& recorder, Ending ending) override;
  bool wants_every_step() const override { return true; }
  bool exhausted() const override { return exhausted_; }
  std::string_view name() const override;

  // How much the next run may cost.
  std::uint32_t bound() const { return bound_; }
  // Once it is exhausted: how many there are.
  std::uint64_t interleavings() const { return search_->interleavings(); }

 private:
  void SearchWithin(std::uint32_t bound);

  Cost cost_;
  std::uint32_t bound_ = 0;
  bool exhausted_ = false;
  std::optional<ExhaustiveChooser> search_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_DEEPENING_H_
