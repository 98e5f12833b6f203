// SPDX-License-Identifier: MIT
#include "heddle/choosers/round_robin.h"

namespace heddle::inline HEDDLE_VARIANT {

void RoundRobinChooser::BeginRun(std::uint64_t /*schedule*/) {
  last_ = kNoTask;
  draws_ = 0;
}

std::size_t RoundRobinChooser::ChooseTask(const ReadySet& ready) {
  // How far it is from the last one to each, around the circle of all ids.
  const auto distance = [&](std::size_t index) { return ready[index].strand() - (last_ + 1); };
  std::size_t next = 0;
  for (std::size_t i = 1; i < ready.size(); ++i) {
    if (distance(i) < distance(next)) next = i;
  }
  last_ = ready[next].strand();
  return next;
}

}  // namespace heddle::inline HEDDLE_VARIANT
