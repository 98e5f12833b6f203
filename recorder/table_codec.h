// SPDX-License-Identifier: MIT
//
// The records of the tables as bytes: sites, objects, flows, marks.
//
//   site     file (string)   line (varint)   function (string)
//   object   type (string)   name (string)
//   flow     name (string)
//   mark     name (string)   fields (varint)   { key (string)   tag (1)   value }*
//
// A string is the number of a string that came before in the chunk, counting from 1; or 0,
// its length and its bytes. Long strings get no number: otherwise a small file could ask
// for a lot of memory.
#ifndef HEDDLE_RECORDER_TABLE_CODEC_H_
#define HEDDLE_RECORDER_TABLE_CODEC_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "bytes.h"
#include "heddle/trace.h"

namespace heddle::internal {

inline constexpr std::size_t kNumberedStringMax = 255;  // bytes

enum class FieldTag : std::uint8_t { kInteger = 0, kDouble, kFalse, kTrue, kString, kBytes };

class TableEncoder {
 public:
  // Appends to `out`. The records must outlive the encoder.
  explicit TableEncoder(std::string* out) : out_(out) {}

  void Encode(const Site& site) {
    Put(site.file);
    AppendVarint(out_, site.line);
    Put(site.function);
  }

  void Encode(const ObjectRecord& object) {
    Put(object.type);
    Put(object.name);
  }

  void Encode(const FlowRecord& flow) { Put(flow.name); }

  void Encode(const MarkRecord& mark) {
    Put(mark.name);
    AppendVarint(out_, mark.fields.size());
    for (const Field& field : mark.fields) {
      Put(field.key);
      std::visit([this](const auto& value) { PutValue(value); }, field.value);
    }
  }

 private:
  void Put(std::string_view text) {
    if (const auto known = numbers_.find(text); known != numbers_.end()) {
      AppendVarint(out_, known->second);
      return;
    }
    AppendVarint(out_, 0);
    AppendVarint(out_, text.size());
    out_->append(text);
    if (text.size() <= kNumberedStringMax) numbers_.emplace(text, numbers_.size() + 1);
  }

  void PutTag(FieldTag tag) { out_->push_back(static_cast<char>(tag)); }

  void PutValue(std::int64_t value) {
    PutTag(FieldTag::kInteger);
    AppendVarint(out_, ZigZag(static_cast<std::uint64_t>(value)));
  }
  void PutValue(double value) {
    PutTag(FieldTag::kDouble);
    AppendFixed(out_, std::bit_cast<std::uint64_t>(value));
  }
  void PutValue(bool value) { PutTag(value ? FieldTag::kTrue : FieldTag::kFalse); }
  void PutValue(const std::string& value) {
    PutTag(FieldTag::kString);
    Put(value);
  }
  void PutValue(const Bytes& value) {
    PutTag(FieldTag::kBytes);
    Put(value.data);
  }

  std::string* out_;
  std::unordered_map<std::string_view, std::size_t> numbers_;
};

class TableDecoder {
 public:
  explicit TableDecoder(ByteReader* in) : in_(in) {}

  void Decode(Site* site) {
    site->file = String();
    site->line = in_->Varint<std::uint32_t>();
    site->function = String();
  }

  void Decode(ObjectRecord* object) {
    object->type = String();
    object->name = String();
  }

  void Decode(FlowRecord* flow) { flow->name = String(); }

  void Decode(MarkRecord* mark) {
    mark->name = String();
    const auto count = in_->Varint<std::uint64_t>();
    for (std::uint64_t i = 0; i < count && in_->ok(); ++i) {
      Field field;
      field.key = String();
      field.value = Value();
      mark->fields.push_back(std::move(field));
    }
  }

 private:
  std::string_view String() {
    const auto number = in_->Varint<std::uint64_t>();
    if (number > strings_.size()) {
      in_->Fail("it refers to string " + std::to_string(number) + " of " +
                std::to_string(strings_.size()));
      return {};
    }
    if (number != 0) return strings_[number - 1];
    const std::string_view text = in_->Bytes(in_->Varint<std::uint64_t>());
    if (text.size() <= kNumberedStringMax) strings_.push_back(text);
    return text;
  }

  FieldValue Value() {
    const std::uint8_t tag = in_->Byte();
    switch (static_cast<FieldTag>(tag)) {
      case FieldTag::kInteger:
        return static_cast<std::int64_t>(UnZigZag(in_->Varint<std::uint64_t>()));
      case FieldTag::kDouble:
        return std::bit_cast<double>(in_->Fixed<std::uint64_t>());
      case FieldTag::kFalse:
        return false;
      case FieldTag::kTrue:
        return true;
      case FieldTag::kString:
        return std::string(String());
      case FieldTag::kBytes:
        return Bytes{std::string(String())};
    }
    in_->Fail("there is no field type " + std::to_string(tag));
    return {};
  }

  ByteReader* in_;
  std::vector<std::string_view> strings_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_TABLE_CODEC_H_
