// SPDX-License-Identifier: MIT
//
// Merge: `heddle merge`: the reports of the shards of explorations as those that one process each
// would have given. How that is possible: heddle/internal/exploration_report.h.
#ifndef HEDDLE_TOOLS_MERGE_H_
#define HEDDLE_TOOLS_MERGE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "heddle/internal/exploration_report.h"

namespace heddle::tools {

struct MergeOptions {
  std::vector<std::string> paths;  // files, and folders that hold some
  bool full = false;               // all orders of conflicting steps
  bool json = false;
};

// Joined, one for each exploration. kFailedPrecondition: reports that do not belong together;
// anything else: a file.
absl::StatusOr<std::vector<internal::ExplorationReport>> ReadAndMerge(
    const std::vector<std::string>& paths);

// Whether no exploration failed, and no shard is missing.
bool AllPassed(const std::vector<internal::ExplorationReport>& reports);

// What the explorations would have said, or JSON.
std::string MergeText(const std::vector<internal::ExplorationReport>& reports,
                      const MergeOptions& options);

// Writes each into `folder`. They can be merged further.
absl::Status WriteReports(const std::vector<internal::ExplorationReport>& reports,
                          const std::string& folder);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_MERGE_H_
