// SPDX-License-Identifier: MIT
//
// FixedBuffer: bytes that are put one after another into room that was made beforehand. What does
// not fit is not put, and is_full() says so. For signal handlers.
#ifndef HEDDLE_RECORDER_FIXED_BUFFER_H_
#define HEDDLE_RECORDER_FIXED_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "bytes.h"

namespace heddle::internal {

class FixedBuffer {
 public:
  explicit FixedBuffer(std::size_t capacity)
      : bytes_(std::make_unique_for_overwrite<char[]>(capacity)), capacity_(capacity) {}

  void Clear() {
    size_ = 0;
    is_full_ = false;
  }
  // Back to an earlier size.
  void CutTo(std::size_t size) {
    size_ = size;
    is_full_ = false;
  }

  std::size_t size() const { return size_; }
  std::size_t room() const { return capacity_ - size_; }
  bool is_full() const { return is_full_; }
  char* data() { return bytes_.get(); }
  std::string_view view() const { return {bytes_.get(), size_}; }

  void Raw(std::string_view bytes) {
    if (bytes.empty()) return;
    if (bytes.size() > room()) {
      is_full_ = true;
      return;
    }
    std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void Byte(std::uint8_t byte) {
    const char c = static_cast<char>(byte);
    Raw({&c, 1});
  }
  void Varint(std::uint64_t number) {
    char bytes[kVarint64Max];
    Raw({bytes, static_cast<std::size_t>(PutVarint(bytes, number) - bytes)});
  }
  template <class Unsigned>
  void Fixed(Unsigned number) {
    char bytes[sizeof(number)];
    PutFixed(bytes, number);
    Raw({bytes, sizeof(number)});
  }
  // Its length before it.
  void Text(std::string_view text) {
    Varint(text.size());
    Raw(text);
  }
  // For people.
  void Decimal(std::uint64_t number) {
    char digits[20];
    std::size_t begin = sizeof(digits);
    do {
      digits[--begin] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number > 0);
    Raw({digits + begin, sizeof(digits) - begin});
  }
  // `end` is where something else has written to, beginning at data() + size().
  void Advance(const char* end) { size_ = static_cast<std::size_t>(end - bytes_.get()); }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_;
  std::size_t size_ = 0;
  bool is_full_ = false;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_FIXED_BUFFER_H_
