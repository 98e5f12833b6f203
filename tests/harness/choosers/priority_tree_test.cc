// SPDX-License-Identifier: MIT
//
// The tournament of strands against a table that is looked through.
#include "heddle/internal/priority_tree.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "heddle/internal/strands.h"
#include "heddle/random.h"
#include "support/catch.h"

namespace heddle::internal {
namespace {

TEST_CASE("the top of a priority tree is the strand with the highest priority") {
  Random random(1);
  for (const std::uint32_t strands : {1U, 3U, 8U, 9U, 40U}) {
    PriorityTree tree;
    std::map<StrandNumber, std::uint32_t> table;
    for (int i = 0; i < 300; ++i) {
      const StrandNumber strand = random.Below(strands);
      if (random.Below(3) == 0) {
        tree.Remove(strand);
        table.erase(strand);
      } else {
        const std::uint32_t priority = 1 + random.Below(50);
        tree.Set(strand, priority);
        table[strand] = priority;
      }
      std::pair<std::uint32_t, StrandNumber> best(0, 0);
      for (const auto& [other, priority] : table) best = std::max(best, {priority, other});
      REQUIRE(tree.highest() == best.first);
      if (table.empty()) continue;
      REQUIRE(tree.Top() == best.second);
      if (random.Below(2) == 0) REQUIRE(tree.HoldTop() == best.second);
      REQUIRE(tree.Contains(best.second));
    }
  }
}

TEST_CASE("a priority tree that was cleared is empty") {
  PriorityTree tree;
  tree.Set(20, 7);
  CHECK(tree.Top() == 20);
  tree.Clear();
  CHECK(tree.highest() == 0);
  tree.Set(3, 1);
  CHECK(tree.Top() == 3);
}

}  // namespace
}  // namespace heddle::internal
