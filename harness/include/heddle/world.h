// SPDX-License-Identifier: MIT
//
// World: what a body is given. It starts tasks beside the body and draws numbers, through
// the one door by which chance comes in.
//
//   heddle::Explore([](heddle::World& world) {   // all tasks exist before the first choice
//     world.Spawn(Deposit(account, 2));
//     world.Spawn(Withdraw(account, 4));
//   });
#ifndef HEDDLE_WORLD_H_
#define HEDDLE_WORLD_H_

#include <cstdint>
#include <source_location>
#include <utility>

#include "heddle/clock.h"
#include "heddle/executor.h"
#include "heddle/task.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

class World {
 public:
  explicit World(Executor& executor) : executor_(&executor) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Runs `task` beside the body. The run ends when the body and all these have ended; an
  // exception that leaves one of them ends it at once.
  void Spawn(Task<void> task) {
    const auto frame = task.Release();
    executor_->SpawnRoot(frame.promise(), frame);
  }

  TimePoint now() const { return TimePoint(Duration(executor_->now())); }

  // A number below `alternatives`: a choice like any other. Throws UsageError for 0.
  std::uint32_t Draw(std::uint32_t alternatives,
                     std::source_location site = std::source_location::current()) {
    return executor_->Draw(alternatives, site);
  }

  Executor& executor() { return *executor_; }

 private:
  Executor* executor_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_WORLD_H_
