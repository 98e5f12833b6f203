// SPDX-License-Identifier: MIT
//
// Condition: unlock and wait in one, no wake-up without a notification, and the lock back in
// hand afterwards.
#include "heddle/condition.h"

#include <cstddef>
#include <deque>
#include <set>
#include <string>

#include "harness/test_choosers.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::seconds;

TEST_CASE("a queue under a mutex and a condition loses nothing in any schedule") {
  int sum = 0;
  const auto body = [&]() -> Task<> {
    sum = 0;
    Mutex mutex("queue");
    Condition not_empty("not empty");
    std::deque<int> queue;
    const auto take = [&]() -> Task<> {
      MutexGuard guard = co_await mutex.Lock();
      co_await not_empty.Wait(guard, [&] { return !queue.empty(); });
      CHECK(bool(guard));
      CHECK(mutex.is_locked());
      sum += queue.front();
      queue.pop_front();
    };
    const auto put = [&](int value) -> Task<> {
      const MutexGuard guard = co_await mutex.Lock();
      queue.push_back(value);
      not_empty.NotifyOne();
    };
    TaskGroup group;
    for (int i = 0; i < 3; ++i) group.Spawn(take());
    for (const int value : {1, 10, 100}) group.Spawn(put(value));
    co_await group.Join();
    CHECK_FALSE(mutex.is_locked());
  };
  ForRandomSchedules(500, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    REQUIRE(sum == 111);
  });
}

// Three tasks wait one after the other; then `notify` is called, and again until all are done.
template <class Notify>
std::set<std::string> OrdersOf(Notify notify) {
  std::set<std::string> orders;
  std::string order;
  const auto body = [&]() -> Task<> {
    order.clear();
    Mutex mutex;
    Condition condition;
    const auto wait = [&](char name) -> Task<> {
      MutexGuard guard = co_await mutex.Lock();
      co_await condition.Wait(guard);
      order += name;
    };
    TaskGroup group;
    for (const char name : {'a', 'b', 'c'}) {
      group.Spawn(wait(name));
      co_await SleepFor(seconds(1));
    }
    while (order.size() < 3) {
      notify(condition);
      co_await SleepFor(seconds(1));
    }
    co_await group.Join();
  };
  ForRandomSchedules(100, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    orders.insert(order);
  });
  return orders;
}

TEST_CASE("NotifyOne picks the task that has waited longest") {
  CHECK(OrdersOf([](Condition& condition) { condition.NotifyOne(); }) ==
        std::set<std::string>{"abc"});
}

TEST_CASE("after NotifyAll who gets the mutex first is a choice") {
  CHECK(OrdersOf([](Condition& condition) { condition.NotifyAll(); }).size() == 6);
}

TEST_CASE("a notification that comes while nobody waits is lost") {
  const RunResult run = Run([]() -> Task<> {
    Mutex mutex;
    Condition condition("ready");
    condition.NotifyAll();
    MutexGuard guard = co_await mutex.Lock();
    co_await condition.Wait(guard);
  });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].object == "Condition ready");
  CHECK_THAT(run.waiting[0].site, ContainsText("condition_test.cc:"));
}

TEST_CASE("who waits with a predicate is named with the place of its own await") {
  const RunResult run = Run([]() -> Task<> {
    Mutex mutex;
    Condition condition("ready");
    MutexGuard guard = co_await mutex.Lock();
    co_await condition.Wait(guard, [] { return false; });
  });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 2);
  CHECK(run.waiting[1].object == "Condition ready");
  CHECK_THAT(run.waiting[1].site, ContainsText("condition_test.cc:"));
}

TEST_CASE("who was notified and cannot have the mutex waits for the mutex") {
  const RunResult run = Run([]() -> Task<> {
    Mutex mutex("held");
    Condition condition;
    const auto wait = [&]() -> Task<> {
      MutexGuard guard = co_await mutex.Lock();
      co_await condition.Wait(guard);
    };
    TaskGroup group;
    group.Spawn(wait());
    co_await SleepFor(seconds(1));
    const MutexGuard guard = co_await mutex.Lock();
    condition.NotifyOne();
    co_await group.Join();
  });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 2);
  CHECK(run.waiting[1].object == "Mutex held");
  CHECK(run.waiting[1].operation == Operation::kLock);
  CHECK_THAT(run.waiting[1].site, ContainsText("condition_test.cc:"));
}

TEST_CASE("a waiter that is cancelled before or after it is notified leaves the mutex alone") {
  for (const bool notified : {false, true}) {
    const RunResult run = Run([&]() -> Task<> {
      Mutex mutex;
      Condition condition;
      const auto wait = [&]() -> Task<> {
        MutexGuard guard = co_await mutex.Lock();
        co_await condition.Wait(guard);
      };
      {
        TaskGroup group;
        group.Spawn(wait());
        co_await SleepFor(seconds(1));
        if (notified) condition.NotifyOne();
      }
      CHECK_FALSE(mutex.is_locked());
      const MutexGuard guard = co_await mutex.Lock();
      condition.NotifyAll();
    });
    CHECK(run.ok());
  }
}

TEST_CASE("to wait with a guard that holds nothing is a usage error") {
  Condition condition;
  MutexGuard guard;
  CHECK_THROWS_AS(static_cast<void>(condition.Wait(guard)), UsageError);
}

}  // namespace
}  // namespace heddle
