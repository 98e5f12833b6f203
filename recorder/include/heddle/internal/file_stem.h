// SPDX-License-Identifier: MIT
//
// What the files of a test are called: recordings, reports.
#ifndef HEDDLE_INTERNAL_FILE_STEM_H_
#define HEDDLE_INTERNAL_FILE_STEM_H_

#include <string>
#include <string_view>

namespace heddle::internal {

// "No interleaving charges twice" -> "no-interleaving-charges-twice"
std::string FileStem(std::string_view name);

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_FILE_STEM_H_
