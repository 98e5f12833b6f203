// SPDX-License-Identifier: MIT
//
// Which patterns can be read, and what is said about the others.
#include <string>

#include "heddle/check.h"
#include "heddle/match_step.h"
#include "matchers/checkout_run.h"
#include "support/catch.h"

namespace heddle {
namespace {

Trace RunWithMark(const FieldValue& value) {
  RunSketch run;
  run.Mark(RunSketch::kMain, "seen", {{.key = "it", .value = value}}, 1);
  return run.Finished();
}

TEST_CASE("every type of field can be asked for as it is printed") {
  CHECK(MatchHasStep(RunWithMark(std::int64_t{-3}), "seen{it: -3}").matched);
  CHECK(MatchHasStep(RunWithMark(12.5), "seen{it: 12.5}").matched);
  CHECK(MatchHasStep(RunWithMark(true), "seen{it: true}").matched);
  CHECK(MatchHasStep(RunWithMark(std::string("ann")), "seen{it: \"ann\"}").matched);
}

TEST_CASE("a string can be asked for without quotes") {
  CHECK(MatchHasStep(RunWithMark(std::string("ann")), "seen{it: ann}").matched);
  CHECK(MatchHasStep(RunWithMark(std::string()), "seen{it: }").matched);
}

TEST_CASE("commas, colons, braces and escaped quotes inside quotes are part of the string") {
  const Trace trace = RunWithMark(std::string("a: {\", b}"));
  CHECK(MatchHasStep(trace, R"(seen{it: "a: {\", b}"})").matched);
}

TEST_CASE("white space around names and values does not count") {
  CHECK(MatchHasStep(RunWithMark(true), "  seen  {  it  :  true  }  ").matched);
}

TEST_CASE("empty braces ask for no field") {
  CHECK(MatchHasStep(RunWithMark(true), "seen{}").matched);
}

TEST_CASE("a pattern that names nothing is the caller's mistake") {
  const Trace trace = CheckoutRun();
  CHECK_THROWS_AS(MatchNever(trace, ""), UsageError);
  CHECK_THROWS_WITH(MatchNever(trace, "{order: 17}"), ContainsText("names nothing"));
}

TEST_CASE("a pattern whose fields cannot be read says how to write them") {
  const Trace trace = CheckoutRun();
  CHECK_THROWS_WITH(MatchNever(trace, "charged{order: 17"),
                    ContainsText("does not end with '}'; write fields like"));
  CHECK_THROWS_WITH(MatchNever(trace, "charged{order}"),
                    ContainsText("the field \"order\" has no value; write fields like"));
}

}  // namespace
}  // namespace heddle
