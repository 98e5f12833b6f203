// SPDX-License-Identifier: MIT
//
// SelectiveChooser: all orders of what is done to one object are equally likely, and the steps
// between come in orders that surw hardly meets.
#include "heddle/choosers/selective.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "harness/choosers/letters.h"
#include "heddle/choosers/surw.h"
#include "heddle/choosers/urw.h"
#include "heddle/combinators.h"
#include "heddle/condition.h"
#include "heddle/mutex.h"
#include "support/catch.h"

namespace heddle {
namespace {

// Tasks a and b update one object three times each; b makes many steps of its own before.
class ThreeEach {
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

TEST_CASE("selective makes all orders of the steps to one object equally likely") {
  ThreeEach body;
  SelectiveChooser selective(42);
  const auto counts = CountLogs(selective, body, 4'000);
  CHECK(counts.size() == 20);
  CHECK(std::abs(ChiSquareDeviations(counts, 20)) < 4);
}

template <class Body>
int CountFailures(Chooser& chooser, const Body& body, int runs) {
  int failures = 0;
  for (int n = 1; n <= runs; ++n) {
    const auto schedule = static_cast<std::uint64_t>(n);
    if (!Run(body, {.chooser = &chooser, .schedule = schedule}).ok()) ++failures;
  }
  return failures;
}

// Each of three tasks has to be at one place of a long way when another one is there.
Task<> Rendezvous() {
  Shared<int> x(0);
  Shared<int> y(0);
  const auto busy = [](int steps) -> Task<> {
    Shared<int> own(0);
    for (int i = 0; i < steps; ++i) co_await own.Write(i);
  };
  const auto opens = [&]() -> Task<> {
    co_await busy(6);
    co_await x.Write(1);
    co_await busy(6);
    co_await x.Write(0);
  };
  const auto passes_on = [&]() -> Task<> {
    co_await busy(3);
    if (co_await x.Read() == 0) co_return;
    co_await y.Write(1);
    co_await y.Write(0);
  };
  const auto looks = [&]() -> Task<> {
    if (co_await y.Read() == 0) co_return;
    if (co_await x.Read() == 1) throw std::runtime_error("all three met");
  };
  co_await All(opens(), passes_on(), looks(), busy(6), busy(6));
}

TEST_CASE("selective finds who meets at one moment more often than surw") {
  constexpr int kRuns = 2'000;
  SelectiveChooser selective(42);
  SurwChooser surw(42);
  const int found = CountFailures(selective, Rendezvous, kRuns);
  CHECK(found > 20);
  CHECK(found > CountFailures(surw, Rendezvous, kRuns));
}

// The flag is looked at outside the lock: who is late sleeps for ever.
Task<> LostNotification() {
  Mutex lock;
  Condition changed;
  Shared<int> ready(0);
  const auto waits = [&]() -> Task<> {
    if (co_await ready.Read() == 1) co_return;
    MutexGuard guard = co_await lock.Lock();
    co_await changed.Wait(guard);
  };
  const auto notifies = [&]() -> Task<> {
    for (int i = 0; i < 5; ++i) co_await Yield();
    co_await ready.Write(1);
    const MutexGuard guard = co_await lock.Lock();
    changed.NotifyAll();
  };
  co_await All(waits(), waits(), notifies());
}

TEST_CASE("selective finds a lost notification more often than surw and urw") {
  constexpr int kRuns = 2'000;
  SelectiveChooser selective(42);
  SurwChooser surw(42);
  UrwChooser urw(42);
  const int found = CountFailures(selective, LostNotification, kRuns);
  CHECK(found > 20);
  CHECK(found > CountFailures(surw, LostNotification, kRuns));
  CHECK(found > CountFailures(urw, LostNotification, kRuns));
}

TEST_CASE("tasks that poll for one that is held back do not hang selective") {
  const auto body = []() -> Task<> {
    Shared<int> data(0);
    Shared<int> ready(0);
    const auto poll = [&]() -> Task<> {
      co_await data.Write(1);
      while (co_await ready.Read() == 0) {
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
  SelectiveChooser chooser(42);
  for (std::uint64_t n = 1; n <= 300; ++n) {
    CHECK(Run(body, {.chooser = &chooser, .steps_max = 200'000, .schedule = n}).ok());
  }
}

TEST_CASE("two selective choosers with one seed do the same, and another seed does not") {
  ThreeEach body;
  SelectiveChooser one(1);
  SelectiveChooser two(1);
  SelectiveChooser other(2);
  CHECK(CountLogs(one, body, 50) == CountLogs(two, body, 50));
  CHECK(CountLogs(one, body, 50) != CountLogs(other, body, 50));
  CHECK(one.name() == "selective");
}

}  // namespace
}  // namespace heddle
