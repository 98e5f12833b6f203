// SPDX-License-Identifier: MIT
//
// What is wrong with a run that is stuck: the circles in which tasks wait for each other, and the
// tasks that nobody could wake.
#ifndef HEDDLE_RECORDER_DIAGNOSE_STUCK_H_
#define HEDDLE_RECORDER_DIAGNOSE_STUCK_H_

#include <vector>

#include "heddle/diagnosis.h"
#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle::internal {

std::vector<Diagnosis> DiagnoseStuck(const Trace& trace, const TaskTable& tasks);
// The same of a run that is not over: tasks that wait for each other in a circle, which none of
// those that go on can end.
std::vector<Diagnosis> DiagnoseStuckForGood(const Trace& trace, const TaskTable& tasks);

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_DIAGNOSE_STUCK_H_
