// SPDX-License-Identifier: MIT
//
// Packed chunks: some chunks of a recording in one, compressed by zstd, where this heddle was built
// with it. pack_recording.cc makes them, trace_reader.cc reads what is in them.
#ifndef HEDDLE_RECORDER_PACKED_H_
#define HEDDLE_RECORDER_PACKED_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace heddle::internal {

// Of what is in one packed chunk, before it is compressed. A reader needs so much memory for it.
inline constexpr std::size_t kPackedMax = std::size_t{16} << 20;

// The payload of a packed chunk: the size of `chunks` (4 bytes), and a zstd frame of them. Not more
// than kPackedMax. Errors: Unimplemented, without zstd.
absl::StatusOr<std::string> CompressChunks(std::string_view chunks);

// The way back. Errors: DataLoss, what is wrong with the payload; Unimplemented, without zstd.
absl::StatusOr<std::string> DecompressChunks(std::string_view payload);

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_PACKED_H_
