// SPDX-License-Identifier: MIT
//
// Detach: nobody waits for the task, and yet it is accounted for.
#include "heddle/detach.h"

#include <chrono>
#include <stdexcept>
#include <string>

#include "harness/test_choosers.h"
#include "heddle/gate.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

// Counts how many of it there are.
class Counted {
 public:
  explicit Counted(int& count) : count_(&count) { ++*count_; }
  Counted(Counted&& other) noexcept : count_(other.count_) { ++*count_; }
  Counted& operator=(Counted&&) = delete;
  ~Counted() { --*count_; }

 private:
  int* count_;
};

Task<> SleepThenSet(milliseconds time, bool& done) {
  co_await SleepFor(time);
  done = true;
}

Task<> Detaches(bool& done) {
  Detach(SleepThenSet(milliseconds(5), done));
  co_return;
}

TEST_CASE("the run ends when a detached task has ended, and not before") {
  bool done = false;
  ForRandomSchedules(
      20, [&] { return done = false, Detaches(done); },
      [&](const RunResult& run) {
        REQUIRE(run.ok());
        REQUIRE(done);
        REQUIRE(run.elapsed == milliseconds(5));
      });
}

TEST_CASE("a detached task outlives the one that detached it") {
  bool done = false;
  const RunResult run = Run([&]() -> Task<> {
    co_await Detaches(done);
    CHECK_FALSE(done);
  });
  CHECK(run.ok());
  CHECK(done);
}

TEST_CASE("an exception of a detached task ends the run") {
  const RunResult run = Run([]() -> Task<> {
    Detach([]() -> Task<> {
      co_await Yield();
      throw std::runtime_error("no paper");
    }());
    co_await SleepFor(milliseconds(1));
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message == "no paper");
}

Task<> WaitAt(Gate& gate) { co_await gate.Wait(); }

TEST_CASE("a detached task that waits for ever is named") {
  Gate gate("never");
  const RunResult run = Run([&]() -> Task<> {
    Detach(WaitAt(gate));
    co_return;
  });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK_THAT(run.waiting[0].name, ContainsText("WaitAt"));
  CHECK_THAT(run.waiting[0].object, ContainsText("never"));
}

Task<> Holds(Counted /*counted*/) { co_await Yield(); }

TEST_CASE("what a detached task holds goes when it has ended") {
  int alive = 0;
  const RunResult run = Run([&]() -> Task<> {
    for (int i = 0; i < 3; ++i) {
      Detach(Holds(Counted(alive)));
      CHECK(alive == 1);
      co_await SleepFor(milliseconds(1));
      CHECK(alive == 0);
    }
  });
  CHECK(run.ok());
}

TEST_CASE("what a task of the world holds goes when it has ended") {
  int alive = 0;
  const RunResult run = Run([&](World& world) {
    world.Spawn(Holds(Counted(alive)));
    world.Spawn([](int& count) -> Task<> {
      co_await SleepFor(milliseconds(1));
      CHECK(count == 0);
    }(alive));
    CHECK(alive == 1);
  });
  CHECK(run.ok());
}

TEST_CASE("to detach outside a run is a usage error") {
  CHECK_THROWS_AS(Detach(Task<>()), UsageError);
}

TEST_CASE("to detach an empty task is a usage error") {
  const RunResult run = Run([]() -> Task<> {
    CHECK_THROWS_AS(Detach(Task<>()), UsageError);
    co_return;
  });
  CHECK(run.ok());
}

}  // namespace
}  // namespace heddle
