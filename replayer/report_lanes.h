// SPDX-License-Identifier: MIT
//
// Which strands the table of steps shows: all of them where they fit, and of more the telling ones.
#ifndef HEDDLE_REPLAYER_REPORT_LANES_H_
#define HEDDLE_REPLAYER_REPORT_LANES_H_

#include <cstddef>
#include <set>
#include <vector>

#include "heddle/event.h"
#include "heddle/shrink.h"
#include "report_story.h"

namespace heddle::internal {

struct RankedLanes {
  // The strands that have to do with the failure: first the one that failed and those of the two
  // steps whose order decides, then those of the request that the message names, then those of
  // other steps that have to come in an order, then those in which the failure is, then those that
  // cancelled one of these or that one of these cancelled, then those that threw, then those of the
  // same request, then those that do the same work, then those that touched the same objects, then
  // those that could have influenced it, then those that overtook somebody; of equals, those that
  // were there last. Of few strands all are here, and noise comes last.
  std::vector<TaskId> strands;
  std::size_t needed = 0;  // so many of the first say nothing without each other
  std::size_t close = 0;   // so many with those that one of these cancelled, or the other way round
  std::set<TaskId> noise;  // those that merely came before, or have nothing to do with it
  bool all = false;        // there are no others
  bool settled = false;    // the close ones alone tell why it fails
};

// `shrunk` may be null. No more than `few` strands are shown whatever they did.
RankedLanes RankedStrands(const Story& story, const ShrinkResult* shrunk, std::size_t few);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_REPORT_LANES_H_
