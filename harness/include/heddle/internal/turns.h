// SPDX-License-Identifier: MIT
//
// Turns: who makes the next of a number of steps, where each strand has as many turns as it still
// makes such steps. To draw one of the turns that are left, and not a strand by its weight, gives
// the same orders with the same probabilities, and costs one number by chance and a swap whatever
// the number of strands is. (The shuffle of Fisher and Yates, as far as it is needed.)
#ifndef HEDDLE_INTERNAL_TURNS_H_
#define HEDDLE_INTERNAL_TURNS_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "heddle/random.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// A turn is a number of its owner's. Memory is kept between runs.
class Turns {
 public:
  using Owner = std::uint32_t;

  void Clear() {
    turns_.clear();
    drawn_ = end_ = 0;
  }
  void Add(Owner owner, std::size_t times) {
    PutBack();
    turns_.insert(turns_.end(), times, owner);
    end_ = turns_.size();
  }

  // None are left, but those that were put aside.
  bool empty() const { return drawn_ == end_; }
  // Any of those that are left, each with the same probability; it stays among them.
  Owner Draw(Random& random) {
    const std::size_t left = end_ - drawn_;
    std::swap(turns_[drawn_], turns_[drawn_ + random.Below(static_cast<std::uint32_t>(left))]);
    return turns_[drawn_];
  }
  // The one that was drawn last: its owner, and what became of it.
  Owner drawn() const { return turns_[drawn_]; }
  void Take() { ++drawn_; }
  void PutAside() { std::swap(turns_[drawn_], turns_[--end_]); }
  // All that were put aside are back.
  void PutBack() { end_ = turns_.size(); }

 private:
  std::vector<Owner> turns_;  // those that were taken, are left, and were put aside
  std::size_t drawn_ = 0;
  std::size_t end_ = 0;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_TURNS_H_
