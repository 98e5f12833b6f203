// SPDX-License-Identifier: MIT
//
// Implements shared_value.h.
#include "heddle/internal/shared_value.h"

#include <array>
#include <charconv>
#include <cmath>

namespace heddle::internal {
namespace {

// The shortest digits that read back as the same number.
std::string FloatText(float value) {
  if (std::isnan(value)) return "nan";
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return std::string(buffer.data(), end);
}

}  // namespace

std::string ValueText(const Event& event) {
  switch (event.value_kind()) {
    case ValueKind::kNatural:
      return std::to_string(event.value);
    case ValueKind::kNegative:
      return std::to_string(static_cast<std::int32_t>(event.value));
    case ValueKind::kBool:
      return event.value != 0 ? "true" : "false";
    case ValueKind::kReal:
      return FloatText(std::bit_cast<float>(event.value));
    case ValueKind::kNone:
      break;
  }
  return "";
}

std::string ValueSuffix(const Event& event) {
  const std::string value = ValueText(event);
  const bool differed = event.is_failed_exchange();
  if (value.empty()) return differed ? ", unchanged" : "";
  return differed ? " with " + value + ", unchanged" : ": " + value;
}

}  // namespace heddle::internal
