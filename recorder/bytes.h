// SPDX-License-Identifier: MIT
//
// Numbers as bytes, both ways: little-endian, varints (seven bits a byte, lowest first)
// and zigzag (small negative numbers stay small). Writing is by pointer, into room that
// the caller has made. Reading is by ByteReader, which never goes out of bounds.
#ifndef HEDDLE_RECORDER_BYTES_H_
#define HEDDLE_RECORDER_BYTES_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace heddle::internal {

inline constexpr std::size_t kVarint32Max = 5;  // bytes
inline constexpr std::size_t kVarint64Max = 10;

// In one piece where the machine is little-endian too.
template <class Unsigned>
char* PutFixed(char* out, Unsigned value) {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(out, &value, sizeof(value));
  } else {
    for (std::size_t i = 0; i < sizeof(value); ++i) out[i] = static_cast<char>(value >> (8 * i));
  }
  return out + sizeof(value);
}

template <class Unsigned>
Unsigned GetFixed(const char* in) {
  Unsigned value = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&value, in, sizeof(value));
  } else {
    for (std::size_t i = sizeof(value); i-- > 0;) {
      value = static_cast<Unsigned>(value << 8 | static_cast<unsigned char>(in[i]));
    }
  }
  return value;
}

inline char* PutVarint(char* out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) *out++ = static_cast<char>(value | 0x80);
  *out++ = static_cast<char>(value);
  return out;
}

// 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
template <class Unsigned>
constexpr Unsigned ZigZag(Unsigned difference) {
  constexpr int kSignBit = std::numeric_limits<Unsigned>::digits - 1;
  return static_cast<Unsigned>((difference << 1) ^ (Unsigned{0} - (difference >> kSignBit)));
}

template <class Unsigned>
constexpr Unsigned UnZigZag(Unsigned code) {
  return static_cast<Unsigned>((code >> 1) ^ (Unsigned{0} - (code & 1)));
}

// The difference of two unsigned numbers of the same width. It wraps around, so that
// kNoTask and 0 are neighbours and every pair has a difference.
template <class Unsigned>
char* PutDelta(char* out, Unsigned value, Unsigned base) {
  static_assert(std::is_unsigned_v<Unsigned>);
  return PutVarint(out, ZigZag(static_cast<Unsigned>(value - base)));
}

inline void AppendVarint(std::string* out, std::uint64_t value) {
  char bytes[kVarint64Max];
  out->append(bytes, PutVarint(bytes, value));
}

template <class Unsigned>
void AppendFixed(std::string* out, Unsigned value) {
  char bytes[sizeof(value)];
  out->append(bytes, PutFixed(bytes, value));
}

// Reads numbers off bytes. The first thing that goes wrong is kept as `problem`; from
// then on everything reads as 0 and nothing remains, so that a caller may look once,
// at the end of a record.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes)
      : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const { return problem_.empty(); }
  const std::string& problem() const { return problem_; }
  std::size_t remaining() const { return static_cast<std::size_t>(end_ - next_); }

  void Fail(std::string problem) {
    if (ok()) problem_ = std::move(problem);
    next_ = end_;
  }

  std::uint8_t Byte() {
    if (next_ == end_) return FailShort();
    return static_cast<std::uint8_t>(*next_++);
  }

  template <class Unsigned>
  Unsigned Fixed() {
    if (remaining() < sizeof(Unsigned)) return FailShort();
    const auto value = GetFixed<Unsigned>(next_);
    next_ += sizeof(Unsigned);
    return value;
  }

  // `Unsigned` also bounds the value.
  template <class Unsigned>
  Unsigned Varint() {
    constexpr int kBits = std::numeric_limits<Unsigned>::digits;
    Unsigned value = 0;
    for (int shift = 0; shift < kBits; shift += 7) {
      const std::uint8_t byte = Byte();
      const auto bits = static_cast<Unsigned>(byte & 0x7f);
      if (shift + 7 > kBits && (bits >> (kBits - shift)) != 0) break;
      value |= static_cast<Unsigned>(bits << shift);
      if ((byte & 0x80) == 0) return value;
    }
    Fail("a number does not fit into " + std::to_string(kBits) + " bits");
    return 0;
  }

  template <class Unsigned>
  Unsigned Delta(Unsigned base) {
    return static_cast<Unsigned>(base + UnZigZag(Varint<Unsigned>()));
  }

  std::string_view Bytes(std::uint64_t size) {
    if (size > remaining()) {
      FailShort();
      return {};
    }
    const std::string_view bytes(next_, static_cast<std::size_t>(size));
    next_ += size;
    return bytes;
  }

 private:
  std::uint8_t FailShort() {
    Fail("it ends in the middle of a record");
    return 0;
  }

  const char* next_;
  const char* end_;
  std::string problem_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_BYTES_H_
