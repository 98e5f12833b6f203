// SPDX-License-Identifier: MIT
//
// Explore in a process of its own, under Catch2: what a person sees who runs a test that
// fails, and pastes the lines that the report offers. The program is deposits_test.cc.
#include <filesystem>
#include <string>

#include "heddle/trace_io.h"
#include "heddle/trace_text.h"
#include "replayer/surroundings.h"
#include "support/catch.h"

namespace heddle {
namespace {

constexpr const char* kRecording = "heddle-failures/no-deposit-is-lost-ever.heddle";

// The command behind `label` in a report, as a person would mark and copy it.
std::string CommandBehind(const std::string& report, const std::string& label) {
  const std::size_t found = report.find(label);
  REQUIRE(found != std::string::npos);
  std::size_t end = report.find('\n', found);
  while (report[end - 1] == '\\') end = report.find('\n', end + 1);
  return report.substr(found + label.size(), end - found - label.size());
}

TEST_CASE("a failing test of a program is recorded, and its own lines reproduce it") {
  const TemporaryFolder folder;
  const ShellOutput failed = Shell(folder, HEDDLE_DEPOSITS_PROGRAM);
  CHECK(failed.exit != 0);
  CHECK_THAT(failed.err,
             StartsWithText("heddle: \"no deposit is lost, ever\" failed in schedule "));
  CHECK(CountOf(failed.out, "REQUIRE( account.balance == 12 )") == 1);
  CHECK(CountOf(failed.out, "heddle: recorded in " + std::string(kRecording)) == 1);
  CHECK_THAT(failed.out, ContainsText("2 passed"));
  CHECK_THAT(failed.out, ContainsText("1 failed"));
  const auto recorded = ReadRecording(folder.File(kRecording));
  REQUIRE(recorded.ok());
  CHECK(recorded->trace.header.test == "no deposit is lost, ever");

  SECTION("the line that replays it does") {
    const EnvironmentVariable out("HEDDLE_REPLAY_OUT", folder.File("again.heddle"));
    const ShellOutput replayed = Shell(folder, CommandBehind(failed.err, "Replay it:"));
    CHECK(replayed.exit != 0);
    CHECK_THAT(replayed.err,
               StartsWithText("heddle: \"no deposit is lost, ever\": reproduced, the same "));
    CHECK(CountOf(replayed.out, "REQUIRE( account.balance == 12 )") == 1);
    CHECK_THAT(replayed.out, ContainsText("1 failed"));
    const auto again = ReadRecording(folder.File("again.heddle"));
    REQUIRE(again.ok());
    CHECK(CanonicalText(again->trace) == CanonicalText(recorded->trace));
  }
  SECTION("another test is not taken for it") {
    const EnvironmentVariable replay("HEDDLE_REPLAY", kRecording);
    const ShellOutput other = Shell(folder, HEDDLE_DEPOSITS_PROGRAM " 'nothing happens'");
    CHECK(other.exit != 0);
    CHECK_THAT(other.out, ContainsText("but this is \"nothing happens\""));
  }
}

TEST_CASE("a program that cannot write recordings says how to find the failure again") {
  const TemporaryFolder folder;
  WriteText(folder.File("heddle-failures"), "in the way");
  const ShellOutput failed = Shell(folder, HEDDLE_DEPOSITS_PROGRAM);
  CHECK(failed.exit != 0);
  CHECK_THAT(failed.err, ContainsText("No recording was written"));
  const ShellOutput again = Shell(folder, CommandBehind(failed.err, "Find it again:"));
  CHECK(again.exit != 0);
  CHECK_THAT(again.out, ContainsText("REQUIRE( account.balance == 12 )"));
}

TEST_CASE("a recording that nobody looked for is not taken for one that was replayed") {
  const TemporaryFolder folder;
  const EnvironmentVariable replay("HEDDLE_REPLAY", "some.heddle");
  const ShellOutput passed = Shell(folder, HEDDLE_DEPOSITS_PROGRAM " 'nothing is explored'");
  CHECK(passed.exit == 0);
  CHECK_THAT(passed.err, ContainsText("HEDDLE_REPLAY is set, and nothing was replayed"));
}

TEST_CASE("a test of a program that passes leaves nothing behind") {
  const TemporaryFolder folder;
  const ShellOutput passed = Shell(folder, HEDDLE_DEPOSITS_PROGRAM " 'nothing happens'");
  CHECK(passed.exit == 0);
  CHECK(passed.err.empty());
  CHECK(!std::filesystem::exists(folder.File("heddle-failures")));
}

}  // namespace
}  // namespace heddle
