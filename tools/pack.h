// SPDX-License-Identifier: MIT
//
// Pack: makes the file of a recording smaller, and back.
#ifndef HEDDLE_TOOLS_PACK_H_
#define HEDDLE_TOOLS_PACK_H_

#include <string>

#include "absl/status/statusor.h"

namespace heddle::tools {

struct PackOptions {
  std::string file;
  std::string output = {};  // empty: in the place of `file`
};

// What was done, in a line. What was at the output survives an error.
absl::StatusOr<std::string> Pack(const PackOptions& options);
absl::StatusOr<std::string> Unpack(const PackOptions& options);

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_PACK_H_
