// SPDX-License-Identifier: MIT
//
// The workloads of the simulation. Each has four contenders: heddle and the floor, with the
// run written down in full and without. (Without, heddle still keeps its choices: that is
// what a passing schedule of an exploration costs.)
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "floor.h"
#include "heddle/check.h"
#include "heddle/chooser.h"
#include "heddle/executor.h"
#include "heddle/explore.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/world.h"
#include "workload.h"

namespace heddle::bench {
namespace {

constexpr int kLongYields = 5'000;
constexpr int kShortYields = 10;
constexpr int kLocks = 4;
constexpr int kLockers = 2;

// How often a contender runs its program when it is its turn: for some milliseconds, so that
// what the others left in the cache does not count.
constexpr int kLongRuns = 5;
constexpr int kShortRuns = 10'000;

// An executor that runs one body after the other, each under the next schedule of a random
// walk: the inner loop of an exploration.
class Simulation {
 public:
  explicit Simulation(RecordMode record) {
    options_.chooser = &chooser_;
    options_.record = record;
  }

  template <class Body>
  void Run(Body body) {
    ++options_.schedule;
    internal::BodyRunner runner(body);
    HEDDLE_CHECK(executor_.Execute(runner.ref(), options_) == Ending::kFinished,
                 "a workload did not run to its end");
  }

 private:
  RandomChooser chooser_{42};
  RunOptions options_;
  Executor executor_;
};

Task<void> YieldTimes(int times) {
  for (int i = 0; i < times; ++i) co_await Yield();
}

template <int kTasks>
void RunYields(Simulation& simulation, int yields) {
  simulation.Run([yields](World& world) {
    for (int i = 0; i < kTasks; ++i) world.Spawn(YieldTimes(yields));
  });
}

template <int kTasks, class Queue>
void RunYields(Queue& queue, int yields) {
  floor::RunTasks(queue, kTasks, [&] { return floor::YieldTimes(queue, yields); });
}

Task<void> Count(Mutex& mutex, int& n) {
  for (int i = 0; i < kLocks; ++i) {
    const MutexGuard guard = co_await mutex.Lock();
    ++n;
    co_await Yield();
  }
}

// The floor's lock is not a switch point, so it yields before.
template <class Queue>
floor::Coroutine Count(Queue& queue, floor::Mutex<Queue>& mutex, int& n) {
  for (int i = 0; i < kLocks; ++i) {
    co_await floor::Yield(queue);
    co_await mutex.Lock();
    ++n;
    co_await floor::Yield(queue);
    mutex.Unlock();
  }
}

void CheckCount(int n) { HEDDLE_CHECK(n == kLocks * kLockers, "a workload counted wrong"); }

// Y: one long run.
template <bool kRecorded>
Contender FloorLong(std::string name) {
  return {std::move(name), [queue = std::make_shared<floor::RandomPick<kRecorded>>()] {
            for (int i = 0; i < kLongRuns; ++i) RunYields<3>(*queue, kLongYields);
          }};
}

Contender HeddleLong(std::string name, RecordMode record) {
  return {std::move(name), [simulation = std::make_shared<Simulation>(record)] {
            for (int i = 0; i < kLongRuns; ++i) RunYields<3>(*simulation, kLongYields);
          }};
}

// E: short runs.
template <bool kRecorded, int kTasks>
Contender FloorShort(std::string name) {
  return {std::move(name), [queue = std::make_shared<floor::RandomPick<kRecorded>>(),
                            seed = std::uint64_t{0}]() mutable {
            for (int i = 0; i < kShortRuns; ++i) {
              queue->Seed(++seed);
              RunYields<kTasks>(*queue, kShortYields);
            }
          }};
}

template <int kTasks>
Contender HeddleShort(std::string name, RecordMode record) {
  return {std::move(name), [simulation = std::make_shared<Simulation>(record)] {
            for (int i = 0; i < kShortRuns; ++i) RunYields<kTasks>(*simulation, kShortYields);
          }};
}

// M: short runs with a lock.
template <bool kRecorded>
Contender FloorMutex(std::string name) {
  using Queue = floor::RandomPick<kRecorded>;
  return {std::move(name), [queue = std::make_shared<Queue>(), seed = std::uint64_t{0}]() mutable {
            floor::Mutex<Queue> mutex(*queue);
            for (int i = 0; i < kShortRuns; ++i) {
              int n = 0;
              queue->Seed(++seed);
              floor::RunTasks<kLockers>(*queue, [&] { return Count(*queue, mutex, n); });
              CheckCount(n);
            }
          }};
}

Contender HeddleMutex(std::string name, RecordMode record) {
  return {std::move(name), [simulation = std::make_shared<Simulation>(record)] {
            Mutex mutex;
            for (int i = 0; i < kShortRuns; ++i) {
              int n = 0;
              simulation->Run([&](World& world) {
                for (int task = 0; task < kLockers; ++task) world.Spawn(Count(mutex, n));
              });
              CheckCount(n);
            }
          }};
}

// The same as an exploration whose schedules all pass.
template <int kTasks>
Contender ExploredShort(std::string name) {
  return {std::move(name), [] {
            const ExploreResult result = FindFailure(
                [](World& world) {
                  for (int i = 0; i < kTasks; ++i) world.Spawn(YieldTimes(kShortYields));
                },
                {.schedules = kShortRuns, .strategy = "random"});
            HEDDLE_CHECK(result.ok(), "a workload failed");
          }};
}

Contender ExploredMutex(std::string name) {
  return {std::move(name), [] {
            Mutex mutex;
            int n = 0;
            const ExploreResult result = FindFailure(
                [&](World& world) {
                  for (int task = 0; task < kLockers; ++task) world.Spawn(Count(mutex, n));
                },
                {.schedules = kShortRuns, .strategy = "random"});
            HEDDLE_CHECK(result.ok(), "a workload failed");
          }};
}

template <int kTasks>
Workload ShortRuns(std::string name) {
  return {
      std::move(name),
      kShortRuns,
      {FloorShort<true, kTasks>("floor_recorded"),
       HeddleShort<kTasks>("recorded", RecordMode::kEvents),
       FloorShort<false, kTasks>("floor_unrecorded"),
       HeddleShort<kTasks>("unrecorded", RecordMode::kChoices), ExploredShort<kTasks>("explored")}};
}

}  // namespace

std::vector<Workload> SimulatedWorkloads() {
  return {{"Y",
           kLongRuns * 3 * kLongYields,
           {FloorLong<true>("floor_recorded"), HeddleLong("recorded", RecordMode::kEvents),
            FloorLong<false>("floor_unrecorded"), HeddleLong("unrecorded", RecordMode::kChoices)}},
          ShortRuns<2>("E2"),
          ShortRuns<3>("E3"),
          {"M",
           kShortRuns,
           {FloorMutex<true>("floor_recorded"), HeddleMutex("recorded", RecordMode::kEvents),
            FloorMutex<false>("floor_unrecorded"), HeddleMutex("unrecorded", RecordMode::kChoices),
            ExploredMutex("explored")}}};
}

}  // namespace heddle::bench
