// SPDX-License-Identifier: MIT
//
// Implements fixed_chunks.h, as chunk_writer.h and table_codec.h write it.
#include "fixed_chunks.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory_resource>
#include <source_location>
#include <variant>

#include "chunk_writer.h"
#include "display_name.h"

namespace heddle::internal {
namespace {

bool SameText(const char* a, const char* b) { return a == b || std::strcmp(a, b) == 0; }

}  // namespace

FixedChunks::FixedChunks()
    : buffer_(kBufferBytes),
      text_(kFunctionTextMax),
      function_(kFunctionTextMax),
      name_room_(std::make_unique_for_overwrite<std::byte[]>(kNameRoom)) {
  sites_.reserve(kSitesMax);
}

std::string FixedChunks::HeaderChunk(const TraceHeader& header) {
  std::string bytes;
  AppendHeader(ChunkType::kHeader, header, &bytes);
  return bytes;
}

void FixedChunks::Begin(std::string_view header_chunk, ByteSink& sink) {
  sink_ = &sink;
  buffer_.Clear();
  buffer_.Raw(kMagic);
  buffer_.Fixed(kFormatVersion);
  buffer_.Raw(header_chunk);
  failed_ = !sink_->Write(buffer_.view());
}

void FixedChunks::BeginChunk(ChunkType type) {
  chunk_ = type;
  buffer_.Clear();
  buffer_.Fixed(std::uint32_t{0});
  buffer_.Byte(static_cast<std::uint8_t>(type));
  buffer_.Fixed(std::uint32_t{0});
}

void FixedChunks::EndChunk() {
  const std::string_view all = buffer_.view();
  char* next = PutFixed(buffer_.data(), static_cast<std::uint32_t>(all.size() - kFrameBytes));
  PutFixed(next + 1, Checksum(all.substr(0, kLengthAndTypeBytes), all.substr(kFrameBytes)));
  if (!failed_) failed_ = !sink_->Write(all);
}

void FixedChunks::BeginList(ChunkType type, std::size_t first) {
  BeginChunk(type);
  list_first_ = first;
  buffer_.Fixed(static_cast<std::uint64_t>(first));
  buffer_.Fixed(std::uint32_t{0});
}

void FixedChunks::EndList(std::size_t end) {
  PutFixed(buffer_.data() + kFrameBytes + sizeof(std::uint64_t),
           static_cast<std::uint32_t>(end - list_first_));
  EndChunk();
}

void FixedChunks::ClearSites() {
  sites_.clear();
  for (FixedIdMap<const void*>& numbers : site_numbers_) numbers.Clear();
}

std::uint32_t FixedChunks::SiteNumber(const void* data, bool coroutine) const {
  return data == nullptr ? 0 : site_numbers_[coroutine ? 1 : 0].Find(data);
}

// The address is a shortcut: two with the same contents are the same site.
std::uint32_t FixedChunks::InternSite(const void* data, bool coroutine) {
  if (data == nullptr) return 0;
  FixedIdMap<const void*>& numbers = site_numbers_[coroutine ? 1 : 0];
  const std::uint32_t known = numbers.Find(data);
  if (known != 0 || numbers.is_full() || sites_.size() == kSitesMax) return known;
  const auto location = std::bit_cast<std::source_location>(data);
  const auto same = std::find_if(sites_.begin(), sites_.end(), [&](const SiteKey& site) {
    const auto other = std::bit_cast<std::source_location>(site.data);
    return site.coroutine == coroutine && other.line() == location.line() &&
           SameText(other.file_name(), location.file_name()) &&
           (!coroutine || SameText(other.function_name(), location.function_name()));
  });
  const auto number = static_cast<std::uint32_t>(same - sites_.begin()) + 1;
  if (same == sites_.end()) sites_.push_back({.data = data, .coroutine = coroutine});
  numbers.Set(data, number);
  return number;
}

// Number 0 is the unknown site.
void FixedChunks::PutSites() {
  PutList(ChunkType::kSites, site_count(), [this](std::size_t number, bool cut) {
    if (number > 0 && !cut) return PutSite(sites_[number - 1]);
    for (int zeros = 0; zeros < 5; ++zeros) buffer_.Varint(0);  // no file, line or function
  });
}

// A string of a table is a 0, its length and its bytes (table_codec.h).
void FixedChunks::PutSite(const SiteKey& key) {
  const auto location = std::bit_cast<std::source_location>(key.data);
  buffer_.Varint(0);
  buffer_.Text(location.file_name());
  buffer_.Varint(location.line());
  buffer_.Varint(0);
  if (!key.coroutine) return buffer_.Text({});
  buffer_.Text(FunctionOf(key.data));
}

std::string_view FixedChunks::FunctionOf(const void* data) {
  if (data == nullptr) return {};
  const std::string_view function = std::bit_cast<std::source_location>(data).function_name();
  if (function.size() > kFunctionTextMax) return function.substr(0, kFunctionTextMax);
  std::pmr::monotonic_buffer_resource room(name_room_.get(), kNameRoom,
                                           std::pmr::null_memory_resource());
  function_.Clear();
  function_.Raw(DisplayNameIn(function, &room));
  return function_.view();
}

void FixedChunks::PutMark(const MarkRecord& mark) {
  const auto put = [this](std::string_view text) {
    buffer_.Varint(0);
    buffer_.Text(text);
  };
  const auto put_tag = [this](FieldTag tag) { buffer_.Byte(static_cast<std::uint8_t>(tag)); };
  put(mark.name);
  buffer_.Varint(mark.fields.size());
  for (const Field& field : mark.fields) {
    put(field.key);
    if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
      put_tag(FieldTag::kInteger);
      buffer_.Varint(ZigZag(static_cast<std::uint64_t>(*integer)));
    } else if (const auto* real = std::get_if<double>(&field.value)) {
      put_tag(FieldTag::kDouble);
      buffer_.Fixed(std::bit_cast<std::uint64_t>(*real));
    } else if (const auto* truth = std::get_if<bool>(&field.value)) {
      put_tag(*truth ? FieldTag::kTrue : FieldTag::kFalse);
    } else if (const auto* text = std::get_if<std::string>(&field.value)) {
      put_tag(FieldTag::kString);
      put(*text);
    } else if (const auto* bytes = std::get_if<Bytes>(&field.value)) {
      put_tag(FieldTag::kBytes);
      put(bytes->data);
    }
  }
}

}  // namespace heddle::internal
