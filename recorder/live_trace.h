// SPDX-License-Identifier: MIT
//
// Makes a trace of what the threads of a program wrote down.
#ifndef HEDDLE_RECORDER_LIVE_TRACE_H_
#define HEDDLE_RECORDER_LIVE_TRACE_H_

#include "heddle/trace.h"
#include "live_log.h"

namespace heddle::internal {

// Its header says who ran it. Its events are in the order of their times, those of a task in the
// order in which they happened; ids count anew, those of tasks from before the window first.
Trace TraceOf(const LiveWindow& window);
// What such a trace says of its program.
TraceHeader LiveHeader(const LiveMoment& begin);

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_LIVE_TRACE_H_
