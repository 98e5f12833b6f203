// SPDX-License-Identifier: MIT
//
// Random: known answers of xoshiro256++, and the bounded draw.
#include "heddle/random.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "support/catch.h"
#include "support/law.h"

namespace heddle {
namespace {

// The reference algorithm, written down a second time from the authors' description.
class Reference {
 public:
  explicit Reference(std::uint64_t seed) {
    for (std::uint64_t& word : s_) {
      seed += 0x9e3779b97f4a7c15;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      word = z ^ (z >> 31);
    }
  }
  std::uint64_t Next() {
    const auto rotl = [](std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); };
    const std::uint64_t result = rotl(s_[0] + s_[3], 23) + s_[0];
    const std::uint64_t t = s_[1] << 17;
    s_[2] ^= s_[0];
    s_[3] ^= s_[1];
    s_[1] ^= s_[2];
    s_[0] ^= s_[3];
    s_[2] ^= t;
    s_[3] = rotl(s_[3], 45);
    return result;
  }

 private:
  std::array<std::uint64_t, 4> s_;
};

TEST_CASE("the numbers of seed 0 are known") {
  Random random(0);
  CHECK(random.Next() == 0x53175d61490b23df);
  CHECK(random.Next() == 0x61da6f3dc380d507);
  CHECK(random.Next() == 0x5c0fdf91ec9a7bfc);
  CHECK(random.Next() == 0x02eebf8c3bbe5e1a);
}

TEST_CASE("every seed gives what xoshiro256++ gives") {
  CheckLaw([](std::uint64_t seed) {
    Random random(seed);
    Reference reference(seed);
    for (int i = 0; i < 100; ++i) RC_ASSERT(random.Next() == reference.Next());
  });
}

TEST_CASE("the finaliser of SplitMix64 gives known answers") {
  CHECK(Random::Mix(0) == 0);
  CHECK(Random::Mix(0x9e3779b97f4a7c15) == 0xe220a8397b1dcdaf);  // its first number for seed 0
}

TEST_CASE("a bounded draw is below its bound") {
  CheckLaw([](std::uint64_t seed, std::uint32_t bound) {
    RC_PRE(bound > 0U);
    Random random(seed);
    for (int i = 0; i < 100; ++i) RC_ASSERT(random.Below(bound) < bound);
  });
}

TEST_CASE("a bounded draw below one is nothing, and the largest bound is allowed") {
  Random random(1);
  for (int i = 0; i < 100; ++i) CHECK(random.Below(1) == 0);
  std::uint32_t largest = 0;
  for (int i = 0; i < 100; ++i) largest = std::max(largest, random.Below(0xffffffff));
  CHECK(largest > 0xf0000000);
}

TEST_CASE("a bounded draw gives each number about as often") {
  constexpr int kDraws = 70'000;
  std::array<int, 7> counts = {};
  Random random(3);
  for (int i = 0; i < kDraws; ++i) ++counts[random.Below(7)];
  double chi_square = 0;
  for (const int count : counts) {
    constexpr double kExpected = kDraws / 7.0;
    chi_square += (count - kExpected) * (count - kExpected) / kExpected;
  }
  CHECK(chi_square < 22.5);  // 6 degrees of freedom: exceeded with probability 0.001
}

}  // namespace
}  // namespace heddle
