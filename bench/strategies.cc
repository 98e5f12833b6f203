// SPDX-License-Identifier: MIT
//
// What the strategies of Explore cost: a step of each beside a step of the random walk, and a
// small program searched to its end by partial-order reduction.
#include <memory>
#include <string>

#include "heddle/atomic.h"
#include "heddle/check.h"
#include "heddle/choosers/dpor.h"
#include "heddle/choosers/exhaustive.h"
#include "heddle/choosers/pct.h"
#include "heddle/choosers/pos.h"
#include "heddle/choosers/surw.h"
#include "heddle/executor.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/shared.h"
#include "heddle/task.h"
#include "heddle/world.h"
#include "workload.h"

namespace heddle::bench {
namespace {

constexpr int kRuns = 20;
constexpr int kReads = 20;
constexpr int kRounds = 4;

Task<void> ReadOften(Shared<int>& value) {
  for (int i = 0; i < kReads; ++i) co_await value.Read();
}

// Tasks that read, half of them one value and half another.
template <class AChooser, int kTasks>
Contender Stepping(std::string name) {
  struct State {
    AChooser chooser{42};
    Executor executor;
    RunOptions options{.record = RecordMode::kChoices};
    Shared<int> left;
    Shared<int> right;
  };
  return {std::move(name), [state = std::make_shared<State>()] {
            const auto body = [&state = *state](World& world) {
              for (int i = 0; i < kTasks; ++i) {
                world.Spawn(ReadOften(i % 2 == 0 ? state.left : state.right));
              }
            };
            state->options.chooser = &state->chooser;
            for (int i = 0; i < kRuns; ++i) {
              ++state->options.schedule;
              internal::BodyRunner runner(body);
              HEDDLE_CHECK(
                  state->executor.Execute(runner.ref(), state->options) == Ending::kFinished,
                  "a workload did not run to its end");
            }
          }};
}

template <int kTasks>
Workload Steps(std::string name) {
  return {std::move(name),
          kRuns * kTasks * (kReads + 1),
          {Stepping<RandomChooser, kTasks>("random"), Stepping<PctChooser, kTasks>("pct"),
           Stepping<PosChooser, kTasks>("pos"), Stepping<SurwChooser, kTasks>("surw")}};
}

// Runs `body` under a chooser until that is exhausted, which takes `expected` runs.
template <class AChooser, class Body>
Contender Searching(std::string name, std::uint64_t expected, Body body) {
  return {std::move(name), [executor = std::make_shared<Executor>(), expected, body] {
            AChooser chooser;
            const RunOptions options{
                .chooser = &chooser,
                .record = chooser.wants_events() ? RecordMode::kEvents : RecordMode::kChoices};
            std::uint64_t runs = 0;
            for (; !chooser.exhausted(); ++runs) {
              internal::BodyRunner runner(body);
              HEDDLE_CHECK(executor->Execute(runner.ref(), options) == Ending::kFinished,
                           "a workload did not run to its end");
            }
            HEDDLE_CHECK(runs == expected, "a search was not exhaustive");
          }};
}

// Every interleaving of two tasks with five steps each; and one for each order of those that depend
// on each other, which are all but the first of each task.
template <class Body>
Workload Exhausting(std::string name, Body body) {
  constexpr std::uint64_t kInterleavings = 252;
  constexpr std::uint64_t kOrders = 70;
  return {std::move(name),
          1,
          {Searching<ExhaustiveChooser>("exhaustive", kInterleavings, body),
           Searching<DporChooser>("dpor", kOrders, body)}};
}

Task<void> LockOften(Mutex& mutex, int& n) {
  for (int i = 0; i < kRounds; ++i) {
    const MutexGuard guard = co_await mutex.Lock();
    ++n;
  }
}

Task<void> AddOften(Atomic<int>& n) {
  for (int i = 0; i < kRounds; ++i) co_await n.FetchAdd(1);
}

}  // namespace

std::vector<Workload> StrategyWorkloads() {
  return {
      Steps<16>("Steps16"), Steps<256>("Steps256"),
      Exhausting("ExhaustM",
                 [mutex = std::make_shared<Mutex>(), n = std::make_shared<int>()](World& world) {
                   for (int i = 0; i < 2; ++i) world.Spawn(LockOften(*mutex, *n));
                 }),
      Exhausting("ExhaustA4", [n = std::make_shared<Atomic<int>>()](World& world) {
        for (int i = 0; i < 2; ++i) world.Spawn(AddOften(*n));
      })};
}

}  // namespace heddle::bench
