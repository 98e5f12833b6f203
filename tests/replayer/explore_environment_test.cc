// SPDX-License-Identifier: MIT
//
// What the environment asks of Explore: budgets, shards, and HEDDLE_REPLAY, the way back.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

#include "heddle/combinators.h"
#include "heddle/explore.h"
#include "heddle/mutex.h"
#include "heddle/shared.h"
#include "heddle/test_framework.h"
#include "heddle/trace_io.h"
#include "heddle/trace_text.h"
#include "heddle/world.h"
#include "replayer/explore_bodies.h"
#include "replayer/surroundings.h"
#include "support/catch.h"

namespace heddle {
namespace {

// --- the environment ----------------------------------------------------------------------

TEST_CASE("HEDDLE_SCHEDULES and HEDDLE_SEED override the options") {
  const EnvironmentVariable schedules("HEDDLE_SCHEDULES", "3");
  CHECK(Explore(Fine, kNoFile).schedules == 3);

  const CapturedStderr captured;
  const EnvironmentVariable seed("HEDDLE_SEED", "18446744073709551615");
  CHECK_THROWS_AS(Explore(OppositeLocks, kNoFile), ExplorationFailed);
  CHECK_THAT(captured.Text(), ContainsText("seed 18446744073709551615"));
}

TEST_CASE("HEDDLE_SCHEDULES and HEDDLE_SEED are empty like unset") {
  const EnvironmentVariable schedules("HEDDLE_SCHEDULES", "");
  const EnvironmentVariable seed("HEDDLE_SEED", "");
  CHECK(Explore(Fine, {.name = "test", .schedules = 4, .strategy = "random"}).schedules == 4);
}

TEST_CASE("HEDDLE_SCHEDULES and HEDDLE_SEED that are no whole numbers are usage errors") {
  for (const std::string name : {"HEDDLE_SCHEDULES", "HEDDLE_SEED"}) {
    for (const std::string value :
         {"many", "-1", "1.5", "10 ", " 10", "0x10", "1e3", "18446744073709551616"}) {
      const EnvironmentVariable variable(name, value);
      CHECK(ErrorOf<UsageError>([] { Explore(Fine, kNoFile); }) ==
            "heddle: " + name + "='" + value +
                "' is not a whole number. Give one like 1000, or unset it.");
    }
  }
}

TEST_CASE("an exploration of no schedules is refused") {
  CHECK_THROWS_AS(Explore(Fine, {.name = "test", .schedules = 0}), UsageError);
  const EnvironmentVariable schedules("HEDDLE_SCHEDULES", "0");
  CHECK_THAT(ErrorOf<UsageError>([] { Explore(Fine, kNoFile); }),
             StartsWithText("heddle: HEDDLE_SCHEDULES=0 would look through"));
}

TEST_CASE("HEDDLE_SHRINK is 0 or 1") {
  const EnvironmentVariable shrink("HEDDLE_SHRINK", "maybe");
  CHECK_THAT(ErrorOf<UsageError>([] { Explore(Fine, kNoFile); }),
             StartsWithText("heddle: HEDDLE_SHRINK='maybe' is not known."));
}

TEST_CASE("HEDDLE_BUDGET makes fewer or more schedules of those of the options") {
  const ExploreOptions options = {.name = "test", .schedules = 25, .strategy = "random"};
  {
    const EnvironmentVariable budget("HEDDLE_BUDGET", "quick");
    CHECK(Explore(Fine, options).schedules == 3);
    const EnvironmentVariable schedules("HEDDLE_SCHEDULES", "4");
    CHECK(Explore(Fine, options).schedules == 4);
  }
  {
    const EnvironmentVariable budget("HEDDLE_BUDGET", "nightly");
    CHECK(Explore(Fine, options).schedules == 2'500);
  }
  {
    const EnvironmentVariable budget("HEDDLE_BUDGET", "37");
    CHECK(Explore(Fine, options).schedules == 37);
  }
  for (const std::string value : {"0", "-3", "30x", "s", "1.5s", "0s", "99999999h"}) {
    const EnvironmentVariable budget("HEDDLE_BUDGET", value);
    CHECK_THAT(ErrorOf<UsageError>([&] { Explore(Fine, options); }),
               StartsWithText("heddle: HEDDLE_BUDGET='" + value + "' is not known."));
  }
  const EnvironmentVariable budget("HEDDLE_BUDGET", "weekly");
  CHECK_THAT(ErrorOf<UsageError>([&] { Explore(Fine, options); }),
             StartsWithText("heddle: HEDDLE_BUDGET='weekly' is not known."));
}

TEST_CASE(
    "a search goes on beyond a budget that is not smaller than the default and the test's own") {
  const auto writes = [](Shared<int>& shared) -> Task<> {
    for (int i = 0; i < 6; ++i) co_await shared.Write(i);
  };
  const auto body = [&]() -> Task<> {  // 3432 interleavings
    Shared<int> shared(0);
    co_await All(writes(shared), writes(shared));
  };
  const auto complete = [&](const char* budget, std::uint64_t schedules) {
    const EnvironmentVariable variable("HEDDLE_BUDGET", budget);
    return Explore(
               body,
               {.name = "test", .schedules = schedules, .search_to_end_max = std::chrono::hours(1)})
        .coverage.complete;
  };
  CHECK(complete("1000", kDefaultSchedules));
  CHECK(complete("1500", kDefaultSchedules));
  CHECK(!complete("999", kDefaultSchedules));
  CHECK(!complete("1500", 2'000));
}

// A tag that the current test has.
const std::string* tag_of_test = nullptr;

TEST_CASE("a tag of the test sets the budget, and the environment comes before it") {
  static constexpr TestFramework kFramework = {
      .current_test = [] { return std::string("tagged"); },
      .has_tag =
          [](std::string_view tag) { return tag_of_test != nullptr && tag == *tag_of_test; }};
  const ExploreOptions options = {.name = "test", .schedules = 25, .strategy = "random"};
  SetTestFramework(&kFramework);
  const auto schedules_with = [&](const std::string& tag) {
    tag_of_test = &tag;
    const std::uint64_t schedules = Explore(Fine, options).schedules;
    tag_of_test = nullptr;
    return schedules;
  };
  CHECK(schedules_with("quick") == 3);
  CHECK(schedules_with("nightly") == 2'500);
  CHECK(schedules_with("slow") == 25);
  {
    const EnvironmentVariable budget("HEDDLE_BUDGET", "10");
    CHECK(schedules_with("nightly") == 10);
    const EnvironmentVariable schedules("HEDDLE_SCHEDULES", "7");
    CHECK(schedules_with("nightly") == 7);
  }
  SetTestFramework(nullptr);
}

TEST_CASE("a budget of time ends an exploration, and what was run by then counts") {
  // The first schedules take all of it.
  const auto body = [](World& world) -> Task<> {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    static_cast<void>(world.Draw(1U << 30));
    co_return;
  };
  for (const std::uint64_t workers : {1U, 2U}) {
    const ExploreResult result =
        FindFailure(body, {.name = "test",
                           .schedules = std::numeric_limits<std::uint64_t>::max(),
                           .strategy = "random",
                           .time_max = std::chrono::milliseconds(20),
                           .workers = workers,
                           .directory = {}});
    CHECK(result.ok());
    CHECK(result.schedules > 0);
    CHECK(result.schedules < 1000);
    CHECK(result.coverage.schedules == result.schedules);
    CHECK(!result.coverage.complete);
  }
}

TEST_CASE("under a budget of time the same schedule fails, and no number of them is named") {
  const std::uint64_t found = FindFailure(Rare, kNoFile).schedules;
  const EnvironmentVariable budget("HEDDLE_BUDGET", "1h");
  const CapturedStderr captured;
  CHECK_THROWS_AS(Explore(Rare, kNoFile), std::runtime_error);
  CHECK_THAT(captured.Text(), StartsWithText("heddle: \"test\" failed in schedule " +
                                             std::to_string(found) + " (random, seed 42)\n"));
}

TEST_CASE("HEDDLE_STRATEGY and HEDDLE_SHARD override the options, and the report repeats one") {
  const CapturedStderr captured;
  const EnvironmentVariable schedules("HEDDLE_SCHEDULES", "3000");
  const EnvironmentVariable strategy("HEDDLE_STRATEGY", "pos");
  const EnvironmentVariable shard("HEDDLE_SHARD", "2/3");
  CHECK_THROWS_AS(Explore(OppositeLocks, kNoFile), ExplorationFailed);
  CHECK_THAT(captured.Text(), ContainsText("failed in schedule 1 02"));  // its first block
  CHECK_THAT(captured.Text(), ContainsText("(pos, seed 42)"));
  // One process comes to the same schedule.
  CHECK_THAT(captured.Text(), ContainsText("Find it again: HEDDLE_STRATEGY=pos HEDDLE_SEED="));
}

TEST_CASE("HEDDLE_SHARD that is no shard is a usage error") {
  for (const std::string value : {"2", "0/2", "3/2", "1/2/3", "a/b", "/", "1/"}) {
    const EnvironmentVariable shard("HEDDLE_SHARD", value);
    CHECK_THAT(ErrorOf<UsageError>([] { Explore(Fine, kNoFile); }),
               StartsWithText("heddle: HEDDLE_SHARD='" + value + "' is not a shard."));
  }
}

// Which shard an exploration is, by the name of its report.
std::string ShardOf(const std::string& variable) {
  const TemporaryFolder folder;
  const EnvironmentVariable report("HEDDLE_REPORT", folder.path());
  const EnvironmentVariable shard("HEDDLE_SHARD", variable);
  Explore(Fine, kNoFile);
  const std::string name =
      std::filesystem::directory_iterator(folder.path())->path().filename().string();
  return name.substr(name.find('.') + 1);
}

TEST_CASE("HEDDLE_SHARD=auto asks who started the process") {
  {
    const TemporaryFolder folder;
    const EnvironmentVariable index("TEST_SHARD_INDEX", "1");
    const EnvironmentVariable total("TEST_TOTAL_SHARDS", "3");
    const EnvironmentVariable status("TEST_SHARD_STATUS_FILE", folder.File("sharded"));
    CHECK(ShardOf("auto") == "2-of-3.report");
    CHECK(std::filesystem::exists(folder.File("sharded")));
  }
  {
    const EnvironmentVariable index("SLURM_ARRAY_TASK_ID", "12");
    const EnvironmentVariable first("SLURM_ARRAY_TASK_MIN", "10");
    const EnvironmentVariable count("SLURM_ARRAY_TASK_COUNT", "4");
    CHECK(ShardOf("auto") == "3-of-4.report");
  }
  {
    // `--array=10-40:10`: the ids are not one after the other.
    const EnvironmentVariable index("SLURM_ARRAY_TASK_ID", "30");
    const EnvironmentVariable first("SLURM_ARRAY_TASK_MIN", "10");
    const EnvironmentVariable step("SLURM_ARRAY_TASK_STEP", "10");
    const EnvironmentVariable count("SLURM_ARRAY_TASK_COUNT", "4");
    CHECK(ShardOf("auto") == "3-of-4.report");
  }
  {
    const EnvironmentVariable index("GTEST_SHARD_INDEX", "4");
    const EnvironmentVariable count("GTEST_TOTAL_SHARDS", "5");
    CHECK(ShardOf("auto") == "5-of-5.report");
  }
  const EnvironmentVariable index("JOB_COMPLETION_INDEX", "0");
  CHECK(ShardOf("auto/2") == "1-of-2.report");
}

TEST_CASE("HEDDLE_SHARD=auto where nobody says which is a usage error") {
  const auto error = [](const std::string& shard) {
    const EnvironmentVariable variable("HEDDLE_SHARD", shard);
    return ErrorOf<UsageError>([] { Explore(Fine, kNoFile); });
  };
  {  // whatever runs these tests
    const EnvironmentVariable bazel("TEST_SHARD_INDEX", "");
    const EnvironmentVariable slurm("SLURM_ARRAY_TASK_ID", "");
    const EnvironmentVariable kubernetes("JOB_COMPLETION_INDEX", "");
    CHECK_THAT(error("auto"), ContainsText("neither Bazel, a Slurm array nor a Kubernetes job"));
  }
  const EnvironmentVariable index("JOB_COMPLETION_INDEX", "2");
  CHECK_THAT(error("auto"), ContainsText("says it is shard 3/0."));
  CHECK_THAT(error("auto/2"), ContainsText("says it is shard 3/2."));
}

TEST_CASE("HEDDLE_VERBOSE says what was covered") {
  const EnvironmentVariable verbose("HEDDLE_VERBOSE", "1");
  const CapturedStderr captured;
  Explore([] { return Nothing(); }, {.name = "test"});
  CHECK(captured.Text() == "heddle: \"test\": the only interleaving explored\n");
}

TEST_CASE("HEDDLE_VERBOSE that is not known is a usage error, and 0 says nothing") {
  {
    const EnvironmentVariable verbose("HEDDLE_VERBOSE", "maybe");
    CHECK(ErrorOf<UsageError>([] { Explore(Fine, kNoFile); }) ==
          "heddle: HEDDLE_VERBOSE='maybe' is not known. Give 1, 'full', or 0, or unset it.");
  }
  const EnvironmentVariable verbose("HEDDLE_VERBOSE", "0");
  const CapturedStderr captured;
  Explore([] { return Nothing(); }, {.name = "test"});
  CHECK(captured.Text().empty());
}

TEST_CASE("a variable whose name is nearly one of ours is a usage error") {
  {
    const EnvironmentVariable slip("HEDDLE_SCHEDULE", "5");
    CHECK(ErrorOf<UsageError>([] { Explore(Fine, kNoFile); }) ==
          "heddle: there is no variable HEDDLE_SCHEDULE, and it would change nothing. Did you mean "
          "HEDDLE_SCHEDULES? Set that, or unset it.");
  }
  {
    const EnvironmentVariable slip("HEDDLE_KEEP", "0");
    CHECK_THAT(ErrorOf<UsageError>([] { Explore(Fine, kNoFile); }),
               ContainsText("Did you mean HEDDLE_KEPT?"));
  }
  // Somebody else's, however much it looks like ours.
  const EnvironmentVariable home("HEDDLE_HOME", "/opt/heddle");
  const EnvironmentVariable golden("HEDDLE_UPDATE_GOLDENS", "0");
  CHECK(Explore(Fine, {.name = "test", .schedules = 4, .strategy = "random"}).schedules == 4);
}

TEST_CASE("FindFailure does not look at the environment") {
  const EnvironmentVariable replay("HEDDLE_REPLAY", "/nowhere");
  const EnvironmentVariable schedules("HEDDLE_SCHEDULES", "many");
  CHECK(FindFailure(Fine, {.schedules = 5, .strategy = "random", .directory = {}}).schedules == 5);
}

// --- HEDDLE_REPLAY ------------------------------------------------------------------------

// A failure of `body` under the name "test", recorded in `folder`.
template <class Body>
Failure RecordedFailure(const TemporaryFolder& folder, Body body) {
  return *FindFailure(body, {.name = "test", .directory = folder.path()}).failure;
}

TEST_CASE("HEDDLE_REPLAY runs the recording instead, and throws what it threw") {
  const TemporaryFolder folder;
  const Failure failure = RecordedFailure(folder, TwoDeposits);
  const EnvironmentVariable replay("HEDDLE_REPLAY", failure.recording);
  const CapturedStderr captured;
  int runs = 0;
  const auto counted = [&] {
    ++runs;
    return TwoDeposits();
  };
  CHECK_THROWS_AS(Explore(counted, kNoFile), LostDeposit);
  CHECK(runs == 1);
  const Trace& trace = failure.run.trace;
  CHECK(captured.Text() == "heddle: \"test\": reproduced, the same " +
                               std::to_string(trace.choices.size()) + " choices and " +
                               std::to_string(trace.events.size()) + " events\n" +
                               Describe(failure.run) + "\n");
}

TEST_CASE("HEDDLE_REPLAY of a run that was stuck throws one line") {
  const TemporaryFolder folder;
  const Failure failure = RecordedFailure(folder, OppositeLocks);
  const EnvironmentVariable replay("HEDDLE_REPLAY", failure.recording);
  const CapturedStderr captured;
  CHECK_THAT(ErrorOf<ExplorationFailed>([] { Explore(OppositeLocks, kNoFile); }),
             StartsWithText("heddle: \"test\": the run is stuck: "));
  CHECK_THAT(captured.Text(), ContainsText("LockBoth#0 waits for Mutex right (lock)"));
}

TEST_CASE("two explorations of one test case have a recording each, and both can be replayed") {
  static constexpr TestFramework kFramework = {
      .current_test = [] { return std::string("two explorations"); }, .set_note = nullptr};
  const TemporaryFolder folder;
  const CapturedStderr captured;
  const ExploreOptions options = {.directory = folder.path()};
  SetTestFramework(&kFramework);
  CHECK_THROWS_AS(Explore(TwoDeposits, options), LostDeposit);
  CHECK_THROWS_AS(Explore(OppositeLocks, options), ExplorationFailed);
  {
    // A third and a fourth stand for those of another process, where they are the first and second.
    const EnvironmentVariable replay("HEDDLE_REPLAY",
                                     folder.File("two-explorations-exploration-2.heddle"));
    const ExploreResult skipped = Explore(TwoDeposits, options);
    CHECK(skipped.ok());
    CHECK(skipped.schedules == 0);
    CHECK_THAT(ErrorOf<ExplorationFailed>(
                   [&] { Explore(OppositeLocks, {.name = "two explorations (exploration 2)"}); }),
               ContainsText("the run is stuck"));
  }
  SetTestFramework(nullptr);
  const auto test_of = [&](const std::string& file) {
    return ReadRecording(folder.File(file))->trace.header.test;
  };
  CHECK(test_of("two-explorations.heddle") == "two explorations");
  CHECK(test_of("two-explorations-exploration-2.heddle") == "two explorations (exploration 2)");
}

TEST_CASE("HEDDLE_REPLAY keeps to the limits of the exploration") {
  const TemporaryFolder folder;
  const ExploreOptions options = {.name = "test", .tasks_max = 10, .directory = folder.path()};
  const auto body = [](World& world) {
    for (;;) world.Spawn(Nothing());
  };
  const Failure failure = *FindFailure(body, options).failure;
  const EnvironmentVariable replay("HEDDLE_REPLAY", failure.recording);
  const CapturedStderr captured;
  CHECK_THROWS_AS(Explore(body, options), ExplorationFailed);
  CHECK_THAT(captured.Text(), ContainsText("reproduced"));
}

TEST_CASE("HEDDLE_REPLAY of a run that finished passes") {
  const TemporaryFolder folder;
  Trace trace = Run(Fine).trace;
  trace.header.test = "test";
  REQUIRE(WriteRecording(folder.File("fine.heddle"), trace).ok());
  const EnvironmentVariable replay("HEDDLE_REPLAY", folder.File("fine.heddle"));
  const CapturedStderr captured;
  const ExploreResult result = Explore(Fine, kNoFile);
  CHECK(result.ok());
  CHECK(result.schedules == 1);
  CHECK_THAT(captured.Text(), EndsWithText("events\nthe run finished\n"));
}

TEST_CASE("HEDDLE_REPLAY_OUT is where the run that was replayed is written") {
  const TemporaryFolder folder;
  const Failure failure = RecordedFailure(folder, TwoDeposits);
  const EnvironmentVariable replay("HEDDLE_REPLAY", failure.recording);
  const EnvironmentVariable out("HEDDLE_REPLAY_OUT", folder.File("again.heddle"));
  const CapturedStderr captured;
  CHECK_THROWS_AS(Explore(TwoDeposits, kNoFile), LostDeposit);
  const auto again = ReadRecording(folder.File("again.heddle"));
  REQUIRE(again.ok());
  CHECK(CanonicalText(again->trace) == CanonicalText(failure.run.trace));
  CHECK(ReadText(folder.File("again.heddle")) == ReadText(failure.recording));
}

TEST_CASE("HEDDLE_REPLAY_OUT that cannot be written is a usage error") {
  const TemporaryFolder folder;
  const Failure failure = RecordedFailure(folder, TwoDeposits);
  const EnvironmentVariable replay("HEDDLE_REPLAY", failure.recording);
  const EnvironmentVariable out("HEDDLE_REPLAY_OUT", folder.File("none/again.heddle"));
  const CapturedStderr captured;
  const std::string error = ErrorOf<UsageError>([] { Explore(TwoDeposits, kNoFile); });
  CHECK_THAT(error, StartsWithText("heddle: HEDDLE_REPLAY_OUT: "));
  CHECK_THAT(error, ContainsText("none/again.heddle"));
}

TEST_CASE("a replay that goes otherwise throws one line, and says the difference") {
  const TemporaryFolder folder;
  const Failure failure = RecordedFailure(folder, TwoDeposits);
  const EnvironmentVariable replay("HEDDLE_REPLAY", failure.recording);
  const EnvironmentVariable out("HEDDLE_REPLAY_OUT", folder.File("again.heddle"));
  const CapturedStderr captured;
  CHECK_THAT(ErrorOf<ReplayDiverged>([] { Explore(OppositeLocks, kNoFile); }),
             StartsWithText("heddle: \"test\": the replay went otherwise than the recording at "));
  CHECK_THAT(captured.Text(), ContainsText("\n  expected: "));
  CHECK_THAT(captured.Text(), ContainsText("\n  likely cause: "));
  CHECK_THAT(captured.Text(), !ContainsText("reproduced"));
  CHECK(ReadRecording(folder.File("again.heddle")).ok());
}

TEST_CASE("a recording that cannot be replayed is a usage error that says why") {
  const TemporaryFolder folder;
  const Failure failure = RecordedFailure(folder, TwoDeposits);
  const std::string bytes = ReadText(failure.recording);
  const std::string file = folder.File("bad.heddle");
  const EnvironmentVariable replay("HEDDLE_REPLAY", file);
  const auto error = [] { return ErrorOf<UsageError>([] { Explore(TwoDeposits, kNoFile); }); };

  SECTION("no such file") {
    CHECK(error() == "heddle: HEDDLE_REPLAY: " + file +
                         ": No such file or directory. Check the path; recordings of failed tests "
                         "are written below heddle-failures/.");
  }
  SECTION("a folder") {
    std::filesystem::create_directory(file);
    CHECK_THAT(error(), ContainsText(": is a directory, not a recording"));
  }
  SECTION("an empty file") {
    WriteText(file, "");
    CHECK_THAT(error(), ContainsText("bad.heddle: is empty"));
  }
  SECTION("another file") {
    WriteText(file, "#include <iostream>\n");
    CHECK_THAT(error(), ContainsText("bad.heddle: is not a recording"));
  }
  SECTION("a torn file") {
    WriteText(file, bytes.substr(0, bytes.size() - 3));
    const std::string text = error();
    CHECK_THAT(text, ContainsText("is cut off"));
    CHECK_THAT(text, EndsWithText("can be looked at with `heddle show`, but not replayed."));
  }
  SECTION("a file of which one bit was flipped") {
    for (std::size_t at = 0; at < bytes.size(); at += 7) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
      WriteText(file, flipped);
      CHECK_THAT(error(), StartsWithText("heddle: HEDDLE_REPLAY: " + file + ": "));
    }
  }
  SECTION("a recording of another test") {
    Trace trace = failure.run.trace;
    trace.header.test = "another test";
    REQUIRE(WriteRecording(file, trace).ok());
    CHECK(error() == "heddle: HEDDLE_REPLAY names '" + file +
                         "', a recording of \"another test\", but this is \"test\". Run only the "
                         "test that was recorded, by giving its name as the argument.");
  }
}

}  // namespace
}  // namespace heddle
