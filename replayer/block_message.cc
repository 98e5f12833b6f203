// SPDX-License-Identifier: MIT
#include "block_message.h"

#include <cereal/archives/binary.hpp>
#include <cstring>
#include <exception>
#include <sstream>
#include <utility>

#include "digest.h"
#include "report_archive.h"

namespace heddle::internal {

template <class Archive>
void serialize(Archive& archive, BlockMessage& message) {
  archive(message.block, message.result, message.classes, message.orders);
}

namespace {

using Word = std::uint64_t;

constexpr std::size_t kHeader = 2 * sizeof(Word);
// Far above what a block can come to: a size beyond it is none.
constexpr Word kSizeMost = Word{1} << 30;

void AppendWord(std::string& bytes, Word word) {
  char raw[sizeof(word)];
  std::memcpy(raw, &word, sizeof(word));
  bytes.append(raw, sizeof(raw));
}

Word WordAt(std::string_view bytes, std::size_t index) {
  Word word = 0;
  std::memcpy(&word, bytes.data() + index * sizeof(word), sizeof(word));
  return word;
}

std::optional<BlockMessage> Decode(std::string_view bytes) {
  try {
    std::istringstream stream{std::string(bytes)};
    cereal::BinaryInputArchive archive(stream);
    BlockMessage message;
    archive(message);
    const bool known =
        message.result.end >= BlockEnd::kPassed && message.result.end <= kLastBlockEnd;
    return known ? std::optional(std::move(message)) : std::nullopt;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::string Encode(const BlockMessage& message) {
  std::ostringstream stream;
  {
    cereal::BinaryOutputArchive archive(stream);
    archive(message);
  }
  const std::string body = std::move(stream).str();
  std::string bytes;
  bytes.reserve(kHeader + body.size());
  AppendWord(bytes, body.size());
  AppendWord(bytes, Digest(body));
  return bytes + body;
}

std::optional<BlockMessage> BlockMessageReader::Next() {
  const std::string_view left = std::string_view(bytes_).substr(at_);
  if (damaged_ || left.size() < kHeader) return std::nullopt;
  const Word size = WordAt(left, 0);
  damaged_ = size > kSizeMost;
  if (damaged_ || left.size() - kHeader < size) return std::nullopt;
  const std::string_view body = left.substr(kHeader, static_cast<std::size_t>(size));
  std::optional<BlockMessage> message;
  if (Digest(body) == WordAt(left, 1)) message = Decode(body);
  damaged_ = !message.has_value();
  at_ += kHeader + body.size();
  if (at_ == bytes_.size()) {
    bytes_.clear();
    at_ = 0;
  }
  return message;
}

}  // namespace heddle::internal
