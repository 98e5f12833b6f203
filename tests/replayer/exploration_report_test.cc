// SPDX-License-Identifier: MIT
//
// The reports of explorations: that those of shards come to what one process reports, and what is
// refused.
#include "heddle/internal/exploration_report.h"

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "heddle/combinators.h"
#include "heddle/explore.h"
#include "heddle/mutex.h"
#include "heddle/shared.h"
#include "heddle/world.h"
#include "replayer/surroundings.h"
#include "support/catch.h"

namespace heddle::internal {
namespace {

constexpr std::uint64_t kSchedules = 4 * 1024 + 100;
constexpr std::uint32_t kSides = 1024;
constexpr std::uint32_t kUnlucky = 12;

Task<> WriteOften(Shared<int>& shared, int times) {
  for (int i = 0; i < times; ++i) co_await shared.Write(i);
}

Task<> ReadOften(Shared<int>& shared, int times) {
  for (int i = 0; i < times; ++i) co_await shared.Read();
}

// Some orders, and in one schedule of many a bad throw of dice.
template <class Misfortune>
auto Dice(Misfortune misfortune) {
  return [misfortune](World& world) -> Task<> {
    Shared<int> shared(0);
    co_await All(WriteOften(shared, 2), ReadOften(shared, 2));
    if (world.Draw(kSides) == kUnlucky) misfortune();
  };
}

const auto kPasses = Dice([] {});
const auto kThrows = Dice([] { throw std::runtime_error("a bad throw"); });

Task<> Small() {
  Shared<int> shared(0);
  co_await All(WriteOften(shared, 3), WriteOften(shared, 3));
}

ExploreOptions OptionsOf(const std::string& strategy) {
  return {.name = "dice", .schedules = kSchedules, .strategy = strategy, .directory = {}};
}

// The file that an exploration of one shard writes.
template <class Body>
std::string Explored(const TemporaryFolder& folder, const Body& body, ExploreOptions options,
                     std::uint64_t shard, std::uint64_t shards) {
  options.shard = shard;
  options.shards = shards;
  const EnvironmentVariable report("HEDDLE_REPORT", folder.path());
  const CapturedStderr ignored;
  try {
    Explore(body, options);
  } catch (const std::runtime_error&) {  // reported
  }
  std::string newest;
  const std::string end =
      shards > 1 ? "." + std::to_string(shard) + "-of-" + std::to_string(shards) + ".report" : "";
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    const std::string path = entry.path().string();
    const bool of_a_shard = path.find("-of-") != std::string::npos;
    if (shards > 1 ? path.ends_with(end) : !of_a_shard) newest = path;
  }
  return newest;
}

ReportFile FileAt(const std::string& path) {
  absl::StatusOr<ExplorationReport> report = ReadReport(path);
  REQUIRE(report.ok());
  return {.path = path, .report = *std::move(report)};
}

template <class Body>
std::vector<ReportFile> Shards(const Body& body, const ExploreOptions& options,
                               std::uint64_t shards) {
  const TemporaryFolder folder;
  std::vector<ReportFile> files;
  for (std::uint64_t shard = shards; shard >= 1; --shard) {
    files.push_back(FileAt(Explored(folder, body, options, shard, shards)));
  }
  return files;
}

// As if one process had written it.
ExplorationReport AsOne(ExplorationReport report) {
  CHECK(MissingShards(report, 1).empty());
  report.subject.shards = 1;
  report.shards = {1};
  return report;
}

template <class Body>
void CheckMergedIsAlone(const Body& body, const ExploreOptions& options, std::uint64_t shards) {
  const ExplorationReport alone = Shards(body, options, 1).front().report;
  const auto merged = MergeReports(Shards(body, options, shards));
  REQUIRE(merged.ok());
  REQUIRE(merged->size() == 1);
  const ExplorationReport one = AsOne(merged->front());
  CHECK(one.subject == alone.subject);
  CHECK(one.blocks == alone.blocks);
  CHECK(one.classes == alone.classes);
  CHECK(one.orders == alone.orders);
  CHECK(one.failure == alone.failure);
  CHECK(ClosingText(CoverageOf(one), one.orders, true) ==
        ClosingText(CoverageOf(alone), alone.orders, true));
}

TEST_CASE("shards that passed come to the report of one process") {
  for (const std::string strategy : {"random", "pct2", "auto"}) {
    INFO(strategy);
    CheckMergedIsAlone(kPasses, OptionsOf(strategy), strategy == "random" ? 5 : 2);
  }
}

TEST_CASE("shards of which some failed come to the report of one process") {
  for (const std::uint64_t shards : {2U, 3U, 8U}) {
    INFO(shards);
    CheckMergedIsAlone(kThrows, OptionsOf(shards == 2 ? "auto" : "random"), shards);
  }
  ExploreOptions late = OptionsOf("random");
  while (FindFailure(kThrows, late).schedules <= 1024) ++late.seed;
  CheckMergedIsAlone(kThrows, late, 3);
  const auto failed = MergeReports(Shards(kThrows, late, 3));
  REQUIRE(failed.ok());
  REQUIRE(failed->front().failure.has_value());
  CHECK(failed->front().failure->schedule > 1024);
  CHECK_THAT(failed->front().failure->text, ContainsText("a bad throw"));
}

TEST_CASE("shards of a body that is searched to its end come to the report of one process") {
  for (const std::string strategy : {"auto", "exhaustive", "dpor"}) {
    INFO(strategy);
    CheckMergedIsAlone(Small, OptionsOf(strategy), 3);
  }
  const auto merged = MergeReports(Shards(Small, OptionsOf("auto"), 3));
  REQUIRE(merged.ok());
  CHECK(Describe(CoverageOf(merged->front())) == "all 70 interleavings explored");
}

TEST_CASE("reports can be merged by and by, in any order") {
  const std::vector<ReportFile> files = Shards(kPasses, OptionsOf("random"), 4);
  const auto left = MergeReports({files[3], files[0]});
  const auto right = MergeReports({files[1], files[2]});
  REQUIRE(left.ok());
  REQUIRE(right.ok());
  CHECK(MissingShards(left->front(), 9) == std::vector<std::uint64_t>{2, 3});
  const auto both = MergeReports({{"left", left->front()}, {"right", right->front()}});
  const auto at_once = MergeReports(files);
  REQUIRE(both.ok());
  REQUIRE(at_once.ok());
  CHECK(*both == *at_once);
}

TEST_CASE("a shard that is given twice counts once") {
  std::vector<ReportFile> files = Shards(kPasses, OptionsOf("random"), 2);
  const auto once = MergeReports(files);
  files.push_back(files.front());
  const auto twice = MergeReports(files);
  REQUIRE(twice.ok());
  CHECK(*twice == *once);
  files.back().report.blocks.pop_back();
  CHECK_THAT(std::string(MergeReports(files).status().message()),
             ContainsText("are both shard 2 of \"dice\", and they differ"));
}

TEST_CASE("what is of several tests is merged test by test") {
  std::vector<ReportFile> files = Shards(kPasses, OptionsOf("random"), 2);
  ExploreOptions other = OptionsOf("pos");
  other.name = "a test before it";
  for (ReportFile& file : Shards(Small, other, 1)) files.push_back(std::move(file));
  const auto merged = MergeReports(files);
  REQUIRE(merged.ok());
  REQUIRE(merged->size() == 2);
  CHECK(merged->front().subject.test == "a test before it");
}

TEST_CASE("reports of another build or of other options are refused, and the difference is named") {
  const std::vector<ReportFile> files = Shards(kPasses, OptionsOf("random"), 2);
  const auto error_with = [&](const auto& change) {
    std::vector<ReportFile> changed = files;
    change(changed.back().report.subject);
    const auto merged = MergeReports(changed);
    CHECK(absl::IsFailedPrecondition(merged.status()));
    return std::string(merged.status().message());
  };
  using Subject = ExplorationSubject;
  CHECK_THAT(error_with([](Subject& subject) { subject.build_id = "00ff"; }),
             ContainsText("  the build of the program: ") && ContainsText(" and 00ff\n"));
  CHECK_THAT(error_with([](Subject& subject) { subject.strategy = ""; }),
             ContainsText("  the strategy: random and a chooser of the test's own\n"));
  CHECK_THAT(error_with([](Subject& subject) { subject.seed = 43; }),
             ContainsText("  the seed: 42 and 43\n"));
  CHECK_THAT(error_with([](Subject& subject) { subject.schedules = 1; }),
             ContainsText("  the number of schedules: 4196 and 1\n"));
  CHECK_THAT(error_with([](Subject& subject) { subject.shards = 9; }),
             ContainsText("  the number of shards: 2 and 9\n"));
  CHECK_THAT(error_with([](Subject& subject) { subject.steps_max = 9; }),
             ContainsText("  steps_max: 1000000 and 9\n"));
  CHECK_THAT(error_with([](Subject& subject) { subject.tasks_max = 9; }),
             ContainsText("  tasks_max: 1000000 and 9\n"));
  CHECK_THAT(error_with([](Subject& subject) { subject.heddle_version = "9"; }),
             ContainsText("  the version of heddle: "));
  CHECK_THAT(error_with([](Subject& subject) { subject.compiler = "tcc"; }),
             ContainsText(" and tcc\n"));
  CHECK_THAT(error_with([](Subject& subject) { subject.check_determinism = false; }),
             ContainsText("  check_determinism: on and off\n"));
}

TEST_CASE("a report is read as it was written") {
  const TemporaryFolder folder;
  const ExplorationReport report = Shards(kThrows, OptionsOf("auto"), 1).front().report;
  const std::string path = folder.File("new/folder/of.report");
  REQUIRE(WriteReport(path, report).ok());
  const auto read = ReadReport(path);
  REQUIRE(read.ok());
  CHECK(*read == report);
}

TEST_CASE("a report of which a byte is missing, or is another, is refused") {
  const TemporaryFolder folder;
  const std::string path = folder.File("a.report");
  REQUIRE(WriteReport(path, Shards(Small, OptionsOf("auto"), 1).front().report).ok());
  const std::string bytes = ReadText(path);
  const auto error = [&](const std::string& text) {
    WriteText(path, text);
    const auto report = ReadReport(path);
    CHECK(!report.ok());
    return std::string(report.status().message());
  };
  for (std::size_t size = 0; size < bytes.size(); size += size < 64 ? 1 : 37) {
    CHECK_THAT(error(bytes.substr(0, size)), ContainsText("a.report: is cut off"));
  }
  CHECK_THAT(error(bytes + "x"), ContainsText("a.report: is damaged"));
  for (std::size_t at = 0; at < bytes.size(); at += at < 64 ? 1 : 37) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    CHECK_THAT(error(flipped), StartsWithText(path + ": is "));
  }
  CHECK_THAT(error("#include <iostream>"), ContainsText("is not a report of an exploration"));
  std::string newer = bytes;
  newer[8] = 2;
  CHECK_THAT(error(newer), ContainsText("is a report of format 2, and this heddle reads format 1"));
  CHECK_THAT(std::string(ReadReport(folder.File("none")).status().message()),
             ContainsText("none: cannot be read: No such file or directory"));
}

TEST_CASE("HEDDLE_REPORT that cannot be written is a usage error") {
  const TemporaryFolder folder;
  WriteText(folder.File("in-the-way"), "");
  const EnvironmentVariable report("HEDDLE_REPORT", folder.File("in-the-way"));
  CHECK_THROWS_AS(Explore(Small, OptionsOf("auto")), UsageError);
}

TEST_CASE("two tests, two programs and two shards have files of their own") {
  const auto name_of = [](const std::string& test, const std::string& program,
                          std::uint64_t shard) {
    ExplorationReport report;
    report.subject.test = test;
    report.subject.program = program;
    report.subject.shards = 2;
    report.shards = {shard};
    return ReportFileName(report);
  };
  CHECK_THAT(name_of("A test, or two", "p", 2), StartsWithText("a-test-or-two-"));
  CHECK_THAT(name_of("A test, or two", "p", 2), EndsWithText(".2-of-2.report"));
  CHECK(name_of("a", "p", 1) != name_of("a", "p", 2));
  CHECK(name_of("a", "p", 1) != name_of("a", "q", 1));
  CHECK(name_of("a b", "p", 1) != name_of("a-b", "p", 1));
}

}  // namespace
}  // namespace heddle::internal
