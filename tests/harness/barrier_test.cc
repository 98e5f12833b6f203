// SPDX-License-Identifier: MIT
//
// Barrier: nobody is a round ahead.
#include "heddle/barrier.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "harness/test_choosers.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

TEST_CASE("no task is a round ahead of another in any schedule") {
  constexpr int kRounds = 4;
  std::array<int, 3> rounds{};
  const auto body = [&]() -> Task<> {
    rounds = {};
    Barrier barrier(rounds.size(), "round");
    const auto work = [&](std::size_t self) -> Task<> {
      for (int i = 0; i < kRounds; ++i) {
        ++rounds[self];
        const auto [least, most] = std::minmax_element(rounds.begin(), rounds.end());
        CHECK(*most - *least <= 1);
        co_await barrier.Arrive();
        co_await Yield();
      }
    };
    TaskGroup group;
    for (std::size_t i = 0; i < rounds.size(); ++i) group.Spawn(work(i));
    co_await group.Join();
    CHECK(barrier.arrived() == 0);
  };
  ForRandomSchedules(300, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    REQUIRE(rounds == std::array<int, 3>{kRounds, kRounds, kRounds});
  });
}

TEST_CASE("a task that is cancelled at a barrier has not arrived") {
  const RunResult run = Run([]() -> Task<> {
    Barrier barrier(2);
    const auto arrive = [&]() -> Task<> { co_await barrier.Arrive(); };
    {
      TaskGroup group;
      group.Spawn(arrive());
      co_await SleepFor(std::chrono::seconds(1));
      CHECK(barrier.arrived() == 1);
    }
    CHECK(barrier.arrived() == 0);
    TaskGroup group;
    group.Spawn(arrive());
    co_await barrier.Arrive();
    co_await group.Join();
  });
  CHECK(run.ok());
}

TEST_CASE("a barrier for nobody is a usage error") { CHECK_THROWS_AS(Barrier(0), UsageError); }

TEST_CASE("who waits at a barrier that nobody else comes to is named, with its place") {
  const RunResult run = Run([]() -> Task<> {
    Barrier barrier(2, "round");
    co_await barrier.Arrive();
  });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].object == "Barrier round");
  CHECK_THAT(run.waiting[0].site, ContainsText("barrier_test.cc:"));
}

TEST_CASE("a barrier for a negative number is a usage error") {
  CHECK_THROWS_AS(Barrier(static_cast<std::size_t>(-2)), UsageError);
}

}  // namespace
}  // namespace heddle
