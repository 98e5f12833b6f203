// SPDX-License-Identifier: MIT
//
// Checks of Catch2 that fail in an explored body, seen from outside: which run ends, what is
// reported, and that it is reported once. The program is programs/checks_test.cc.
#include <string>

#include "heddle/internal/file_stem.h"
#include "heddle/trace_io.h"
#include "replayer/surroundings.h"
#include "support/catch.h"

namespace heddle {
namespace {

struct Output : ShellOutput {
  std::string message;  // of the recording; empty where there is none
};

// What the test of that name makes of itself.
Output Test(const std::string& name, const std::string& options = "") {
  const TemporaryFolder folder;
  Output output{{Shell(folder, "'" HEDDLE_CHECKS_PROGRAM "' '" + name + "' " + options)}, {}};
  const auto recording =
      ReadRecording(folder.File("heddle-failures/" + internal::FileStem(name) + ".heddle"));
  if (recording.ok()) output.message = recording->trace.header.message;
  return output;
}

TEST_CASE("a CHECK that fails in an explored body fails the schedule, and is reported once") {
  const Output failed = Test("a CHECK");
  CHECK(failed.exit != 0);
  CHECK_THAT(failed.message, StartsWithText("CHECK( account.balance == 12 ) did not hold: "));
  CHECK_THAT(failed.message, ContainsText(" == 12 (checks_test.cc:"));
  CHECK_THAT(failed.err, ContainsText("A check failed: " + failed.message + "\n"));
  CHECK(CountOf(failed.out, "CHECK( account.balance == 12 )") == 1);
  CHECK(CountOf(failed.out, "CHECK( account.balance > 11 )") == 1);  // of the same step
  CHECK(CountOf(failed.out, "CHECK( account.balance < 0 )") == 0);
  CHECK(CountOf(failed.out, "the INFO of the body") == 2);  // beside each of the two
  CHECK_THAT(failed.out, ContainsText("heddle: recorded in heddle-failures/"));
  CHECK_THAT(failed.out, ContainsText("2 failed"));
}

TEST_CASE("what was reported has the values of the recording") {
  const Output failed = Test("a CHECK");
  const std::string values = failed.message.substr(failed.message.find("hold: ") + 6);
  CHECK_THAT(failed.out, ContainsText(values.substr(0, values.find(" (")) + "\n"));
}

TEST_CASE("a check that a worker found is reported by the test's own process") {
  const Output failed = Test("a CHECK_FALSE that workers see");
  CHECK(failed.exit != 0);
  CHECK(CountOf(failed.out, "CHECK_FALSE( lost )") == 1);
  CHECK(CountOf(failed.out, "!true") == 1);
}

TEST_CASE("a REQUIRE that the body swallows ends the run all the same") {
  const Output failed = Test("a REQUIRE that the body swallows");
  CHECK(failed.exit != 0);
  CHECK(CountOf(failed.out, "REQUIRE( account.balance == 12 )") == 1);
  CHECK_THAT(failed.message, StartsWithText("REQUIRE( account.balance == 12 ) did not hold: "));
}

TEST_CASE("the other ways in which a check fails are named") {
  CHECK_THAT(Test("a FAIL").message, StartsWithText("FAIL: lost a deposit (checks_test.cc:"));
  CHECK_THAT(Test("a CHECK_NOTHROW").message,
             ContainsText(" threw: lost a deposit (checks_test.cc:"));
  CHECK_THAT(Test("a CHECK_THROWS").message, ContainsText(" did not throw (checks_test.cc:"));
}

TEST_CASE("a run that is stuck in the middle of a CHECK is stuck, and no check failed") {
  const Output stuck = Test("in the middle of a CHECK when the run is stuck");
  CHECK(stuck.exit != 0);
  CHECK_THAT(stuck.err, ContainsText("stuck"));
  CHECK(CountOf(stuck.out, "CHECK_NOTHROW") == 0);
}

TEST_CASE("a CHECK_NOFAIL that does not hold fails nothing") {
  const Output passed = Test("a CHECK_NOFAIL says so and passes");
  CHECK(passed.exit == 0);
  CHECK(passed.message.empty());
  CHECK_THAT(passed.out, ContainsText("1 passed") || ContainsText("in 1 test case)"));
}

TEST_CASE("an exploration that passes is a check that held, also for a body without one") {
  const Output passed = Test("a body without a check passes", "-w NoAssertions");
  CHECK(passed.exit == 0);
  CHECK_THAT(passed.out, ContainsText("1 assertion in 1 test case"));
}

TEST_CASE("FindFailure, Replay and Shrink give a check that fails as a value") {
  const Output passed = Test("values are looked at and nothing is said");
  CHECK(passed.exit == 0);
  CHECK_THAT(passed.out, ContainsText("in 1 test case)"));  // it was found, and passed
}

}  // namespace
}  // namespace heddle
