// SPDX-License-Identifier: MIT
//
// The table of the steps that led to the failure, laid out: time, a lane for each strand, place
// and choice. Read next: report_lanes.h and report_rows.h, which say what is in it.
#ifndef HEDDLE_REPLAYER_REPORT_TABLE_H_
#define HEDDLE_REPLAYER_REPORT_TABLE_H_

#include <string>
#include <vector>

#include "heddle/event.h"
#include "heddle/shrink.h"
#include "report_story.h"

namespace heddle::internal {

struct Table {
  std::vector<TaskId> lanes;
  std::string text;
};

// As many lanes as can be read. Without text where there is nothing to show. The task that failed
// is in it, and so are the steps that have to come in one order, if `shrunk` (may be null) has
// some.
Table MakeTable(const Story& story, const ShrinkResult* shrunk);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_REPORT_TABLE_H_
