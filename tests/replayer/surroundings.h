// SPDX-License-Identifier: MIT
//
// What surrounds an exploration, held for the length of a test: a folder of its own, a
// variable of the environment, standard error.
#ifndef HEDDLE_TESTS_REPLAYER_SURROUNDINGS_H_
#define HEDDLE_TESTS_REPLAYER_SURROUNDINGS_H_

#include <cstddef>
#include <string>

namespace heddle {

// Made empty, and removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::string& path() const { return path_; }
  // "<path>/name"
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Sets a variable, and unsets it at the end. Tests run in an environment without it.
class EnvironmentVariable {
 public:
  EnvironmentVariable(const std::string& name, const std::string& value);
  EnvironmentVariable(const EnvironmentVariable&) = delete;
  EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;
  ~EnvironmentVariable();

 private:
  std::string name_;
};

// From here on standard error goes into a file, which Text() reads.
class CapturedStderr {
 public:
  CapturedStderr();
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;
  ~CapturedStderr();

  std::string Text() const;

 private:
  TemporaryFolder folder_;
  int before_;
};

// What a shell makes of a command.
struct ShellOutput {
  int exit = 0;
  std::string out;
  std::string err;
};
ShellOutput Shell(const TemporaryFolder& folder, const std::string& command);

// How often `part` is in `text`; they do not overlap.
std::size_t CountOf(const std::string& text, const std::string& part);

std::string ReadText(const std::string& path);
void WriteText(const std::string& path, const std::string& text);

}  // namespace heddle

#endif  // HEDDLE_TESTS_REPLAYER_SURROUNDINGS_H_
