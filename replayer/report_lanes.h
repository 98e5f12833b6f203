// SPDX-License-Identifier: MIT
//
// Which strands the table of steps shows, where there are more than fit.
#ifndef HEDDLE_REPLAYER_REPORT_LANES_H_
#define HEDDLE_REPLAYER_REPORT_LANES_H_

#include <cstddef>
#include <vector>

#include "heddle/event.h"
#include "heddle/shrink.h"
#include "report_story.h"

namespace heddle::internal {

struct RankedLanes {
  // The strands that have to do with the failure: first the one that failed and those of the two
  // steps whose order decides, then those of other steps that have to come in an order, then those
  // in which the failure is, then those that threw, then those that touched the same objects, then
  // those that could have influenced it, then those that overtook somebody; of equals, those that
  // were there last.
  std::vector<TaskId> strands;
  std::size_t needed = 0;  // so many of the first say nothing without each other
};

// `shrunk` may be null.
RankedLanes RankedStrands(const Story& story, const ShrinkResult* shrunk);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_REPORT_LANES_H_
