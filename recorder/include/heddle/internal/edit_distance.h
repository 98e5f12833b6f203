// SPDX-License-Identifier: MIT
//
// For "did you mean".
#ifndef HEDDLE_INTERNAL_EDIT_DISTANCE_H_
#define HEDDLE_INTERNAL_EDIT_DISTANCE_H_

#include <cstddef>
#include <string_view>

namespace heddle::internal {

// How many bytes must be inserted, removed or replaced to make `b` of `a`: Levenshtein's distance.
std::size_t EditDistance(std::string_view a, std::string_view b);

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_EDIT_DISTANCE_H_
