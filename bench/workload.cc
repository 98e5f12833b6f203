// SPDX-License-Identifier: MIT
#include "workload.h"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <ctime>
#include <utility>

namespace heddle::bench {
namespace {

double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double SecondsOf(const Contender& contender) {
  const double start = CpuSeconds();
  contender.run();
  return CpuSeconds() - start;
}

void Measure(benchmark::State& state, const Workload& workload) {
  std::vector<double> seconds(workload.contenders.size());
  for ([[maybe_unused]] auto _ : state) {
    for (std::size_t i = 0; i < seconds.size(); ++i) {
      seconds[i] += SecondsOf(workload.contenders[i]);
    }
  }
  const double operations = workload.operations * static_cast<double>(state.iterations());
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

}  // namespace heddle::bench
