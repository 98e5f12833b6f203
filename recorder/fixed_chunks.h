// SPDX-License-Identifier: MIT
//
// FixedChunks: the parts of a recording as a signal handler writes them (crash_signals.h). It
// allocates nothing and takes no lock: all room is made beforehand, and what does not fit is left
// out. What there is to write: window_writer.h, live_window_writer.h.
#ifndef HEDDLE_RECORDER_FIXED_CHUNKS_H_
#define HEDDLE_RECORDER_FIXED_CHUNKS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fixed_buffer.h"
#include "fixed_id_map.h"
#include "format.h"
#include "heddle/trace.h"
#include "table_codec.h"

namespace heddle::internal {

// Takes the bytes of a recording; false: no more of them.
class ByteSink {
 public:
  virtual bool Write(std::string_view bytes) = 0;

 protected:
  ~ByteSink() = default;
};

class FixedChunks {
 public:
  // What is to be before any event: the chunk of the header.
  static std::string HeaderChunk(const TraceHeader& header);

 protected:
  FixedChunks();
  ~FixedChunks() = default;

  // Of the name of a function.
  static constexpr std::size_t kFunctionTextMax = 4096;

  void Begin(std::string_view header_chunk, ByteSink& sink);
  void BeginChunk(ChunkType type);
  void EndChunk();
  void BeginList(ChunkType type, std::size_t first);
  void EndList(std::size_t end);
  // The list so far is long enough: what follows goes into another chunk.
  bool IsLong() const { return buffer_.size() >= kPayloadTarget; }
  template <class PutOne>
  void PutList(ChunkType type, std::size_t count, PutOne put_one);

  void ClearSites();
  // The number of a place, and a new one where it has none. 0: unknown.
  std::uint32_t InternSite(const void* data, bool coroutine);
  std::uint32_t SiteNumber(const void* data, bool coroutine) const;
  // With the unknown one.
  std::size_t site_count() const { return sites_.size() + 1; }
  void PutSites();
  // The name of the coroutine whose place that is, until it is asked again; null: "".
  std::string_view FunctionOf(const void* data);
  void PutMark(const MarkRecord& mark);

  FixedBuffer buffer_;
  FixedBuffer text_;
  FixedBuffer function_;

 private:
  static constexpr std::size_t kBufferBytes = std::size_t{2} << 20;
  static constexpr std::size_t kSitesMax = std::size_t{1} << 13;
  static constexpr std::size_t kNameRoom = std::size_t{1} << 20;

  struct SiteKey {
    const void* data = nullptr;
    bool coroutine = false;
  };

  void PutSite(const SiteKey& key);

  ByteSink* sink_ = nullptr;
  bool failed_ = false;
  ChunkType chunk_ = ChunkType::kEnd;
  std::size_t list_first_ = 0;
  std::vector<SiteKey> sites_;
  FixedIdMap<const void*> site_numbers_[2] = {FixedIdMap<const void*>(kSitesMax),
                                              FixedIdMap<const void*>(kSitesMax)};
  std::unique_ptr<std::byte[]> name_room_;
};

// A record that does not fit into a chunk is put as `put_one(number, true)` puts it.
template <class PutOne>
void FixedChunks::PutList(ChunkType type, std::size_t count, PutOne put_one) {
  for (std::size_t next = 0; next < count;) {
    BeginList(type, next);
    do {
      const std::size_t before = buffer_.size();
      put_one(next, false);
      if (buffer_.is_full()) {
        buffer_.CutTo(before);
        if (next > list_first_) break;  // alone it may fit
        put_one(next, true);
      }
      ++next;
    } while (next < count && !IsLong());
    EndList(next);
  }
}

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_FIXED_CHUNKS_H_
