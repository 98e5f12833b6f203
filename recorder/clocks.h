// SPDX-License-Identifier: MIT
//
// Clocks: many vector clocks in little room. A clock says, for each chain of events, up to
// where it is known. Clocks never change: one that differs from another in one component
// shares everything else with it, as two versions of a tree do. So a clock costs a few nodes,
// however many chains there are. Used by causal_index.h.
// (Persistent trees: Driscoll, Sarnak, Sleator, Tarjan, "Making Data Structures Persistent",
// 1989.)
#ifndef HEDDLE_RECORDER_CLOCKS_H_
#define HEDDLE_RECORDER_CLOCKS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "heddle/check.h"
#include "huge_pages.h"

namespace heddle::internal {

// The height of the clock's tree, and the number of its root. 0: the clock that knows nothing.
using Clock = std::uint32_t;

// The leaves hold components, all other nodes the numbers of their children; 0 is none.
using ClockNode = std::array<std::uint32_t, 8>;
using ClockNodes = std::vector<ClockNode, HugePages<ClockNode>>;

inline constexpr std::uint32_t kClockFanoutBits = 3;
inline constexpr std::uint32_t kClockIndexBits = 28;

constexpr std::uint32_t HeightOf(Clock clock) { return clock >> kClockIndexBits; }
constexpr std::uint32_t RootOf(Clock clock) {
  return clock & ((std::uint32_t{1} << kClockIndexBits) - 1);
}
// Whether a tree of `height` has a place for `chain`.
constexpr bool IsWithin(std::uint32_t chain, std::uint32_t height) {
  return (std::uint64_t{chain} >> (kClockFanoutBits * height)) == 0;
}
constexpr std::size_t SlotOf(std::uint32_t chain, std::uint32_t level) {
  return (std::uint64_t{chain} >> (kClockFanoutBits * level)) % ClockNode().size();
}

// The component of `chain`.
inline std::uint32_t ComponentOf(const ClockNodes& nodes, Clock clock, std::uint32_t chain) {
  std::uint32_t level = HeightOf(clock);
  if (!IsWithin(chain, level)) return 0;
  std::uint32_t node = RootOf(clock);
  while (level > 0 && node != 0) node = nodes[node][SlotOf(chain, --level)];
  return node;
}

class ClockMaker {
 public:
  // Adds to `nodes`, which must outlive it.
  explicit ClockMaker(ClockNodes& nodes) : nodes_(nodes) {
    if (nodes_.empty()) nodes_.emplace_back();  // number 0 is no node
  }

  std::uint32_t At(Clock clock, std::uint32_t chain) const {
    return ComponentOf(nodes_, clock, chain);
  }

  // `clock`, but with `value` for `chain`.
  Clock With(Clock clock, std::uint32_t chain, std::uint32_t value) {
    std::uint32_t height = std::max(HeightOf(clock), std::uint32_t{1});
    while (!IsWithin(chain, height)) ++height;
    const Clock high = Raised(clock, height);
    const std::uint32_t root = Add(nodes_[RootOf(high)]);
    std::uint32_t node = root;
    for (std::uint32_t level = height; --level > 0;) {
      const std::size_t slot = SlotOf(chain, level);
      const std::uint32_t child = Add(nodes_[nodes_[node][slot]]);
      nodes_[node][slot] = child;
      node = child;
    }
    nodes_[node][SlotOf(chain, 0)] = value;
    return Made(height, root);
  }

  // The clock that knows what `a` or `b` knows. It is `a`, or `b`, if that knows it all.
  Clock Merged(Clock a, Clock b) {
    if (a == b || RootOf(b) == 0) return a;
    if (RootOf(a) == 0) return b;
    if (memory_.empty()) memory_.resize(std::size_t{1} << kMemoryBits);
    const std::uint32_t height = std::max(HeightOf(a), HeightOf(b));
    const std::uint32_t raised_a = RootOf(Raised(a, height));
    const std::uint32_t raised_b = RootOf(Raised(b, height));
    const std::uint32_t root = MergedNodes(raised_a, raised_b, height);
    return root == raised_a && HeightOf(a) == height ? a : Made(height, root);
  }

  // Gives back the room that only making needs.
  void Finish() { memory_ = {}; }

 private:
  static Clock Made(std::uint32_t height, std::uint32_t root) {
    return height << kClockIndexBits | root;
  }

  std::uint32_t Add(ClockNode node) {  // by value: it may lie in `nodes_`
    const std::size_t number = nodes_.size();
    HEDDLE_CHECK(number < std::size_t{1} << kClockIndexBits, "a trace with too many causes");
    nodes_.push_back(node);
    return static_cast<std::uint32_t>(number);
  }

  // The same clock as a tree of `height`, which is at least its own.
  Clock Raised(Clock clock, std::uint32_t height) {
    std::uint32_t root = RootOf(clock);
    if (root == 0) return Made(height, 0);
    for (std::uint32_t i = HeightOf(clock); i < height; ++i) root = Add(ClockNode{root});
    return Made(height, root);
  }

  // Old parts of two clocks meet again and again, and mostly one of them knows more than the
  // other. So what came out is remembered, but for the leaves.
  std::uint32_t MergedNodes(std::uint32_t a, std::uint32_t b, std::uint32_t height) {
    if (a == b || b == 0) return a;
    if (a == 0) return b;
    if (height == 1) return MergedLeaves(a, b);
    const std::size_t place = (a * 0x9e3779b1u ^ b * 0x85ebca6bu) >> (32 - kMemoryBits);
    if (const Merge& known = memory_[place]; known.a == a && known.b == b) return known.result;
    const std::uint32_t result = MergedChildren(a, b, height);
    memory_[place] = {.a = a, .b = b, .result = result};
    return result;
  }

  std::uint32_t MergedChildren(std::uint32_t a, std::uint32_t b, std::uint32_t height) {
    ClockNode merged{};
    for (std::size_t i = 0; i < merged.size(); ++i) {
      const std::uint32_t of_a = nodes_[a][i];
      const std::uint32_t of_b = nodes_[b][i];
      merged[i] = MergedNodes(of_a, of_b, height - 1);
    }
    if (merged == nodes_[a]) return a;
    if (merged == nodes_[b]) return b;
    return Add(merged);
  }

  // Without a branch in the loop, so that it takes a few instructions of a vector unit.
  std::uint32_t MergedLeaves(std::uint32_t a, std::uint32_t b) {
    const ClockNode of_a = nodes_[a];
    const ClockNode of_b = nodes_[b];
    ClockNode merged{};
    std::uint32_t beyond_a = 0;
    std::uint32_t beyond_b = 0;
    for (std::size_t i = 0; i < merged.size(); ++i) {
      merged[i] = std::max(of_a[i], of_b[i]);
      beyond_a |= merged[i] ^ of_a[i];
      beyond_b |= merged[i] ^ of_b[i];
    }
    if (beyond_a == 0) return a;
    if (beyond_b == 0) return b;
    return Add(merged);
  }

  static constexpr int kMemoryBits = 13;
  struct Merge {
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    std::uint32_t result = 0;
  };

  ClockNodes& nodes_;
  std::vector<Merge> memory_;  // by a hash of what was merged
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_CLOCKS_H_
