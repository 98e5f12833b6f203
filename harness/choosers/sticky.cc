// SPDX-License-Identifier: MIT
#include "heddle/choosers/sticky.h"

#include <algorithm>

namespace heddle::inline HEDDLE_VARIANT {

StickyChooser::StickyChooser(std::uint64_t seed, std::uint32_t stay_percent)
    : StrandChooser(seed), stay_percent_(std::min(stay_percent, 99U)) {}

void StickyChooser::BeginRun(std::uint64_t schedule) {
  StrandChooser::BeginRun(schedule);
  last_ = internal::kNoStrand;
}

std::size_t StickyChooser::ChooseTask(const ReadySet& ready) {
  strands_.Update(ready, *this);
  const auto candidates = static_cast<std::uint32_t>(ready.size());
  std::uint32_t picked = 0;
  if (candidates > 1) {
    const std::uint32_t stay =
        last_ != internal::kNoStrand ? strands_[last_].index() : internal::kNowhere;
    if (stay == internal::kNowhere) {
      picked = random().Below(candidates);
    } else if (random().Below(100) < stay_percent_) {
      picked = stay;
    } else {
      picked = random().Below(candidates - 1);
      if (picked >= stay) ++picked;
    }
  }
  last_ = strands_.Of(ready[picked]);
  return strands_.Step(last_);
}

}  // namespace heddle::inline HEDDLE_VARIANT
