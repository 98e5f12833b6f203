// SPDX-License-Identifier: MIT
//
// PriorityTree: a priority for each strand, and who has the highest. Setting one takes O(log n),
// without a branch that nobody can foresee; asking is free. The strand that goes on is held
// outside, and while it stays the highest, nothing is done to the tree at all. Memory is kept
// between runs. sum_tree.h is its sibling, for weights.
#ifndef HEDDLE_INTERNAL_PRIORITY_TREE_H_
#define HEDDLE_INTERNAL_PRIORITY_TREE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "heddle/internal/strands.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// A tournament: a complete binary tree in an array, with the strands as the last half, where each
// node is the higher of the two below it, 2i and 2i + 1. The root is 1.
class PriorityTree {
 public:
  PriorityTree() : nodes_(std::size_t{2} * kSmallest), leaves_(kSmallest) {
    std::iota(leaves_.begin(), leaves_.end(), kSmallest);
  }

  void Clear() {
    std::ranges::fill(nodes_, 0);
    held_ = kNoStrand;
    held_value_ = 0;
  }

  // `priority` is not 0. Of two that are the same, the strand that came later has the higher.
  void Set(StrandNumber strand, std::uint32_t priority) {
    const std::uint64_t value = std::uint64_t{priority} << 32 | strand;
    if (strand == held_) {
      held_value_ = value;
      return;
    }
    if (strand >= leaves_.size()) [[unlikely]] {
      Grow(strand);
    }
    Put(leaves_[strand], value);
  }
  // Nothing for one that is not there.
  void Remove(StrandNumber strand) {
    if (strand == held_) {
      held_value_ = 0;
    } else if (Contains(strand)) {
      Put(leaves_[strand], 0);
    }
  }
  bool Contains(StrandNumber strand) const {
    if (strand == held_) return held_value_ != 0;
    return strand < leaves_.size() && nodes_[leaves_[strand]] != 0;
  }

  // Only when there is one.
  StrandNumber Top() const { return static_cast<StrandNumber>(std::max(nodes_[1], held_value_)); }
  // The same, of one whose priority is the next to change: it is held from here on.
  StrandNumber HoldTop() {
    if (held_value_ > nodes_[1]) return held_;
    return Exchange();
  }
  // Its priority; 0 when there is none.
  std::uint32_t highest() const {
    return static_cast<std::uint32_t>(std::max(nodes_[1], held_value_) >> 32);
  }

 private:
  static constexpr std::uint32_t kSmallest = 8;

  void Put(std::uint32_t leaf, std::uint64_t winner) {
    std::uint64_t* const nodes = nodes_.data();
    for (std::size_t node = leaf; node > 1; node /= 2) {
      nodes[node] = winner;
      winner = std::max(winner, nodes[node ^ 1]);
    }
    nodes[1] = winner;
  }

  // The one that was held takes the leaf of the top, which is held in its place.
  StrandNumber Exchange() {
    const std::uint64_t top = nodes_[1];
    const auto strand = static_cast<StrandNumber>(top);
    const std::uint32_t leaf = leaves_[strand];
    if (held_ != kNoStrand) std::swap(leaves_[strand], leaves_[held_]);
    Put(leaf, held_value_);
    held_ = strand;
    held_value_ = top;
    return strand;
  }

  [[gnu::noinline]] void Grow(StrandNumber strand) {
    const std::size_t before = leaves_.size();
    std::size_t size = before;
    while (strand >= size) size *= 2;
    std::vector<std::uint64_t> larger(2 * size);
    std::copy_n(nodes_.begin() + static_cast<std::ptrdiff_t>(before), before,
                larger.begin() + static_cast<std::ptrdiff_t>(size));
    for (std::size_t node = size - 1; node > 0; --node) {
      larger[node] = std::max(larger[2 * node], larger[2 * node + 1]);
    }
    nodes_.swap(larger);
    for (std::uint32_t& leaf : leaves_) leaf += static_cast<std::uint32_t>(size - before);
    for (std::size_t leaf = before; leaf < size; ++leaf) {
      leaves_.push_back(static_cast<std::uint32_t>(size + leaf));
    }
  }

  std::vector<std::uint64_t> nodes_;
  std::vector<std::uint32_t> leaves_;  // by strand: its node
  StrandNumber held_ = kNoStrand;      // whose leaf is 0
  std::uint64_t held_value_ = 0;       // 0: it is not there
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_PRIORITY_TREE_H_
