// SPDX-License-Identifier: MIT
#include "heddle/choosers/automatic.h"

#include <algorithm>

namespace heddle::inline HEDDLE_VARIANT {
namespace {

constexpr std::uint64_t kWalks = 8;
constexpr std::uint64_t kFewInterleavings = 512;

// To go beyond a budget. The mean of few estimates is too low more often than not: most of it comes
// from walks that are rare.
constexpr std::uint64_t kManyWalks = 64;
constexpr double kHopeless = 1e7;
constexpr std::uint64_t kSomeThousand = 25'000;

}  // namespace

AutomaticChooser::AutomaticChooser(std::uint64_t seed)
    : seed_(seed), walk_(seed), portfolio_(seed) {}

void AutomaticChooser::EndRun(const Recorder& recorder, Ending ending) {
  current_->EndRun(recorder, ending);
  ++runs_;
  if (current_ == &walk_) {
    ++walks_;
    estimates_ += walk_.estimate();
  }
  next_ = &Next();
}

Chooser& AutomaticChooser::Next() {
  // Where no walk met a choice there is one interleaving.
  if (runs_ < kWalks && estimates_ > static_cast<double>(runs_)) return walk_;
  if (exhausted()) return portfolio_;
  const std::uint64_t enough = std::max(kFewInterleavings, runs_ - interleavings());
  const bool seem_few = estimates_ <= static_cast<double>(kWalks * enough);
  return seem_few && interleavings() < 2 * enough ? static_cast<Chooser&>(exhaustive_) : portfolio_;
}

bool AutomaticChooser::SearchToEnd() {
  if (exhausted() || !SeemsToEnd()) return false;
  next_ = walks_ < kManyWalks ? static_cast<Chooser*>(&walk_) : &exhaustive_;
  return true;
}

bool AutomaticChooser::SeemsToEnd() const {
  if (walks_ < kManyWalks) return Estimate() <= kHopeless;
  return Estimate() <= static_cast<double>(kSomeThousand) && interleavings() < 2 * kSomeThousand;
}

}  // namespace heddle::inline HEDDLE_VARIANT
