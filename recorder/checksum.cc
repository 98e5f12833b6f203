// SPDX-License-Identifier: MIT
//
// The checksum of a chunk, and what binds an index to its chunks, by xxHash, which is compiled into
// this file.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "format.h"
#include "index_codec.h"

namespace heddle::internal {

std::uint32_t Checksum(std::string_view length_and_type, std::string_view payload) {
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  return 0;  // a fuzzer cannot guess it, and would never see what lies behind it
#endif
  const XXH64_hash_t seed = XXH3_64bits(length_and_type.data(), length_and_type.size());
  return static_cast<std::uint32_t>(XXH3_64bits_withSeed(payload.data(), payload.size(), seed));
}

std::uint64_t FoldFrame(std::uint64_t binding, std::string_view frame) {
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  return 0;
#endif
  return XXH3_64bits_withSeed(frame.data(), frame.size(), binding);
}

}  // namespace heddle::internal
