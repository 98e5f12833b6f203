// SPDX-License-Identifier: MIT
//
// Observation: how many schedules failed in which one step came before another, where nobody held
// any step back. Of all pairs of steps of a run it finds the one whose order tells most.
#ifndef HEDDLE_REPLAYER_OBSERVATION_H_
#define HEDDLE_REPLAYER_OBSERVATION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "seen_steps.h"
#include "step_places.h"

namespace heddle::internal {

// Two steps of the run, by their places in its log; the first came first.
struct ObservedPair {
  std::size_t first = 0;
  std::size_t second = 0;
  std::uint32_t in_order = 0;
  std::uint32_t in_order_failed = 0;
  std::uint32_t reversed = 0;
  std::uint32_t reversed_failed = 0;

  // How much more often schedules failed in that order; of few, less.
  double Contrast() const;
  // The same, and more where no schedule failed in the other order, or all did in this one: that
  // order is what the failure takes, or is all that it takes.
  double Worth() const;
  bool is_needed() const { return reversed_failed == 0 && reversed >= kObservedEnough; }
  bool is_enough() const { return in_order_failed == in_order && in_order >= kObservedEnough; }

  static constexpr std::uint32_t kObservedEnough = 20;
};

class Observation {
 public:
  // Of the last steps of a long run. Both are in the order of its log. Behind them are those that
  // it did not come to, because their tasks were cancelled: `cancelled_in` are the steps that did
  // it.
  Observation(const std::vector<SeenStep>& steps, const std::vector<StepPlace>& places,
              const std::vector<std::size_t>& cancelled_in);

  // A schedule: where its steps began, in its order.
  void Add(const std::vector<StepPlace>& places, bool failed);
  std::size_t failed() const { return failed_; }

  // Of pairs that tell as much: of steps that touch the same object, and near to the end. Nothing
  // where no pair came up in both orders.
  std::optional<ObservedPair> Best() const;

 private:
  struct Schedule {
    bool failed = false;
    std::vector<std::uint32_t> at;  // by step of the run; kNotMade: it was not
  };

  bool MayDecide(std::size_t first, std::size_t second) const;
  ObservedPair CountOf(std::size_t first, std::size_t second) const;
  bool Conflict(std::size_t first, std::size_t second) const;

  const std::vector<SeenStep>& steps_;
  const std::vector<std::size_t>& cancelled_in_;
  std::size_t made_;
  std::size_t begin_;  // the first of the steps that are looked at
  absl::flat_hash_map<StepPlace, std::size_t> steps_by_place_;
  std::vector<Schedule> schedules_;
  std::size_t failed_ = 0;
};

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_OBSERVATION_H_
