// SPDX-License-Identifier: MIT
//
// What a Shared or an Atomic was: read, written or compared with, as an event has it. It is for
// people: no chooser sees it, and it is no part of what two runs are compared by.
//
// An integer, an enumerator or a bool has 32 bits of room, and so has a floating-point number that
// a float holds exactly. Others are left out.
#ifndef HEDDLE_INTERNAL_SHARED_VALUE_H_
#define HEDDLE_INTERNAL_SHARED_VALUE_H_

#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

#include "heddle/event.h"

namespace heddle::internal {

struct SharedValue {
  std::uint32_t bits = 0;
  ValueKind kind = ValueKind::kNone;
};

constexpr SharedValue NaturalValue(std::uint64_t value) {
  if (value > std::numeric_limits<std::uint32_t>::max()) return {};
  return {static_cast<std::uint32_t>(value), ValueKind::kNatural};
}
constexpr SharedValue SignedValue(std::int64_t value) {
  if (value >= 0) return NaturalValue(static_cast<std::uint64_t>(value));
  if (value < std::numeric_limits<std::int32_t>::min()) return {};
  return {static_cast<std::uint32_t>(value), ValueKind::kNegative};
}

template <class T>
SharedValue RealValue(T value) {
  if (value != value) {  // its bits are the machine's own affair
    return {std::bit_cast<std::uint32_t>(std::numeric_limits<float>::quiet_NaN()),
            ValueKind::kReal};
  }
  constexpr T kMost = std::numeric_limits<float>::max();
  if (value < -kMost || value > kMost) return {};
  const auto narrow = static_cast<float>(value);
  if (static_cast<T>(narrow) != value) return {};
  return {std::bit_cast<std::uint32_t>(narrow), ValueKind::kReal};
}

// Of a T that has none, and of one that does not fit: kNone.
template <class T>
SharedValue SharedValueOf([[maybe_unused]] const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return {value ? 1u : 0u, ValueKind::kBool};
  } else if constexpr (std::is_enum_v<T>) {
    return SharedValueOf(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_integral_v<T> && sizeof(T) <= sizeof(std::uint64_t)) {
    if constexpr (std::is_signed_v<T>) return SignedValue(value);
    return NaturalValue(static_cast<std::uint64_t>(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    return RealValue(value);
  } else {
    return {};
  }
}

// "100", "-3", "true", "0.5"; empty where the event has none.
std::string ValueText(const Event& event);

// The same behind what was done: "reads balance" + ": 100", "compares head" + " with 2, unchanged".
std::string ValueSuffix(const Event& event);

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_SHARED_VALUE_H_
