// SPDX-License-Identifier: MIT
//
// The terminal that standard error may be, for lines that are written over and over there.
#ifndef HEDDLE_INTERNAL_TERMINAL_H_
#define HEDDLE_INTERNAL_TERMINAL_H_

#include <cstddef>

namespace heddle::internal {

// Of a line that stays one line: one that is wider takes two, and only one of them would be
// cleared.
std::size_t WidthOfTerminal();

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_TERMINAL_H_
