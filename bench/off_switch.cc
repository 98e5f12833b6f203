// SPDX-License-Identifier: MIT
//
// HEDDLE_TRACING=0: what a switch costs. Workload Y, in turn: nothing is chosen.
#include <memory>

#include "floor.h"
#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/world.h"
#include "workload.h"

namespace heddle::bench {
namespace {

static_assert(!kTracing, "this file is to be compiled with HEDDLE_TRACING=0");

constexpr int kTasks = 3;
constexpr int kYields = 5'000;

Task<void> YieldTimes(int times) {
  for (int i = 0; i < times; ++i) co_await Yield();
}

void RunFloor(floor::RoundRobin& queue) {
  floor::RunTasks<kTasks>(queue, [&] { return floor::YieldTimes(queue, kYields); });
}

void RunHeddle(Executor& executor) {
  const auto body = [](World& world) {
    for (int i = 0; i < kTasks; ++i) world.Spawn(YieldTimes(kYields));
  };
  internal::BodyRunner runner(body);
  HEDDLE_CHECK(executor.Execute(runner.ref(), RunOptions()) == Ending::kFinished,
               "a workload did not run to its end");
}

}  // namespace

Workload OffSwitch() {
  return {"OffSwitch",
          kTasks * kYields,
          {{"floor", [queue = std::make_shared<floor::RoundRobin>()] { RunFloor(*queue); }},
           {"heddle", [executor = std::make_shared<Executor>()] { RunHeddle(*executor); }}}};
}

}  // namespace heddle::bench
