// SPDX-License-Identifier: MIT
#include "heddle/choosers/automatic.h"

#include <algorithm>

namespace heddle::inline HEDDLE_VARIANT {
namespace {

constexpr std::uint64_t kWalks = 8;
constexpr std::uint64_t kFewInterleavings = 512;

}  // namespace

AutomaticChooser::AutomaticChooser(std::uint64_t seed)
    : seed_(seed), walk_(seed), portfolio_(seed) {}

void AutomaticChooser::EndRun(const Recorder& recorder, Ending ending) {
  current_->EndRun(recorder, ending);
  ++runs_;
  if (current_ == &walk_) estimates_ += walk_.estimate();
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

}  // namespace heddle::inline HEDDLE_VARIANT
