// SPDX-License-Identifier: MIT
//
// ExplorationReport: what one process knows of an exploration when it is over, as a value and as a
// file. The shards of an exploration write one each (HEDDLE_REPORT), and `heddle merge` makes of
// them the report that one process would have written.
//
// A file is the 8 bytes "heddlerp", then the version, the size and the digest of the payload, 8
// bytes each, the lowest first; then the payload, which cereal writes.
#ifndef HEDDLE_INTERNAL_EXPLORATION_REPORT_H_
#define HEDDLE_INTERNAL_EXPLORATION_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "heddle/coverage.h"
#include "heddle/internal/classes_seen.h"
#include "heddle/orders.h"

namespace heddle::internal {

inline constexpr std::uint64_t kReportVersion = 1;

enum class BlockEnd : std::uint8_t {
  kPassed = 1,  // all its schedules
  kExhausted,   // nothing is left that another schedule could show
  kFailed,      // the last schedule that was run
  kTimeUp,      // those that there was time for
  kDropped,     // the watch did not want the rest
};
inline constexpr BlockEnd kLastBlockEnd = BlockEnd::kDropped;

// Whether blocks behind it are of no interest.
constexpr bool EndsExploration(BlockEnd end) {
  return end == BlockEnd::kExhausted || end == BlockEnd::kFailed;
}

struct BlockResult {
  BlockEnd end = BlockEnd::kPassed;
  std::uint64_t schedules = 0;  // that were run, the failing one included
  // Of the block's chooser, with what it did in the blocks before if it is that of the main line.
  std::uint64_t interleavings = 0;
  double missed_of_depth_2 = 1;

  friend bool operator==(const BlockResult&, const BlockResult&) = default;
};

struct BlockReport {
  std::uint64_t block = 0;
  bool on_main_line = false;
  std::uint64_t classified = 0;  // schedules whose class the chooser knew
  BlockResult result;

  friend bool operator==(const BlockReport&, const BlockReport&) = default;
};

// What was explored. Reports belong together only where all of it is the same.
struct ExplorationSubject {
  std::string test;
  std::string program;  // without its folder
  std::string build_id;
  std::string heddle_version;
  std::string compiler;
  std::string strategy;  // empty: a chooser of the test's own
  std::uint64_t seed = 0;
  std::uint64_t schedules = 0;  // that were asked for
  std::uint64_t steps_max = 0;
  std::uint64_t tasks_max = 0;
  bool check_determinism = true;
  std::uint64_t shards = 1;

  friend bool operator==(const ExplorationSubject&, const ExplorationSubject&) = default;
};

struct ReportedFailure {
  std::uint64_t block = 0;
  std::uint64_t schedule = 0;
  std::string summary;    // one line
  std::string text;       // what a person is shown
  std::string recording;  // where it was written

  friend bool operator==(const ReportedFailure&, const ReportedFailure&) = default;
};

struct ExplorationReport {
  ExplorationSubject subject;
  std::vector<std::uint64_t> shards;  // which are in it, in order
  std::vector<BlockReport> blocks;    // in order
  std::vector<ClassSeen> classes;     // likewise
  std::vector<OrderSeen> orders;      // likewise
  std::optional<ReportedFailure> failure;

  friend bool operator==(const ExplorationReport&, const ExplorationReport&) = default;
};

// What the blocks come to. They are in order, and nothing is behind the one that ends the
// exploration, in `classes` neither. `searched`: by a chooser that goes through all there is, one
// after the other, which is no sample.
Coverage CoverageOf(std::span<const BlockReport> blocks, const ClassesSeen& classes, bool searched);
Coverage CoverageOf(const ExplorationReport& report);

// The first of those of 1 to subject.shards that are not in it, `most` at most.
std::vector<std::uint64_t> MissingShards(const ExplorationReport& report, std::size_t most);

// Writes beside `path` and renames. Makes folders that are not there.
absl::Status WriteReport(const std::string& path, const ExplorationReport& report);
// Errors name the file, what is wrong with it, and the likely cause.
absl::StatusOr<ExplorationReport> ReadReport(const std::string& path);

// What the file of a report is called: other for each test, program and shard.
std::string ReportFileName(const ExplorationReport& report);

struct ReportFile {
  std::string path;
  ExplorationReport report;
};

// One report for each exploration, in the order of the tests' names. What is behind the first
// failure is left out. Fails where two reports of a test are not of one exploration, or are of one
// shard and differ; a report that is given twice counts once.
absl::StatusOr<std::vector<ExplorationReport>> MergeReports(std::vector<ReportFile> files);

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_EXPLORATION_REPORT_H_
