// SPDX-License-Identifier: MIT
//
// Replay, with a stand-in for the recorded program (fake_program.cc) that replays well or
// badly as its argument says.
#include "replay.h"

#include <sstream>

#include "files.h"
#include "heddle/trace_io.h"
#include "support/catch.h"
#include "tools/shop_run.h"

namespace heddle::tools {
namespace {

struct Replayed {
  absl::StatusOr<bool> identical = false;
  std::string out;
  std::string err;
};

// Replays a recording of ShopRun() that was made by the command `command`.
Replayed ReplayWith(std::vector<std::string> command, ReplayOptions options = {}) {
  const absl::StatusOr<TempDirectory> temp = TempDirectory::Make();
  REQUIRE(temp.ok());
  options.file = temp->Path("run.heddle");
  Trace trace = ShopRun();
  trace.header.command = std::move(command);
  trace.header.build_id = "0123";
  REQUIRE(WriteRecording(options.file, trace).ok());
  std::ostringstream out;
  std::ostringstream err;
  Replayed replayed;
  replayed.identical = Replay(trace, options, out, err);
  replayed.out = out.str();
  replayed.err = err.str();
  return replayed;
}

TEST_CASE("the program is run with its recorded arguments, then with further ones") {
  TraceHeader header;
  header.test = "the test";
  header.command = {"program", "-x", "1"};
  CHECK(ReplayArguments(header, {.arguments = {"-v"}}) ==
        std::vector<std::string>{"-x", "1", "-v"});
}

TEST_CASE("without recorded arguments the program gets only the further ones") {
  TraceHeader header;
  header.test = "the test";
  header.command = {"program"};
  CHECK(ReplayArguments(header, {}).empty());
  CHECK(ReplayArguments(header, {.arguments = {"-v"}}) == std::vector<std::string>{"-v"});
  header.command.clear();
  CHECK(ReplayArguments(header, {}).empty());
}

TEST_CASE("every replay that records the same run counts") {
  const Replayed replayed = ReplayWith({HEDDLE_FAKE_PROGRAM, "same"}, {.times = 3});
  CHECK(replayed.identical.value());
  CHECK(replayed.out == "replayed: 3 of 3 byte-identical\n");
}

TEST_CASE("a replay that differs is told with its first difference and the program's words") {
  const Replayed replayed = ReplayWith({HEDDLE_FAKE_PROGRAM, "other"}, {.times = 2});
  CHECK_FALSE(replayed.identical.value());
  CHECK(replayed.out == "replayed: 0 of 2 byte-identical\n");
  CHECK_THAT(replayed.err, ContainsText("replay 1 is not what was recorded"));
  CHECK_THAT(replayed.err, ContainsText("recorded  seed      42"));
  CHECK_THAT(replayed.err, ContainsText("replayed  seed      43"));
  CHECK_THAT(replayed.err, ContainsText("  fake program: other"));
}

TEST_CASE("a program that writes no replay is told what it may lack") {
  const Replayed replayed = ReplayWith({HEDDLE_FAKE_PROGRAM, "silent"}, {.times = 2});
  CHECK_FALSE(replayed.identical.value());
  CHECK_THAT(replayed.err, ContainsText("wrote no replay (exit code 0)"));
}

TEST_CASE("a program that was killed is told with its signal") {
  const Replayed replayed = ReplayWith({HEDDLE_FAKE_PROGRAM, "abort"}, {.times = 2});
  CHECK_FALSE(replayed.identical.value());
  CHECK_THAT(replayed.err, ContainsText("killed by signal 6"));
}

TEST_CASE("a program that is not there is an error that says what to do") {
  const Replayed replayed = ReplayWith({"/nonexistent/shop_test"});
  CHECK(absl::IsNotFound(replayed.identical.status()));
  const std::string message(replayed.identical.status().message());
  CHECK_THAT(message, ContainsText("/nonexistent/shop_test"));
  CHECK_THAT(message, ContainsText("--program PATH"));
  CHECK(replayed.out.empty());
}

TEST_CASE("another program can stand in for the recorded one") {
  const Replayed replayed =
      ReplayWith({"/nonexistent/shop_test", "same"}, {.times = 2, .program = HEDDLE_FAKE_PROGRAM});
  CHECK(replayed.identical.value());
}

TEST_CASE("a program of another build is warned of") {
  const Replayed replayed = ReplayWith({HEDDLE_FAKE_PROGRAM, "same"}, {.times = 2});
  CHECK_THAT(replayed.err, ContainsText("recorded by build 0123, this is "));
}

TEST_CASE("a recording that does not name its program asks for one") {
  const Replayed replayed = ReplayWith({});
  CHECK(absl::IsNotFound(replayed.identical.status()));
}

TEST_CASE("a text that ends early differs where it ends") {
  CHECK_THAT(FirstDifference("a\nb\n", "a\n"), ContainsText("line 2"));
  CHECK_THAT(FirstDifference("a\nb\n", "a\n"), ContainsText("replayed  (ends here)"));
}

}  // namespace
}  // namespace heddle::tools
