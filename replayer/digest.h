// SPDX-License-Identifier: MIT
//
// Digest: 64 bits that tell bytes from others by which they were damaged or mistaken. The same on
// every machine.
#ifndef HEDDLE_REPLAYER_DIGEST_H_
#define HEDDLE_REPLAYER_DIGEST_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "heddle/random.h"

namespace heddle::internal {

inline std::uint64_t Digest(std::string_view bytes) {
  constexpr std::size_t kWord = 8;
  std::uint64_t digest = bytes.size();
  for (std::size_t at = 0; at < bytes.size(); at += kWord) {
    std::uint64_t word = 0;
    for (const char byte : bytes.substr(at, kWord)) {
      word = (word << 8) | static_cast<unsigned char>(byte);
    }
    digest = Random::Mix(digest ^ word);
  }
  return digest;
}

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_DIGEST_H_
