// SPDX-License-Identifier: MIT
//
// PctChooser: the bound of its paper, on programs of which the depth is known.
#include "heddle/choosers/pct.h"

#include <cmath>
#include <functional>
#include <memory>

#include "harness/choosers/letters.h"
#include "heddle/combinators.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "support/catch.h"

namespace heddle {
namespace {

// How many of `runs` logs satisfy `bad`.
int CountBad(Chooser& chooser, Letters& letters, int runs,
             const std::function<bool(const std::string&)>& bad) {
  int found = 0;
  for (const auto& [log, count] : CountLogs(chooser, letters, runs)) {
    if (bad(log)) found += count;
  }
  return found;
}

TEST_CASE("pct of depth 1 finds each order of whole tasks with probability 1 / n! and no other") {
  Letters letters({4, 4, 4});
  PctChooser chooser(42, 1);
  const auto counts = CountLogs(chooser, letters, 6'000);
  CHECK(counts.size() == 6);
  CHECK(std::abs(ChiSquareDeviations(counts, 6)) < 4);
}

TEST_CASE("pct finds a failure of depth 2 at least as often as its bound says") {
  // b's first step comes between two certain steps of a: that takes two constraints, and one change
  // point. n = 2, k = 20.
  Letters letters({10, 10});
  const auto bad = [](const std::string& log) { return log.find("aaaab") == 0; };
  PctChooser chooser(42, 2);
  constexpr int kRuns = 20'000;
  const double bound = kRuns / (2.0 * 20);
  const int found = CountBad(chooser, letters, kRuns, bad);
  CHECK(found > bound - 4 * std::sqrt(bound));
  CHECK(chooser.steps_most() == 20);
  CHECK(chooser.strands_most() == 2);
}

TEST_CASE("pct finds a failure of depth 3 at least as often as its bound says") {
  // Away from a and back again, at certain steps. n = 2, k = 12.
  Letters letters({6, 6});
  const auto bad = [](const std::string& log) { return log.find("aabbba") == 0; };
  PctChooser chooser(42, 3);
  constexpr int kRuns = 40'000;
  const double bound = kRuns / (2.0 * 12 * 12);
  const int found = CountBad(chooser, letters, kRuns, bad);
  CHECK(found > bound - 4 * std::sqrt(bound));
  PctChooser shallow(42, 2);
  CHECK(CountBad(shallow, letters, kRuns, bad) == 0);
}

TEST_CASE("pct states the probability to have missed a failure of some depth") {
  Letters letters({5, 5});
  PctChooser chooser(42, 2);
  CHECK(chooser.miss_probability(2) == 1);
  CountLogs(chooser, letters, 101);  // the first without change points
  CHECK(std::abs(chooser.miss_probability(2) - std::pow(1 - 1 / (2.0 * 10), 100)) < 1e-9);
  CHECK(chooser.miss_probability(1) == chooser.miss_probability(2));
  CHECK(chooser.miss_probability(3) == 1);
  // Of a program whose runs may be longer it says nothing.
  CHECK(chooser.MissProbability(2, 11, 2) == 1);
}

TEST_CASE("a run that is longer than those before takes back what pct stated") {
  Letters shorter({2, 2});
  Letters longer({8, 8});
  PctChooser chooser(42, 2);
  CountLogs(chooser, shorter, 50);
  CHECK(chooser.miss_probability(2) < 1);
  CountLogs(chooser, longer, 1);
  CHECK(chooser.miss_probability(2) == 1);
}

TEST_CASE("where a run draws a value pct states nothing") {
  const auto body = [](World& world) {
    const auto draws = [](World& of) -> Task<> {
      if (of.Draw(100) == 7) co_await Yield();
    };
    world.Spawn(draws(world));
    world.Spawn(draws(world));
  };
  PctChooser chooser(42, 2);
  for (std::uint64_t n = 1; n <= 50; ++n) Run(body, {.chooser = &chooser, .schedule = n});
  CHECK(chooser.miss_probability(2) == 1);
}

TEST_CASE("in pct a task keeps its priority whatever the others do") {
  // The same schedule number gives the strands of both bodies the same priorities.
  Letters two({2, 2});
  Letters three({2, 2, 2});
  PctChooser chooser(42, 1);
  for (std::uint64_t n = 1; n < 30; ++n) {
    Run(two, {.chooser = &chooser, .schedule = n});
    const bool a_first = two.log() == "aabb";
    Run(three, {.chooser = &chooser, .schedule = n});
    CHECK((three.log().find('a') < three.log().find('b')) == a_first);
  }
}

TEST_CASE("tasks that poll do not hang pct") {
  const auto body = [](World& world) {
    struct Flags {
      Shared<int> ready{0};
    };
    auto flags = std::make_shared<Flags>();
    const auto poll = [](std::shared_ptr<Flags> shared) -> Task<> {
      while (co_await shared->ready.Read() == 0) co_await Yield();
    };
    const auto work = [](std::shared_ptr<Flags> shared) -> Task<> {
      for (int i = 0; i < 5; ++i) co_await shared->ready.Read();
      co_await shared->ready.Write(1);
    };
    for (int i = 0; i < 3; ++i) world.Spawn(poll(flags));
    world.Spawn(work(flags));
  };
  for (const std::uint32_t depth : {1U, 3U, 5U}) {
    PctChooser chooser(42, depth);
    for (std::uint64_t n = 1; n <= 200; ++n) {
      const RunResult run = Run(body, {.chooser = &chooser, .steps_max = 5'000, .schedule = n});
      CHECK(run.ending == Ending::kFinished);
    }
    CHECK(chooser.miss_probability(1) == 1);  // the proof knows no yields
  }
}

TEST_CASE("runs in which tasks poll do not make those after them longer") {
  const auto body = []() -> Task<> {
    Shared<int> flag(0);
    const auto asks = [&flag]() -> Task<> {
      while (co_await flag.Read() == 0) continue;
    };
    const auto answers = [&flag]() -> Task<> { co_await flag.Write(1); };
    co_await All(asks(), asks(), answers());
  };
  PctChooser chooser(42, 2);
  int long_runs = 0;
  for (std::uint64_t n = 1; n <= 1'000; ++n) {
    // So many that a task gets a turn even if it is the last of the three fifty times.
    const RunResult run = Run(
        body,
        {.chooser = &chooser, .steps_max = 60'000, .record = RecordMode::kChoices, .schedule = n});
    REQUIRE(run.ok());
    long_runs += run.trace.choices.size() > 4'096 ? 1 : 0;
  }
  CHECK(long_runs > 0);
  CHECK(chooser.steps_most() < 4'096);
  CHECK(chooser.miss_probability(2) == 1);
}

TEST_CASE("two pct choosers with one seed do the same, and another seed does not") {
  Letters letters({4, 4, 4});
  PctChooser one(1);
  PctChooser two(1);
  PctChooser other(2);
  CHECK(CountLogs(one, letters, 50) == CountLogs(two, letters, 50));
  CHECK(CountLogs(one, letters, 50) != CountLogs(other, letters, 50));
  CHECK(one.name() == "pct3");
}

}  // namespace
}  // namespace heddle
