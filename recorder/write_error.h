// SPDX-License-Identifier: MIT
//
// What is said when a recording cannot be written: the file, the cause, and what is left.
#ifndef HEDDLE_RECORDER_WRITE_ERROR_H_
#define HEDDLE_RECORDER_WRITE_ERROR_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace heddle::internal {

// `error` is an errno.
absl::Status CannotWrite(const std::string& path, int error, std::string_view what_is_left);

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_WRITE_ERROR_H_
