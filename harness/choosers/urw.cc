// SPDX-License-Identifier: MIT
#include "heddle/choosers/urw.h"

#include <algorithm>

namespace heddle::inline HEDDLE_VARIANT {

using internal::kNoStrand;
using internal::Profile;
using internal::StrandNumber;

void UrwChooser::BeginRun(std::uint64_t schedule) {
  StrandChooser::BeginRun(schedule);
  if (!profile_.complete()) SeedProfileRun(profile_.runs());
  steps_left_.clear();
  weights_.Clear();
}

std::size_t UrwChooser::ChooseTask(const ReadySet& ready) {
  strands_.Update(ready, *this);
  const StrandNumber next = weights_.Pick(random());
  if (steps_left_[next] > 0) --steps_left_[next];
  return strands_.Step(next);
}

void UrwChooser::EndRun(const Recorder& /*recorder*/, Ending ending) {
  if (!profile_.complete()) profile_.EndRun(strands_, ending);
}

// What the profile does not know has the weight 1, and so has everybody until there is one.
void UrwChooser::OnSpawn(StrandNumber strand) {
  const Profile::Entry entry =
      profile_.complete() ? profile_.Find(strands_[strand].path) : Profile::kUnknown;
  const std::uint64_t steps = entry != Profile::kUnknown ? profile_.steps(entry) : 0;
  steps_left_.push_back(steps);
  if (const StrandNumber spawner = strands_[strand].spawner; spawner != kNoStrand) {
    steps_left_[spawner] -= std::min(steps, steps_left_[spawner]);
  }
}

void UrwChooser::OnArrive(StrandNumber strand, Candidate /*candidate*/) {
  weights_.Set(strand, std::max<std::uint64_t>(steps_left_[strand], 1));
}

}  // namespace heddle::inline HEDDLE_VARIANT
