// SPDX-License-Identifier: MIT
//
// Once a run is warm, its steps allocate nothing: whatever they do. A program of its own, because
// it replaces the global operator new by one that counts. What a run allocates beside its steps is
// the room for its recording, which doubles now and then and is kept for the next run: a second run
// of the same schedule makes none of it.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <optional>

#include "heddle/channel.h"
#include "heddle/check.h"
#include "heddle/chooser.h"
#include "heddle/condition.h"
#include "heddle/executor.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/semaphore.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "heddle/task_local.h"
#include "heddle/world.h"
#include "support/catch.h"

namespace {

std::size_t allocations = 0;

void* CountedAllocation(std::size_t size) {
  ++allocations;
  return std::malloc(std::max<std::size_t>(size, 1));
}
void* CountedAllocation(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto grain = static_cast<std::size_t>(alignment);
  return std::aligned_alloc(grain, (std::max<std::size_t>(size, 1) + grain - 1) / grain * grain);
}
void* OrThrow(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return OrThrow(CountedAllocation(size)); }
void* operator new[](std::size_t size) { return OrThrow(CountedAllocation(size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return OrThrow(CountedAllocation(size, alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return OrThrow(CountedAllocation(size, alignment));
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return CountedAllocation(size);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return CountedAllocation(size);
}
void* operator new(std::size_t size, std::align_val_t alignment,
                   const std::nothrow_t& /*tag*/) noexcept {
  return CountedAllocation(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment,
                     const std::nothrow_t& /*tag*/) noexcept {
  return CountedAllocation(size, alignment);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t /*size*/,
                       std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}

namespace heddle {
namespace {

// A task goes round so often before its allocations count, and after that.
constexpr int kWarmRounds = 20;
constexpr int kRounds = 500;

// Counts what is allocated between the last warm round of the task that is last there and the end
// of the first task that is through.
class RoundMeter {
 public:
  explicit RoundMeter(int tasks) : cold_(tasks) {}

  void Round(int round) {
    if (round == kWarmRounds && --cold_ == 0) before_ = allocations;
    if (round == kRounds - 1 && !is_over_) {
      is_over_ = true;
      if (cold_ == 0) seen_ = allocations - before_;
    }
  }
  // No number that is right where a task was through before all were warm.
  std::size_t seen() const { return seen_; }

 private:
  int cold_;
  bool is_over_ = false;
  std::size_t before_ = 0;
  std::size_t seen_ = static_cast<std::size_t>(-1);
};

// What a second run allocates in its warm rounds, in full recording, under one schedule.
template <class Body>
std::size_t AllocationsOfWarmRounds(int tasks, Body body) {
  RandomChooser chooser(7);
  RunOptions options;
  options.chooser = &chooser;
  options.record = RecordMode::kEvents;
  options.schedule = 3;
  Executor executor;
  std::size_t seen = 0;
  for (int run = 0; run < 2; ++run) {
    RoundMeter meter(tasks);
    auto with_meter = [&](World& world) { return body(world, meter); };
    internal::BodyRunner runner(with_meter);
    REQUIRE(executor.Execute(runner.ref(), options) == Ending::kFinished);
    seen = meter.seen();
  }
  return seen;
}

Task<void> TakeTurns(RoundMeter& meter) {
  for (int round = 0; round < kRounds; ++round) {
    meter.Round(round);
    co_await Yield();
  }
}

TEST_CASE("a warm switch allocates nothing") {
  CHECK(AllocationsOfWarmRounds(3, [](World& world, RoundMeter& meter) {
          for (int i = 0; i < 3; ++i) world.Spawn(TakeTurns(meter));
        }) == 0);
}

Task<void> Tick(RoundMeter& meter, int milliseconds) {
  for (int round = 0; round < kRounds; ++round) {
    meter.Round(round);
    co_await SleepFor(std::chrono::milliseconds(milliseconds));
  }
}

TEST_CASE("a warm timer allocates nothing") {
  CHECK(AllocationsOfWarmRounds(3, [](World& world, RoundMeter& meter) {
          for (int i = 1; i <= 3; ++i) world.Spawn(Tick(meter, i));
        }) == 0);
}

Task<void> Hold(RoundMeter& meter, Mutex& mutex) {
  for (int round = 0; round < kRounds; ++round) {
    meter.Round(round);
    const MutexGuard guard = co_await mutex.Lock();
    co_await Yield();
  }
}

TEST_CASE("a lock that is handed over allocates nothing") {
  Mutex mutex;
  CHECK(AllocationsOfWarmRounds(3, [&](World& world, RoundMeter& meter) {
          for (int i = 0; i < 3; ++i) world.Spawn(Hold(meter, mutex));
        }) == 0);
}

Task<void> Send(RoundMeter& meter, Channel<int>& channel) {
  for (int round = 0; round < kRounds; ++round) {
    meter.Round(round);
    co_await channel.Send(round);
  }
}
Task<void> Receive(RoundMeter& meter, Channel<int>& channel) {
  for (int round = 0; round < kRounds; ++round) {
    meter.Round(round);
    const std::optional<int> message = co_await channel.Receive();
    HEDDLE_CHECK(message == round, "a message was lost");
  }
}

TEST_CASE("a message through a warm channel allocates nothing, with any room") {
  for (const std::size_t room : {kRendezvous, std::size_t{1}, std::size_t{8}}) {
    INFO(room);
    Channel<int> channel(room);
    CHECK(AllocationsOfWarmRounds(2, [&](World& world, RoundMeter& meter) {
            world.Spawn(Send(meter, channel));
            world.Spawn(Receive(meter, channel));
          }) == 0);
  }
}

Task<void> Nothing() { co_return; }

Task<void> SpawnAndJoin(RoundMeter& meter) {
  for (int round = 0; round < kRounds; ++round) {
    meter.Round(round);
    TaskGroup group;
    group.Spawn(Nothing());
    group.Spawn(Nothing());
    co_await group.Join();
  }
}

TEST_CASE("to spawn tasks into a group and to join them allocates nothing once warm") {
  CHECK(AllocationsOfWarmRounds(2, [](World& world, RoundMeter& meter) {
          for (int i = 0; i < 2; ++i) world.Spawn(SpawnAndJoin(meter));
        }) == 0);
}

Task<void> CallOften(RoundMeter& meter) {
  for (int round = 0; round < kRounds; ++round) {
    meter.Round(round);
    co_await Nothing();
    co_await Yield();
  }
}

TEST_CASE("a call allocates nothing once warm") {
  CHECK(AllocationsOfWarmRounds(2, [](World& world, RoundMeter& meter) {
          for (int i = 0; i < 2; ++i) world.Spawn(CallOften(meter));
        }) == 0);
}

const TaskLocal<int> level(0);

Task<void> BindAndSpawn(RoundMeter& meter) {
  for (int round = 0; round < kRounds; ++round) {
    meter.Round(round);
    const auto bound = level.Bind(round);
    TaskGroup group;
    group.Spawn(Nothing());
    co_await Nothing();
    co_await group.Join();
  }
}

TEST_CASE("to bind a value, to inherit it and to let it go allocates nothing once warm") {
  CHECK(AllocationsOfWarmRounds(2, [](World& world, RoundMeter& meter) {
          for (int i = 0; i < 2; ++i) world.Spawn(BindAndSpawn(meter));
        }) == 0);
}

Task<void> TakePermits(RoundMeter& meter, Semaphore& semaphore) {
  for (int round = 0; round < kRounds; ++round) {
    meter.Round(round);
    const Permit permit = co_await semaphore.Acquire();
    co_await Yield();
  }
}

TEST_CASE("a permit of a semaphore allocates nothing") {
  Semaphore semaphore(2);
  CHECK(AllocationsOfWarmRounds(3, [&](World& world, RoundMeter& meter) {
          for (int i = 0; i < 3; ++i) world.Spawn(TakePermits(meter, semaphore));
        }) == 0);
}

Task<void> PassTheBall(RoundMeter& meter, Mutex& mutex, Condition& condition, int& turn, int mine) {
  for (int round = 0; round < kRounds; ++round) {
    meter.Round(round);
    MutexGuard guard = co_await mutex.Lock();
    while (turn % 2 != mine) co_await condition.Wait(guard);
    ++turn;
    condition.NotifyAll();
  }
}

TEST_CASE("to wait on a condition and to be notified allocates nothing") {
  Mutex mutex;
  Condition condition;
  int turn = 0;
  CHECK(AllocationsOfWarmRounds(2, [&](World& world, RoundMeter& meter) {
          for (int i = 0; i < 2; ++i) {
            world.Spawn(PassTheBall(meter, mutex, condition, turn, i));
          }
        }) == 0);
}

TEST_CASE("the first run makes room for its recording, and far less often than it makes steps") {
  RunOptions options;
  options.record = RecordMode::kEvents;
  Executor executor;
  const auto allocations_of_a_run = [&] {
    RoundMeter meter(1);
    auto body = [&](World& world) { world.Spawn(TakeTurns(meter)); };
    internal::BodyRunner runner(body);
    const std::size_t before = allocations;
    REQUIRE(executor.Execute(runner.ref(), options) == Ending::kFinished);
    return allocations - before;
  };
  const std::size_t first = allocations_of_a_run();
  CHECK(first > 0);
  CHECK(first < kRounds / 10);
  CHECK(allocations_of_a_run() == 0);
}

TEST_CASE("an allocation within a warm step is seen") {
  CHECK(AllocationsOfWarmRounds(1, [](World& world, RoundMeter& meter) {
          const auto allocate = [](RoundMeter& its_meter) -> Task<void> {
            for (int round = 0; round < kRounds; ++round) {
              its_meter.Round(round);
              ::operator delete(::operator new(64));
              co_await Yield();
            }
          };
          world.Spawn(allocate(meter));
        }) == kRounds - 1 - kWarmRounds);
}

}  // namespace
}  // namespace heddle
