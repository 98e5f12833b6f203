// SPDX-License-Identifier: MIT
//
// The index of a recording: which chunks of events say something of a request, so that one request
// of a large recording is shown without reading the others (tools/indexed.h).
//
// The rule it keeps: an index is believed only where every byte of the file is as it was written,
// and the index says of exactly these chunks that it is theirs. Whoever has none, or one that is
// not believed, reads all of the recording (trace_scan.h), which needs none. docs/trace_format.md
// draws it; recorder/index_builder.h says which chunks are of a request.
#ifndef HEDDLE_TRACE_INDEX_H_
#define HEDDLE_TRACE_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "heddle/trace.h"
#include "heddle/trace_scan.h"

namespace heddle {

// Numbers from `first` to `last`, both included.
struct IdRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;

  friend bool operator==(const IdRange&, const IdRange&) = default;
};

// How many tasks of one name a task had created before a chunk begins.
struct CreatedBefore {
  TaskId creator = kNoTask;  // kNoTask: the body, or nobody
  SiteId word = 0;           // the first site whose function has that name
  std::uint32_t count = 0;

  friend bool operator==(const CreatedBefore&, const CreatedBefore&) = default;
};

// What is said of one chunk of events.
struct IndexedChunk {
  std::uint64_t offset = 0;  // where its frame begins, in the file as it is when it is not packed
  std::uint64_t first_event = 0;
  std::uint32_t events = 0;
  VirtualNanos time = 0;  // of its first event
  // Before its first event.
  std::uint64_t tasks = 0;
  std::uint64_t steps = 0;
  TaskId main = kNoTask;  // the body; kNoTask: not yet
  // At least those that there are, in ascending order. Ranges that lie close to each other may be
  // one, so that an index stays small.
  std::vector<IdRange> flows;   // requests that are not told of without this chunk
  std::vector<IdRange> labels;  // tasks that are given a label in it
  // Of creators that were there before the chunk, as many as there is room for.
  std::vector<CreatedBefore> created;

  friend bool operator==(const IndexedChunk&, const IndexedChunk&) = default;
};

struct TraceIndex {
  // What is said of the run as a whole.
  std::uint64_t events = 0;
  std::uint64_t tasks = 0;
  std::uint64_t steps = 0;
  VirtualNanos end = 0;  // the time of the last event
  std::uint64_t choices = 0;
  std::uint64_t deviations = 0;     // choices that were not first-in-first-out
  std::uint64_t lost_contexts = 0;  // kContextLost events
  std::uint64_t requests = 0;       // that have events
  FlowId failed = 0;                // the request in which the run failed; 0: none
  std::vector<IndexedChunk> chunks;

  friend bool operator==(const TraceIndex&, const TraceIndex&) = default;
};

// Whether `id` is in one of `ranges`, which are in ascending order.
bool Contains(const std::vector<IdRange>& ranges, std::uint32_t id);

// A file as bytes that are read when they are asked for.
class RecordingBytes {
 public:
  virtual ~RecordingBytes() = default;
  virtual std::uint64_t size() const = 0;
  // Fewer than `size` where the file ends or cannot be read. Good until the next call.
  virtual std::string_view Read(std::uint64_t offset, std::size_t size) = 0;
};

// Of bytes in memory, which must outlive it.
std::unique_ptr<RecordingBytes> BytesInMemory(std::string_view bytes);
// Of a file; null where it cannot be opened, or is none whose bytes can be read twice.
std::unique_ptr<RecordingBytes> BytesOfFile(const std::string& path);

// A recording that is read by its index. Takes memory for the tables and for one chunk.
class IndexedRecording {
 public:
  // Reads every byte once. Null where the recording has no index, or where anything is wrong with
  // index or recording. What is wrong is said by who reads all of it.
  static std::unique_ptr<IndexedRecording> Open(RecordingBytes& bytes);
  ~IndexedRecording();
  IndexedRecording(const IndexedRecording&) = delete;
  IndexedRecording& operator=(const IndexedRecording&) = delete;

  // Header and tables, but for the marks; no events and choices.
  const Trace& tables() const;
  const TraceIndex& index() const;
  // Hands over the events of these chunks, which are in ascending order, as ScanRecording() does,
  // but without marks and choices. False where something is wrong with one of them.
  bool Visit(const std::vector<std::size_t>& chunks, TraceVisitor& visitor);
  // The marks with these numbers, which are in ascending order; false as above.
  bool ReadMarks(const std::vector<std::uint32_t>& ids, std::vector<MarkRecord>* marks);

 private:
  struct Data;

  explicit IndexedRecording(std::unique_ptr<Data> data);

  std::unique_ptr<Data> data_;
};

}  // namespace heddle

#endif  // HEDDLE_TRACE_INDEX_H_
