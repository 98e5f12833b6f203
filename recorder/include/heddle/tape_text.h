// SPDX-License-Identifier: MIT
//
// The text of a tape:
//
//   heddle tape 1
//   test "no interleaving charges twice"
//   input 0a00000000000000  # 10
//   choice 6: task 3        # Refund#0 before Charge#0, of 3
//   choice 9: value 2       # of 10
//
// `#` starts a comment.
#ifndef HEDDLE_TAPE_TEXT_H_
#define HEDDLE_TAPE_TEXT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "heddle/tape.h"
#include "heddle/trace.h"

namespace heddle {

// The text of the tape of a trace, with comments that name the tasks.
std::string TapeText(const Trace& trace);
std::string TapeText(const Tape& tape);

// Errors name the line and what was expected there. `name` stands for the file.
absl::StatusOr<Tape> ParseTape(std::string_view text, const std::string& name);

}  // namespace heddle

#endif  // HEDDLE_TAPE_TEXT_H_
