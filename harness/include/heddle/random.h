// SPDX-License-Identifier: MIT
//
// Random: our own generator and our own bounded draw, because the distributions of the
// standard library differ from one implementation to the next.
#ifndef HEDDLE_RANDOM_H_
#define HEDDLE_RANDOM_H_

#include <bit>
#include <cstdint>

namespace heddle {

// xoshiro256++ 1.0 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators",
// 2021), seeded through SplitMix64 as its authors recommend.
class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15;
      word = Mix(seed);
    }
  }

  std::uint64_t Next() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // A number below `bound`, which is not 0. One multiplication and no rejection (Lemire,
  // "Fast Random Integer Generation in an Interval", 2019): the bias is below bound / 2^32.
  std::uint32_t Below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((Next() >> 32) * bound) >> 32);
  }

  // The finaliser of SplitMix64: spreads nearby numbers over all 64 bits.
  static std::uint64_t Mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }

 private:
  std::uint64_t state_[4];
};

}  // namespace heddle

#endif  // HEDDLE_RANDOM_H_
