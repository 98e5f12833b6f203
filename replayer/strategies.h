// SPDX-License-Identifier: MIT
//
// The strategies of an exploration by their names.
#ifndef HEDDLE_REPLAYER_STRATEGIES_H_
#define HEDDLE_REPLAYER_STRATEGIES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "heddle/chooser.h"
#include "heddle/explore.h"

namespace heddle::internal {

struct Strategy {
  std::unique_ptr<Chooser> chooser;
  // Once the chooser is exhausted: how many interleavings there are. Null: it does not count them.
  std::function<std::uint64_t()> interleavings;
  // Before each run beyond the budget: whether it and a few more are all there are. Null: never.
  std::function<bool()> searches_to_end;
};

// What the options ask for. Throws UsageError.
Strategy MakeStrategy(const ExploreOptions& options);

// Which blocks of schedules (block_runner.h) that strategy makes one after the other, with what it
// learned: every n-th; 1: all of them, as a search must; 0: the first, because what it learns is
// soon learned again.
std::uint64_t MainLineEvery(const ExploreOptions& options);
// Whether that strategy may go on beyond the budget, to the end of a search.
bool MaySearchToEnd(const ExploreOptions& options);
// Whether that strategy is a search: it goes through all there is, one after the other, and ends.
// False for a name that is none.
bool IsSearch(std::string_view strategy);
// Who makes each of the other blocks.
Strategy MakeStrategyElsewhere(const ExploreOptions& options);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_STRATEGIES_H_
