// SPDX-License-Identifier: MIT
//
// A recording made smaller, chunk by chunk, and back. Nothing in the chunks is looked at, so what
// comes back is what it was, byte for byte.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "chunk_writer.h"
#include "format.h"
#include "heddle/trace_io.h"
#include "heddle/trace_scan.h"
#include "packed.h"

namespace heddle {
namespace {

using internal::ChunkType;

class IgnoreAll final : public TraceVisitor {
 public:
  void Visit(const Trace& /*piece*/, std::size_t /*first*/) override {}
};

absl::Status Refuse(const std::string& name, const absl::Status& status) {
  return {status.code(), absl::StrCat(name, ": ", status.message())};
}

// Only what is sound: of anything else it could not be said what it was.
absl::Status CheckSound(std::string_view bytes, const std::string& name) {
  IgnoreAll visitor;
  const absl::StatusOr<Recording> recording = ScanRecording(bytes, name, visitor);
  return recording.ok() ? recording->damage : recording.status();
}

struct Chunk {
  ChunkType type;
  std::string_view whole;  // with its frame
  std::string_view payload;
};

// The first of `chunks`, which are sound; it goes.
Chunk TakeChunk(std::string_view& chunks) {
  internal::ByteReader in(chunks);
  const auto length = in.Fixed<std::uint32_t>();
  const auto type = static_cast<ChunkType>(in.Byte());
  const std::string_view whole = chunks.substr(0, internal::kFrameBytes + length);
  chunks.remove_prefix(whole.size());
  return {.type = type, .whole = whole, .payload = whole.substr(internal::kFrameBytes)};
}

// Puts chunks that lie one behind the other into one packed chunk.
class Packer {
 public:
  explicit Packer(std::string* out) : out_(*out) {}

  absl::Status Add(const Chunk& chunk) {
    const bool together =
        MayBePacked(chunk) && together_.size() + chunk.whole.size() <= kTogetherMax;
    if (!together) {
      if (absl::Status status = Close(); !status.ok()) return status;
    }
    if (!MayBePacked(chunk)) {
      out_.append(chunk.whole);
      return absl::OkStatus();
    }
    const char* const begin = together_.empty() ? chunk.whole.data() : together_.data();
    together_ = std::string_view(begin, together_.size() + chunk.whole.size());
    return absl::OkStatus();
  }

  // What would not become smaller stays as it is.
  absl::Status Close() {
    if (together_.empty()) return absl::OkStatus();
    const absl::StatusOr<std::string> payload = internal::CompressChunks(together_);
    if (!payload.ok()) return payload.status();
    if (payload->size() + internal::kFrameBytes < together_.size()) {
      internal::ChunkWriter chunk(ChunkType::kPacked, &out_);
      out_.append(*payload);
      chunk.Close();
    } else {
      out_.append(together_);
    }
    together_ = {};
    return absl::OkStatus();
  }

 private:
  // Enough for zstd to find what is alike, and little enough for the memory of a reader.
  static constexpr std::size_t kTogetherMax = std::size_t{1} << 20;

  // Those that a reader wants before all others stay outside, and so do the one that ends the file,
  // and the index before it, which is found from there. It says the same of chunks that are packed.
  static bool MayBePacked(const Chunk& chunk) {
    return chunk.type != ChunkType::kHeader && chunk.type != ChunkType::kOutcome &&
           chunk.type != ChunkType::kEnd && chunk.type != ChunkType::kPacked &&
           chunk.type != ChunkType::kIndex && chunk.whole.size() <= kTogetherMax;
  }

  std::string& out_;
  std::string_view together_;
};

}  // namespace

absl::StatusOr<std::string> PackRecording(std::string_view bytes, const std::string& name) {
  if (absl::Status status = CheckSound(bytes, name); !status.ok()) return status;
  std::string out(bytes.substr(0, internal::kPreambleBytes));
  Packer packer(&out);
  absl::Status status;
  for (std::string_view rest = bytes.substr(out.size()); status.ok() && !rest.empty();) {
    status = packer.Add(TakeChunk(rest));
  }
  if (status.ok()) status = packer.Close();
  if (!status.ok()) return Refuse(name, status);
  return out;
}

absl::StatusOr<std::string> UnpackRecording(std::string_view bytes, const std::string& name) {
  if (absl::Status status = CheckSound(bytes, name); !status.ok()) return status;
  std::string out(bytes.substr(0, internal::kPreambleBytes));
  for (std::string_view rest = bytes.substr(out.size()); !rest.empty();) {
    const Chunk chunk = TakeChunk(rest);
    if (chunk.type != ChunkType::kPacked) {
      out.append(chunk.whole);
      continue;
    }
    const absl::StatusOr<std::string> chunks = internal::DecompressChunks(chunk.payload);
    if (!chunks.ok()) return Refuse(name, chunks.status());
    out.append(*chunks);
  }
  return out;
}

}  // namespace heddle
