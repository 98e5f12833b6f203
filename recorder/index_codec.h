// SPDX-License-Identifier: MIT
//
// An index as bytes: the payload of an index chunk. docs/trace_format.md draws it.
//
//   version (1)   binding (8)   totals (varints)   chunk count (varint)   chunk*   length (4)
//
// The binding is what ties an index to its recording: the frames of all chunks before it, checksums
// and all, folded into one number. The length of the payload stands at its end too, so that an
// index is found from the end of the file.
#ifndef HEDDLE_RECORDER_INDEX_CODEC_H_
#define HEDDLE_RECORDER_INDEX_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bytes.h"
#include "heddle/trace_index.h"

namespace heddle::internal {

inline constexpr std::uint8_t kIndexVersion = 1;
inline constexpr std::size_t kIndexLengthBytes = 4;

// Folds the frame of one more chunk into `binding`, which begins as 0.
std::uint64_t FoldFrame(std::uint64_t binding, std::string_view frame);
// The frames of whole chunks that lie one behind the other.
std::uint64_t FoldChunks(std::uint64_t binding, std::string_view chunks);

std::string EncodeIndex(const TraceIndex& index, std::uint64_t binding);

struct BoundIndex {
  std::uint64_t binding = 0;
  TraceIndex index;
};

// Nothing: of a version that this heddle does not know. Says in `in` what is wrong.
std::optional<BoundIndex> DecodeIndex(ByteReader* in);

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_INDEX_CODEC_H_
