// SPDX-License-Identifier: MIT
//
// Divergence: the first point at which a replay did something else than the recording.
#ifndef HEDDLE_DIVERGENCE_H_
#define HEDDLE_DIVERGENCE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "heddle/trace.h"

namespace heddle {

enum class DivergenceKind : std::uint8_t {
  kChoice,  // other candidates, or none, where the recording has a choice
  kEvent,   // the same choices, and yet another event
  kEnding,  // the same events, and yet another ending or message
};

struct Divergence {
  DivergenceKind kind = DivergenceKind::kChoice;
  std::size_t choice = 0;  // kChoice: its number
  std::size_t event = 0;   // kEvent: its number; kChoice: how many events came before
  std::string expected;    // what the recording has there
  std::string got;         // what the replay did
  std::vector<std::string> likely_causes;
  // How the recording ended, if it failed and `expected` does not say so: the failure that the
  // replay did not get to.
  std::string recorded_ending = {};

  friend bool operator==(const Divergence&, const Divergence&) = default;
};

// Several lines: where, expected, got, likely causes.
std::string Describe(const Divergence& divergence);

// The first difference between two traces of the same choices, or nothing. Traces without
// events are compared by choices and endings. The halves of the header that say who ran it
// are not compared, but a different build is named as a likely cause.
std::optional<Divergence> Compare(const Trace& recorded, const Trace& replayed);

namespace internal {

// The event that choice `number` led to: a start, a resumption or a draw. How many events
// there are, where it led to none.
std::size_t EventOfChoice(const Trace& trace, std::size_t number);

}  // namespace internal

}  // namespace heddle

#endif  // HEDDLE_DIVERGENCE_H_
