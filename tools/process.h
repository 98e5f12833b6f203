// SPDX-License-Identifier: MIT
//
// Process: runs another program and waits for it. No shell is involved, so nothing in an
// argument is special.
#ifndef HEDDLE_TOOLS_PROCESS_H_
#define HEDDLE_TOOLS_PROCESS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace heddle::tools {

struct Command {
  std::vector<std::string> arguments = {};  // the program first; without a '/' it is sought in PATH
  std::string directory = {};               // where to run it; empty: here
  std::map<std::string, std::string> environment = {};  // in addition to our own
  std::string output = {};  // a file for its standard output and error; empty: ours
};

struct ProcessEnd {
  int code = 0;    // its exit code ...
  int signal = 0;  // ... or what killed it
};

// NotFound: there is no such program. Cancelled: a signal came meanwhile (interrupt.h), which the
// other program got too. Otherwise what the system said.
absl::StatusOr<ProcessEnd> RunProcess(const Command& command);

// "exit code 1", "killed by signal 11 (Segmentation fault)".
std::string ToString(const ProcessEnd& end);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_PROCESS_H_
