// SPDX-License-Identifier: MIT
//
// StepPlaces: steps as a person names them, by the task and the await that it comes back from. The
// how-manieth step of a task (step_order.h) is in another run not always the same code: of two
// tasks that do the same, each may be the one that waits.
#ifndef HEDDLE_REPLAYER_STEP_PLACES_H_
#define HEDDLE_REPLAYER_STEP_PLACES_H_

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "heddle/recorder.h"
#include "seen_steps.h"
#include "step_order.h"

namespace heddle::internal {

struct StepPlace {
  std::uint32_t place = 0;  // one number for one await of one strand, in all runs
  std::uint32_t times = 0;  // how often the strand came back from there before

  friend bool operator==(const StepPlace&, const StepPlace&) = default;

  template <class Hash>
  friend Hash AbslHashValue(Hash hash, const StepPlace& step) {
    return Hash::combine(std::move(hash), step.place, step.times);
  }
};

class StepPlaces {
 public:
  // Of a run with events: where each step of `log` began.
  std::vector<StepPlace> Of(const Recorder& recorder, const std::vector<StepName>& log);
  // The same, and behind them where the steps would have begun that it did not come to.
  std::vector<StepPlace> Of(const Recorder& recorder, const std::vector<StepName>& log,
                            const std::vector<SeenStep>& to_come);

 private:
  // Strand, operation, and the site as a text; "" for a start.
  using Await = std::tuple<std::uint64_t, Operation, std::string>;

  absl::flat_hash_map<Await, std::uint32_t> numbers_;  // never iterated
};

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_STEP_PLACES_H_
