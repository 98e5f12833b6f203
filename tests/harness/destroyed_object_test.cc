// SPDX-License-Identifier: MIT
//
// What becomes of tasks whose object is destroyed while they wait for it, for every kind of object.
#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

#include "harness/test_choosers.h"
#include "heddle/barrier.h"
#include "heddle/channel.h"
#include "heddle/gate.h"
#include "heddle/latch.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/select.h"
#include "heddle/semaphore.h"
#include "heddle/shared.h"
#include "heddle/shared_mutex.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "heddle/timeout.h"
#include "heddle/world.h"
#include "support/catch.h"

namespace heddle {
namespace {

TEST_CASE("a mutex that goes while tasks wait for it ends the run, and the message names it") {
  const auto locks = [](Mutex& mutex) -> Task<> { const auto guard = co_await mutex.Lock(); };
  const RunResult run = Run([&]() -> Task<> {
    TaskGroup group;
    {
      Mutex mutex("ledger");
      const auto guard = co_await mutex.Lock();
      group.Spawn(locks(mutex));
      group.Spawn(locks(mutex));
      co_await SleepFor(std::chrono::milliseconds(1));
    }
    co_await group.Join();
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message.find("heddle: Mutex ledger was destroyed while a task waits for it, at ") == 0);
  CHECK(run.message.find("destroyed_object_test.cc:") != std::string::npos);
}

TEST_CASE("a lock that goes while some hold it and others wait: nobody unlocks what is gone") {
  const auto holds = [](Mutex& mutex, std::string& log) -> Task<> {
    const auto guard = co_await mutex.Lock();
    co_await SleepFor(std::chrono::milliseconds(10));
    log += "unreachable";
  };
  const auto reads = [](SharedMutex& mutex) -> Task<> {
    const auto guard = co_await mutex.LockShared();
    co_await SleepFor(std::chrono::milliseconds(10));
  };
  const auto writes = [](SharedMutex& mutex) -> Task<> { const auto g = co_await mutex.Lock(); };
  std::string log;
  const RunResult run = Run([&]() -> Task<> {
    TaskGroup group;
    auto mutex = std::make_unique<Mutex>("ledger");
    group.Spawn(holds(*mutex, log));
    group.Spawn(holds(*mutex, log));
    co_await SleepFor(std::chrono::milliseconds(1));
    mutex.reset();
    co_await group.Join();
  });
  CHECK(run.message.find("heddle: Mutex ledger was destroyed while a task waits for it, at ") == 0);
  const RunResult shared = Run([&]() -> Task<> {
    TaskGroup group;
    auto mutex = std::make_unique<SharedMutex>("prices");
    group.Spawn(reads(*mutex));
    group.Spawn(reads(*mutex));
    group.Spawn(writes(*mutex));
    co_await SleepFor(std::chrono::milliseconds(1));
    mutex.reset();
    co_await group.Join();
  });
  CHECK(shared.message.find("heddle: SharedMutex prices was destroyed while a task waits") == 0);
  CHECK(log.empty());
}

TEST_CASE("a mutex and those who wait for it may go in one step, in any order") {
  const auto locks = [](Mutex& mutex) -> Task<> { const auto guard = co_await mutex.Lock(); };
  const auto works = [&]() -> Task<> {
    TaskGroup group;
    Mutex mutex("ledger");  // goes before the group
    auto guard = co_await mutex.Lock();
    group.Spawn(locks(mutex));
    co_await SleepFor(std::chrono::milliseconds(1));
    const MutexGuard own = co_await mutex.Lock();
  };
  const RunResult run = Run([&]() -> Task<> {
    co_await WithTimeout(works(), std::chrono::milliseconds(5));
    co_await SleepFor(std::chrono::milliseconds(1));
  });
  INFO(Describe(run));
  CHECK(run.ok());
}

TEST_CASE("what goes while a task waits for it ends the run, whatever it is") {
  const auto name_of = [](auto make, auto wait) {
    const RunResult run = Run([&]() -> Task<> {
      TaskGroup group;
      {
        auto object = make();
        group.Spawn(wait(*object));
        co_await SleepFor(std::chrono::milliseconds(1));
      }
      co_await group.Join();
    });
    CHECK(run.ending == Ending::kThrew);
    const std::size_t end = run.message.find(" was destroyed while a task waits for it");
    return end == std::string::npos ? run.message : run.message.substr(8, end - 8);
  };
  CHECK(name_of([] { return std::make_unique<Channel<int>>(1, "in"); },
                [](auto& it) -> Task<> { co_await it.Receive(); }) == "Channel in");
  CHECK(name_of([] { return std::make_unique<Channel<int>>(kRendezvous, "hand"); },
                [](auto& it) -> Task<> { co_await it.Receive(); }) == "Channel hand");
  CHECK(name_of([] { return std::make_unique<Channel<int>>(1, "either"); },
                [](auto& it) -> Task<> {
                  co_await Select(ReceiveFrom(it), ReceiveFrom(it), After(std::chrono::hours(1)));
                }) == "Channel either");
  CHECK(name_of([] { return std::make_unique<Gate>("open"); },
                [](auto& it) -> Task<> { co_await it.Wait(); }) == "Gate open");
  CHECK(name_of([] { return std::make_unique<Semaphore>(0U, "slots"); },
                [](auto& it) -> Task<> { const auto permit = co_await it.Acquire(); }) ==
        "Semaphore slots");
  CHECK(name_of([] { return std::make_unique<Latch>(1U, "start"); },
                [](auto& it) -> Task<> { co_await it.Wait(); }) == "Latch start");
  CHECK(name_of([] { return std::make_unique<Barrier>(2U, "round"); },
                [](auto& it) -> Task<> { co_await it.Arrive(); }) == "Barrier round");
  CHECK(name_of([] { return std::make_unique<Shared<int>>(0, "room"); },
                [](auto& it) -> Task<> {
                  co_await it.ReadWhen([](int value) { return value == 1; });
                }) == "Shared room");
}

TEST_CASE("a lock that goes while somebody holds it ends the run, and the message names it") {
  const auto message_of = [](auto make, auto lock) {
    // Memory that outlives the lock: its guard still goes, after it.
    alignas(std::max_align_t) std::byte memory[512];
    const RunResult run = Run([&]() -> Task<> {
      auto* object = make(memory);
      const auto guard = co_await lock(*object);
      std::destroy_at(object);
      co_await SleepFor(std::chrono::milliseconds(1));
    });
    CHECK(run.ending == Ending::kThrew);
    return run.message;
  };
  CHECK_THAT(message_of([](void* memory) { return new (memory) Mutex("ledger"); },
                        [](Mutex& mutex) { return mutex.Lock(); }),
             ContainsText("heddle: Mutex ledger was destroyed while it is locked"));
  CHECK_THAT(message_of([](void* memory) { return new (memory) SharedMutex("table"); },
                        [](SharedMutex& mutex) { return mutex.LockShared(); }),
             ContainsText("heddle: SharedMutex table was destroyed while it is locked"));
}

TEST_CASE("a run that is torn down destroys locks that are held, and nobody minds") {
  const auto holds = [](Mutex& mutex) -> Task<> {
    const auto guard = co_await mutex.Lock();
    co_await SleepFor(std::chrono::hours(1));
  };
  const RunResult run = Run([&](World& world) {
    world.Spawn([](auto hold) -> Task<> {
      Mutex mutex;
      TaskGroup group;
      group.Spawn(hold(mutex));
      co_await SleepFor(std::chrono::milliseconds(1));
      throw std::runtime_error("enough");
    }(holds));
  });
  CHECK(run.message == "enough");
}

}  // namespace
}  // namespace heddle
