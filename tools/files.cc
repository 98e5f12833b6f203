// SPDX-License-Identifier: MIT
//
// Implements files.h.
#include "files.h"

#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX's
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>

namespace heddle::tools {
namespace {

absl::Status CannotWrite(const std::string& path, int error) {
  return absl::UnknownError("cannot write " + path + ": " + std::strerror(error) +
                            "\n  is the directory there, may you write to it, and is the disk "
                            "full?");
}

bool IsProgram(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

}  // namespace

absl::StatusOr<TempDirectory> TempDirectory::Make() {
  std::error_code error;
  const std::filesystem::path base = std::filesystem::temp_directory_path(error);
  if (error) return absl::UnknownError("no directory for temporary files: " + error.message());
  auto until_clean = std::make_unique<UntilClean>();
  std::string path = base / "heddle-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) return CannotWrite(path, errno);
  return TempDirectory(std::move(path), std::move(until_clean));
}

TempDirectory::TempDirectory(TempDirectory&& other) noexcept
    : until_clean_(std::move(other.until_clean_)), path_(std::exchange(other.path_, "")) {}

TempDirectory::~TempDirectory() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDirectory::Path(std::string_view name) const {
  return path_ + "/" + std::string(name);
}

absl::Status WriteText(const std::string& path, std::string_view text) {
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  return file.good() ? absl::OkStatus() : CannotWrite(path, errno);
}

absl::Status ReplaceText(const std::string& path, std::string_view text) {
  std::error_code error;
  const std::filesystem::file_status before = std::filesystem::status(path, error);
  const bool is_there = std::filesystem::exists(before);
  // A device or a pipe is written to: another file in its place would be none.
  if (is_there && !std::filesystem::is_regular_file(before)) return WriteText(path, text);
  // What a link leads to is replaced, and the link stays.
  const std::string target = is_there ? std::filesystem::canonical(path, error).string() : path;
  if (is_there && error) return CannotWrite(path, error.value());
  const UntilClean until_clean;
  const std::string beside = target + ".tmp-" + std::to_string(getpid());
  absl::Status status = WriteText(beside, text);
  if (status.ok() && IsInterrupted()) status = absl::CancelledError("interrupted");
  if (status.ok() && is_there) std::filesystem::permissions(beside, before.permissions(), error);
  if (status.ok() && rename(beside.c_str(), target.c_str()) != 0) status = CannotWrite(path, errno);
  if (!status.ok()) unlink(beside.c_str());
  return status;
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string FindProgram(const std::string& program, const std::string& directory) {
  if (program.find('/') != std::string::npos) {
    std::filesystem::path path = std::filesystem::path(directory) / program;
    return IsProgram(path) ? path.string() : "";
  }
  const char* const variable = std::getenv("PATH");
  std::istringstream directories(variable == nullptr ? "" : variable);
  for (std::string place; std::getline(directories, place, ':');) {
    std::filesystem::path path = std::filesystem::path(place.empty() ? "." : place) / program;
    if (IsProgram(path)) return path.string();
  }
  return "";
}

}  // namespace heddle::tools
