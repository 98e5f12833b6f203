// SPDX-License-Identifier: MIT
//
// RandomStream: one choice a stream; all else follows from it and from the label.
#include "heddle/random_stream.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/run.h"
#include "heddle/trace_text.h"
#include "support/catch.h"

namespace heddle {
namespace {

// Some numbers of a stream of that label, in a run with the chooser.
std::vector<std::uint32_t> Numbers(Chooser& chooser, const std::string& label, int before = 0) {
  std::vector<std::uint32_t> numbers;
  const RunResult run = Run(
      [&]() -> Task<> {
        RandomStream other("other");
        for (int i = 0; i < before; ++i) static_cast<void>(other());
        RandomStream stream(label);
        for (int i = 0; i < 20; ++i) numbers.push_back(stream.Below(1000));
        co_return;
      },
      {.chooser = &chooser});
  REQUIRE(run.ok());
  return numbers;
}

TEST_CASE("a stream gives the same numbers in the same schedule") {
  RandomChooser chooser(7);
  const auto numbers = Numbers(chooser, "jitter");
  RandomChooser same(7);
  CHECK(Numbers(same, "jitter") == numbers);
  RandomChooser other(8);
  CHECK(Numbers(other, "jitter") != numbers);
}

TEST_CASE("streams of different labels differ") {
  FifoChooser chooser;
  CHECK(Numbers(chooser, "jitter") != Numbers(chooser, "sample"));
}

TEST_CASE("what is taken from one stream does not change another") {
  RandomChooser a(7);
  RandomChooser b(7);
  CHECK(Numbers(a, "jitter", 0) == Numbers(b, "jitter", 13));
}

TEST_CASE("a stream takes one choice, and the recording has its label") {
  RandomChooser chooser(7);
  const RunResult run = Run(
      []() -> Task<> {
        RandomStream stream("jitter", 5);
        for (int i = 0; i < 100; ++i) static_cast<void>(stream.Fraction());
        co_return;
      },
      {.chooser = &chooser});
  REQUIRE(run.trace.choices.size() == 1);
  CHECK(run.trace.choices[0].alternatives == 5);
  const auto input = std::find_if(run.trace.events.begin(), run.trace.events.end(),
                                  [](const Event& e) { return e.kind == EventKind::kInput; });
  REQUIRE(input != run.trace.events.end());
  CHECK_THAT(MarkText(run.trace.marks[input->object]), ContainsText("jitter"));
}

// Calls `body` with a stream, in a run.
template <class Body>
void WithStream(Body body) {
  const RunResult run = Run([&]() -> Task<> {
    RandomStream stream("numbers");
    body(stream);
    co_return;
  });
  REQUIRE(run.ok());
}

TEST_CASE("numbers are in their bounds, and all come") {
  WithStream([](RandomStream& stream) {
    std::set<std::uint32_t> below;
    for (int i = 0; i < 200; ++i) {
      below.insert(stream.Below(6));
      const double fraction = stream.Fraction();
      REQUIRE(fraction >= 0);
      REQUIRE(fraction < 1);
    }
    CHECK(below == std::set<std::uint32_t>{0, 1, 2, 3, 4, 5});
    CHECK_THROWS_AS(stream.Below(0), UsageError);
  });
}

TEST_CASE("chances come as often as was said") {
  WithStream([](RandomStream& stream) {
    int came = 0;
    constexpr int kTimes = 10'000;
    for (int i = 0; i < kTimes; ++i) came += stream.Chance(0.3) ? 1 : 0;
    CHECK(came > 2'800);
    CHECK(came < 3'200);
    CHECK_FALSE(stream.Chance(0));
    CHECK(stream.Chance(1));
  });
}

TEST_CASE("a shuffle gives every order, about as often") {
  WithStream([](RandomStream& stream) {
    std::map<std::array<int, 3>, int> seen;
    constexpr int kTimes = 6'000;
    for (int i = 0; i < kTimes; ++i) {
      std::array<int, 3> items = {1, 2, 3};
      stream.Shuffle(items.begin(), items.end());
      ++seen[items];
    }
    CHECK(seen.size() == 6);
    for (const auto& [order, times] : seen) {
      CHECK(times > 850);
      CHECK(times < 1'150);
    }
  });
}

TEST_CASE("a stream is what the standard library calls a generator") {
  static_assert(std::uniform_random_bit_generator<RandomStream>);
  WithStream([](RandomStream& stream) {
    std::vector<int> items = {1, 2, 3, 4};
    std::shuffle(items.begin(), items.end(), stream);
    std::sort(items.begin(), items.end());
    CHECK(items == std::vector<int>{1, 2, 3, 4});
  });
}

TEST_CASE("a stream outside a run, or of no sequences, is a usage error") {
  CHECK_THROWS_AS(RandomStream("jitter"), UsageError);
  const RunResult run = Run([]() -> Task<> {
    CHECK_THROWS_AS(RandomStream("jitter", 0), UsageError);
    co_return;
  });
  CHECK(run.ok());
}

}  // namespace
}  // namespace heddle
