// SPDX-License-Identifier: MIT
//
// PriorityTree: a priority for each strand, and who has the highest. Setting one takes O(log n),
// without a branch that nobody can foresee; asking is free. Memory is kept between runs.
// sum_tree.h is its sibling, for weights.
#ifndef HEDDLE_INTERNAL_PRIORITY_TREE_H_
#define HEDDLE_INTERNAL_PRIORITY_TREE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "heddle/internal/strands.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// A tournament: a complete binary tree in an array, with the strands as the last half, where each
// node is the higher of the two below it, 2i and 2i + 1. The root is 1.
class PriorityTree {
 public:
  PriorityTree() : nodes_(2 * kSmallest) {}

  void Clear() { std::ranges::fill(nodes_, 0); }

  // `priority` is not 0. Of two that are the same, the strand that came later has the higher.
  void Set(StrandNumber strand, std::uint32_t priority) {
    if (strand >= Leaves()) [[unlikely]] {
      Grow(strand);
    }
    Put(strand, std::uint64_t{priority} << 32 | strand);
  }
  // Nothing for one that is not there.
  void Remove(StrandNumber strand) {
    if (Contains(strand)) Put(strand, 0);
  }
  bool Contains(StrandNumber strand) const {
    return strand < Leaves() && nodes_[Leaves() + strand] != 0;
  }

  // Only when there is one.
  StrandNumber Top() const { return static_cast<StrandNumber>(nodes_[1]); }
  // Its priority; 0 when there is none.
  std::uint32_t highest() const { return static_cast<std::uint32_t>(nodes_[1] >> 32); }

 private:
  static constexpr std::size_t kSmallest = 8;

  std::size_t Leaves() const { return nodes_.size() / 2; }

  void Put(StrandNumber strand, std::uint64_t winner) {
    std::uint64_t* const nodes = nodes_.data();
    for (std::size_t node = Leaves() + strand; node > 1; node /= 2) {
      nodes[node] = winner;
      winner = std::max(winner, nodes[node ^ 1]);
    }
    nodes[1] = winner;
  }

  [[gnu::noinline]] void Grow(StrandNumber strand) {
    const std::size_t before = Leaves();
    std::size_t leaves = before;
    while (strand >= leaves) leaves *= 2;
    std::vector<std::uint64_t> larger(2 * leaves);
    std::copy_n(nodes_.begin() + static_cast<std::ptrdiff_t>(before), before,
                larger.begin() + static_cast<std::ptrdiff_t>(leaves));
    for (std::size_t node = leaves - 1; node > 0; --node) {
      larger[node] = std::max(larger[2 * node], larger[2 * node + 1]);
    }
    nodes_.swap(larger);
  }

  std::vector<std::uint64_t> nodes_;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_PRIORITY_TREE_H_
