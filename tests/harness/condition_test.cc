// SPDX-License-Identifier: MIT
//
// Condition: unlock and wait in one, no wake-up without a notification, and the lock back in
// hand afterwards.
#include "heddle/condition.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <set>
#include <string>

#include "harness/test_choosers.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "heddle/timeout.h"
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

TEST_CASE("a notification for a task that is cancelled before it has the mutex goes to the next") {
  const auto body = []() -> Task<> {
    Mutex mutex("queue");
    Condition filled("filled");
    int items = 0;
    const auto take = [&]() -> Task<> {
      MutexGuard guard = co_await mutex.Lock();
      co_await filled.Wait(guard, [&] { return items > 0; });
      --items;
    };
    const auto take_or_leave = [&]() -> Task<> { co_await WithTimeout(take(), seconds(5)); };
    const auto put = [&]() -> Task<> {
      co_await SleepFor(seconds(5));
      const MutexGuard guard = co_await mutex.Lock();
      ++items;
      filled.NotifyOne();
    };
    TaskGroup group;
    group.Spawn(take_or_leave());
    group.Spawn(take());
    group.Spawn(put());
    co_await SleepFor(seconds(9));
    const MutexGuard guard = co_await mutex.Lock();
    if (group.pending() == 0) co_return;
    // The one with a timeout was in time.
    CHECK(items == 0);
    ++items;
    filled.NotifyOne();
  };
  ForRandomSchedules(500, body, [](const RunResult& run) {
    INFO(Describe(run));
    REQUIRE(run.ok());
  });
}

TEST_CASE("a condition may go as soon as all of its waiters are notified") {
  const auto body = []() -> Task<> {
    Mutex mutex;
    auto changed = std::make_unique<Condition>();
    const auto waits = [&]() -> Task<> {
      MutexGuard guard = co_await mutex.Lock();
      co_await changed->Wait(guard);
    };
    const auto gives_up = [&]() -> Task<> { co_await WithTimeout(waits(), seconds(2)); };
    TaskGroup group;
    group.Spawn(gives_up());
    co_await SleepFor(seconds(1));
    {
      const MutexGuard guard = co_await mutex.Lock();
      changed->NotifyOne();
      changed.reset();
      co_await SleepFor(seconds(5));
    }
    co_await group.Join();
  };
  ForRandomSchedules(20, body, [](const RunResult& run) {
    INFO(Describe(run));
    REQUIRE(run.ok());
  });
}

}  // namespace
}  // namespace heddle
