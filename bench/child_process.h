// SPDX-License-Identifier: MIT
//
// Other processes: what a program costs that is run as its users run it, and what is better done
// elsewhere because of the memory that it takes.
#ifndef HEDDLE_BENCH_CHILD_PROCESS_H_
#define HEDDLE_BENCH_CHILD_PROCESS_H_

#include <functional>
#include <string>
#include <vector>

namespace heddle::bench {

struct Cost {
  double seconds = 0;    // of CPU time, the system's included
  double megabytes = 0;  // the most memory at a time; at least what this process had when it began
};

// Runs a program and throws away what it prints. It must exit with a code up to `code_max`.
Cost CostOf(std::vector<std::string> arguments, int code_max);

// Calls `work` in a copy of this process, which ends with it.
void InCopy(const std::function<void()>& work);

}  // namespace heddle::bench

#endif  // HEDDLE_BENCH_CHILD_PROCESS_H_
