// SPDX-License-Identifier: MIT
//
// Task tree: the events of one request, or of a whole run, as rows of an outline
// (outline.h). A call stands where it was made, a spawned task where it was spawned; a task
// whose creator works for another request stands at the top.
#ifndef HEDDLE_TOOLS_TASK_TREE_H_
#define HEDDLE_TOOLS_TASK_TREE_H_

#include <cstddef>
#include <vector>

#include "extract.h"
#include "heddle/task_table.h"
#include "heddle/trace.h"
#include "outline.h"

namespace heddle::tools {

// The tasks that worked for `flow`; 0: all. `extract` is what `trace` is that of, where it is not
// that of a whole run.
std::vector<Row> RequestTree(const Trace& trace, const TaskTable& tasks, FlowId flow,
                             const Extract* extract = nullptr);

// These tasks with all below them, as far as they worked for `flow`. A task that stands
// below another of them comes once only.
std::vector<Row> TaskTrees(const Trace& trace, const TaskTable& tasks, FlowId flow,
                           const std::vector<TaskId>& roots);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_TASK_TREE_H_
