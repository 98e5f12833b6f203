// SPDX-License-Identifier: MIT
#include "replayer/surroundings.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace heddle {

TemporaryFolder::TemporaryFolder()
    : path_((std::filesystem::temp_directory_path() / "heddle-test-XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

EnvironmentVariable::EnvironmentVariable(const std::string& name, const std::string& value)
    : name_(name) {
  setenv(name.c_str(), value.c_str(), /*overwrite=*/1);
}

EnvironmentVariable::~EnvironmentVariable() { unsetenv(name_.c_str()); }

CapturedStderr::CapturedStderr() : before_(dup(STDERR_FILENO)) {
  std::fflush(stderr);
  const int file = open(folder_.File("stderr").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (before_ < 0 || file < 0) throw std::runtime_error("cannot capture standard error");
  dup2(file, STDERR_FILENO);
  close(file);
}

CapturedStderr::~CapturedStderr() {
  std::fflush(stderr);
  dup2(before_, STDERR_FILENO);
  close(before_);
}

std::string CapturedStderr::Text() const {
  std::fflush(stderr);
  return ReadText(folder_.File("stderr"));
}

ShellOutput Shell(const TemporaryFolder& folder, const std::string& command) {
  const std::string line = "cd '" + folder.path() + "' && { " + command + "\n} >out 2>err";
  const int status = std::system(line.c_str());  // NOLINT: a command of ours
  if (!WIFEXITED(status)) throw std::runtime_error("was ended by a signal: " + command);
  return {.exit = WEXITSTATUS(status),
          .out = ReadText(folder.File("out")),
          .err = ReadText(folder.File("err"))};
}

std::size_t CountOf(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void WriteText(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  if (!file) throw std::runtime_error("cannot write " + path);
}

}  // namespace heddle
