// SPDX-License-Identifier: MIT
//
// Latch: nobody passes before the last count, and everybody after it.
#include "heddle/latch.h"

#include <cstddef>
#include <set>
#include <string>

#include "harness/test_choosers.h"
#include "heddle/causality.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

TEST_CASE("all who wait at a latch pass after the last count, in every order") {
  std::set<std::string> orders;
  std::string order;
  const auto body = [&]() -> Task<> {
    order.clear();
    Latch latch(2, "started");
    const auto wait = [&](char name) -> Task<> {
      co_await latch.Wait();
      order += name;
    };
    TaskGroup group;
    for (const char name : {'a', 'b', 'c'}) group.Spawn(wait(name));
    co_await SleepFor(std::chrono::seconds(1));
    latch.CountDown();
    co_await SleepFor(std::chrono::seconds(1));
    CHECK(order.empty());
    CHECK(latch.count() == 1);
    latch.CountDown();
    co_await group.Join();
    co_await latch.Wait();  // it stays open
  };
  ForRandomSchedules(200, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    orders.insert(order);
  });
  CHECK(orders.size() == 6);
}

TEST_CASE("what came before any of the counts happens before who passes") {
  const RunResult run = Run([]() -> Task<> {
    Latch latch(3);
    const auto arrive = [&]() -> Task<> { co_await latch.ArriveAndWait(); };
    TaskGroup group;
    group.Spawn(arrive());
    group.Spawn(arrive());
    co_await latch.ArriveAndWait();
    co_await group.Join();
  });
  REQUIRE(run.ok());
  const Causality causality(run.trace);
  std::size_t pairs = 0;
  for (std::size_t release = 0; release < run.trace.events.size(); ++release) {
    if (run.trace.events[release].kind != EventKind::kRelease) continue;
    for (std::size_t pass = release; pass < run.trace.events.size(); ++pass) {
      const Event& event = run.trace.events[pass];
      if (event.kind != EventKind::kResume || event.op() != Operation::kWait) continue;
      CHECK(causality.HappensBefore(release, pass));
      ++pairs;
    }
  }
  CHECK(pairs == 9);
}

TEST_CASE("a latch that is counted below zero is a usage error") {
  Latch latch(1);
  CHECK_THROWS_AS(latch.CountDown(2), UsageError);
  latch.CountDown();
  CHECK_THROWS_AS(latch.CountDown(), UsageError);
}

TEST_CASE("a latch for a negative number is a usage error") {
  const int missing = -1;
  CHECK_THROWS_WITH(Latch(static_cast<std::size_t>(missing)),
                    ContainsText("a Latch was given the number -1"));
}

TEST_CASE("who is cancelled at a latch leaves it, and who waits for ever is named") {
  const RunResult run = Run([]() -> Task<> {
    Latch latch(1, "started");
    const auto wait = [&]() -> Task<> { co_await latch.Wait(); };
    {
      TaskGroup group;
      group.Spawn(wait());
      co_await SleepFor(std::chrono::seconds(1));
    }
    co_await latch.Wait();
  });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].object == "Latch started");
  CHECK_THAT(run.waiting[0].site, ContainsText("latch_test.cc:"));
}

}  // namespace
}  // namespace heddle
