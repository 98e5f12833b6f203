// SPDX-License-Identifier: MIT
//
// Once: done once, whatever goes wrong on the way.
#include "heddle/once.h"

#include <stdexcept>

#include "harness/test_choosers.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

TEST_CASE("what is to be done once is done once, and before anybody goes on") {
  int begun = 0;
  int done = 0;
  const auto body = [&]() -> Task<> {
    begun = done = 0;
    Once once("connect");
    const auto connect = [&]() -> Task<> {
      ++begun;
      co_await SleepFor(std::chrono::seconds(1));
      ++done;
    };
    const auto work = [&]() -> Task<> {
      co_await once.Call(connect);
      CHECK(done == 1);
      CHECK(once.is_done());
    };
    TaskGroup group;
    for (int i = 0; i < 3; ++i) group.Spawn(work());
    co_await group.Join();
  };
  ForRandomSchedules(100, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    REQUIRE(begun == 1);
  });
}

TEST_CASE("if it throws its caller is told and the next one tries") {
  int tries = 0;
  int failures = 0;
  const auto body = [&]() -> Task<> {
    tries = failures = 0;
    Once once;
    const auto connect = [&]() -> Task<> {
      const int number = ++tries;
      co_await Yield();
      if (number == 1) throw std::runtime_error("refused");
    };
    const auto work = [&]() -> Task<> {
      try {
        co_await once.Call(connect);
      } catch (const std::runtime_error&) {
        ++failures;
      }
    };
    TaskGroup group;
    for (int i = 0; i < 3; ++i) group.Spawn(work());
    co_await group.Join();
  };
  ForRandomSchedules(100, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    REQUIRE(tries == 2);
    REQUIRE(failures == 1);
  });
}

TEST_CASE("if whoever does it is cancelled the next one does it") {
  const RunResult run = Run([]() -> Task<> {
    Once once;
    int tries = 0;
    const auto slow = [&]() -> Task<> {
      ++tries;
      co_await SleepFor(std::chrono::hours(1));
    };
    const auto quick = [&]() -> Task<> {
      ++tries;
      co_return;
    };
    const auto work = [&]() -> Task<> { co_await once.Call(quick); };
    TaskGroup next;
    {
      TaskGroup group;
      group.Spawn(once.Call(slow));
      co_await SleepFor(std::chrono::seconds(1));
      next.Spawn(work());
      co_await SleepFor(std::chrono::seconds(1));
      CHECK(tries == 1);
    }
    co_await next.Join();
    CHECK(tries == 2);
    CHECK(once.is_done());
  });
  CHECK(run.ok());
}

TEST_CASE("who waits for something that does not end is named, with its place") {
  const RunResult run = Run([]() -> Task<> {
    Once once("connect");
    co_await once.Call([&]() -> Task<> {
      co_await once.Call([]() -> Task<> { co_return; });  // waits for itself
    });
  });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE_FALSE(run.waiting.empty());
  CHECK(run.waiting.back().object == "Once connect");
  CHECK_THAT(run.waiting.back().site, ContainsText("once_test.cc:"));
}

}  // namespace
}  // namespace heddle
