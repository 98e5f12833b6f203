// SPDX-License-Identifier: MIT
//
// What is wrong with a run that met a limit: tasks that go round and round, tasks that were passed
// over, tasks that create others without end.
#ifndef HEDDLE_RECORDER_DIAGNOSE_LIMIT_H_
#define HEDDLE_RECORDER_DIAGNOSE_LIMIT_H_

#include <vector>

#include "heddle/diagnosis.h"
#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle::internal {

std::vector<Diagnosis> DiagnoseStepLimit(const Trace& trace, const TaskTable& tasks);
std::vector<Diagnosis> DiagnoseTaskLimit(const Trace& trace, const TaskTable& tasks);

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_DIAGNOSE_LIMIT_H_
