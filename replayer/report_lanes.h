// SPDX-License-Identifier: MIT
//
// Which strands the table of steps shows, where there are more than fit.
#ifndef HEDDLE_REPLAYER_REPORT_LANES_H_
#define HEDDLE_REPLAYER_REPORT_LANES_H_

#include <vector>

#include "heddle/event.h"
#include "heddle/shrink.h"
#include "report_story.h"

namespace heddle::internal {

// The strands that have to do with the failure: first those of the steps whose order decides, then
// those in which it is, then those that threw, then those that touched the same objects, then those
// that could have influenced it, then those that overtook somebody; of equals, those that were
// there last.
std::vector<TaskId> RankedStrands(const Story& story, const std::vector<OrderedStep>& deciding);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_REPORT_LANES_H_
