// SPDX-License-Identifier: MIT
//
// Tape: a schedule that a person can read, edit, review and commit (tape_text.h). It holds the
// test, the input and only those choices that differ from first-in-first-out. Choices count from
// 0, as in the trace.
#ifndef HEDDLE_TAPE_H_
#define HEDDLE_TAPE_H_

#include <cstdint>
#include <string>
#include <vector>

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

// Where schedules are kept that a test is to pass from now on, as tapes: the folder "heddle-kept"
// beside the test's source file (TraceHeader::source). Empty where that is not known.
std::string KeptFolder(const std::string& source);

}  // namespace heddle

#endif  // HEDDLE_TAPE_H_
