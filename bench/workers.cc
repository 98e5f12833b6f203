// SPDX-License-Identifier: MIT
//
// What a second worker process brings: an exploration of a second that finds nothing, in one
// process and in two, by the clock on the wall. To start two processes and to end them takes some
// milliseconds, so for less than a tenth of a second a second one brings little.
#include <cstdint>

#include "heddle/check.h"
#include "heddle/explore.h"
#include "heddle/sleep.h"
#include "heddle/world.h"
#include "workload.h"

namespace heddle::bench {
namespace {

constexpr std::uint64_t kSchedules = std::uint64_t{2000} * 1024;
constexpr int kTasks = 3;
constexpr int kYields = 10;

Task<void> YieldOften() {
  for (int i = 0; i < kYields; ++i) co_await Yield();
}

Contender Exploring(const char* name, std::uint64_t workers) {
  return {name, [workers] {
            const auto body = [](World& world) {
              for (int i = 0; i < kTasks; ++i) world.Spawn(YieldOften());
            };
            const ExploreResult result = FindFailure(body, {.name = "bench",
                                                            .schedules = kSchedules,
                                                            .strategy = "random",
                                                            .workers = workers,
                                                            .directory = {}});
            HEDDLE_CHECK(result.schedules == kSchedules && result.workers == workers,
                         "an exploration was not shared, or did not come to its end");
          }};
}

}  // namespace

Workload WorkerWorkload() {
  return {.name = "Workers",
          .operations = static_cast<double>(kSchedules),
          .contenders = {Exploring("one", 1), Exploring("two", 2)},
          .clock = Clock::kWall};
}

}  // namespace heddle::bench
