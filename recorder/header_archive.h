// SPDX-License-Identifier: MIT
//
// TraceHeader as bytes: cereal's portable binary archive, always little-endian, of a
// version number and the fields in the order of trace.h.
//
// The version is the header's own. A newer version only appends fields: an older reader
// takes those it knows and leaves the rest, a newer reader gives defaults to those that an
// older writer did not have.
#ifndef HEDDLE_RECORDER_HEADER_ARCHIVE_H_
#define HEDDLE_RECORDER_HEADER_ARCHIVE_H_

#include <cereal/archives/portable_binary.hpp>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "heddle/trace.h"

namespace heddle::internal {

inline constexpr std::uint32_t kHeaderVersion = 4;

// One function for both directions, so that they cannot differ. cereal's own way to load a
// string or a vector believes the size that the bytes claim; here nothing gets larger than
// `limit`, the number of bytes there are.
template <class Archive>
class HeaderArchive {
 public:
  HeaderArchive(Archive* archive, std::size_t limit) : archive_(*archive), limit_(limit) {}

  // Throws cereal::Exception.
  void operator()(TraceHeader& header) {
    std::uint32_t version = kHeaderVersion;
    archive_(version);
    if (version == 0) throw cereal::Exception("there is no header version 0");

    Text(header.test);
    Text(header.chooser);
    archive_(header.seed, header.schedule);
    Text(header.input);
    Text(header.input_text);

    Enum(header.ending, Ending::kFinished, kLastEnding, "ending");
    Text(header.message);
    archive_(header.failed_task, header.steps);
    List(header.waiting, [this](WaitingTask& waiting) { Waiting(waiting); });

    Text(header.heddle_version);
    Text(header.build_id);
    Text(header.compiler);
    List(header.command, [this](std::string& word) { Text(word); });
    Text(header.directory);
    if (version >= 2) Text(header.source);
    if (version >= 3) archive_(header.began);
    if (version >= 4) Why(header.explanation);
  }

 private:
  static constexpr bool kLoading = Archive::is_loading::value;

  void Waiting(WaitingTask& waiting) {
    archive_(waiting.task);
    Text(waiting.name);
    Enum(waiting.operation, Operation::kNone, kLastOperation, "operation");
    Text(waiting.object);
    Text(waiting.site);
    archive_(waiting.since);
  }

  void Why(Explanation& explanation) {
    List(explanation.steps, [this](ExplainedStep& step) {
      archive_(step.number);
      Text(step.text);
    });
    Flag(explanation.fails_plain);
    Text(explanation.verdict);
  }

  // cereal's own way to load a bool makes one of any byte.
  void Flag(bool& flag) {
    auto number = static_cast<std::uint8_t>(flag);
    archive_(number);
    if constexpr (kLoading) {
      if (number > 1) throw cereal::Exception("a flag is " + std::to_string(number));
      flag = number == 1;
    }
  }

  void Text(std::string& text) {
    std::uint64_t size = text.size();
    archive_(size);
    if constexpr (kLoading) {
      if (size > limit_) throw cereal::Exception("a text is longer than the header");
      text.resize(static_cast<std::size_t>(size));
    }
    archive_(cereal::binary_data(text.data(), text.size()));
  }

  // Grows as the items are read: a count that lies meets the end of the bytes first.
  template <class Item, class ArchiveItem>
  void List(std::vector<Item>& items, ArchiveItem archive_item) {
    std::uint64_t count = items.size();
    archive_(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      if constexpr (kLoading) items.emplace_back();
      archive_item(items[static_cast<std::size_t>(i)]);
    }
  }

  template <class E>
  void Enum(E& value, E first, E last, const char* what) {
    auto number = static_cast<std::uint8_t>(value);
    archive_(number);
    if constexpr (kLoading) {
      if (number < static_cast<std::uint8_t>(first) || number > static_cast<std::uint8_t>(last)) {
        throw cereal::Exception(std::string("there is no ") + what + " " + std::to_string(number));
      }
      value = static_cast<E>(number);
    }
  }

  Archive& archive_;
  std::size_t limit_;
};

inline std::string EncodeHeader(TraceHeader header) {
  std::ostringstream out;
  {
    using Output = cereal::PortableBinaryOutputArchive;
    Output archive(out, Output::Options::LittleEndian());
    HeaderArchive<Output>(&archive, 0)(header);
  }
  return std::move(out).str();
}

inline absl::StatusOr<TraceHeader> DecodeHeader(std::string_view bytes) {
  try {
    std::istringstream in{std::string(bytes)};
    cereal::PortableBinaryInputArchive archive(in);
    TraceHeader header;
    HeaderArchive<cereal::PortableBinaryInputArchive>(&archive, bytes.size())(header);
    return header;
  } catch (const std::exception& e) {
    return absl::DataLossError(e.what());
  }
}

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_HEADER_ARCHIVE_H_
