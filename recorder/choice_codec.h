// SPDX-License-Identifier: MIT
//
// Choices as bytes: two or three each.
//
//   head            kChoiceKindBits: the ChoiceKind;  kPickedFirst, kSameAlternatives
//   first           delta to that of the previous choice of this kind
//   [picked]        unless kPickedFirst: delta to `first`
//   [alternatives]  unless kSameAlternatives: delta to that of the previous of this kind
//
// Like the events, a chunk of choices begins with an empty memory.
#ifndef HEDDLE_RECORDER_CHOICE_CODEC_H_
#define HEDDLE_RECORDER_CHOICE_CODEC_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "bytes.h"
#include "heddle/choice.h"

namespace heddle::internal {

inline constexpr std::uint8_t kChoiceKindBits = 0x07;
inline constexpr std::uint8_t kPickedFirst = 0x08;
inline constexpr std::uint8_t kSameAlternatives = 0x10;
static_assert(static_cast<std::uint8_t>(kLastChoiceKind) <= kChoiceKindBits);

class ChoiceMemory {
 public:
  Choice& Previous(ChoiceKind kind) {
    return by_kind_[static_cast<std::uint8_t>(kind) & kChoiceKindBits];
  }

 private:
  std::array<Choice, kChoiceKindBits + 1> by_kind_{};
};

class ChoiceEncoder {
 public:
  static constexpr std::size_t kMaxBytes = 1 + 3 * kVarint32Max;

  // Encodes choices of a chunk into [*out, end), from `first` on, and moves *out behind them. Stops
  // when there may be no room for another one. Returns the first that was not encoded.
  const Choice* Encode(const Choice* first, const Choice* last, char** out, const char* end) {
    while (first != last && static_cast<std::size_t>(end - *out) >= kMaxBytes) {
      *out = Put(*first++, *out);
    }
    return first;
  }

 private:
  char* Put(const Choice& choice, char* out) {
    Choice& previous = memory_.Previous(choice.kind);
    auto head = static_cast<std::uint8_t>(choice.kind);
    if (choice.picked == choice.first) head |= kPickedFirst;
    if (choice.alternatives == previous.alternatives) head |= kSameAlternatives;

    *out++ = static_cast<char>(head);
    out = PutDelta(out, choice.first, previous.first);
    if ((head & kPickedFirst) == 0) out = PutDelta(out, choice.picked, choice.first);
    if ((head & kSameAlternatives) == 0) {
      out = PutDelta(out, choice.alternatives, previous.alternatives);
    }
    previous = choice;
    return out;
  }

  ChoiceMemory memory_;
};

class ChoiceDecoder {
 public:
  // Whatever the bytes are, the kind of the choice is one of ours, or `in` has failed.
  Choice Decode(ByteReader* in) {
    const std::uint8_t head = in->Byte();
    const std::uint8_t kind = head & kChoiceKindBits;
    if (kind == 0 || kind > static_cast<std::uint8_t>(kLastChoiceKind)) {
      in->Fail("there is no choice kind " + std::to_string(kind));
    }
    Choice& previous = memory_.Previous(static_cast<ChoiceKind>(kind));
    Choice choice = previous;
    choice.kind = static_cast<ChoiceKind>(kind);
    choice.first = in->Delta(previous.first);
    choice.picked = choice.first;
    if ((head & kPickedFirst) == 0) choice.picked = in->Delta(choice.first);
    if ((head & kSameAlternatives) == 0) choice.alternatives = in->Delta(previous.alternatives);
    previous = choice;
    return choice;
  }

 private:
  ChoiceMemory memory_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_CHOICE_CODEC_H_
