// SPDX-License-Identifier: MIT
#include "keep.h"

#include <filesystem>
#include <string>

#include "files.h"
#include "heddle/tape_text.h"
#include "support/catch.h"
#include "tools/shop_run.h"

namespace heddle::tools {
namespace {

// A run whose test is in a source file of this folder.
Trace RunIn(const TempDirectory& folder) {
  Trace trace = ShopRun();
  trace.header.source = folder.Path("shop_test.cc");
  REQUIRE(WriteText(trace.header.source, "// a test\n").ok());
  return trace;
}

TEST_CASE("a recording is kept as a tape beside the test's source file") {
  const TempDirectory folder = TempDirectory::Make().value();
  const Trace trace = RunIn(folder);
  const std::string path = folder.Path("heddle-kept/no-interleaving-charges-twice.tape");
  const auto said = Keep(trace, {.file = "run.heddle"});
  REQUIRE(said.ok());
  CHECK(*said == "kept: " + path + "\nFrom now on the test runs it first. Commit the file.\n");
  const std::string text = ReadText(path);
  CHECK_THAT(text, StartsWithText("heddle tape 1\n# threw: REQUIRE( shop.charges() == 1 )"));
  const auto tape = ParseTape(text, "the tape");
  REQUIRE(tape.ok());
  CHECK(*tape == TapeOf(trace));
}

TEST_CASE("what is kept already stays, and what is another schedule gets a number") {
  const TempDirectory folder = TempDirectory::Make().value();
  Trace trace = RunIn(folder);
  REQUIRE(Keep(trace, {.file = "run.heddle"}).ok());
  const auto again = Keep(trace, {.file = "run.heddle"});
  REQUIRE(again.ok());
  CHECK_THAT(*again, StartsWithText("kept already: "));

  trace.header.message = "another failure";
  const auto other = Keep(trace, {.file = "run.heddle"});
  REQUIRE(other.ok());
  CHECK_THAT(*other, ContainsText("/heddle-kept/no-interleaving-charges-twice-2.tape\n"));
}

TEST_CASE("with a folder the source file need not be known") {
  const TempDirectory folder = TempDirectory::Make().value();
  const std::string kept = folder.Path("kept/here");
  const auto said = Keep(ShopRun(), {.file = "run.heddle", .folder = kept});
  REQUIRE(said.ok());
  CHECK_THAT(*said,
             ContainsText("Explore and Property look there with HEDDLE_KEPT=" + kept + "\n"));
  CHECK(std::filesystem::exists(kept + "/no-interleaving-charges-twice.tape"));
}

std::string ErrorOf(const Trace& trace, const KeepOptions& options) {
  const auto said = Keep(trace, options);
  REQUIRE(!said.ok());
  return std::string(said.status().message());
}

TEST_CASE("what cannot be kept says why, and what to do") {
  CHECK_THAT(ErrorOf(ShopRun(), {.file = "run.heddle"}),
             ContainsText("FindFailure and FindCounterexample do not say it, and run nothing"));
  Trace elsewhere = ShopRun();
  elsewhere.header.source = "/not/here/shop_test.cc";
  CHECK_THAT(ErrorOf(elsewhere, {.file = "run.heddle"}),
             ContainsText("the source file of its test is not here: /not/here/shop_test.cc"));
  Trace nameless = ShopRun();
  nameless.header.test.clear();
  CHECK_THAT(ErrorOf(nameless, {.file = "run.heddle"}), ContainsText("is of no test"));
  Trace window = ShopRun();
  window.losses.list.push_back({.reason = LossReason::kWindow, .events = 7});
  CHECK_THAT(ErrorOf(window, {.file = "run.heddle"}), ContainsText("cannot be kept"));

  const TempDirectory folder = TempDirectory::Make().value();
  REQUIRE(WriteText(folder.Path("in-the-way"), "").ok());
  CHECK_THAT(ErrorOf(ShopRun(), {.file = "run.heddle", .folder = folder.Path("in-the-way")}),
             ContainsText("cannot make the folder"));
}

}  // namespace
}  // namespace heddle::tools
