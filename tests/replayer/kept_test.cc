// SPDX-License-Identifier: MIT
//
// Schedules that were kept are run before all else.
#include <filesystem>
#include <stdexcept>
#include <string>

#include "heddle/combinators.h"
#include "heddle/explore.h"
#include "heddle/sleep.h"
#include "heddle/tape_text.h"
#include "heddle/trace_io.h"
#include "replayer/surroundings.h"
#include "support/catch.h"

namespace heddle {
namespace {

// One of five that go in a random order is last; the body fails where it is `bad`. First in, first
// out it is the fifth.
template <int bad>
Task<> LastOfFive() {
  int last = 0;
  const auto arrive = [&last](int number) -> Task<> {
    co_await Yield();
    last = number;
  };
  co_await All(arrive(1), arrive(2), arrive(3), arrive(4), arrive(5));
  if (last == bad) throw std::runtime_error("the last was number " + std::to_string(last));
}

// A schedule in which number 3 is last, kept in `folder`.
void KeepFailure(const TemporaryFolder& folder, const std::string& test = "test") {
  const ExploreResult found = FindFailure(LastOfFive<3>, {.name = test, .directory = {}});
  REQUIRE(!found.ok());
  WriteText(folder.File("kept.tape"), TapeText(found.failure->run.trace));
}

const ExploreOptions kOne = {.name = "test",
                             .schedules = 1,
                             .strategy = "fifo",
                             .check_determinism = false,
                             .directory = {}};

std::string ErrorOfExplore(const ExploreOptions& options = kOne) {
  try {
    Explore(LastOfFive<3>, options);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("a kept schedule that fails is reported, and recorded again") {
  const TemporaryFolder folder;
  KeepFailure(folder);
  const EnvironmentVariable kept("HEDDLE_KEPT", folder.path());
  const CapturedStderr captured;
  ExploreOptions options = kOne;
  options.directory = folder.File("failures");
  CHECK(ErrorOfExplore(options) == "the last was number 3");
  CHECK_THAT(captured.Text(),
             StartsWithText("heddle: \"test\" failed in a schedule that was kept, " +
                            folder.File("kept.tape")));
  CHECK_THAT(captured.Text(), ContainsText("HEDDLE_REPLAY=" + folder.File("failures/test.heddle")));

  const EnvironmentVariable replay("HEDDLE_REPLAY", folder.File("failures/test.heddle"));
  CHECK(ErrorOfExplore() == "the last was number 3");
}

TEST_CASE("without it the one schedule passes") {
  const CapturedStderr captured;
  CHECK(ErrorOfExplore() == "");
}

TEST_CASE("a kept schedule of a body that was mended passes, and the others follow") {
  const TemporaryFolder folder;
  KeepFailure(folder);
  const EnvironmentVariable kept("HEDDLE_KEPT", folder.path());
  const EnvironmentVariable verbose("HEDDLE_VERBOSE", "1");
  const CapturedStderr captured;
  CHECK(Explore(LastOfFive<0>, kOne).schedules == 1);
  CHECK_THAT(captured.Text(), StartsWithText("heddle: \"test\": 1 kept schedule passed\n"));
}

TEST_CASE("what was kept of another test, and what is not a tape, is left alone") {
  const TemporaryFolder folder;
  KeepFailure(folder, "another test");
  WriteText(folder.File("README.md"), "what the tapes are");
  const EnvironmentVariable kept("HEDDLE_KEPT", folder.path());
  const CapturedStderr captured;
  CHECK(ErrorOfExplore() == "");
}

TEST_CASE("the kept schedules lie beside the source file") {
  const TemporaryFolder folder;
  ExploreOptions options = kOne;
  options.source = folder.File("a_test.cc");
  CHECK(KeptFolder(options.source) == folder.File("heddle-kept"));
  std::filesystem::create_directory(folder.File("heddle-kept"));
  const ExploreResult found = FindFailure(LastOfFive<3>, {.name = "test", .directory = {}});
  WriteText(folder.File("heddle-kept/a.tape"), TapeText(found.failure->run.trace));
  const CapturedStderr captured;
  CHECK(ErrorOfExplore(options) == "the last was number 3");

  const EnvironmentVariable none("HEDDLE_KEPT", "0");
  CHECK(ErrorOfExplore(options) == "");
}

TEST_CASE("the recording of a failure knows the file that called Explore") {
  const TemporaryFolder folder;
  const CapturedStderr captured;
  CHECK_THROWS(Explore(LastOfFive<3>, {.name = "test", .directory = folder.path()}));
  const auto recorded = ReadRecording(folder.File("test.heddle"));
  REQUIRE(recorded.ok());
  CHECK_THAT(recorded->trace.header.source, EndsWithText("tests/replayer/kept_test.cc"));
  CHECK_THAT(captured.Text(), ContainsText("  Keep it:     heddle keep " + folder.path()));
}

TEST_CASE("a tape that does not fit any more says so, and fails nothing by it") {
  const TemporaryFolder folder;
  WriteText(folder.File("old.tape"), "heddle tape 1\ntest \"test\"\nchoice 1: task 77\n");
  const EnvironmentVariable kept("HEDDLE_KEPT", folder.path());
  const CapturedStderr captured;
  CHECK(ErrorOfExplore() == "");
  CHECK_THAT(captured.Text(),
             ContainsText("old.tape does not fit any more: 1 of its 1 choice asked"));
}

TEST_CASE("a kept schedule that cannot be read is an error, and so is a folder that is none") {
  const TemporaryFolder folder;
  WriteText(folder.File("torn.tape"), "heddle tape 1\nchoice\n");
  {
    const EnvironmentVariable kept("HEDDLE_KEPT", folder.path());
    CHECK_THAT(ErrorOfExplore(), ContainsText("a kept schedule cannot be read: "));
    CHECK_THAT(ErrorOfExplore(), ContainsText("torn.tape"));
  }
  const EnvironmentVariable kept("HEDDLE_KEPT", folder.File("nowhere"));
  CHECK_THAT(ErrorOfExplore(), ContainsText("is not a folder"));
}

}  // namespace
}  // namespace heddle
