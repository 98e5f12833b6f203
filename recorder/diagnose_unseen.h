// SPDX-License-Identifier: MIT
//
// What is wrong with a run that ended with an exception that nobody could catch any more: that of a
// task of a TaskGroup that was gone before anybody called Join or errors().
#ifndef HEDDLE_RECORDER_DIAGNOSE_UNSEEN_H_
#define HEDDLE_RECORDER_DIAGNOSE_UNSEEN_H_

#include <vector>

#include "heddle/diagnosis.h"
#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle::internal {

std::vector<Diagnosis> DiagnoseUnseen(const Trace& trace, const TaskTable& tasks);

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_DIAGNOSE_UNSEEN_H_
