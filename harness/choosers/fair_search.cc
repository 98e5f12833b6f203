// SPDX-License-Identifier: MIT
#include "heddle/internal/fair_search.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

void FairSearch::BeginRun(std::uint64_t schedule) {
  StrandChooser::BeginRun(schedule);
  search_->BeginRun(schedule);
  in_turn_.BeginRun(schedule);
  long_run_ = std::max(kLongRun, 2 * steps_most_);
}

std::size_t FairSearch::ChooseTask(const ReadySet& ready) {
  strands_.Update(ready, *this);
  given_up_ = given_up_ || strands_.steps() >= long_run_;
  std::size_t index = 0;
  if (given_up_) {
    index = in_turn_.ChooseTask(ready);
  } else if (ready.size() > 1 || search_->wants_every_step()) {
    index = search_->ChooseTask(ready);
  }
  return index < ready.size() ? strands_.Step(strands_.Of(ready[index])) : index;
}

std::uint32_t FairSearch::ChooseValue(std::uint32_t alternatives) {
  if (given_up_) return StrandChooser::ChooseValue(alternatives);
  const std::uint32_t value = search_->ChooseValue(alternatives);
  strands_.Draw(value);
  return value;
}

void FairSearch::EndRun(const Recorder& recorder, Ending ending) {
  if (ending == Ending::kFinished) ExpectSteps(strands_.steps());
  if (!given_up_) search_->EndRun(recorder, ending);
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT
