// SPDX-License-Identifier: MIT
//
// Keep: makes a test of a recording. Its schedule and input become a tape, in a folder that Explore
// and Property look into before all else.
#ifndef HEDDLE_TOOLS_KEEP_H_
#define HEDDLE_TOOLS_KEEP_H_

#include <string>

#include "absl/status/statusor.h"
#include "heddle/trace.h"

namespace heddle::tools {

struct KeepOptions {
  std::string file;
  std::string folder = {};  // empty: heddle-kept beside the test's source file
};

// What was done, in a line or two. A tape of the same test that says something else is not touched:
// the new one gets a number.
absl::StatusOr<std::string> Keep(const Trace& trace, const KeepOptions& options);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_KEEP_H_
