// SPDX-License-Identifier: MIT
//
// What the files of a test are called: recordings, reports, and how a path is said to a person.
#ifndef HEDDLE_INTERNAL_FILE_STEM_H_
#define HEDDLE_INTERNAL_FILE_STEM_H_

#include <string>
#include <string_view>

namespace heddle::internal {

// "No interleaving charges twice" -> "no-interleaving-charges-twice"
std::string FileStem(std::string_view name);

// From where the process is, for what lies below that; else as it was.
std::string PathFromHere(const std::string& path);

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_FILE_STEM_H_
