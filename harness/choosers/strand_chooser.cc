// SPDX-License-Identifier: MIT
#include "heddle/internal/strand_chooser.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

void StrandChooser::BeginRun(std::uint64_t schedule) {
  // As RandomChooser does it.
  random_ = Random(schedule == 0 ? seed_ : Random::Mix(Random::Mix(seed_) + schedule));
  priorities_ = 0;
  strands_.BeginRun();
}

std::uint32_t StrandChooser::ChooseValue(std::uint32_t alternatives) {
  const std::uint32_t value = random_.Below(alternatives);
  strands_.Draw(value);
  return value;
}

std::uint64_t StrandChooser::run_class() const { return strands_.Digest() | 1; }

void StrandChooser::SeedProfileRun(std::uint64_t run) {
  random_ = Random(Random::Mix(Random::Mix(~seed_) + run));
}

std::size_t StrandChooser::StepAtRandom(const ReadySet& ready) {
  const auto candidates = static_cast<std::uint32_t>(ready.size());
  return strands_.Step(strands_.Of(ready[candidates > 1 ? random_.Below(candidates) : 0]));
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT
