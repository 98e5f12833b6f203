// SPDX-License-Identifier: MIT
//
// A name for a file of one test, which goes when this does.
#ifndef HEDDLE_TESTS_SUPPORT_TEMPORARY_PATH_H_
#define HEDDLE_TESTS_SUPPORT_TEMPORARY_PATH_H_

#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace heddle {

class TemporaryPath {
 public:
  // `name` tells the test programs apart.
  explicit TemporaryPath(const std::string& name)
      : path_(std::filesystem::temp_directory_path() /
              (name + "-" + std::to_string(::getpid()) + ".heddle")) {}
  TemporaryPath(const TemporaryPath&) = delete;
  TemporaryPath& operator=(const TemporaryPath&) = delete;
  ~TemporaryPath() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  std::string string() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace heddle

#endif  // HEDDLE_TESTS_SUPPORT_TEMPORARY_PATH_H_
