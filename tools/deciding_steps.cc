// SPDX-License-Identifier: MIT
#include "deciding_steps.h"

#include <cstdint>

#include "taker.h"

namespace heddle::tools {

std::map<std::size_t, std::string> DecidingSteps(const Trace& trace,
                                                 const std::vector<std::size_t>* steps_before) {
  std::map<std::uint64_t, std::string> wanted;
  const std::vector<ExplainedStep>& steps = trace.header.explanation.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    wanted.try_emplace(steps[i].number, std::to_string(i + 1));
  }
  std::map<std::size_t, std::string> found;
  if (wanted.empty()) return found;
  std::uint64_t made = 0;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    if (!IsStep(trace.events[i])) continue;
    const auto step = wanted.find(steps_before == nullptr ? made : (*steps_before)[i]);
    if (step != wanted.end()) found.emplace(i, step->second);
    ++made;
  }
  return found;
}

}  // namespace heddle::tools
