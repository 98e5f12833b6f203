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

#include "heddle/internal/ready_set.h"
#include "heddle/random.h"
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
  std::string_view name() const override { return "random"; }
  std::uint64_t seed() const override { return seed_; }

 private:
  std::uint64_t seed_;
  Random random_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSER_H_
