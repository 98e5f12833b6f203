// SPDX-License-Identifier: MIT
//
// TypeName: the name of a type, as the compiler has it.
#ifndef HEDDLE_INTERNAL_TYPE_NAME_H_
#define HEDDLE_INTERNAL_TYPE_NAME_H_

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace heddle::internal {

template <class T>
constexpr std::string_view TypeName() {
  constexpr std::string_view kText = __PRETTY_FUNCTION__;
  constexpr std::size_t kBegin = kText.find("T = ") + 4;
  constexpr std::size_t kEnd = std::min(kText.find(';', kBegin), kText.rfind(']'));
  return kText.substr(kBegin, kEnd - kBegin);
}

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_TYPE_NAME_H_
