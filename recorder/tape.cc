// SPDX-License-Identifier: MIT
#include "heddle/tape.h"

#include <cstddef>
#include <string>

#include "heddle/choice.h"
#include "heddle/trace.h"

namespace heddle {

Tape TapeOf(const Trace& trace) {
  Tape tape{.test = trace.header.test, .input = trace.header.input, .entries = {}};
  for (std::size_t i = 0; i < trace.choices.size(); ++i) {
    const Choice& choice = trace.choices[i];
    if (!choice.deviates()) continue;
    tape.entries.push_back({.choice = i, .kind = choice.kind, .picked = choice.picked});
  }
  return tape;
}

std::string KeptFolder(const std::string& source) {
  if (source.empty()) return {};
  return source.substr(0, source.rfind('/') + 1) + "heddle-kept";
}

}  // namespace heddle
