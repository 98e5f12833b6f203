// SPDX-License-Identifier: MIT
//
// SelectiveWalk, whoever makes the other steps: all orders of what is done to one object are
// equally likely, whatever else the tasks do; and nobody waits for ever for a task that is held
// back.
#include "heddle/internal/selective_walk.h"

#include <cmath>
#include <string>

#include "harness/choosers/letters.h"
#include "heddle/choosers/selective.h"
#include "heddle/choosers/surw.h"
#include "heddle/combinators.h"
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

TEMPLATE_TEST_CASE("a selective walk makes all orders of the steps to one object equally likely",
                   "", SurwChooser, SelectiveChooser) {
  OneObject body;
  TestType walk(42);
  const auto counts = CountLogs(walk, body, 4'000);
  CHECK(counts.size() == 20);
  CHECK(std::abs(ChiSquareDeviations(counts, 20)) < 4);
}

TEST_CASE("a random walk does not") {
  OneObject body;
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

TEMPLATE_TEST_CASE("a selective walk knows an object again whatever its id is", "", SurwChooser,
                   SelectiveChooser) {
  TwoObjects body;
  TestType walk(42);
  const auto counts = CountLogs(walk, body, 2'000);
  CHECK(counts.size() == 6);
  for (const auto& [log, count] : counts) CHECK(count > 60);
}

// Nothing that both tasks touch.
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

TEMPLATE_TEST_CASE("where nothing is shared all interleavings are equally likely", "", SurwChooser,
                   SelectiveChooser) {
  Private body;
  TestType walk(42);
  CHECK(std::abs(ChiSquareDeviations(CountLogs(walk, body, 7'000), 70)) < 4);
}

TEMPLATE_TEST_CASE("tasks that poll for one that is held back do not hang a selective walk", "",
                   SurwChooser, SelectiveChooser) {
  const bool yields = GENERATE(false, true);
  const auto body = [yields]() -> Task<> {
    Shared<int> data(0);
    Shared<int> ready(0);
    const auto poll = [&]() -> Task<> {
      co_await data.Write(1);
      while (co_await ready.Read() == 0) {
        if (yields) co_await Yield();
      }
      co_await data.Write(2);
    };
    const auto work = [&]() -> Task<> {
      for (int i = 0; i < 5; ++i) co_await data.Write(i);
      co_await ready.Write(1);
      co_await data.Write(9);
    };
    co_await All(poll(), poll(), work());
  };
  TestType walk(42);
  for (std::uint64_t n = 1; n <= 300; ++n) {
    const std::size_t steps_max = yields ? 5'000 : 200'000;
    CHECK(Run(body, {.chooser = &walk, .steps_max = steps_max, .schedule = n}).ok());
  }
}

TEMPLATE_TEST_CASE("one selective walk survives another body", "", SurwChooser, SelectiveChooser) {
  OneObject one;
  TwoObjects two;
  TestType walk(42);
  CountLogs(walk, one, 20);
  CHECK(CountLogs(walk, two, 2'000).size() == 6);
  TestType other(42);
  CountLogs(other, one, 20);
  CHECK(CountLogs(other, one, 20) == CountLogs(walk, one, 20));
}

TEMPLATE_TEST_CASE("two selective walks with one seed do the same, and another seed does not", "",
                   SurwChooser, SelectiveChooser) {
  OneObject body;
  TestType one(1);
  TestType two(1);
  TestType other(2);
  CHECK(CountLogs(one, body, 50) == CountLogs(two, body, 50));
  CHECK(CountLogs(one, body, 50) != CountLogs(other, body, 50));
}

}  // namespace
}  // namespace heddle
