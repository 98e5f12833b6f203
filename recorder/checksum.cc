// SPDX-License-Identifier: MIT
//
// The checksum of a chunk, by xxHash, which is compiled into this file.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "format.h"

namespace heddle::internal {

std::uint32_t Checksum(std::string_view length_and_type, std::string_view payload) {
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  return 0;  // a fuzzer cannot guess it, and would never see what lies behind it
#endif
  const XXH64_hash_t seed = XXH3_64bits(length_and_type.data(), length_and_type.size());
  return static_cast<std::uint32_t>(XXH3_64bits_withSeed(payload.data(), payload.size(), seed));
}

}  // namespace heddle::internal
