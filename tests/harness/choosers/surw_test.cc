// SPDX-License-Identifier: MIT
//
// SurwChooser: all orders of what is done to one object are equally likely, whatever else the tasks
// do; and nobody waits for ever for a task that is held back.
#include "heddle/choosers/surw.h"

#include <cmath>

#include "harness/choosers/letters.h"
#include "heddle/combinators.h"
#include "heddle/mutex.h"
#include "heddle/sleep.h"
#include "support/catch.h"

namespace heddle {
namespace {

// Tasks a and b update one object three times each; b makes many steps of its own before.
class OneObject {
 public:
  void operator()(World& world) {
    log_.clear();
    world.Spawn(Work('a', 0));
    world.Spawn(Work('b', 20));
  }
  const std::string& log() const { return log_; }

 private:
  Task<> Work(char name, int own_steps) {
    Shared<int> own(0);
    for (int i = 0; i < own_steps; ++i) co_await own.Write(i);
    for (int i = 0; i < 3; ++i) {
      co_await shared_.Write(i);
      log_ += name;
    }
  }

  Shared<int> shared_{0};
  std::string log_;
};

TEST_CASE("surw makes all orders of the steps to one object equally likely") {
  OneObject body;
  SurwChooser surw(42);
  auto counts = CountLogs(surw, body, 4'000);
  CHECK(counts.size() == 20);
  CHECK(std::abs(ChiSquareDeviations(counts, 20)) < 4);

  RandomChooser walk(42);
  CHECK(ChiSquareDeviations(CountLogs(walk, body, 4'000), 20) > 100);
}

// Writes of one task to two objects, before and after those of another task.
class TwoObjects {
 public:
  void operator()(World& world) {
    log_.clear();
    world.Spawn(Work(left_, right_));
    world.Spawn(Work(right_, left_));
  }
  const std::string& log() const { return log_; }

 private:
  // Which of the two objects is met first, and gets which id, is up to the schedule.
  Task<> Work(Shared<int>& first, Shared<int>& second) {
    for (int i = 0; i < 2; ++i) co_await first.Write(1);
    log_ += &first == &left_ ? 'l' : 'r';
    for (int i = 0; i < 2; ++i) co_await second.Write(1);
    log_ += &first == &left_ ? 'L' : 'R';
  }

  Shared<int> left_{0};
  Shared<int> right_{0};
  std::string log_;
};

TEST_CASE("surw knows an object again whatever its id is") {
  TwoObjects body;
  SurwChooser surw(42);
  const auto counts = CountLogs(surw, body, 2'000);
  CHECK(counts.size() == 6);
  for (const auto& [log, count] : counts) CHECK(count > 60);
}

TEST_CASE("where nothing is shared surw makes all interleavings equally likely") {
  class Private {
   public:
    void operator()(World& world) {
      log_.clear();
      world.Spawn(Work('a'));
      world.Spawn(Work('b'));
    }
    const std::string& log() const { return log_; }

   private:
    Task<> Work(char name) {
      Gate gate;
      gate.Open();
      log_ += name;
      for (int i = 1; i < 4; ++i) {
        co_await gate.Wait();
        log_ += name;
      }
    }
    std::string log_;
  };
  Private body;
  SurwChooser surw(42);
  CHECK(std::abs(ChiSquareDeviations(CountLogs(surw, body, 7'000), 70)) < 4);
}

TEST_CASE("tasks that poll for one that is held back do not hang surw") {
  const auto body = []() -> Task<> {
    Shared<int> data(0);
    Shared<int> ready(0);
    const auto poll = [&]() -> Task<> {
      co_await data.Write(1);
      while (co_await ready.Read() == 0) co_await Yield();
      co_await data.Write(2);
    };
    const auto work = [&]() -> Task<> {
      for (int i = 0; i < 5; ++i) co_await data.Write(i);
      co_await ready.Write(1);
      co_await data.Write(9);
    };
    co_await All(poll(), poll(), work());
  };
  SurwChooser chooser(42);
  for (std::uint64_t n = 1; n <= 300; ++n) {
    CHECK(Run(body, {.chooser = &chooser, .steps_max = 5'000, .schedule = n}).ok());
  }
}

TEST_CASE("surw finds a deadlock of two locks often") {
  const auto body = []() -> Task<> {
    Mutex left;
    Mutex right;
    const auto both = [](Mutex& first, Mutex& second) -> Task<> {
      const MutexGuard one = co_await first.Lock();
      const MutexGuard two = co_await second.Lock();
    };
    co_await All(both(left, right), both(right, left));
  };
  SurwChooser chooser(42);
  int stuck = 0;
  for (std::uint64_t n = 1; n <= 300; ++n) {
    if (Run(body, {.chooser = &chooser, .schedule = n}).ending == Ending::kStuck) ++stuck;
  }
  CHECK(stuck > 50);
}

TEST_CASE("one surw chooser survives another body") {
  OneObject one;
  TwoObjects two;
  SurwChooser chooser(42);
  CountLogs(chooser, one, 20);
  CHECK(CountLogs(chooser, two, 500).size() == 6);
  SurwChooser other(42);
  CountLogs(other, one, 20);
  CHECK(CountLogs(other, one, 20) == CountLogs(chooser, one, 20));
}

}  // namespace
}  // namespace heddle
