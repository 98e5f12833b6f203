// SPDX-License-Identifier: MIT
//
// A schedule that ends its process, and the choices that lead there.
#ifndef HEDDLE_REPLAYER_CRASH_H_
#define HEDDLE_REPLAYER_CRASH_H_

#include <cstdint>
#include <string>

#include "heddle/explore.h"

namespace heddle::internal {

struct Crash {
  std::uint64_t block = 0;
  std::uint64_t schedule = 0;
  std::string how;  // "signal 11 (Segmentation fault)"
};

// Runs the block up to that schedule once more, in a process of its own. The trace holds the
// choices up to the crash and no events: those were in the memory of who died.
Trace ChoicesOfCrash(ExploredBody& body, const ExploreOptions& options, const Crash& crash);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_CRASH_H_
