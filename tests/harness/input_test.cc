// SPDX-License-Identifier: MIT
//
// Input and Buggify: all values are reachable, recorded, and the same again in the same schedule.
#include "heddle/input.h"

#include <cstddef>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/run.h"
#include "heddle/trace_text.h"
#include "support/catch.h"

namespace heddle {
namespace {

TEST_CASE("every value of an input comes, and nothing else") {
  std::set<int> numbers;
  std::set<std::string> texts;
  const auto body = [&]() -> Task<> {
    numbers.insert(Input("number", -2, 2));
    texts.insert(Input<std::string>("text", {"a", "b"}));
    co_return;
  };
  ForRandomSchedules(100, body, [](const RunResult& run) { REQUIRE(run.ok()); });
  CHECK(numbers == std::set<int>{-2, -1, 0, 1, 2});
  CHECK(texts == std::set<std::string>{"a", "b"});
}

TEST_CASE("an input is recorded with its label and its value") {
  enum class Answer { kYes, kNo };
  const RunResult run = Run([]() -> Task<> {
    CHECK(Input("quantity", 7, 9) == 7);  // first in, first out takes the first
    CHECK(Input<std::string>("text", {"a", "b"}) == "a");
    CHECK(Input<Answer>("answer", {Answer::kNo, Answer::kYes}) == Answer::kNo);
    co_return;
  });
  REQUIRE(run.ok());
  std::vector<std::string> inputs;
  for (const Event& event : run.trace.events) {
    if (event.kind == EventKind::kInput) inputs.push_back(MarkText(run.trace.marks[event.object]));
  }
  REQUIRE(inputs.size() == 3);
  CHECK_THAT(inputs[0], ContainsText("quantity"));
  CHECK_THAT(inputs[0], ContainsText("7"));
  CHECK_THAT(inputs[1], ContainsText("a"));
  CHECK_THAT(inputs[2], ContainsText("which"));
}

TEST_CASE("an input without values, or outside a run, is a usage error") {
  CHECK_THROWS_AS(Input("number", 1, 2), UsageError);
  const RunResult run = Run([]() -> Task<> {
    CHECK_THROWS_AS(Input("number", 2, 1), UsageError);
    CHECK_THROWS_AS(Input<int>("number", {}), UsageError);
    CHECK_THROWS_AS(Input("number", std::int64_t{0}, std::int64_t{1} << 40), UsageError);
    CHECK(Input("number", std::uint64_t{5}, std::uint64_t{5}) == 5);
    co_return;
  });
  CHECK(run.ok());
}

TEST_CASE("a fault comes about as often as its probability says, and never first") {
  for (const double probability : {0.1, 0.5, 0.8}) {
    int faults = 0;
    const auto body = [&]() -> Task<> {
      for (int i = 0; i < 20; ++i) {
        if (Buggify("disk full", probability)) ++faults;
      }
      co_return;
    };
    CHECK(Run(body).ok());
    CHECK(faults == 0);
    ForRandomSchedules(500, body, [](const RunResult& run) { REQUIRE(run.ok()); });
    CHECK(faults > 10000 * probability * 0.9);
    CHECK(faults < 10000 * probability * 1.1);
  }
}

TEST_CASE("a fault is recorded, and certain ones and impossible ones are no choice") {
  const RunResult run = Run([]() -> Task<> {
    CHECK(Buggify("always", 1));
    CHECK_FALSE(Buggify("never", 0));
    CHECK_FALSE(Buggify("not this time"));
    co_return;
  });
  CHECK_FALSE(Buggify("outside a run", 1));
  REQUIRE(run.ok());
  CHECK(run.trace.choices.size() == 1);
  std::size_t faults = 0;
  for (const Event& event : run.trace.events) {
    if (event.kind != EventKind::kFault) continue;
    ++faults;
    CHECK(run.trace.marks[event.object].name == "always");
  }
  CHECK(faults == 1);
}

TEST_CASE("a fault whose probability is none is a usage error") {
  CHECK_THROWS_WITH(Buggify("disk full", 2), ContainsText("Buggify(\"disk full\")"));
  CHECK_THROWS_AS(Buggify("disk full", -1), UsageError);
  CHECK_THROWS_AS(Buggify("disk full", std::numeric_limits<double>::quiet_NaN()), UsageError);
}

}  // namespace
}  // namespace heddle
