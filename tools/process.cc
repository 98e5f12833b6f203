// SPDX-License-Identifier: MIT
//
// Implements process.h with posix_spawn.
#include "process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "absl/status/status.h"
#include "interrupt.h"

namespace heddle::tools {
namespace {

// What the child does before it becomes the other program.
class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  void Add(const Command& command) {
    if (!command.output.empty()) {
      constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
      posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, command.output.c_str(), kFlags,
                                       0600);
      posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO);
    }
    if (!command.directory.empty()) {
      posix_spawn_file_actions_addchdir_np(&actions_, command.directory.c_str());
    }
  }

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

std::vector<std::string> EnvironmentOf(const Command& command) {
  std::vector<std::string> result;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const std::string name(text.substr(0, text.find('=')));
    if (command.environment.count(name) == 0) result.emplace_back(text);
  }
  for (const auto& [name, value] : command.environment) {
    result.push_back(name);
    result.back().append("=").append(value);
  }
  return result;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

absl::StatusOr<ProcessEnd> RunProcess(const Command& command) {
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = EnvironmentOf(command);
  const UntilClean until_clean;
  FileActions actions;
  actions.Add(command);
  pid_t child = 0;
  const int error = posix_spawnp(&child, arguments[0].c_str(), actions.get(), nullptr,
                                 Pointers(arguments).data(), Pointers(environment).data());
  if (error == ENOENT) return absl::NotFoundError("no such program: " + arguments[0]);
  if (error != 0) {
    return absl::UnknownError("cannot run " + arguments[0] + ": " + std::strerror(error));
  }
  {
    // Its number is its own until somebody has asked how it ended: only until then it gets signals.
    const WorkingChild working(child);
    siginfo_t ignored{};
    while (waitid(P_PID, static_cast<id_t>(child), &ignored, WEXITED | WNOWAIT) < 0 &&
           errno == EINTR) {
    }
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return absl::UnknownError(std::string("waitpid: ") + std::strerror(errno));
  }
  if (IsInterrupted()) return absl::CancelledError("interrupted");
  ProcessEnd end;
  if (WIFEXITED(status)) end.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  return end;
}

std::string ToString(const ProcessEnd& end) {
  if (end.signal == 0) return "exit code " + std::to_string(end.code);
  return "killed by signal " + std::to_string(end.signal) + " (" + strsignal(end.signal) + ")";
}

}  // namespace heddle::tools
