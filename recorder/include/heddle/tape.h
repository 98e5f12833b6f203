// SPDX-License-Identifier: MIT
//
// Tape: a schedule that a person can read, edit, review and commit. It holds the test,
// the input and only those choices that differ from first-in-first-out:
//
//   heddle tape 1
//   test "no interleaving charges twice"
//   input 0a00000000000000  # 10
//   choice 6: task 3        # Refund#0 before Charge#0, of 3
//   choice 9: value 2       # of 10
//
// `#` starts a comment. Choices count from 0, as in the trace.
#ifndef HEDDLE_TAPE_H_
#define HEDDLE_TAPE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "heddle/choice.h"
#include "heddle/trace.h"

namespace heddle {

struct TapeEntry {
  std::uint64_t choice = 0;
  ChoiceKind kind = ChoiceKind::kTask;
  std::uint32_t picked = 0;

  friend bool operator==(const TapeEntry&, const TapeEntry&) = default;
};

struct Tape {
  std::string test;
  std::string input;
  std::vector<TapeEntry> entries;  // ascending by choice

  friend bool operator==(const Tape&, const Tape&) = default;
};

// The deviations of a trace's choices.
Tape TapeOf(const Trace& trace);

// The text of the tape of a trace, with comments that name the tasks.
std::string TapeText(const Trace& trace);
std::string TapeText(const Tape& tape);

// Where schedules are kept that a test is to pass from now on, as tapes: the folder "heddle-kept"
// beside the test's source file (TraceHeader::source). Empty where that is not known.
std::string KeptFolder(const std::string& source);

// Errors name the line and what was expected there. `name` stands for the file.
absl::StatusOr<Tape> ParseTape(std::string_view text, const std::string& name);

}  // namespace heddle

#endif  // HEDDLE_TAPE_H_
