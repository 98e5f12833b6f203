// SPDX-License-Identifier: MIT
//
// A failed CHECK takes the flight recorder's snapshot: seen from outside, in a program whose tests
// fail (failing_checks.cc).
#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "heddle/ending.h"
#include "heddle/trace_io.h"
#include "support/catch.h"
#include "support/temporary_path.h"

namespace heddle {
namespace {

// Runs one test of the program, and gives what it wrote.
absl::StatusOr<Recording> WrittenBy(const std::string& test, bool passes) {
  const TemporaryPath path("heddle-listener");
  const std::string command = "HEDDLE_TEST_FILE='" + path.string() +
                              "' '" HEDDLE_FAILING_CHECKS "' '" + test + "' > /dev/null 2>&1";
  const int ended = std::system(command.c_str());  // NOLINT: a command of ours
  REQUIRE(WIFEXITED(ended));
  REQUIRE((WEXITSTATUS(ended) == 0) == passes);
  return ReadRecording(path.string());
}

TEST_CASE("a CHECK that fails in the middle of a run takes a snapshot there") {
  const absl::StatusOr<Recording> recording = WrittenBy("fails", false);
  REQUIRE(recording.ok());
  CHECK(recording->damage.ok());
  CHECK(recording->trace.header.ending == Ending::kStopped);
  REQUIRE(recording->trace.marks.size() == 1);
  CHECK(recording->trace.marks[0].name == "before");
}

TEST_CASE("a CHECK that holds takes none, nor does one that fails while nothing is recorded") {
  CHECK(absl::IsNotFound(WrittenBy("holds", true).status()));
  CHECK(absl::IsNotFound(WrittenBy("fails outside a run", false).status()));
}

}  // namespace
}  // namespace heddle
