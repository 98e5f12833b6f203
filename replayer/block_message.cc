// SPDX-License-Identifier: MIT
#include "block_message.h"

#include <cereal/archives/binary.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "digest.h"
#include "report_archive.h"
#include "words.h"

namespace heddle::internal {

template <class Archive>
void serialize(Archive& archive, BlockMessage& message) {
  archive(message.block, message.result, message.classes, message.orders);
}

namespace {

constexpr std::size_t kMessageHeader = 2 * kWordBytes;
// Far above what a block can come to: a size beyond it is none.
constexpr std::uint64_t kSizeMost = std::uint64_t{1} << 30;

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
  bytes.reserve(kMessageHeader + body.size());
  AppendWord(bytes, body.size());
  AppendWord(bytes, Digest(body));
  return bytes + body;
}

std::optional<BlockMessage> BlockMessageReader::Next() {
  const std::string_view left = std::string_view(bytes_).substr(at_);
  if (damaged_ || left.size() < kMessageHeader) return std::nullopt;
  const std::uint64_t size = WordAt(left, 0);
  damaged_ = size > kSizeMost;
  if (damaged_ || left.size() - kMessageHeader < size) return std::nullopt;
  const std::string_view body = left.substr(kMessageHeader, static_cast<std::size_t>(size));
  std::optional<BlockMessage> message;
  if (Digest(body) == WordAt(left, 1)) message = Decode(body);
  damaged_ = !message.has_value();
  at_ += kMessageHeader + body.size();
  if (at_ == bytes_.size()) {
    bytes_.clear();
    at_ = 0;
  }
  return message;
}

}  // namespace heddle::internal
