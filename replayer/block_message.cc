// SPDX-License-Identifier: MIT
#include "block_message.h"

#include <bit>
#include <cstring>
#include <utility>

#include "heddle/random.h"

namespace heddle::internal {
namespace {

using Word = std::uint64_t;

constexpr std::size_t kFrameWords = 2;
// The block, how it ended, three figures; then the classes.
constexpr std::size_t kFixedWords = 5;
constexpr std::size_t kWordsMost = kFixedWords + Deal::kBlockSize;

Word Checksum(const std::vector<Word>& words) {
  Word sum = words.size();
  for (const Word word : words) sum = Random::Mix(sum ^ word);
  return sum;
}

std::vector<Word> WordsOf(const BlockMessage& message) {
  const BlockResult& result = message.result;
  std::vector<Word> words = {message.block, static_cast<Word>(result.end), result.schedules,
                             result.interleavings, std::bit_cast<Word>(result.missed_of_depth_2)};
  words.insert(words.end(), message.classes.begin(), message.classes.end());
  return words;
}

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

std::optional<BlockMessage> Decode(const std::vector<Word>& words) {
  const bool known = words[1] >= 1 && words[1] <= static_cast<Word>(kLastBlockEnd);
  if (!known) return std::nullopt;
  BlockMessage message{.block = words[0],
                       .result = {.end = static_cast<BlockEnd>(words[1]),
                                  .schedules = words[2],
                                  .interleavings = words[3],
                                  .missed_of_depth_2 = std::bit_cast<double>(words[4])},
                       .classes = {}};
  message.classes.assign(words.begin() + kFixedWords, words.end());
  return message;
}

}  // namespace

std::string Encode(const BlockMessage& message) {
  const std::vector<Word> words = WordsOf(message);
  std::string bytes;
  bytes.reserve((kFrameWords + words.size()) * sizeof(Word));
  AppendWord(bytes, words.size());
  AppendWord(bytes, Checksum(words));
  for (const Word word : words) AppendWord(bytes, word);
  return bytes;
}

std::optional<BlockMessage> BlockMessageReader::Next() {
  const std::string_view left = std::string_view(bytes_).substr(at_);
  if (damaged_ || left.size() < kFrameWords * sizeof(Word)) return std::nullopt;
  const Word count = WordAt(left, 0);
  damaged_ = count < kFixedWords || count > kWordsMost;
  if (damaged_) return std::nullopt;
  const auto size = static_cast<std::size_t>(count);
  if (left.size() < (kFrameWords + size) * sizeof(Word)) return std::nullopt;
  std::vector<Word> words(size);
  for (std::size_t i = 0; i < size; ++i) words[i] = WordAt(left, kFrameWords + i);
  std::optional<BlockMessage> message;
  if (Checksum(words) == WordAt(left, 1)) message = Decode(words);
  damaged_ = !message.has_value();
  at_ += (kFrameWords + size) * sizeof(Word);
  if (at_ == bytes_.size()) {
    bytes_.clear();
    at_ = 0;
  }
  return message;
}

}  // namespace heddle::internal
