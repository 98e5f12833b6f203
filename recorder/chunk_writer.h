// SPDX-License-Identifier: MIT
//
// The chunks of a recording, appended to a string. A whole trace is written by trace_writer.cc,
// a run that still goes on, piece by piece, by trace_stream.cc. The frame is drawn in format.h.
#ifndef HEDDLE_RECORDER_CHUNK_WRITER_H_
#define HEDDLE_RECORDER_CHUNK_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "bytes.h"
#include "choice_codec.h"
#include "event_codec.h"
#include "format.h"
#include "header_archive.h"
#include "heddle/check.h"
#include "heddle/trace.h"
#include "heddle/trace_io.h"
#include "index_builder.h"
#include "index_codec.h"
#include "losses_codec.h"
#include "table_codec.h"

namespace heddle::internal {

// Opens a chunk at the end of `out`; what is appended to `out` until Close() is its payload.
class ChunkWriter {
 public:
  ChunkWriter(ChunkType type, std::string* out) : out_(*out), begin_(out->size()), type_(type) {
    out_.append(kFrameBytes, '\0');
  }

  std::size_t payload_begin() const { return begin_ + kFrameBytes; }
  std::size_t payload_size() const { return out_.size() - payload_begin(); }

  void Close() {
    HEDDLE_CHECK(payload_size() <= std::numeric_limits<std::uint32_t>::max(),
                 "a record is larger than the 4 GiB that a chunk can hold");
    char* frame = out_.data() + begin_;
    char* next = PutFixed(frame, static_cast<std::uint32_t>(payload_size()));
    *next++ = static_cast<char>(type_);
    const std::string_view bytes(out_);
    PutFixed(next,
             Checksum(bytes.substr(begin_, kLengthAndTypeBytes), bytes.substr(payload_begin())));
  }

 private:
  std::string& out_;
  std::size_t begin_;
  ChunkType type_;
};

// A chunk that holds records number `first` and up.
class ListWriter : public ChunkWriter {
 public:
  ListWriter(ChunkType type, std::size_t first, std::string* out)
      : ChunkWriter(type, out), out_(*out), first_(first) {
    AppendFixed(out, static_cast<std::uint64_t>(first));
    AppendFixed(out, std::uint32_t{0});
  }

  // `end` is the number of the first record that is not in the chunk.
  void Close(std::size_t end) {
    PutFixed(out_.data() + payload_begin() + sizeof(std::uint64_t),
             static_cast<std::uint32_t>(end - first_));
    ChunkWriter::Close();
  }

 private:
  std::string& out_;
  std::size_t first_;
};

// Those that come after `before` others.
template <class Record>
void AppendTable(ChunkType type, const std::vector<Record>& records, std::size_t before,
                 std::string* out) {
  for (std::size_t next = 0; next < records.size();) {
    ListWriter chunk(type, before + next, out);
    TableEncoder encoder(out);
    do {
      encoder.Encode(records[next++]);
    } while (next < records.size() && chunk.payload_size() < kPayloadTarget);
    chunk.Close(before + next);
  }
}

// The same for records of at most Encoder::kMaxBytes: room is made once a chunk. `written` is told
// each chunk: the first of its records, the first that is not in it, and where in `out` it begins.
template <class Encoder, class Record, class Written>
void AppendStream(ChunkType type, const std::vector<Record>& records, std::size_t before,
                  std::string* out, const Written& written) {
  for (std::size_t next = 0; next < records.size();) {
    const std::size_t from = next;
    const std::size_t offset = out->size();
    ListWriter chunk(type, before + next, out);
    const std::size_t begin = out->size();
    out->resize(begin + kPayloadTarget + Encoder::kMaxBytes);
    char* end = out->data() + begin;
    const Record* const first = records.data();
    const Record* const rest =
        Encoder().Encode(first + next, first + records.size(), &end, out->data() + out->size());
    next = static_cast<std::size_t>(rest - first);
    out->resize(static_cast<std::size_t>(end - out->data()));
    chunk.Close(before + next);
    written(from, next, offset);
  }
}

inline void AppendPreamble(std::string* out) {
  out->append(kMagic);
  AppendFixed(out, kFormatVersion);
}

// kHeader, or kOutcome: the header as it is once the run is over.
inline void AppendHeader(ChunkType type, const TraceHeader& header, std::string* out) {
  ChunkWriter chunk(type, out);
  out->append(EncodeHeader(header));
  chunk.Close();
}

// How much there is of each part of a trace.
struct TraceCounts {
  std::size_t sites = 0;
  std::size_t objects = 0;
  std::size_t flows = 0;
  std::size_t marks = 0;
  std::size_t choices = 0;
  std::size_t events = 0;
  // Chunks, of which readers would not miss one.
  std::size_t losses = 0;
  std::size_t outcomes = 0;
};

inline void AppendEnd(const TraceCounts& counts, std::string* out) {
  ChunkWriter chunk(ChunkType::kEnd, out);
  for (const std::size_t count :
       {counts.sites, counts.objects, counts.flows, counts.marks, counts.choices, counts.events}) {
    AppendVarint(out, count);
  }
  if (counts.losses + counts.outcomes > 0) {
    AppendVarint(out, counts.losses);
    AppendVarint(out, counts.outcomes);
  }
  chunk.Close();
}

// Nothing where nothing is missing.
inline void AppendLosses(const Losses& losses, TraceCounts* counts, std::string* out) {
  if (losses.empty()) return;
  ++counts->losses;
  ChunkWriter chunk(ChunkType::kLosses, out);
  AppendLossesTo(losses, out);
  chunk.Close();
}

// All that `trace` holds, which comes after `counts` of the same; adds to them, and to `chunks`
// those of events, by their place in `out`.
inline void AppendBody(const Trace& trace, TraceCounts* counts, std::string* out,
                       std::vector<WrittenChunk>* chunks) {
  AppendTable(ChunkType::kSites, trace.sites, counts->sites, out);
  AppendTable(ChunkType::kObjects, trace.objects, counts->objects, out);
  AppendTable(ChunkType::kFlows, trace.flows, counts->flows, out);
  AppendTable(ChunkType::kMarks, trace.marks, counts->marks, out);
  // Choices come before events: a file that was cut off can most likely still be replayed.
  AppendStream<ChoiceEncoder>(ChunkType::kChoices, trace.choices, counts->choices, out,
                              [](std::size_t, std::size_t, std::size_t) {});
  AppendStream<EventEncoder>(
      ChunkType::kEvents, trace.events, counts->events, out,
      [&](std::size_t first, std::size_t last, std::size_t offset) {
        chunks->push_back(
            {.first = first, .last = last, .offset = offset, .bytes = out->size() - offset});
      });
  counts->sites += trace.sites.size();
  counts->objects += trace.objects.size();
  counts->flows += trace.flows.size();
  counts->marks += trace.marks.size();
  counts->choices += trace.choices.size();
  counts->events += trace.events.size();
}

// An index takes no more than this part of the file, but may have some bytes in any case.
inline constexpr std::size_t kIndexPart = 50;
inline constexpr std::size_t kIndexAlways = 1024;

// Nothing where it would be too large. `bytes` is how many there are before it.
inline void AppendIndex(const TraceIndex& index, std::uint64_t binding, std::uint64_t bytes,
                        std::string* out) {
  const std::string payload = EncodeIndex(index, binding);
  if (payload.size() > kIndexAlways + bytes / kIndexPart) return;
  ChunkWriter chunk(ChunkType::kIndex, out);
  out->append(payload);
  chunk.Close();
}

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_CHUNK_WRITER_H_
