// SPDX-License-Identifier: MIT
#include "heddle/chooser.h"

namespace heddle::inline HEDDLE_VARIANT {

RandomChooser::RandomChooser(std::uint64_t seed) : seed_(seed), random_(seed) {}

void RandomChooser::BeginRun(std::uint64_t schedule) {
  // Schedule 0, a single run, uses the seed as it is.
  random_ = Random(schedule == 0 ? seed_ : Random::Mix(Random::Mix(seed_) + schedule));
}

std::size_t RandomChooser::ChooseTask(const ReadySet& ready) {
  return random_.Below(static_cast<std::uint32_t>(ready.size()));
}

std::uint32_t RandomChooser::ChooseValue(std::uint32_t alternatives) {
  return random_.Below(alternatives);
}

}  // namespace heddle::inline HEDDLE_VARIANT
