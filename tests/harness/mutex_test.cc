// SPDX-License-Identifier: MIT
//
// Mutex: exclusion in every schedule, and every order seen.
#include "heddle/mutex.h"

#include <algorithm>
#include <coroutine>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "harness/test_choosers.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

TEST_CASE("a mutex lets one task in at a time in every schedule") {
  int inside = 0;
  int inside_max = 0;
  int total = 0;
  const auto body = [&](World& world) {
    inside = inside_max = total = 0;
    struct Work {
      static Task<> Do(Mutex& mutex, int& inside, int& inside_max, int& total) {
        for (int i = 0; i < 3; ++i) {
          const MutexGuard guard = co_await mutex.Lock();
          inside_max = std::max(inside_max, ++inside);
          const int before = total;
          co_await Yield();
          total = before + 1;
          --inside;
        }
      }
    };
    static Mutex mutex("counter");
    for (int i = 0; i < 3; ++i) world.Spawn(Work::Do(mutex, inside, inside_max, total));
  };
  ForRandomSchedules(2000, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    REQUIRE(inside_max == 1);
    REQUIRE(total == 9);
  });
}

TEST_CASE("a free lock is a scheduling point: both orders of two tasks are seen") {
  std::string order;
  const auto body = [&](World& world) {
    order.clear();
    struct Work {
      static Task<> Do(Mutex& mutex, std::string& order, char name) {
        order += 's';  // started
        const MutexGuard guard = co_await mutex.Lock();
        order += name;
      }
    };
    static Mutex mutex;
    world.Spawn(Work::Do(mutex, order, 'a'));
    world.Spawn(Work::Do(mutex, order, 'b'));
  };
  std::set<std::string> orders;
  ForRandomSchedules(100, body, [&](const RunResult&) { orders.insert(order); });
  // Also: whoever started first is overtaken before its free lock.
  CHECK(orders == std::set<std::string>{"ssab", "ssba", "sasb", "sbsa"});
}

TEST_CASE("when a mutex is unlocked every waiter is a candidate") {
  std::set<std::string> orders;
  std::string order;
  const auto body = [&]() -> Task<> {
    order.clear();
    Mutex mutex("mutex");
    const auto wait = [&](char name) -> Task<> {
      const MutexGuard guard = co_await mutex.Lock();
      order += name;
    };
    MutexGuard guard = co_await mutex.Lock();
    TaskGroup group;
    for (const char name : {'a', 'b', 'c'}) group.Spawn(wait(name));
    co_await SleepFor(std::chrono::seconds(1));
    guard.Unlock();
    co_await group.Join();
  };
  ForRandomSchedules(200, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    orders.insert(order);
  });
  CHECK(orders.size() == 6);
}

TEST_CASE("TryLock takes a free lock and fails on a taken one, without waiting") {
  const RunResult run = Run([]() -> Task<> {
    Mutex mutex;
    MutexGuard guard = mutex.TryLock();
    CHECK(bool(guard));
    CHECK(mutex.is_locked());
    CHECK_FALSE(bool(mutex.TryLock()));
    guard.Unlock();
    CHECK_FALSE(mutex.is_locked());
    CHECK(bool(mutex.TryLock()));
    CHECK_FALSE(mutex.is_locked());  // that guard was dropped
    co_return;
  });
  CHECK(run.ok());
  CHECK(run.steps == 1);
}

TEST_CASE("a lock taken by TryLock holds back those who were about to take it") {
  std::string log;
  Mutex mutex;
  const auto locks = [&]() -> Task<> {
    const MutexGuard guard = co_await mutex.Lock();
    log += 'l';
  };
  const auto tries = [&]() -> Task<> {
    const MutexGuard guard = mutex.TryLock();
    log += 't';
    co_await Yield();
    co_await SleepFor(std::chrono::seconds(1));
    log += 'u';
  };
  ListChooser chooser({0, 1});
  const RunResult run = Run(
      [&](World& world) {
        world.Spawn(locks());  // suspends before a lock that is free
        world.Spawn(tries());
      },
      {.chooser = &chooser});
  CHECK(run.ok());
  CHECK(log == "tul");
}

TEST_CASE("a guard unlocks once, early or when it goes, and may be moved") {
  const RunResult run = Run([]() -> Task<> {
    Mutex mutex;
    Mutex other;
    MutexGuard guard = co_await mutex.Lock();
    MutexGuard moved = std::move(guard);
    CHECK_FALSE(bool(guard));  // NOLINT(bugprone-use-after-move): that is the point
    CHECK(mutex.is_locked());
    guard.Unlock();  // holds nothing
    CHECK(mutex.is_locked());
    moved.Unlock();
    moved.Unlock();
    CHECK_FALSE(mutex.is_locked());

    moved = co_await mutex.Lock();
    moved = co_await other.Lock();  // lets go of the first
    CHECK_FALSE(mutex.is_locked());
    CHECK(other.is_locked());
    co_return;
  });
  CHECK(run.ok());
}

TEST_CASE("a lock is released when the task that holds it throws or is cancelled") {
  Mutex mutex;
  const auto throws = [&]() -> Task<> {
    const MutexGuard guard = co_await mutex.Lock();
    throw std::runtime_error("inside");
  };
  const auto holds = [&]() -> Task<> {
    const MutexGuard guard = co_await mutex.Lock();
    co_await std::suspend_always();
  };
  const RunResult run = Run([&]() -> Task<> {
    try {
      co_await throws();
    } catch (const std::runtime_error&) {
    }
    CHECK_FALSE(mutex.is_locked());
    {
      TaskGroup group;
      group.Spawn(holds());
      co_await SleepFor(std::chrono::seconds(1));
      CHECK(mutex.is_locked());
    }
    CHECK_FALSE(mutex.is_locked());
  });
  CHECK(run.ok());
}

TEST_CASE("a task that is cancelled while it waits for a lock leaves the queue") {
  Mutex mutex;
  const auto waits = [&]() -> Task<> { const MutexGuard guard = co_await mutex.Lock(); };
  const RunResult run = Run([&]() -> Task<> {
    MutexGuard guard = co_await mutex.Lock();
    {
      TaskGroup group;
      group.Spawn(waits());
      co_await SleepFor(std::chrono::seconds(1));
    }
    guard.Unlock();
    guard = co_await mutex.Lock();
  });
  CHECK(run.ok());
}

TEST_CASE("a mutex works outside a run") {
  Mutex mutex("outside");
  const MutexGuard guard = mutex.TryLock();
  CHECK(mutex.is_locked());
}

}  // namespace
}  // namespace heddle
