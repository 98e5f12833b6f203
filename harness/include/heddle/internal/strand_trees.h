// SPDX-License-Identifier: MIT
//
// MaxTree and SumTree: a number for each strand, and from all of them at once the largest, or
// one drawn by weight. Setting one and asking take O(log n); memory is kept between runs.
#ifndef HEDDLE_INTERNAL_STRAND_TREES_H_
#define HEDDLE_INTERNAL_STRAND_TREES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "heddle/internal/strands.h"
#include "heddle/random.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// A complete binary tree in an array: nodes 2i and 2i + 1 are below node i, the root is 1, and
// the strands are the last half. A node is Join::Of(its two children); 0 means "none".
template <class Join>
class StrandTree {
 public:
  StrandTree() : nodes_(2 * kSmallest) {}

  void Clear() { std::ranges::fill(nodes_, 0); }

  void Set(StrandNumber strand, std::uint64_t value) {
    while (strand >= Leaves()) Grow();
    std::size_t node = Leaves() + strand;
    nodes_[node] = value;
    while (node > 1) {
      node /= 2;
      const std::uint64_t joined = Join::Of(nodes_[2 * node], nodes_[2 * node + 1]);
      if (nodes_[node] == joined) return;
      nodes_[node] = joined;
    }
  }

  std::uint64_t Get(StrandNumber strand) const {
    return strand < Leaves() ? nodes_[Leaves() + strand] : 0;
  }

 protected:
  static constexpr std::size_t kSmallest = 8;

  std::size_t Leaves() const { return nodes_.size() / 2; }
  std::uint64_t Root() const { return nodes_[1]; }
  std::uint64_t Node(std::size_t node) const { return nodes_[node]; }
  StrandNumber StrandOf(std::size_t leaf) const {
    return static_cast<StrandNumber>(leaf - Leaves());
  }

 private:
  void Grow() {
    const std::size_t leaves = Leaves();
    std::vector<std::uint64_t> larger(4 * leaves);
    std::ranges::copy(nodes_.begin() + static_cast<std::ptrdiff_t>(leaves), nodes_.end(),
                      larger.begin() + static_cast<std::ptrdiff_t>(2 * leaves));
    for (std::size_t node = 2 * leaves - 1; node > 0; --node) {
      larger[node] = Join::Of(larger[2 * node], larger[2 * node + 1]);
    }
    nodes_.swap(larger);
  }

  std::vector<std::uint64_t> nodes_;
};

struct JoinByMaximum {
  static std::uint64_t Of(std::uint64_t a, std::uint64_t b) { return std::max(a, b); }
};
struct JoinBySum {
  static std::uint64_t Of(std::uint64_t a, std::uint64_t b) { return a + b; }
};

class MaxTree : public StrandTree<JoinByMaximum> {
 public:
  // The strand with the largest number; kNoStrand when all are 0.
  StrandNumber Top() const {
    const std::uint64_t largest = Root();
    if (largest == 0) return kNoStrand;
    std::size_t node = 1;
    while (node < Leaves()) {
      node *= 2;
      if (Node(node) != largest) ++node;
    }
    return StrandOf(node);
  }
};

class SumTree : public StrandTree<JoinBySum> {
 public:
  std::uint64_t total() const { return Root(); }

  // A strand, with a probability in proportion to its number; kNoStrand when all are 0.
  StrandNumber Pick(Random& random) const {
    if (total() == 0) return kNoStrand;
    std::uint64_t rest = random.Next() % total();  // totals are far below 2^64: no bias to speak of
    std::size_t node = 1;
    while (node < Leaves()) {
      node *= 2;
      if (rest >= Node(node)) {
        rest -= Node(node);
        ++node;
      }
    }
    return StrandOf(node);
  }
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_STRAND_TREES_H_
