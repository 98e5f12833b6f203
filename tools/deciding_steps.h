// SPDX-License-Identifier: MIT
//
// Which events of a trace begin the steps whose order decides (heddle/explanation.h): views mark
// them with their numbers.
#ifndef HEDDLE_TOOLS_DECIDING_STEPS_H_
#define HEDDLE_TOOLS_DECIDING_STEPS_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "heddle/trace.h"

namespace heddle::tools {

// "1" by the event with which the first of them begins, and so on. `steps_before`: by event, how
// many steps came before it, where the trace is not that of a whole run (extract.h).
std::map<std::size_t, std::string> DecidingSteps(
    const Trace& trace, const std::vector<std::size_t>* steps_before = nullptr);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_DECIDING_STEPS_H_
