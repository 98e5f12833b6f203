// SPDX-License-Identifier: MIT
//
// What is likely behind a difference between two runs that made the same choices: read off the
// first event that differs, and asked of the determinism guard where it is linked.
#ifndef HEDDLE_REPLAYER_LIKELY_SOURCE_H_
#define HEDDLE_REPLAYER_LIKELY_SOURCE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "heddle/trace.h"
#include "heddle/trace_text.h"

namespace heddle::internal {

// One of two runs, and what its events are in words.
struct ComparedRun {
  const Trace& trace;
  CanonicalEvents texts;
};

// The likeliest first. `event` is the first that differs; it may lie behind the end of either.
std::vector<std::string> LikelySources(const ComparedRun& recorded, const ComparedRun& replayed,
                                       std::size_t event);
// Where the runs have no events.
std::vector<std::string> LikelySources();

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_LIKELY_SOURCE_H_
