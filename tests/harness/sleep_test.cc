// SPDX-License-Identifier: MIT
//
// SleepFor, SleepUntil, Yield and VirtualClock.
#include "heddle/sleep.h"

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/run.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

Duration Now() { return VirtualClock::now().time_since_epoch(); }

TEST_CASE("virtual time starts at zero and jumps to the next sleeper") {
  const RunResult run = Run([]() -> Task<> {
    CHECK(Now() == nanoseconds(0));
    co_await SleepFor(hours(1));
    CHECK(Now() == hours(1));
    co_await SleepUntil(TimePoint(hours(5)));
    CHECK(Now() == hours(5));
  });
  CHECK(run.ok());
  CHECK(run.elapsed == hours(5));
}

TEST_CASE("virtual time stands still while anything is ready") {
  const auto sleeps = []() -> Task<> { co_await SleepFor(nanoseconds(1)); };
  const RunResult run = Run([&](World& world) -> Task<> {
    world.Spawn(sleeps());
    for (int i = 0; i < 100; ++i) {
      co_await Yield();
      CHECK(Now() == nanoseconds(0));
    }
  });
  CHECK(run.ok());
}

TEST_CASE("sleepers wake in the order of their times") {
  std::string order;
  const auto sleeps = [&](char name, milliseconds how_long) -> Task<> {
    co_await SleepFor(how_long);
    order += name;
  };
  const auto body = [&](World& world) {
    order.clear();
    world.Spawn(sleeps('c', milliseconds(3)));
    world.Spawn(sleeps('a', milliseconds(1)));
    world.Spawn(sleeps('b', milliseconds(2)));
  };
  ForRandomSchedules(50, body, [&](const RunResult&) { REQUIRE(order == "abc"); });
}

TEST_CASE("sleepers of one instant wake together and go on in any order") {
  std::string order;
  const auto sleeps = [&](char name, milliseconds how_long) -> Task<> {
    co_await SleepUntil(TimePoint(how_long));
    order += name;
  };
  const auto body = [&](World& world) {
    order.clear();
    for (const char name : {'a', 'b', 'c'}) world.Spawn(sleeps(name, milliseconds(7)));
  };
  std::set<std::string> orders;
  ForRandomSchedules(200, body, [&](const RunResult& run) {
    REQUIRE(run.elapsed == milliseconds(7));
    orders.insert(order);
  });
  CHECK(orders.size() == 6);
}

TEST_CASE("a negative or past time is now, and still lets others go") {
  std::string log;
  const auto other = [&]() -> Task<> {
    log += 'o';
    co_return;
  };
  const RunResult run = Run([&](World& world) -> Task<> {
    co_await SleepFor(milliseconds(2));
    world.Spawn(other());
    co_await SleepFor(milliseconds(-5));
    log += 'a';
    co_await SleepFor(Duration::min());
    co_await SleepUntil(TimePoint(milliseconds(1)));
    co_await SleepFor(milliseconds(0));
    CHECK(Now() == milliseconds(2));
  });
  CHECK(run.ok());
  CHECK(log == "oa");
}

TEST_CASE("a sleep past the end of virtual time ends there") {
  const RunResult run = Run([]() -> Task<> {
    co_await SleepFor(milliseconds(1));
    co_await SleepFor(Duration::max());
    CHECK(Now() == Duration::max());
    co_await SleepFor(milliseconds(1));
    CHECK(Now() == Duration::max());
  });
  CHECK(run.ok());
}

TEST_CASE("virtual time never goes back, also for a sleep that is awaited late") {
  const RunResult run = Run([]() -> Task<> {
    auto early = SleepFor(milliseconds(1));
    co_await SleepFor(milliseconds(5));
    co_await early;
    CHECK(Now() == milliseconds(5));
  });
  CHECK(run.ok());
  VirtualNanos last = 0;
  for (const Event& event : run.trace.events) {
    CHECK(event.time >= last);
    last = event.time;
  }
}

TEST_CASE("there is no virtual time outside a run") {
  CHECK_THROWS_AS(VirtualClock::now(), UsageError);
  CHECK_THROWS_AS(SleepFor(milliseconds(1)), UsageError);
}

TEST_CASE("a sleeper that is cancelled does not hold up time") {
  const auto sleeps = []() -> Task<> { co_await SleepFor(hours(1)); };
  const RunResult run = Run([&]() -> Task<> {
    {
      TaskGroup group;
      group.Spawn(sleeps());
      co_await SleepFor(milliseconds(1));
    }
  });
  CHECK(run.ok());
  CHECK(run.elapsed == milliseconds(1));
}

// --- Yield ----------------------------------------------------------------------------------

TEST_CASE("a task that yielded is passed over until another one has made a step") {
  std::string log;
  const auto yields = [&](char name) -> Task<> {
    for (int i = 0; i < 3; ++i) {
      log += name;
      co_await Yield();
    }
  };
  YoungestChooser chooser;
  const auto body = [&](World& world) {
    log.clear();
    world.Spawn(yields('a'));
    world.Spawn(yields('b'));
  };
  CHECK(Run(body, {.chooser = &chooser}).ok());
  CHECK(log == "bababa");
}

TEST_CASE("a task that yields alone goes on") {
  const RunResult run = Run([]() -> Task<> {
    for (int i = 0; i < 10; ++i) co_await Yield();
  });
  CHECK(run.ok());
  CHECK(run.steps == 11);
  CHECK(run.trace.choices.empty());
}

// Spins until `done`.
Task<> Spin(const bool& done) {
  while (!done) co_await Yield();
}

// Runs one task that sets what `spinners` others spin for, under a chooser that prefers those.
Ending RunWithSpinners(int spinners) {
  bool done = false;
  const auto finishes = [&]() -> Task<> {
    done = true;
    co_return;
  };
  YoungestChooser chooser;
  const auto body = [&](World& world) {
    world.Spawn(finishes());
    for (int i = 0; i < spinners; ++i) world.Spawn(Spin(done));
  };
  return Run(body, {.chooser = &chooser, .steps_max = 1000}).ending;
}

TEST_CASE("a task that spins with Yield does not starve another one, whoever chooses") {
  CHECK(RunWithSpinners(1) == Ending::kFinished);
}

TEST_CASE("two tasks that spin can starve a third, where the chooser prefers them") {
  // Each is passed over only until the other has made its step.
  CHECK(RunWithSpinners(2) == Ending::kStepLimit);
}

TEST_CASE("a task that yielded may be cancelled") {
  bool done = false;
  const RunResult run = Run([&]() -> Task<> {
    {
      TaskGroup group;
      group.Spawn(Spin(done));
      co_await Yield();
    }
    co_await Yield();
  });
  CHECK(run.ok());
}

}  // namespace
}  // namespace heddle
