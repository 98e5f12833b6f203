// SPDX-License-Identifier: MIT
//
// Work that may end its process, in a process of its own.
#ifndef HEDDLE_TESTS_SUPPORT_CHILD_PROCESS_H_
#define HEDDLE_TESTS_SUPPORT_CHILD_PROCESS_H_

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include "support/catch.h"

namespace heddle {

struct ChildEnd {
  int status = 0;   // as waitpid says it
  std::string err;  // all that it wrote to standard error
};

// Calls `work` in a copy of this process, whose exit code is what that returns.
template <class Work>
ChildEnd RunInChild(Work work) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // Catch2's handler would report the abort as its own.
    static_cast<void>(std::signal(SIGABRT, SIG_DFL));
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    _exit(work());
  }
  close(ends[1]);
  ChildEnd end;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = read(ends[0], buffer.data(), buffer.size())) > 0;) {
    end.err.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(ends[0]);
  REQUIRE(waitpid(child, &end.status, 0) == child);
  return end;
}

}  // namespace heddle

#endif  // HEDDLE_TESTS_SUPPORT_CHILD_PROCESS_H_
