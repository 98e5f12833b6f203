// SPDX-License-Identifier: MIT
//
// Interrupt: a heddle that is told to end (SIGINT, SIGTERM, SIGHUP) leaves nothing behind: no file
// of its own that is half done, and no program that works for it. The signal ends heddle as it
// always did, but only once that is cleaned up.
//
//   const UntilClean until_clean;   // a signal from here on waits for the end of the block
#ifndef HEDDLE_TOOLS_INTERRUPT_H_
#define HEDDLE_TOOLS_INTERRUPT_H_

#include <sys/types.h>

namespace heddle::tools {

// While one of these lives a signal only says so. Where the last of them ends, it takes effect. For
// what takes no longer than somebody waits who has pressed Ctrl-C, and for one thread.
class UntilClean {
 public:
  UntilClean();
  UntilClean(const UntilClean&) = delete;
  UntilClean& operator=(const UntilClean&) = delete;
  ~UntilClean();
};

// Whether there was a signal, since the first UntilClean that lives.
bool IsInterrupted();

// While this lives the signals are also sent to that program, and a second one kills it.
class WorkingChild {
 public:
  explicit WorkingChild(pid_t child);
  WorkingChild(const WorkingChild&) = delete;
  WorkingChild& operator=(const WorkingChild&) = delete;
  ~WorkingChild();
};

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_INTERRUPT_H_
