// SPDX-License-Identifier: MIT
//
// Choice: one decision of a chooser, as a plain value.
//
// A run is a pure function of its body and its choices. Only real decisions are
// recorded: with one candidate there is nothing to choose. `first` is what
// first-in-first-out would have picked, so `picked != first` is a deviation, and a
// tape (tape.h) needs to hold nothing else.
#ifndef HEDDLE_CHOICE_H_
#define HEDDLE_CHOICE_H_

#include <cstdint>
#include <string_view>

namespace heddle {

enum class ChoiceKind : std::uint8_t {
  kTask = 1,  // which ready task makes the next step: `picked` and `first` are TaskIds
  kValue,     // a bounded draw: `picked` is below `alternatives`, `first` is 0
};
inline constexpr ChoiceKind kLastChoiceKind = ChoiceKind::kValue;

struct Choice {
  std::uint32_t picked = 0;
  std::uint32_t first = 0;
  std::uint32_t alternatives = 0;  // how many candidates there were; 2 or more
  ChoiceKind kind = ChoiceKind::kTask;

  bool deviates() const { return picked != first; }

  friend bool operator==(const Choice&, const Choice&) = default;
};

std::string_view Name(ChoiceKind kind);

}  // namespace heddle

#endif  // HEDDLE_CHOICE_H_
