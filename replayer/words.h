// SPDX-License-Identifier: MIT
//
// 64-bit words of what one process writes and another reads: least significant byte first.
#ifndef HEDDLE_REPLAYER_WORDS_H_
#define HEDDLE_REPLAYER_WORDS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace heddle::internal {

inline constexpr std::size_t kWordBytes = 8;

inline void AppendWord(std::string& bytes, std::uint64_t word) {
  for (std::size_t i = 0; i < kWordBytes; ++i) bytes += static_cast<char>(word >> (8 * i));
}

// The word after `index` others; `bytes` is long enough.
inline std::uint64_t WordAt(std::string_view bytes, std::size_t index) {
  std::uint64_t word = 0;
  for (std::size_t i = kWordBytes; i-- > 0;) {
    word = (word << 8) | static_cast<unsigned char>(bytes[index * kWordBytes + i]);
  }
  return word;
}

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_WORDS_H_
