// SPDX-License-Identifier: MIT
//
// SelectiveChooser: the steps between those to one object come in orders that surw hardly meets.
// What it guarantees is tested in selective_walk_test.cc.
#include "heddle/choosers/selective.h"

#include <stdexcept>

#include "heddle/choosers/surw.h"
#include "heddle/choosers/urw.h"
#include "heddle/combinators.h"
#include "heddle/condition.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "support/catch.h"

namespace heddle {
namespace {

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
  CHECK(selective.name() == "selective");
  SurwChooser surw(42);
  UrwChooser urw(42);
  const int found = CountFailures(selective, LostNotification, kRuns);
  CHECK(found > 20);
  CHECK(found > CountFailures(surw, LostNotification, kRuns));
  CHECK(found > CountFailures(urw, LostNotification, kRuns));
}

}  // namespace
}  // namespace heddle
