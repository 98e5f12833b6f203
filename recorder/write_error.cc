// SPDX-License-Identifier: MIT
//
// Implements write_error.h.
#include "write_error.h"

#include <cerrno>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace heddle::internal {
namespace {

std::string LikelyCause(int error) {
  switch (error) {
    case ENOSPC:
      return "the disk is full; free some room";
    case EDQUOT:
      return "your disk quota is used up; free some room";
    case EFBIG:
      return "the file size is limited (ulimit -f); raise the limit";
    case EIO:
      return "the disk or the network reported a fault; look at the system's log";
    case ENOENT:
      return "the directory does not exist; create it, or check the path";
    case ENOTDIR:
      return "a part of the path is a file, not a directory; check the path";
    case EISDIR:
      return "the path is a directory; name a file in it";
    case EROFS:
      return "the disk is mounted read-only; write somewhere else";
    case EACCES:
    case EPERM:
      return "you may not write in that directory; write somewhere else";
    case ENAMETOOLONG:
      return "the name is too long; choose a shorter one";
    default:
      return "the system refused; try another directory";
  }
}

}  // namespace

absl::Status CannotWrite(const std::string& path, int error, std::string_view what_is_left) {
  return absl::Status(
      absl::ErrnoToStatusCode(error),
      absl::StrCat("cannot write ", path, ": ", std::generic_category().message(error),
                   ". Likely cause: ", LikelyCause(error), ". ", std::string(what_is_left)));
}

}  // namespace heddle::internal
