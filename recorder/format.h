// SPDX-License-Identifier: MIT
//
// What reader and writer of a recording share: the frame. docs/trace_format.md draws it.
//
//   file      magic (8)   version (4)   chunk*
//   chunk     length (4)   type (1)   checksum (4)   payload (length)
//   list      first (8)   count (4)   record*        the payload of most chunks
//
// Fixed numbers are little-endian. The records are in table_codec.h, event_codec.h and
// choice_codec.h, the header in header_archive.h.
#ifndef HEDDLE_RECORDER_FORMAT_H_
#define HEDDLE_RECORDER_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bytes.h"

namespace heddle::internal {

// A transfer that strips the eighth bit, or changes "\r\n" or "\n", or stops at a
// control-Z, breaks the magic first.
inline constexpr std::string_view kMagic("\xF7HDL\r\n\x1A\n", 8);
inline constexpr std::size_t kVersionBytes = 4;
inline constexpr std::size_t kPreambleBytes = kMagic.size() + kVersionBytes;

enum class ChunkType : std::uint8_t {
  kHeader = 1,  // the first chunk, once
  kSites,
  kObjects,
  kFlows,
  kMarks,
  kChoices,
  kEvents,
  kEnd,           // the last chunk: how much there is of everything
  kOutcome,       // the header again, where the first one was written before the run was over
  kPacked,        // other chunks, compressed
  kLosses,        // what of the run is not in the recording; a later one takes its place
  kPlainEvents,   // events, as a signal handler writes them
  kIndex = 0x81,  // which chunks of events are of which request; the last before the end
};

// A reader passes over a chunk of a type that it does not know if this bit is set, and
// stops at it otherwise.
inline constexpr std::uint8_t kSkippable = 0x80;

inline constexpr std::size_t kLengthAndTypeBytes = 5;
inline constexpr std::size_t kFrameBytes = 9;
inline constexpr std::size_t kListPrefixBytes = 12;

// The writer begins a new chunk before a payload gets longer than this, unless a single
// record is. It bounds what a torn file loses.
inline constexpr std::size_t kPayloadTarget = std::size_t{64} * 1024;

inline constexpr const char* NameOfChunk(std::uint8_t type) {
  switch (static_cast<ChunkType>(type)) {
    case ChunkType::kHeader:
      return "header";
    case ChunkType::kSites:
      return "sites";
    case ChunkType::kObjects:
      return "objects";
    case ChunkType::kFlows:
      return "flows";
    case ChunkType::kMarks:
      return "marks";
    case ChunkType::kChoices:
      return "choices";
    case ChunkType::kEvents:
      return "events";
    case ChunkType::kEnd:
      return "end";
    case ChunkType::kOutcome:
      return "outcome";
    case ChunkType::kPacked:
      return "packed";
    case ChunkType::kLosses:
      return "losses";
    case ChunkType::kPlainEvents:
      return "plain events";
    case ChunkType::kIndex:
      return "index";
  }
  return "unknown";
}

inline constexpr bool IsKnownChunk(std::uint8_t type) {
  return std::string_view(NameOfChunk(type)) != "unknown";
}

// Of a chunk: XXH3, of which the lower 32 bits count. (A CRC would take longer than all the rest
// of writing an event.)
std::uint32_t Checksum(std::string_view length_and_type, std::string_view payload);

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_FORMAT_H_
