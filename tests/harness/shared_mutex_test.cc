// SPDX-License-Identifier: MIT
//
// SharedMutex: readers together, writers alone, and no writer that starves.
#include "heddle/shared_mutex.h"

#include <algorithm>
#include <string>
#include <utility>

#include "harness/test_choosers.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::seconds;

TEST_CASE("readers are inside together and a writer alone, in every schedule") {
  int readers = 0;
  int writers = 0;
  int readers_max = 0;
  bool excluded = true;
  const auto body = [&]() -> Task<> {
    readers = writers = 0;
    SharedMutex mutex("table");
    const auto read = [&]() -> Task<> {
      const SharedMutexGuard guard = co_await mutex.LockShared();
      readers_max = std::max(readers_max, ++readers);
      excluded = excluded && writers == 0;
      co_await Yield();
      --readers;
    };
    const auto write = [&]() -> Task<> {
      const SharedMutexGuard guard = co_await mutex.Lock();
      excluded = excluded && ++writers == 1 && readers == 0;
      co_await Yield();
      --writers;
    };
    TaskGroup group;
    for (int i = 0; i < 3; ++i) group.Spawn(read());
    for (int i = 0; i < 2; ++i) group.Spawn(write());
    co_await group.Join();
    CHECK(mutex.readers() == 0);
    CHECK_FALSE(mutex.has_writer());
  };
  ForRandomSchedules(500, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    REQUIRE(excluded);
  });
  CHECK(readers_max == 3);
}

TEST_CASE("a reader that comes after a waiting writer goes after it, in every schedule") {
  std::string order;
  const auto body = [&]() -> Task<> {
    order.clear();
    SharedMutex mutex;
    const auto read = [&](char name) -> Task<> {
      const SharedMutexGuard guard = co_await mutex.LockShared();
      order += name;
    };
    const auto write = [&]() -> Task<> {
      const SharedMutexGuard guard = co_await mutex.Lock();
      order += 'w';
    };
    TaskGroup group;
    SharedMutexGuard first = co_await mutex.LockShared();
    group.Spawn(write());
    co_await SleepFor(seconds(1));
    CHECK_FALSE(bool(mutex.TryLockShared()));
    for (const char name : {'a', 'b'}) group.Spawn(read(name));
    co_await SleepFor(seconds(1));
    first.Unlock();
    co_await group.Join();
  };
  ForRandomSchedules(50, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    REQUIRE(order[0] == 'w');
  });
}

TEST_CASE("when a waiting writer is cancelled the readers behind it go on") {
  const RunResult run = Run([]() -> Task<> {
    SharedMutex mutex;
    bool read_done = false;
    const auto write = [&]() -> Task<> { const auto guard = co_await mutex.Lock(); };
    const auto read = [&]() -> Task<> {
      const auto guard = co_await mutex.LockShared();
      read_done = true;
    };
    const SharedMutexGuard reading = co_await mutex.LockShared();
    TaskGroup readers;
    {
      TaskGroup writers;
      writers.Spawn(write());
      co_await SleepFor(seconds(1));
      readers.Spawn(read());
      co_await SleepFor(seconds(1));
      CHECK_FALSE(read_done);
    }
    co_await readers.Join();
    CHECK(read_done);
  });
  CHECK(run.ok());
}

TEST_CASE("TryLock and TryLockShared take what is free, without waiting") {
  const RunResult run = Run([]() -> Task<> {
    SharedMutex mutex;
    SharedMutexGuard one = mutex.TryLockShared();
    SharedMutexGuard two = mutex.TryLockShared();
    CHECK(mutex.readers() == 2);
    CHECK_FALSE(bool(mutex.TryLock()));
    one.Unlock();
    two = SharedMutexGuard();
    SharedMutexGuard writer = mutex.TryLock();
    CHECK(mutex.has_writer());
    CHECK_FALSE(bool(mutex.TryLockShared()));
    SharedMutexGuard moved = std::move(writer);
    CHECK(mutex.has_writer());
    moved.Unlock();
    moved.Unlock();
    CHECK_FALSE(mutex.has_writer());
    co_return;
  });
  CHECK(run.ok());
  CHECK(run.steps == 1);
}

TEST_CASE("who waits for a lock that is never given back is named, with its place") {
  const RunResult run = Run([]() -> Task<> {
    SharedMutex mutex("table");
    const auto reading = co_await mutex.LockShared();
    const auto writing = co_await mutex.Lock();
  });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].object == "SharedMutex table");
  CHECK_THAT(run.waiting[0].site, ContainsText("shared_mutex_test.cc:"));
}

}  // namespace
}  // namespace heddle
