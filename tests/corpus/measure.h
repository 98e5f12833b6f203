// SPDX-License-Identifier: MIT
//
// What the tables of the corpus are made of: exact figures, by running every schedule of a
// program, and how often a strategy fails, by sampling.
#ifndef HEDDLE_TESTS_CORPUS_MEASURE_H_
#define HEDDLE_TESTS_CORPUS_MEASURE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string_view>

#include "corpus/program.h"
#include "corpus/references.h"
#include "heddle/chooser.h"
#include "heddle/event.h"

namespace heddle::corpus {

struct Exact {
  bool complete = false;  // all schedules were run
  std::uint64_t interleavings = 0;
  std::uint64_t failing = 0;
  std::uint64_t longest = 0;  // steps
  double walk_fails = 0;      // the probability that a random walk fails
  // The least number of switches away from a strand that could go on, in a run that fails.
  std::uint64_t preemptions = std::numeric_limits<std::uint64_t>::max();
};

// Runs all schedules, or `interleavings_max` of them.
Exact Enumerate(const Entry& entry, StartMode mode, std::uint64_t interleavings_max);

std::unique_ptr<Chooser> MakeChooser(Strategy strategy, std::uint64_t seed);

struct Sample {
  std::uint64_t schedules = 0;
  std::uint64_t failures = 0;

  // The mean number up to the first failure. Without one: negative, and it is more than that many
  // with a probability of 95 %.
  double SchedulesToBug() const {
    const auto runs = static_cast<double>(schedules);
    return failures > 0 ? runs / static_cast<double>(failures) : -runs / 3;
  }
};

// Runs of `entry` under choosers of 20 seeds, because some learn from their first run.
// `make` is called with a seed and gives a std::unique_ptr<Chooser>.
Sample TakeSample(const Entry& entry, StartMode mode, std::uint64_t schedules,
                  const std::function<std::unique_ptr<Chooser>(std::uint64_t)>& make);

// Looks on while another chooser chooses: how likely a random walk was to go this way, how
// long it was, and how often it left a strand that could go on.
class WalkObserver final : public Chooser {
 public:
  explicit WalkObserver(Chooser& inner) : inner_(&inner) {}

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::uint32_t ChooseValue(std::uint32_t alternatives) override;
  void EndRun(const Recorder& recorder, Ending ending) override {
    inner_->EndRun(recorder, ending);
  }
  bool wants_every_step() const override { return true; }
  bool wants_events() const override { return inner_->wants_events(); }
  bool exhausted() const override { return inner_->exhausted(); }
  std::string_view name() const override { return inner_->name(); }

  // About the last run.
  double probability() const { return probability_; }
  std::uint64_t steps() const { return steps_; }
  std::uint64_t preemptions() const { return preemptions_; }

 private:
  Chooser* inner_;
  double probability_ = 1;
  std::uint64_t steps_ = 0;
  std::uint64_t preemptions_ = 0;
  TaskId last_strand_ = kNoTask;
};

}  // namespace heddle::corpus

#endif  // HEDDLE_TESTS_CORPUS_MEASURE_H_
