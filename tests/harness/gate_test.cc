// SPDX-License-Identifier: MIT
//
// Gate: open stays open; who waited at the opening goes through.
#include "heddle/gate.h"

#include <set>
#include <string>

#include "harness/test_choosers.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

TEST_CASE("a gate opened before the wait lets it through") {
  const RunResult run = Run([]() -> Task<> {
    Gate gate;
    gate.Open();
    CHECK(gate.is_open());
    co_await gate.Wait();
    co_await gate.Wait();
    CHECK(gate.is_open());
  });
  CHECK(run.ok());
}

TEST_CASE("opening a gate wakes everybody who waits, in every order") {
  std::string order;
  const auto body = [&](World& world) {
    order.clear();
    struct Work {
      static Task<> Wait(Gate& gate, std::string& order, char name) {
        co_await gate.Wait();
        order += name;
      }
      static Task<> Open(Gate& gate) {
        co_await SleepFor(std::chrono::seconds(1));
        gate.Open();
        gate.Open();  // doing so twice is doing it once
        gate.Close();
      }
    };
    static Gate gate;
    for (const char name : {'a', 'b', 'c'}) world.Spawn(Work::Wait(gate, order, name));
    world.Spawn(Work::Open(gate));
  };
  std::set<std::string> orders;
  ForRandomSchedules(200, body, [&](const RunResult& run) {
    REQUIRE(run.ok());  // they go through although it is closed before they run
    orders.insert(order);
  });
  CHECK(orders.size() == 6);
}

TEST_CASE("who came to an open gate and has not gone through when it closes waits on") {
  Gate gate("gate");
  const auto waits = [&]() -> Task<> { co_await gate.Wait(); };
  const auto closes = [&]() -> Task<> {
    gate.Close();
    co_return;
  };
  gate.Open();
  ListChooser chooser({0, 1});
  const RunResult run = Run(
      [&](World& world) {
        world.Spawn(waits());
        world.Spawn(closes());
      },
      {.chooser = &chooser});
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].object == "Gate gate");
}

TEST_CASE("a gate that is closed and opened again lets through who waits") {
  Gate gate;
  gate.Open();
  gate.Close();
  CHECK_FALSE(gate.is_open());
  int through = 0;
  const auto waits = [&]() -> Task<> {
    co_await gate.Wait();
    ++through;
  };
  const RunResult run = Run([&](World& world) -> Task<> {
    world.Spawn(waits());
    world.Spawn(waits());
    co_await SleepFor(std::chrono::seconds(1));
    CHECK(through == 0);
    gate.Open();
  });
  CHECK(run.ok());
  CHECK(through == 2);
}

TEST_CASE("an open gate is a scheduling point") {
  const RunResult run = Run([]() -> Task<> {
    Gate gate;
    gate.Open();
    co_await gate.Wait();
  });
  CHECK(run.steps == 2);
}

TEST_CASE("a task that is cancelled while it waits for a gate leaves it") {
  Gate gate;
  const auto waits = [&]() -> Task<> { co_await gate.Wait(); };
  const RunResult run = Run([&]() -> Task<> {
    {
      TaskGroup group;
      group.Spawn(waits());
      group.Spawn(waits());
      co_await SleepFor(std::chrono::seconds(1));
    }
    gate.Open();
  });
  CHECK(run.ok());
}

}  // namespace
}  // namespace heddle
