// SPDX-License-Identifier: MIT
//
// RoundRobinChooser: each strand makes one step, in the order in which they were spawned, round
// and round. A strand is a spawned task with all that it calls.
#ifndef HEDDLE_CHOOSERS_ROUND_ROBIN_H_
#define HEDDLE_CHOOSERS_ROUND_ROBIN_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "heddle/chooser.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

// It guarantees nothing but an even start for all: one schedule, the same always. Draws go round
// through their alternatives, too. A step costs O(number of candidates).
class RoundRobinChooser final : public Chooser {
 public:
  void BeginRun(std::uint64_t schedule) override;
  std::size_t ChooseTask(const ReadySet& ready) override;
  std::uint32_t ChooseValue(std::uint32_t alternatives) override { return draws_++ % alternatives; }
  bool wants_every_step() const override { return true; }
  std::string_view name() const override { return "round-robin"; }

 private:
  TaskId last_ = 0;  // the strand that made the last step
  std::uint32_t draws_ = 0;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CHOOSERS_ROUND_ROBIN_H_
