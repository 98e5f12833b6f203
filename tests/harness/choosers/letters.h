// SPDX-License-Identifier: MIT
//
// Bodies whose interleavings can be counted: tasks called a, b, ... write their letters into a log.
#ifndef HEDDLE_TESTS_HARNESS_CHOOSERS_LETTERS_H_
#define HEDDLE_TESTS_HARNESS_CHOOSERS_LETTERS_H_

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "heddle/gate.h"
#include "heddle/run.h"
#include "heddle/shared.h"

namespace heddle {

// Task i makes steps[i] steps, and nothing but the schedule decides how they interleave.
class Letters {
 public:
  explicit Letters(std::vector<int> steps) : steps_(std::move(steps)) { gate_.Open(); }

  void operator()(World& world) {
    log_.clear();
    char name = 'a';
    for (const int steps : steps_) world.Spawn(Write(name++, steps));
  }
  const std::string& log() const { return log_; }

 private:
  Task<> Write(char name, int steps) {
    log_ += name;
    for (int i = 1; i < steps; ++i) {
      co_await gate_.Wait();
      log_ += name;
    }
  }

  std::vector<int> steps_;
  Gate gate_;
  std::string log_;
};

// How often each log came up in schedules 1 to `runs`.
template <class Body>
std::map<std::string, int> CountLogs(Chooser& chooser, Body& body, int runs) {
  std::map<std::string, int> counts;
  Executor executor;
  internal::BodyRunner<Body> runner(body);
  for (int i = 1; i <= runs; ++i) {
    executor.Execute(runner.ref(), {.chooser = &chooser,
                                    .record = RecordMode::kChoices,
                                    .schedule = static_cast<std::uint64_t>(i)});
    ++counts[body.log()];
  }
  return counts;
}

// Pearson's statistic against all of `classes` outcomes being equally likely, as a number of
// standard deviations away from what chance makes of it.
inline double ChiSquareDeviations(const std::map<std::string, int>& counts, int classes) {
  double runs = 0;
  for (const auto& [log, count] : counts) runs += count;
  const double expected = runs / classes;
  double chi_square = (classes - static_cast<double>(counts.size())) * expected;
  for (const auto& [log, count] : counts) {
    chi_square += (count - expected) * (count - expected) / expected;
  }
  const double freedom = classes - 1;
  return (chi_square - freedom) / std::sqrt(2 * freedom);
}

}  // namespace heddle

#endif  // HEDDLE_TESTS_HARNESS_CHOOSERS_LETTERS_H_
