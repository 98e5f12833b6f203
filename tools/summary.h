// SPDX-License-Identifier: MIT
//
// Summary: the lines above everything that shows a run: what was run, how it ended, who
// made the choices.
#ifndef HEDDLE_TOOLS_SUMMARY_H_
#define HEDDLE_TOOLS_SUMMARY_H_

#include <string>

#include "heddle/task_table.h"
#include "heddle/trace.h"
#include "overview.h"

namespace heddle::tools {

std::string SummaryText(const Trace& trace, const TaskTable& tasks, const Overview& overview,
                        bool color);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_SUMMARY_H_
