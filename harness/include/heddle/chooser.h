// SPDX-License-Identifier: MIT
//
// Chooser: who makes the choices of a run. Everything that chance decides comes through
// here; replay, random walk and exhaustive search are the same executor with another chooser.
//
//   class LastChooser : public heddle::Chooser {
//     std::size_t ChooseTask(const heddle::ReadySet& ready) override { return ready.size() - 1; }
//     std::uint32_t ChooseValue(std::uint32_t alternatives) override { return alternatives - 1; }
//     std::string_view name() const override { return "last"; }
//   };
#ifndef HEDDLE_CHOOSER_H_
#define HEDDLE_CHOOSER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "heddle/ending.h"
#include "heddle/internal/ready_set.h"
#include "heddle/random.h"
#include "heddle/recorder.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// Returned by ChooseTask: end the run here (Ending::kStopped).
inline constexpr std::size_t kStopRun = static_cast<std::size_t>(-1);

class Chooser {
 public:
  Chooser() = default;
  Chooser(const Chooser&) = delete;
  Chooser& operator=(const Chooser&) = delete;
  virtual ~Chooser() = default;

  // A run begins. `schedule` is its number in an exploration, counting from 1, or 0.
  virtual void BeginRun(std::uint64_t schedule) { static_cast<void>(schedule); }

  // Which of two or more ready tasks makes the next step: an index below ready.size(),
  // or kStopRun. Not called when there is nothing to choose.
  virtual std::size_t ChooseTask(const ReadySet& ready) = 0;

  // A number below `alternatives`, which is 2 or more.
  virtual std::uint32_t ChooseValue(std::uint32_t alternatives) = 0;

  // Called after BeginRun. Not null: a task is whichever this generator gives, each with the same
  // probability; it is then asked without a call of ChooseTask.
  virtual Random* uniform() { return nullptr; }

  // The run is over. `recorder` holds its events where wants_events().
  virtual void EndRun(const Recorder& recorder, Ending ending) {
    static_cast<void>(recorder);
    static_cast<void>(ending);
  }

  // Called before BeginRun. True: ChooseTask is called for every step, also where there is
  // one candidate (then it can only answer 0).
  virtual bool wants_every_step() const { return false; }
  // True: EndRun has to see the events of the run, and not only its choices.
  virtual bool wants_events() const { return false; }
  // True, between runs: there is nothing left that another run could show.
  virtual bool exhausted() const { return false; }

  // After a run: a number that two runs share where they differ only in the order of steps that
  // do not depend on each other (conflict.h). 0: this chooser does not know.
  virtual std::uint64_t run_class() const { return 0; }
  // Between runs: a bound, by proof, on the probability that all runs so far missed a failure of
  // that depth, which is the number of ordering constraints that it takes. 1: nothing is proved.
  virtual double miss_probability(std::uint32_t depth) const {
    static_cast<void>(depth);
    return 1;
  }

  virtual std::string_view name() const = 0;
  virtual std::uint64_t seed() const { return 0; }
};

// First in, first out: the order in which tasks became ready; every draw gives 0.
class FifoChooser final : public Chooser {
 public:
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::uint32_t ChooseValue(std::uint32_t alternatives) override;
  std::string_view name() const override { return "fifo"; }
};

// A random walk: every candidate with the same probability. One seed gives one sequence of
// schedules, and schedule n does not depend on those before it.
class RandomChooser final : public Chooser {
 public:
  explicit RandomChooser(std::uint64_t seed);

  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::uint32_t ChooseValue(std::uint32_t alternatives) override;
  Random* uniform() override { return &random_; }
  std::string_view name() const override { return "random"; }
  std::uint64_t seed() const override { return seed_; }

 private:
  std::uint64_t seed_;
  Random random_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSER_H_
