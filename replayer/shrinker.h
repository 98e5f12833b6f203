// SPDX-License-Identifier: MIT
//
// The parts of Shrink (heddle/shrink.h): the search for the plan of a simple schedule, which may
// take place in another process, and the run of it.
#ifndef HEDDLE_REPLAYER_SHRINKER_H_
#define HEDDLE_REPLAYER_SHRINKER_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "heddle/executor.h"
#include "heddle/shrink.h"
#include "order_chooser.h"
#include "step_order.h"
#include "step_places.h"

namespace heddle::internal {

// What runs that fail in the same way have in common.
class FailureKind {
 public:
  explicit FailureKind(const TraceHeader& header);

  Ending ending() const { return ending_; }
  bool Includes(const TraceHeader& header) const;

 private:
  Ending ending_;
  std::string message_;
  std::set<std::string> places_;  // where tasks are left waiting
};

struct ShrinkPlan {
  StepOrder order;
  std::vector<DecidingPair> pairs;
  bool fails_plain = false;  // first in, first out, but for the draws
  bool draws_decide = false;
  OtherSchedules others;
  std::uint64_t runs = 0;
  bool minimal = false;
  bool reproduced = false;
};

class Shrinker {
 public:
  // Keeps pointers to trace and options.
  Shrinker(const Trace& trace, BodyRef body, const ShrinkOptions& options);

  ShrinkPlan Run();

 private:
  static constexpr std::uint64_t kObservingRuns = 750;
  static constexpr std::uint64_t kTwoTriesMax = 300;
  static constexpr std::uint64_t kTwoLookedAtMax = 100'000;
  static constexpr std::uint64_t kDrawRunsMax = 100;
  static constexpr std::size_t kMovedDrawsMax = 32;
  static constexpr std::uint32_t kStepsOfDraw = 2;
  static constexpr std::size_t kDecidingDrawsMax = 8;
  static constexpr std::size_t kConflictsMax = 64;
  static constexpr std::size_t kConflictsOfObject = 16;
  static constexpr std::size_t kConflictsOfKind = 2;
  static constexpr std::size_t kPairsMax = 4;
  static constexpr std::size_t kFinalists = 3;
  static constexpr std::uint64_t kSample = 50;
  static constexpr std::uint64_t kSmallSample = 10;
  static constexpr std::uint64_t kSampleSeed = 42;

  // An order of two steps that may be what decides.
  struct Candidate {
    StepOrder order;
    double contrast = 0;
  };

  bool MayRun();
  bool RunFails(OrderChooser& chooser, std::uint64_t schedule);
  // The same, with all events, for who looks at them.
  bool RunWithEventsFails(OrderChooser& chooser, std::uint64_t schedule);
  bool Fails(const StepOrder& order);

  void LowerStepLimit();
  bool Reduce();
  template <class Unit, class Make>
  void Reduce(std::vector<Unit> units, const Make& make);
  template <class Unit, class Test>
  std::vector<Unit> Spare(std::vector<Unit> units, const Test& test) const;
  template <class Unit, class Test>
  bool SparePieces(std::vector<Unit>& units, const Test& test, std::size_t size) const;
  void ReduceStrands();
  void ReduceSteps();
  void ReduceDrawsFirst();
  void OrderAllSteps();
  void SpareDraws(bool order_all);
  bool SpareDraw(std::size_t draw);
  void ReduceDraws(std::uint64_t runs_max);
  void MoveDraws();
  bool FailsByTurn(const std::vector<PlannedDraw>& draws);
  void LowerDraws();
  bool FailsWithDraw(std::size_t draw, std::uint32_t value);
  bool DrawsDecide();
  void FindTwo(const StepOrder& all);
  static StepOrder Part(const StepOrder& order, const std::vector<std::size_t>& places);

  void FindConflict();
  void FindSoonest();
  std::vector<StepOrder> Conflicts();
  double ContrastOf(const StepOrder& order, std::uint64_t size);
  static void SortByContrast(std::vector<Candidate>& candidates);
  std::vector<DecidingPair> DecidingPairs();
  static StepOrder Reversed(const StepOrder& order, std::size_t step);
  bool PassesInOrder(const StepOrder& order);
  DecidingPair Sample(const StepOrder& order, std::size_t step, std::uint64_t size);
  // A step of a pair, and where it began: nothing where it was not made.
  struct PlacedStep {
    StepName step;
    std::optional<std::uint32_t> place;
  };
  using PlacedPair = std::array<PlacedStep, 2>;
  PlacedPair PlacesOf(const StepOrder& order, std::size_t step);
  bool MadeAsPlaced(const PlacedPair& pair, const std::vector<StepName>& log);
  void Sample(const StepOrder& order, const PlacedPair& pair, std::uint64_t size,
              std::uint64_t& kept, std::uint64_t& failed);

  class PlainSearch;  // shrink_plain.cc
  void FindPlain(ShrinkPlan& plan);

  class Observer;  // shrink_observed.cc
  void FindObserved(ShrinkPlan& plan);

  const Trace* trace_;
  BodyRef body_;
  const ShrinkOptions* options_;
  FailureKind kind_;
  Executor executor_;
  RunOptions run_options_;
  StepOrder order_;
  StepPlaces step_places_;
  std::uint64_t runs_ = 0;
  std::uint64_t runs_max_;
  std::uint64_t steps_ = 0;
  bool limit_met_ = false;
};

// Takes out of `units` what can be spared of them: what is left passes `test`, as all of them do.
template <class Unit, class Test>
std::vector<Unit> Shrinker::Spare(std::vector<Unit> units, const Test& test) const {
  std::size_t size = units.size();
  while (size > 0 && !limit_met_) {
    const bool removed = SparePieces(units, test, size);
    if (size > 1) {
      size = std::min((size + 1) / 2, units.size());
    } else if (!removed) {
      break;
    }
  }
  return units;
}

// Pieces of that size, from the end to the beginning: what comes late matters least.
template <class Unit, class Test>
bool Shrinker::SparePieces(std::vector<Unit>& units, const Test& test, std::size_t size) const {
  bool removed = false;
  std::size_t end = units.size();
  while (end > 0 && !limit_met_) {
    const std::size_t begin = end > size ? end - size : 0;
    std::vector<Unit> fewer = units;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(begin),
                fewer.begin() + static_cast<std::ptrdiff_t>(end));
    if (test(fewer)) {
      units = std::move(fewer);
      removed = true;
    }
    end = begin;
  }
  return removed;
}

// The schedule of a plan, recorded in full.
ShrinkResult RunShrunk(const Trace& trace, ShrinkPlan plan, BodyRef body,
                       const ShrinkOptions& options);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_SHRINKER_H_
