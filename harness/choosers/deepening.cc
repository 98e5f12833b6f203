// SPDX-License-Identifier: MIT
#include "heddle/choosers/deepening.h"

namespace heddle::inline HEDDLE_VARIANT {

DeepeningChooser::DeepeningChooser(Cost cost) : cost_(cost) { SearchWithin(0); }

void DeepeningChooser::BeginRun(std::uint64_t schedule) {
  if (schedule == 1 || exhausted_) {
    exhausted_ = false;
    SearchWithin(0);
  }
  search_->BeginRun(schedule);
}

void DeepeningChooser::EndRun(const Recorder& recorder, Ending ending) {
  search_->EndRun(recorder, ending);
  if (!search_->exhausted()) return;
  if (search_->left_out()) {
    SearchWithin(bound_ + 1);
  } else {
    exhausted_ = true;
  }
}

std::string_view DeepeningChooser::name() const {
  return cost_ == Cost::kPreemptions ? "preemption-bounded" : "delay-bounded";
}

void DeepeningChooser::SearchWithin(std::uint32_t bound) {
  bound_ = bound;
  if (cost_ == Cost::kPreemptions) {
    search_.emplace(SearchBound{.preemptions_max = bound, .delays_max = std::nullopt});
  } else {
    search_.emplace(SearchBound{.preemptions_max = std::nullopt, .delays_max = bound});
  }
}

}  // namespace heddle::inline HEDDLE_VARIANT
