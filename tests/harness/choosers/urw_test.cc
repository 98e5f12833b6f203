// SPDX-License-Identifier: MIT
//
// UrwChooser: all interleavings are equally likely, which a plain random walk does not give.
#include "heddle/choosers/urw.h"

#include <cmath>
#include <stdexcept>

#include "harness/choosers/letters.h"
#include "heddle/combinators.h"
#include "heddle/sleep.h"
#include "support/catch.h"

namespace heddle {
namespace {

constexpr int kRuns = 25'200;

TEST_CASE("urw makes the 252 interleavings of two tasks of five steps equally likely") {
  Letters letters({5, 5});
  UrwChooser chooser(42);
  const auto counts = CountLogs(chooser, letters, kRuns);
  CHECK(counts.size() == 252);
  CHECK(std::abs(ChiSquareDeviations(counts, 252)) < 4);
}

TEST_CASE("a random walk fails the test that urw passes") {
  Letters letters({5, 5});
  RandomChooser chooser(42);
  CHECK(ChiSquareDeviations(CountLogs(chooser, letters, kRuns), 252) > 100);
}

TEST_CASE("urw makes interleavings of unlike tasks equally likely") {
  Letters letters({1, 2, 4});  // 7! / (1! 2! 4!)
  UrwChooser chooser(7);
  CHECK(std::abs(ChiSquareDeviations(CountLogs(chooser, letters, 10'500), 105)) < 4);
}

// `main` writes m and then has a and b write.
class Spawning {
 public:
  Spawning() { gate_.Open(); }
  Task<> operator()() {
    log_.clear();
    co_await All(Write('a', 2), Spawner());
  }
  const std::string& log() const { return log_; }

 private:
  Task<> Spawner() {
    co_await Write('m', 2);
    co_await All(Write('b', 2), Write('c', 2));
  }
  Task<> Write(char name, int steps) {
    log_ += name;
    for (int i = 1; i < steps; ++i) {
      co_await gate_.Wait();
      log_ += name;
    }
  }

  Gate gate_;
  std::string log_;
};

TEST_CASE("in urw a spawner counts for the steps of those that it will spawn") {
  // Task a makes 2 steps, and 7 others are made by m, b, c and who waits for them. All places of
  // a's two among them are equally likely, and a random walk lets a be done early.
  Spawning body;
  UrwChooser chooser(42);
  int early = 0;
  for (const auto& [log, count] : CountLogs(chooser, body, 10'000)) {
    if (log.rfind('a') < 3) early += count;
  }
  RandomChooser walk(42);
  int early_in_walk = 0;
  for (const auto& [log, count] : CountLogs(walk, body, 10'000)) {
    if (log.rfind('a') < 3) early_in_walk += count;
  }
  CHECK(early < 2'500);
  CHECK(early_in_walk > 4'000);
}

TEST_CASE("schedule n of urw depends on its number and the profile only") {
  Letters letters({3, 4, 5});
  UrwChooser one(3);
  UrwChooser two(3);
  const auto log = [&](UrwChooser& chooser, std::uint64_t schedule) {
    Run(letters, {.chooser = &chooser, .schedule = schedule});
    return letters.log();
  };
  CHECK(log(one, 1) == log(two, 9));  // the profile
  std::vector<std::string> forward;
  for (std::uint64_t n = 2; n < 20; ++n) forward.push_back(log(one, n));
  for (std::uint64_t n = 19; n >= 2; --n) CHECK(log(two, n) == forward[n - 2]);
}

TEST_CASE("a profile is made of a run that finishes") {
  int runs = 0;
  const auto body = [&](World& world) -> Task<> {
    if (++runs < 3) throw std::runtime_error("not yet");
    Letters letters({2, 2});
    letters(world);
    co_await Yield();
  };
  UrwChooser chooser(42);
  for (std::uint64_t n = 1; n <= 20; ++n) {
    Run(body, {.chooser = &chooser, .schedule = n});
  }
  CHECK(runs == 20);
}

}  // namespace
}  // namespace heddle
