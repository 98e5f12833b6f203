// SPDX-License-Identifier: MIT
//
// The tape: what a person may write, what it means, and what is said about what it cannot
// mean.
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "arbitrary_trace.h"
#include "example_trace.h"
#include "heddle/tape_text.h"
#include "support/catch.h"
#include "support/law.h"

namespace heddle {
namespace {

std::string TapeError(const std::string& text) {
  const absl::StatusOr<Tape> tape = ParseTape(text, "shop.tape");
  REQUIRE_FALSE(tape.ok());
  return std::string(tape.status().message());
}

Tape Parsed(const std::string& text) {
  const absl::StatusOr<Tape> tape = ParseTape(text, "shop.tape");
  INFO(tape.status());
  REQUIRE(tape.ok());
  return *tape;
}

// A trace in which Refund#0 ran before Charge#0.
Trace RefundFirst() {
  Trace trace;
  trace.header.test = "no interleaving charges twice";
  trace.header.input = std::string("\x0a\x00\x00\x00\x00\x00\x00\x00", 8);
  trace.header.input_text = "10";
  trace.sites = {{}, {"shop.cc", 1, "main"}, {"shop.cc", 2, "Charge"}, {"shop.cc", 3, "Refund"}};
  trace.events = {{.task = 0, .site = 1, .object = kNoTask, .value = 1, .kind = EventKind::kSpawn},
                  {.task = 1, .site = 2, .object = 0, .kind = EventKind::kSpawn},
                  {.task = 2, .site = 3, .object = 0, .kind = EventKind::kSpawn}};
  trace.choices.resize(10, {.picked = 1, .first = 1, .alternatives = 2});
  trace.choices[6] = {.picked = 2, .first = 1, .alternatives = 3};
  trace.choices[9] = {.picked = 2, .first = 0, .alternatives = 10, .kind = ChoiceKind::kValue};
  return trace;
}

TEST_CASE("a tape holds the choices that differ from first-in-first-out") {
  const Tape tape = TapeOf(RefundFirst());
  CHECK(tape.test == "no interleaving charges twice");
  CHECK(tape.input.size() == 8);
  CHECK(tape.entries ==
        std::vector<TapeEntry>{{6, ChoiceKind::kTask, 2}, {9, ChoiceKind::kValue, 2}});
}

TEST_CASE("the tape of a trace names the tasks") {
  CHECK(TapeText(RefundFirst()) ==
        "heddle tape 1\n"
        "test \"no interleaving charges twice\"\n"
        "input 0a00000000000000  # 10\n"
        "choice 6: task 2        # Refund#0 before Charge#0, of 3\n"
        "choice 9: value 2       # of 10\n");
}

TEST_CASE("a tape without a trace has no comments") {
  CHECK(TapeText(Tape{.test = "t", .input = "", .entries = {{3, ChoiceKind::kValue, 1}}}) ==
        "heddle tape 1\ntest \"t\"\nchoice 3: value 1\n");
}

TEST_CASE("the text of any trace's tape is the trace's tape, whatever its tasks are called") {
  CheckLaw([] {
    Trace trace;
    trace.header.test = *AnyBytes();
    trace.header.input = *AnyBytes();
    trace.header.input_text = *AnyBytes();
    trace.sites = *Several(AnySite());
    for (std::uint32_t id = 0; id < trace.sites.size(); ++id) {
      trace.events.push_back({.task = id, .site = id, .object = 0, .kind = EventKind::kSpawn});
    }
    trace.choices = *Several(AnyChoice());
    const absl::StatusOr<Tape> tape = ParseTape(TapeText(trace), "t");
    RC_ASSERT(tape.ok());
    RC_ASSERT(*tape == TapeOf(trace));
  });
}

TEST_CASE("the text of any tape is the tape") {
  CheckLaw([](const std::set<std::uint64_t>& choices) {
    Tape tape{.test = *AnyBytes(), .input = *AnyBytes(), .entries = {}};
    for (const std::uint64_t choice : choices) {
      tape.entries.push_back(
          {choice, *AnyOf(ChoiceKind::kTask, kLastChoiceKind), *AnyNumber<std::uint32_t>()});
    }
    const absl::StatusOr<Tape> parsed = ParseTape(TapeText(tape), "t");
    RC_ASSERT(parsed.ok());
    RC_ASSERT(*parsed == tape);
  });
}

TEST_CASE("any text is parsed without a crash") {
  CheckLaw([] {
    const std::string tail = *AnyBytes();
    for (const char* start : {"", "heddle tape 1\n", "heddle tape 1\ntest \"",
                              "heddle tape 1\ninput ", "heddle tape 1\nchoice "}) {
      const absl::StatusOr<Tape> tape = ParseTape(start + tail, "t");
      if (!tape.ok()) RC_ASSERT(tape.status().message().find("t:") == 0);
    }
  });
}

TEST_CASE("spaces, comments, empty lines and foreign line ends do not matter") {
  CHECK(Parsed("\n# by hand\n  heddle   tape 1 # one\r\n\r\n\ttest\t\"a # b\"#c\r\n"
               "choice 7 :task 3\r\nchoice   8:value 0") ==
        Tape{.test = "a # b",
             .input = "",
             .entries = {{7, ChoiceKind::kTask, 3}, {8, ChoiceKind::kValue, 0}}});
}

TEST_CASE("escapes in a test's name are read") {
  CHECK(Parsed("heddle tape 1\ntest \"\\\"\\\\\\n\\x41\\xfF\"").test == "\"\\\nA\xff");
}

TEST_CASE("a line that is wrong is named, with what was expected") {
  CHECK(TapeError("heddle tape 1\nchioce 6: task 3\n") ==
        "shop.tape:2: a tape has lines that begin with `test`, `input` or `choice`. The line is "
        "`chioce 6: task 3`.");
  const std::string start = "heddle tape 1\n\n";
  CHECK_THAT(TapeError(start + "choice 6 task 3"), StartsWithText("shop.tape:3: expected `choice"));
  CHECK_THAT(TapeError(start + "choice 6: tusk 3"),
             ContainsText("expected `choice NUMBER: task ID`"));
  CHECK_THAT(TapeError(start + "choice -6: task 3"), ContainsText("expected `choice"));
  CHECK_THAT(TapeError(start + "choice 6: task 4294967296"), ContainsText("expected `choice"));
  CHECK_THAT(TapeError(start + "choice 6: task 3 4"), ContainsText("more on the line"));
  CHECK_THAT(TapeError(start + "choice 6: task 3\nchoice 6: task 2"),
             ContainsText("shop.tape:4: ") && ContainsText("ascending"));
  CHECK_THAT(TapeError(start + "test \"a"), ContainsText("expected `test \"NAME\"`"));
  CHECK_THAT(TapeError(start + "test \"\\q\""), ContainsText("expected `test \"NAME\"`"));
  CHECK_THAT(TapeError(start + "test \"\\x4\""), ContainsText("expected `test \"NAME\"`"));
  CHECK_THAT(TapeError(start + "test \"a\"\ntest \"a\""), ContainsText("one `test` line"));
  CHECK_THAT(TapeError(start + "input 0a0"), ContainsText("two digits each"));
  CHECK_THAT(TapeError(start + "input 0g"), ContainsText("two digits each"));
  CHECK_THAT(TapeError(start + "input"), ContainsText("two digits each"));
  CHECK_THAT(TapeError(start + "input 00\ninput 00"), ContainsText("one `input` line"));
}

TEST_CASE("what is not a tape is told from a tape that is newer") {
  for (const std::string text : {"", "# nothing\n", "hello\n", "heddle tape one\n", "heddle 1\n",
                                 "test \"a\"\nheddle tape 1\n", "heddle tape 0\n"}) {
    INFO(text);
    CHECK(ParseTape(text, "t").status().code() == absl::StatusCode::kInvalidArgument);
    CHECK_THAT(TapeError(text), ContainsText("is not a tape"));
  }
  CHECK(ParseTape("heddle tape 2\n", "t").status().code() == absl::StatusCode::kUnimplemented);
  CHECK(TapeError("heddle tape 2\nwith new lines\n") ==
        "shop.tape:1: was written by tape version 2, this heddle reads up to 1: update heddle.");
}

}  // namespace
}  // namespace heddle
