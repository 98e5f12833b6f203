// SPDX-License-Identifier: MIT
//
// Files: small helpers around whole files. Recordings are read by trace_io.h, not here.
#ifndef HEDDLE_TOOLS_FILES_H_
#define HEDDLE_TOOLS_FILES_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "interrupt.h"

namespace heddle::tools {

// A new, empty directory that goes, with what is in it, when this does; a signal waits for that.
class TempDirectory {
 public:
  static absl::StatusOr<TempDirectory> Make();
  TempDirectory(TempDirectory&& other) noexcept;
  TempDirectory& operator=(TempDirectory&&) = delete;
  ~TempDirectory();

  // The path of a file in it.
  std::string Path(std::string_view name) const;

 private:
  TempDirectory(std::string path, std::unique_ptr<UntilClean> until_clean)
      : until_clean_(std::move(until_clean)), path_(std::move(path)) {}

  std::unique_ptr<UntilClean> until_clean_;  // goes last
  std::string path_;
};

// Errors name the file and the cause.
absl::Status WriteText(const std::string& path, std::string_view text);

// Writes beside `path` and renames, so that what was there survives an error, or a signal. A link
// stays, and leads to the new text; a device or a pipe is written to as it is.
absl::Status ReplaceText(const std::string& path, std::string_view text);

// Empty where there is no such file.
std::string ReadText(const std::string& path);

// The file that running `program` in `directory` would run: through PATH where there is no
// '/' in it. Empty where there is none, or one that may not be run.
std::string FindProgram(const std::string& program, const std::string& directory);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_FILES_H_
