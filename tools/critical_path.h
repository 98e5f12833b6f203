// SPDX-License-Identifier: MIT
//
// The critical path of a request: the chain of steps and waits that its end had to wait for, read
// backwards from there. (Barford and Crovella, "Critical Path Analysis of TCP Transactions",
// SIGCOMM 2000, have the idea for messages; here a cause is whoever returned, sent, unlocked or
// woke.) What is not on it may take as long as it likes: to make the request faster, make the path
// shorter.
#ifndef HEDDLE_TOOLS_CRITICAL_PATH_H_
#define HEDDLE_TOOLS_CRITICAL_PATH_H_

#include <cstddef>
#include <vector>

#include "heddle/task_table.h"
#include "heddle/trace.h"
#include "waits.h"

namespace heddle::tools {

// One stretch of time, all of it on the path.
struct PathPiece {
  TaskId task = kNoTask;
  std::size_t suspend = kNoEvent;  // the wait that it is a part of; kNoEvent: the task ran
  VirtualNanos duration = 0;
};

// Where the path of each request ends: where the task ended with which it began, or else at the
// last event of the request. Index is FlowId; kNoEvent: it has no events. [0] is of the whole run.
std::vector<std::size_t> PathEnds(const Trace& trace, const TaskTable& tasks);

// Of the request `flow`, from its end on, the last piece first; 0: of the whole run. What another
// request did in the meantime is a part of the wait for it.
std::vector<PathPiece> CriticalPath(const Trace& trace, const TaskTable& tasks, const Waits& waits,
                                    FlowId flow, std::size_t end);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_CRITICAL_PATH_H_
