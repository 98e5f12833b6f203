// SPDX-License-Identifier: MIT
#include "workload.h"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <ctime>
#include <utility>

namespace heddle::bench {
namespace {

double SecondsBy(Clock clock) {
  timespec time{};
  clock_gettime(clock == Clock::kCpu ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double SecondsOf(const Contender& contender, Clock clock) {
  const double start = SecondsBy(clock);
  contender.run();
  return SecondsBy(clock) - start;
}

void Measure(benchmark::State& state, const Workload& workload) {
  const double in_one_turn = workload.prepare ? workload.prepare() : workload.operations;
  std::vector<double> seconds(workload.contenders.size());
  for ([[maybe_unused]] auto _ : state) {
    for (std::size_t i = 0; i < seconds.size(); ++i) {
      seconds[i] += SecondsOf(workload.contenders[i], workload.clock);
    }
  }
  const double operations = in_one_turn * static_cast<double>(state.iterations());
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    state.counters[workload.contenders[i].name] = seconds[i] * 1e9 / operations;
  }
}

}  // namespace

void Register(Workload workload) {
  const std::string name = workload.name;
  benchmark::RegisterBenchmark(
      name.c_str(),
      [workload = std::move(workload)](benchmark::State& state) { Measure(state, workload); });
}

void Register(Trial trial) {
  const std::string name = trial.name;
  benchmark::RegisterBenchmark(name.c_str(),
                               [trial = std::move(trial)](benchmark::State& state) {
                                 for ([[maybe_unused]] auto _ : state) {
                                   for (const auto& [what, value] : trial.run()) {
                                     state.counters[what] = value;
                                   }
                                 }
                               })
      ->Iterations(1)
      ->Repetitions(1);
}

}  // namespace heddle::bench
