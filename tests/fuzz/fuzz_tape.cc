// SPDX-License-Identifier: MIT
//
// Any text as a tape: refused with a message, or written as it is read.
#include <cstddef>
#include <cstdint>

#include "heddle/tape_text.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const absl::StatusOr<heddle::Tape> tape = heddle::ParseTape(heddle::Text(data, size), "a.tape");
  if (!tape.ok()) {
    heddle::Require(!tape.status().message().empty(), "a refusal says why");
    return 0;
  }
  const std::string text = heddle::TapeText(*tape);
  const absl::StatusOr<heddle::Tape> again = heddle::ParseTape(text, "a.tape");
  heddle::Require(again.ok(), "a tape that was written can be read");
  heddle::Require(heddle::TapeText(*again) == text, "a tape is read as it was written");
  return 0;
}
