// SPDX-License-Identifier: MIT
#include "heddle/internal/json_archive.h"

#include <utility>

namespace heddle::internal {

void JsonArchive::Begin() {
  BeginValue();
  open_.emplace_back();
}

void JsonArchive::End() {
  const Part part = open_.back();
  open_.pop_back();
  if (part.values == 0) *out_ += part.is_array ? '[' : '{';
  *out_ += part.is_array ? ']' : '}';
}

void JsonArchive::Put(std::string_view text) {
  BeginValue();
  Quote(text);
}

void JsonArchive::PutLiteral(std::string_view literal) {
  BeginValue();
  *out_ += literal;
}

void JsonArchive::BeginValue() {
  const char* name = std::exchange(next_name_, nullptr);
  if (open_.empty()) return;
  Part& part = open_.back();
  const std::size_t number = part.values++;
  *out_ += number > 0 ? ',' : part.is_array ? '[' : '{';
  if (part.is_array) return;
  Quote(name != nullptr ? name : "value" + std::to_string(number));
  *out_ += ':';
}

void JsonArchive::Quote(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  *out_ += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      *out_ += '\\';
      *out_ += c;
    } else if (c == '\n') {
      *out_ += "\\n";
    } else if (byte < 0x20) {
      out_->append("\\u00").append({kDigits[byte >> 4], kDigits[byte & 0xf]});
    } else {
      *out_ += c;
    }
  }
  *out_ += '"';
}

}  // namespace heddle::internal
