// SPDX-License-Identifier: MIT
//
// A copy of the test's process that does something apart from it.
#ifndef HEDDLE_REPLAYER_CHILD_PROCESS_H_
#define HEDDLE_REPLAYER_CHILD_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <string>

namespace heddle::internal {

// Runs `work` in a child; the child's id, or -1 and errno. It ends without undoing, flushing or
// reporting anything that is the test's own; what it writes to standard output is lost, because a
// test's reporter would tell of a failure twice. It ends with its parent.
pid_t ForkChild(const std::function<void()>& work);

// Its status, once it has ended.
int WaitForChild(pid_t child);

// "signal 11 (Segmentation fault)"
std::string SignalText(int signal);
// The same, or "exit code 3".
std::string HowChildEnded(int status);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_CHILD_PROCESS_H_
