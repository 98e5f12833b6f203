// SPDX-License-Identifier: MIT
//
// Semaphore: never more inside than there are permits, and none is lost.
#include "heddle/semaphore.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include "harness/test_choosers.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::seconds;

TEST_CASE("a semaphore lets in as many tasks as it has permits, in every schedule") {
  for (const int permits : {1, 2, 3}) {
    int inside = 0;
    int inside_max = 0;
    int most = 0;
    const auto body = [&]() -> Task<> {
      inside = inside_max = 0;
      Semaphore semaphore(static_cast<std::size_t>(permits), "slots");
      TaskGroup group;
      const auto work = [&]() -> Task<> {
        const Permit permit = co_await semaphore.Acquire();
        inside_max = std::max(inside_max, ++inside);
        co_await Yield();
        --inside;
      };
      for (int i = 0; i < 4; ++i) group.Spawn(work());
      co_await group.Join();
      CHECK(semaphore.available() == static_cast<std::size_t>(permits));
    };
    ForRandomSchedules(300, body, [&](const RunResult& run) {
      REQUIRE(run.ok());
      REQUIRE(inside_max <= permits);
      most = std::max(most, inside_max);
    });
    CHECK(most == permits);
  }
}

TEST_CASE("which waiter gets a permit is a choice, and a newcomer may be faster") {
  std::set<std::string> orders;
  std::string order;
  const auto body = [&]() -> Task<> {
    order.clear();
    Semaphore semaphore(0);
    const auto wait = [&](char name) -> Task<> {
      Permit permit = co_await semaphore.Acquire();
      order += name;
    };
    TaskGroup group;
    for (const char name : {'a', 'b', 'c'}) group.Spawn(wait(name));
    co_await SleepFor(seconds(1));
    semaphore.Release();
    co_await group.Join();
  };
  ForRandomSchedules(200, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    orders.insert(order);
  });
  CHECK(orders.size() == 6);
}

TEST_CASE("a permit goes back once, early or when it goes, may be moved and may be consumed") {
  const RunResult run = Run([]() -> Task<> {
    Semaphore semaphore(2);
    Permit permit = co_await semaphore.Acquire();
    Permit moved = std::move(permit);
    CHECK_FALSE(bool(permit));  // NOLINT(bugprone-use-after-move): that is the point
    permit.Release();           // holds nothing
    CHECK(semaphore.available() == 1);
    moved.Release();
    moved.Release();
    CHECK(semaphore.available() == 2);
    moved = co_await semaphore.Acquire();
    moved.Consume();
    CHECK(semaphore.available() == 1);
    semaphore.Release();
    CHECK(semaphore.available() == 2);
  });
  CHECK(run.ok());
}

TEST_CASE("TryAcquire takes a free permit and fails without one, without waiting") {
  const RunResult run = Run([]() -> Task<> {
    Semaphore semaphore(1);
    const Permit permit = semaphore.TryAcquire();
    CHECK(bool(permit));
    CHECK_FALSE(bool(semaphore.TryAcquire()));
    co_return;
  });
  CHECK(run.ok());
  CHECK(run.steps == 1);
}

TEST_CASE("a permit that is free when its waiter is cancelled goes to the next") {
  int got = 0;
  const auto body = [&]() -> Task<> {
    got = 0;
    Semaphore semaphore(0);
    const auto wait = [&]() -> Task<> {
      const Permit permit = co_await semaphore.Acquire();
      ++got;
    };
    TaskGroup left;
    {
      TaskGroup cancelled;
      cancelled.Spawn(wait());
      co_await SleepFor(seconds(1));
      left.Spawn(wait());
      co_await SleepFor(seconds(1));
      semaphore.Release();  // both are ready, and one of them goes before it has run
    }
    co_await left.Join();
  };
  ForRandomSchedules(50, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    REQUIRE(got == 1);
  });
}

TEST_CASE("a negative number of permits is a usage error") {
  const auto negative = static_cast<std::size_t>(-1);
  CHECK_THROWS_WITH(Semaphore(negative), ContainsText("a Semaphore was given the number -1"));
  Semaphore semaphore(1);
  CHECK_THROWS_AS(semaphore.Release(negative), UsageError);
  CHECK(semaphore.available() == 1);
}

TEST_CASE("who waits for a permit that never comes is named, with its place") {
  const RunResult run = Run([]() -> Task<> {
    Semaphore semaphore(0, "slots");
    const Permit permit = co_await semaphore.Acquire();
  });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].object == "Semaphore slots");
  CHECK(run.waiting[0].operation == Operation::kLock);
  CHECK_THAT(run.waiting[0].site, ContainsText("semaphore_test.cc:"));
}

}  // namespace
}  // namespace heddle
