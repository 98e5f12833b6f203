// SPDX-License-Identifier: MIT
//
// Require: what must hold for every input of a fuzz program. libFuzzer keeps the input for
// which it does not.
#ifndef HEDDLE_TESTS_FUZZ_REQUIRE_H_
#define HEDDLE_TESTS_FUZZ_REQUIRE_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace heddle {

inline void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

inline std::string_view Text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace heddle

#endif  // HEDDLE_TESTS_FUZZ_REQUIRE_H_
