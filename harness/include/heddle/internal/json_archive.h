// SPDX-License-Identifier: MIT
//
// JsonArchive: an archive of cereal that writes one value as JSON, without white space. (cereal's
// own goes through a version of RapidJSON that newer compilers refuse.)
#ifndef HEDDLE_INTERNAL_JSON_ARCHIVE_H_
#define HEDDLE_INTERNAL_JSON_ARCHIVE_H_

#include <cereal/cereal.hpp>
#include <cereal/types/common.hpp>
#include <cereal/types/string.hpp>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace heddle::internal {

class JsonArchive : public cereal::OutputArchive<JsonArchive>, public cereal::traits::TextArchive {
 public:
  // Appends to `out`.
  explicit JsonArchive(std::string& out) : OutputArchive(this), out_(&out) {}

  // Of the next value, if it is a member of an object.
  void SetName(const char* name) { next_name_ = name; }
  // An object, unless it is made an array before its first value.
  void Begin();
  void MakeArray() { open_.back().is_array = true; }
  void End();
  void Put(std::string_view text);
  // A value as it is written: a number, true, null.
  void PutLiteral(std::string_view literal);
  template <class Number>
  void PutNumber(Number number) {
    char digits[64];
    PutLiteral({digits, std::to_chars(digits, digits + sizeof digits, number).ptr});
  }

 private:
  struct Part {
    bool is_array = false;
    std::size_t values = 0;
  };

  // What stands before a value.
  void BeginValue();
  void Quote(std::string_view text);

  std::string* out_;
  std::vector<Part> open_;
  const char* next_name_ = nullptr;
};

// --- what cereal calls --------------------------------------------------------------------

template <class T>
inline constexpr bool kIsPart =
    !std::is_arithmetic_v<T> && !std::is_same_v<T, std::string> &&
    !std::is_same_v<T, std::nullptr_t> &&
    !cereal::traits::has_minimal_base_class_serialization<
        T, cereal::traits::has_minimal_output_serialization, JsonArchive>::value &&
    !cereal::traits::has_minimal_output_serialization<T, JsonArchive>::value;

template <class T>
void prologue(JsonArchive& archive, const T& /*value*/) {
  if constexpr (kIsPart<T>) archive.Begin();
}
template <class T>
void epilogue(JsonArchive& archive, const T& /*value*/) {
  if constexpr (kIsPart<T>) archive.End();
}
template <class T>
void prologue(JsonArchive& /*archive*/, const cereal::NameValuePair<T>& /*value*/) {}
template <class T>
void epilogue(JsonArchive& /*archive*/, const cereal::NameValuePair<T>& /*value*/) {}
template <class T>
void prologue(JsonArchive& /*archive*/, const cereal::SizeTag<T>& /*value*/) {}
template <class T>
void epilogue(JsonArchive& /*archive*/, const cereal::SizeTag<T>& /*value*/) {}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(JsonArchive& archive, const cereal::NameValuePair<T>& value) {
  archive.SetName(value.name);
  archive(value.value);
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(JsonArchive& archive, const cereal::SizeTag<T>& /*size*/) {
  archive.MakeArray();
}
inline void CEREAL_SAVE_FUNCTION_NAME(JsonArchive& archive, const std::string& text) {
  archive.Put(text);
}
inline void CEREAL_SAVE_FUNCTION_NAME(JsonArchive& archive, const std::nullptr_t& /*value*/) {
  archive.PutLiteral("null");
}
template <class T>
  requires std::is_arithmetic_v<T>
void CEREAL_SAVE_FUNCTION_NAME(JsonArchive& archive, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    archive.PutLiteral(value ? "true" : "false");
  } else if constexpr (std::is_floating_point_v<T>) {
    if (std::isfinite(value)) return archive.PutNumber(value);
    archive.Put(std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
  } else if constexpr (std::is_signed_v<T>) {
    archive.PutNumber(static_cast<std::int64_t>(value));
  } else {
    archive.PutNumber(static_cast<std::uint64_t>(value));
  }
}

}  // namespace heddle::internal

CEREAL_REGISTER_ARCHIVE(heddle::internal::JsonArchive)

#endif  // HEDDLE_INTERNAL_JSON_ARCHIVE_H_
