// SPDX-License-Identifier: MIT
//
// Implements packed.h. HEDDLE_ZSTD is 1 where CMake found zstd.
#include "packed.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bytes.h"
#include "heddle/check.h"

#if HEDDLE_ZSTD
#include <zstd.h>
#endif

namespace heddle::internal {

#if HEDDLE_ZSTD

absl::StatusOr<std::string> CompressChunks(std::string_view chunks) {
  constexpr int kLevel = 12;  // far smaller than the default, and still tens of megabytes a second
  HEDDLE_CHECK(chunks.size() <= kPackedMax, "a packed chunk would be too large to be read");
  std::string payload;
  AppendFixed(&payload, static_cast<std::uint32_t>(chunks.size()));
  const std::size_t begin = payload.size();
  payload.resize(begin + ZSTD_compressBound(chunks.size()));
  const std::size_t size = ZSTD_compress(payload.data() + begin, payload.size() - begin,
                                         chunks.data(), chunks.size(), kLevel);
  if (ZSTD_isError(size) != 0) {
    return absl::InternalError(absl::StrCat("zstd cannot compress: ", ZSTD_getErrorName(size)));
  }
  payload.resize(begin + size);
  return payload;
}

absl::StatusOr<std::string> DecompressChunks(std::string_view payload) {
  ByteReader in(payload);
  const auto size = in.Fixed<std::uint32_t>();
  if (!in.ok()) return absl::DataLossError("it has no size");
  if (size > kPackedMax) {
    return absl::DataLossError(
        absl::StrCat("it claims to hold ", size, " bytes, and may hold ", kPackedMax));
  }
  const std::string_view frame = in.Bytes(in.remaining());
  // What the frame says of itself comes first: nothing is allocated for a claim alone.
  if (ZSTD_getFrameContentSize(frame.data(), frame.size()) != size) {
    return absl::DataLossError("its zstd frame does not hold what it says");
  }
  std::string chunks(size, '\0');
  const std::size_t got = ZSTD_decompress(chunks.data(), size, frame.data(), frame.size());
  if (ZSTD_isError(got) != 0) return absl::DataLossError(ZSTD_getErrorName(got));
  if (got != size) return absl::DataLossError("its zstd frame is too short");
  return chunks;
}

#else

namespace {

absl::Status NoZstd() {
  return absl::UnimplementedError(
      "this heddle was built without zstd. Install libzstd-dev and build it again, or let a heddle "
      "that has it run `heddle unpack`.");
}

}  // namespace

absl::StatusOr<std::string> CompressChunks(std::string_view /*chunks*/) { return NoZstd(); }
absl::StatusOr<std::string> DecompressChunks(std::string_view /*payload*/) { return NoZstd(); }

#endif

}  // namespace heddle::internal
