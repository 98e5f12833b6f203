// SPDX-License-Identifier: MIT
//
// `heddle merge`: its text, its JSON and its exit codes. How reports are joined:
// replayer/exploration_report_test.cc.
#include "merge.h"

#include <sys/wait.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "files.h"
#include "support/catch.h"

namespace heddle::tools {
namespace {

using internal::BlockEnd;
using internal::ExplorationReport;

// One shard of two, which passed.
ExplorationReport Shard(std::uint64_t shard) {
  ExplorationReport report;
  report.subject = {.test = "no charge is lost",
                    .program = "shop_test",
                    .build_id = "ab12",
                    .heddle_version = "1",
                    .compiler = "g++",
                    .strategy = "pos",
                    .seed = 42,
                    .schedules = 2048,
                    .steps_max = 10,
                    .tasks_max = 10,
                    .check_determinism = true,
                    .shards = 2};
  report.shards = {shard};
  report.blocks = {{.block = shard - 1,
                    .on_main_line = shard == 1,
                    .classified = 1024,
                    .result = {.end = BlockEnd::kPassed, .schedules = 1024}}};
  // One class in both, one in this only, once.
  report.classes = {{.run_class = 7, .first = shard - 1, .again = shard - 1},
                    {.run_class = 10 + shard, .first = shard - 1, .again = internal::kNoBlock}};
  report.orders = {{.object = "Mutex \"m\"",
                    .a = "A locks (x.cc:1)",
                    .b = "B locks (x.cc:2)",
                    .a_first = 1024,
                    .b_first = 0,
                    .either = shard == 1}};
  return report;
}

ExplorationReport Failed(std::uint64_t shard) {
  ExplorationReport report = Shard(shard);
  report.blocks[0].result = {.end = BlockEnd::kFailed, .schedules = 5};
  report.orders.clear();
  report.failure = {.block = shard - 1,
                    .schedule = (shard - 1) * 1024 + 5,
                    .summary = "the run threw",
                    .text = "heddle: the report of the failure\n",
                    .recording = "a.heddle"};
  return report;
}

struct MergeOutput {
  int exit;
  std::string out;
  std::string err;
};

// What a shell makes of `heddle merge ARGUMENTS` in a folder that holds these reports as "reports".
MergeOutput Merge(const std::vector<ExplorationReport>& reports, const std::string& arguments) {
  const absl::StatusOr<TempDirectory> folder = TempDirectory::Make();
  REQUIRE(folder.ok());
  for (const ExplorationReport& report : reports) {
    REQUIRE(internal::WriteReport(folder->Path("reports") + "/" + internal::ReportFileName(report),
                                  report)
                .ok());
  }
  const std::string line =
      "cd '" + folder->Path("") + "' && { " HEDDLE_COMMAND " merge " + arguments + "\n} >out 2>err";
  const int status = std::system(line.c_str());
  REQUIRE(WIFEXITED(status));
  return {.exit = WEXITSTATUS(status),
          .out = ReadText(folder->Path("out")),
          .err = ReadText(folder->Path("err"))};
}

constexpr const char* kPassed =
    "heddle: \"no charge is lost\": 2 048 schedules passed, of 3 classes; one more would be of a "
    "new "
    "class with probability 0.1 % (estimated)\n"
    "  Classes differ in the order of what tasks share by awaiting it (Shared, Mutex, Channel, "
    "...).\n"
    "  Data that they share without saying so, and what is done without an await, makes none.\n"
    "1 of 2 orders of conflicting steps came up; never:\n"
    "  Mutex \"m\": A locks (x.cc:1) before B locks (x.cc:2): in 2 048 schedules; the other way "
    "round:\n"
    "      never\n";

TEST_CASE("merge says what one process would have said") {
  const MergeOutput merged = Merge({Shard(1), Shard(2)}, "reports");
  CHECK(merged.exit == 0);
  CHECK(merged.out == kPassed);
  CHECK(merged.err.empty());
}

TEST_CASE("merge gives the first failure, as it was reported, and exit code 1") {
  const MergeOutput merged = Merge({Shard(1), Failed(2)}, "reports");
  CHECK(merged.exit == 1);
  CHECK(merged.out == "heddle: the report of the failure\n");
}

TEST_CASE("a shard that is missing is named, and the exit code is 1") {
  const MergeOutput merged = Merge({Shard(2)}, "reports");
  CHECK(merged.exit == 1);
  CHECK_THAT(
      merged.out,
      StartsWithText("heddle: \"no charge is lost\": shard 1 of 2 is missing; this is of the "
                     "others:\nheddle: \"no charge is lost\": 1 024 schedules passed"));
  ExplorationReport many = Shard(3);
  many.subject.shards = 40;
  CHECK_THAT(Merge({many}, "reports").out,
             ContainsText("shards 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, ... of 40 are missing"));
}

TEST_CASE("merge prints JSON") {
  CHECK(
      Merge({Shard(1), Shard(2)}, "--json reports").out ==
      "[\n  {\"test\": \"no charge is lost\", \"program\": \"shop_test\", \"build_id\": \"ab12\", "
      "\"strategy\": \"pos\", \"seed\": 42, \"shards\": 2, \"missing_shards\": [], "
      "\"schedules\": 2048, \"complete\": false, \"interleavings\": 0, \"classes\": 3, "
      "\"unseen\": 0.0009765625, \"missed_of_depth_2\": 1, \"failure\": null, "
      "\"orders\": [{\"object\": \"Mutex \\\"m\\\"\", \"a\": \"A locks (x.cc:1)\", "
      "\"b\": \"B locks (x.cc:2)\", \"a_first\": 2048, \"b_first\": 0}]}]\n");
  CHECK_THAT(Merge({Failed(1)}, "--json reports").out,
             ContainsText("\"missing_shards\": [2], \"schedules\": 5,") &&
                 ContainsText("\"failure\": {\"schedule\": 5, \"summary\": \"the run threw\", "
                              "\"recording\": \"a.heddle\"}"));
}

TEST_CASE("what was joined can be written, and merged again") {
  const MergeOutput merged = Merge(
      {Shard(1), Shard(2)}, "reports -o joined >/dev/null && " HEDDLE_COMMAND " merge joined");
  CHECK(merged.exit == 0);
  CHECK(merged.out == kPassed);
}

TEST_CASE("reports that do not belong together are wrong usage") {
  ExplorationReport other = Shard(2);
  other.subject.build_id = "cd34";
  const MergeOutput merged = Merge({Shard(1), other}, "reports");
  CHECK(merged.exit == 2);
  CHECK(merged.out.empty());
  CHECK_THAT(merged.err, ContainsText("but not of one exploration.\n"
                                      "  the build of the program: ab12 and cd34\n"));
}

TEST_CASE("a file that is no report, and a folder without one, are errors of files") {
  const MergeOutput no_report = Merge({}, "/dev/null");
  CHECK(no_report.exit == 3);
  CHECK_THAT(no_report.err, StartsWithText("heddle: /dev/null: is cut off"));
  const MergeOutput empty = Merge({}, ".");
  CHECK(empty.exit == 3);
  CHECK_THAT(empty.err, ContainsText("holds no .report files. HEDDLE_REPORT names the folder"));
  CHECK(Merge({}, "nowhere").exit == 3);
  CHECK(Merge({}, "").exit == 2);
}

}  // namespace
}  // namespace heddle::tools
