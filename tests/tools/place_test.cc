// SPDX-License-Identifier: MIT
#include "place.h"

#include <string>
#include <string_view>
#include <utility>

#include "heddle/ending.h"
#include "support/catch.h"
#include "support/trace_builder.h"

namespace heddle::tools {
namespace {

// Events 0 and 1 at 0, 2 and 3 at 2.5 ms, 4 and 5 at 1 s.
Trace ThreeInstants() {
  TraceBuilder run;
  const TaskId body = run.Main();
  run.JumpTo(2'500'000).Mark(body, "a").JumpTo(1'000'000'000).Finish(body);
  return run.Build();
}

std::pair<std::size_t, std::size_t> Found(std::string_view place) {
  const Place found = FindPlace(ThreeInstants(), place).value();
  return {found.begin, found.end};
}

using Range = std::pair<std::size_t, std::size_t>;

TEST_CASE("a place is one event by its number, or all events of a time") {
  CHECK(Found("3") == Range(3, 4));
  CHECK(Found("0") == Range(0, 1));
  CHECK(Found("0ns") == Range(0, 2));
  CHECK(Found("2.5ms") == Range(2, 4));
  CHECK(Found("2500us") == Range(2, 4));
  CHECK(Found("1s") == Range(4, 6));
  CHECK(Found("0.5min") == Range(6, 6));
}

TEST_CASE("a time at which nothing happened lies between what was before and after it") {
  CHECK(Found("2499999ns") == Range(2, 2));
  CHECK(Found("0.5s") == Range(4, 4));
  CHECK(Found("2s") == Range(6, 6));
}

TEST_CASE("each time is found as it is printed") {
  const Trace trace = ThreeInstants();
  for (std::size_t i = 2; i < trace.events.size(); i += 2) {
    CHECK(Found(FormatNanos(trace.events[i].time)) == Range(i, i + 2));
  }
}

TEST_CASE("what is neither an event nor a time says how to write them") {
  for (const char* const wrong : {"", "s", "-1", "1x", "1.", "1.s", ".5s", "1.x5s", "1 s", "0x1",
                                  "99999999999999999999", "99999999999s", "\x1b"}) {
    const absl::Status status = FindPlace(ThreeInstants(), wrong).status();
    CHECK(absl::IsInvalidArgument(status));
    CHECK_THAT(std::string(status.message()), ContainsText("a time with its unit"));
  }
}

TEST_CASE("an event that is not there is not found") {
  CHECK(FindPlace(ThreeInstants(), "5").ok());
  CHECK(absl::IsNotFound(FindPlace(ThreeInstants(), "6").status()));
  CHECK(absl::IsNotFound(FindPlace(Trace(), "0").status()));
}

}  // namespace
}  // namespace heddle::tools
