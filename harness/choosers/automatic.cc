// SPDX-License-Identifier: MIT
#include "heddle/choosers/automatic.h"

#include <algorithm>
#include <utility>

namespace heddle::inline HEDDLE_VARIANT {
namespace {

constexpr std::uint64_t kWalks = 8;
constexpr std::uint64_t kRunsForAWalk = 4;
constexpr std::uint64_t kFewInterleavings = 512;
constexpr std::uint64_t kFewRuns = 64;

// To search to the end. The mean of few estimates is too low more often than not: most of it comes
// from walks that are rare.
constexpr std::uint64_t kManyRuns = 1000;
constexpr std::uint64_t kManyWalks = 64;
constexpr double kHopeless = 1e7;
constexpr std::uint64_t kSomeThousand = 25'000;

}  // namespace

AutomaticChooser::AutomaticChooser(std::uint64_t seed)
    : AutomaticChooser(seed, std::make_unique<ExhaustiveChooser>()) {}

AutomaticChooser::AutomaticChooser(std::uint64_t seed, std::unique_ptr<ExhaustiveChooser> search)
    : seed_(seed),
      walk_(seed),
      exhaustive_(search.get()),
      search_(std::move(search), seed),
      portfolio_(seed) {}

void AutomaticChooser::EndRun(const Recorder& recorder, Ending ending) {
  current_->EndRun(recorder, ending);
  ++runs_;
  if (current_ == &walk_) {
    ++walks_;
    estimates_ += walk_.estimate();
    if (ending == Ending::kFinished) search_.ExpectSteps(walk_.steps());
  } else if (current_ == &portfolio_) {
    ++portfolio_runs_;
    search_.ExpectSteps(portfolio_.steps_most());
  }
  next_ = &Next();
}

Chooser& AutomaticChooser::Next() {
  if (!met_choice_) return search_;  // there is one interleaving
  if (walks_ < kWalks) {
    return runs_ % kRunsForAWalk == 1 ? static_cast<Chooser&>(walk_) : portfolio_;
  }
  if (searches_to_end()) return walks_ < kManyWalks ? static_cast<Chooser&>(walk_) : search_;
  const bool shares = runs_ % 2 == 0 && portfolio_runs_ < kFewRuns;
  return shares || !SeemsSmall() ? static_cast<Chooser&>(portfolio_) : search_;
}

bool AutomaticChooser::SeemsSmall() const {
  if (exhausted() || search_.given_up()) return false;
  const std::uint64_t enough = std::max(kFewInterleavings, runs_ - interleavings());
  return Estimate() <= static_cast<double>(enough) && interleavings() < 2 * enough;
}

bool AutomaticChooser::searches_to_end() const {
  if (runs_ < kManyRuns || exhausted() || search_.given_up()) return false;
  if (walks_ < kManyWalks) return Estimate() <= kHopeless;
  return Estimate() <= static_cast<double>(kSomeThousand) && interleavings() < 2 * kSomeThousand;
}

}  // namespace heddle::inline HEDDLE_VARIANT
