// SPDX-License-Identifier: MIT
//
// Replay: runs the recorded program again, in a process of its own, and compares. The
// library does the replaying: HEDDLE_REPLAY tells it which recording to follow, and
// HEDDLE_REPLAY_OUT where to write what it then recorded.
#ifndef HEDDLE_TOOLS_REPLAY_H_
#define HEDDLE_TOOLS_REPLAY_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "heddle/trace.h"

namespace heddle::tools {

struct ReplayOptions {
  std::string file = {};  // the recording
  std::size_t times = 1;
  std::string program = {};                 // in place of the recorded one; empty: that one
  std::vector<std::string> arguments = {};  // in addition to the recorded ones
};

// What the program is run with: the arguments that were recorded, then those of the options.
std::vector<std::string> ReplayArguments(const TraceHeader& header, const ReplayOptions& options);

// Where two canonical texts (trace_text.h) differ first. They must differ.
std::string FirstDifference(const std::string& recorded, const std::string& replayed);

// Runs the program `options.times` times. Says on `out` how many runs were identical to
// `recorded`, and on `err` how the first other one differed. Returns whether all were.
// Errors: the program is not there or cannot be run.
absl::StatusOr<bool> Replay(const Trace& recorded, const ReplayOptions& options, std::ostream& out,
                            std::ostream& err);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_REPLAY_H_
