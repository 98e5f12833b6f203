// SPDX-License-Identifier: MIT
//
// Which program, built how and called how, is making a recording.
#ifndef HEDDLE_PROCESS_INFO_H_
#define HEDDLE_PROCESS_INFO_H_

#include "heddle/trace.h"

namespace heddle {

// Fills in the lower half of the header: version, build id, compiler, command, directory.
// What the system does not tell is left empty. Within a test the command is the one that runs
// only that test.
void DescribeProcess(TraceHeader& header);

}  // namespace heddle

#endif  // HEDDLE_PROCESS_INFO_H_
