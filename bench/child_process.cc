// SPDX-License-Identifier: MIT
#include "child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "heddle/check.h"

namespace heddle::bench {
namespace {

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

rusage WaitFor(pid_t child, int code_max) {
  int status = 0;
  rusage usage{};
  while (wait4(child, &status, 0, &usage) < 0) HEDDLE_CHECK(errno == EINTR, "a child is lost");
  HEDDLE_CHECK(WIFEXITED(status) && WEXITSTATUS(status) <= code_max,
               "a program that is measured failed: run it by hand");
  return usage;
}

}  // namespace

Cost CostOf(std::vector<std::string> arguments, int code_max) {
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int error = posix_spawn(&child, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  HEDDLE_CHECK(error == 0, "a program that is to be measured is not there: build it");
  const rusage usage = WaitFor(child, code_max);
  return {.seconds = Seconds(usage.ru_utime) + Seconds(usage.ru_stime),
          .megabytes = static_cast<double>(usage.ru_maxrss) * 1024 / 1e6};
}

void InCopy(const std::function<void()>& work) {
  const pid_t child = fork();
  HEDDLE_CHECK(child >= 0, "there is no room for another process");
  if (child == 0) {
    work();
    _exit(0);
  }
  WaitFor(child, 0);
}

}  // namespace heddle::bench
