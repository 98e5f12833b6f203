// SPDX-License-Identifier: MIT
//
// The rows of the table of steps: what each event says, in which lane. report_table.h lays them
// out.
#ifndef HEDDLE_REPLAYER_REPORT_ROWS_H_
#define HEDDLE_REPLAYER_REPORT_ROWS_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "heddle/event.h"
#include "report_story.h"

namespace heddle::internal {

struct Row {
  std::size_t event = 0;  // index into Trace::events
  VirtualNanos time = 0;
  std::size_t lane = 0;
  std::string text;
  std::string site;
  std::string choice;
  bool minor = false;  // goes first when there are too many
  bool tells = false;  // a mark, a fault, an end before its time: stays when there are too many
};

// In the order of the trace: of the events from story.begin on, and of those before that are
// `wanted` (by event). An event that says nothing new has no row.
std::vector<Row> RowsOf(const Story& story, const std::vector<TaskId>& lanes,
                        const std::function<bool(std::size_t)>& wanted);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_REPORT_ROWS_H_
