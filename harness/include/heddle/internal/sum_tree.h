// SPDX-License-Identifier: MIT
//
// SumTree: a weight for each strand, and one of them drawn by weight. Setting one and drawing
// take O(log n) each, without a branch that nobody can foresee; memory is kept between runs.
#ifndef HEDDLE_INTERNAL_SUM_TREE_H_
#define HEDDLE_INTERNAL_SUM_TREE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "heddle/internal/strands.h"
#include "heddle/random.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// A complete binary tree in an array: nodes 2i and 2i + 1 are below node i, the root is 1, and the
// strands are the last half. A node is the sum of its two children.
class SumTree {
 public:
  SumTree() : nodes_(2 * kSmallest) {}

  void Clear() { std::ranges::fill(nodes_, 0); }

  void Set(StrandNumber strand, std::uint64_t weight) {
    while (strand >= Leaves()) Grow();
    std::size_t node = Leaves() + strand;
    const std::uint64_t change = weight - nodes_[node];  // modulo 2^64, as the sums below
    if (change == 0) return;
    for (; node > 0; node /= 2) nodes_[node] += change;
  }

  std::uint64_t Get(StrandNumber strand) const {
    return strand < Leaves() ? nodes_[Leaves() + strand] : 0;
  }
  std::uint64_t total() const { return nodes_[1]; }

  // A strand, with a probability in proportion to its weight; kNoStrand when all are 0.
  StrandNumber Pick(Random& random) const {
    if (total() == 0) return kNoStrand;
    std::uint64_t rest = Below(total(), random);
    std::size_t node = 1;
    while (node < Leaves()) {
      const std::uint64_t left = nodes_[2 * node];
      const std::uint64_t right = rest >= left ? 1 : 0;
      rest -= left & (0 - right);
      node = 2 * node + right;
    }
    return static_cast<StrandNumber>(node - Leaves());
  }

 private:
  static constexpr std::size_t kSmallest = 8;

  static std::uint64_t Below(std::uint64_t bound, Random& random) {
    if (bound <= std::numeric_limits<std::uint32_t>::max()) {
      return random.Below(static_cast<std::uint32_t>(bound));
    }
    return random.Next() % bound;  // which is far below 2^64: no bias to speak of
  }

  std::size_t Leaves() const { return nodes_.size() / 2; }

  void Grow() {
    const std::size_t leaves = Leaves();
    std::vector<std::uint64_t> larger(4 * leaves);
    std::ranges::copy(nodes_.begin() + static_cast<std::ptrdiff_t>(leaves), nodes_.end(),
                      larger.begin() + static_cast<std::ptrdiff_t>(2 * leaves));
    for (std::size_t node = 2 * leaves - 1; node > 0; --node) {
      larger[node] = larger[2 * node] + larger[2 * node + 1];
    }
    nodes_.swap(larger);
  }

  std::vector<std::uint64_t> nodes_;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_SUM_TREE_H_
