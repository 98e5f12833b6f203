// SPDX-License-Identifier: MIT
//
// Implements IndexedRecording of trace_index.h: finds the index from the end of the file, looks at
// every chunk once to see that nothing was changed, and then decodes those that are asked for.
// Wherever something is not as it should be the answer is no: trace_reader.cc says what it is.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "bytes.h"
#include "event_tables.h"
#include "format.h"
#include "header_archive.h"
#include "heddle/trace_index.h"
#include "index_codec.h"
#include "packed.h"
#include "table_codec.h"

namespace heddle {
namespace {

using internal::ByteReader;
using internal::ChunkType;
using internal::kFrameBytes;

class MemoryBytes final : public RecordingBytes {
 public:
  explicit MemoryBytes(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t size() const override { return bytes_.size(); }
  std::string_view Read(std::uint64_t offset, std::size_t size) override {
    return offset < bytes_.size() ? bytes_.substr(offset, size) : std::string_view();
  }

 private:
  std::string_view bytes_;
};

class FileBytes final : public RecordingBytes {
 public:
  FileBytes(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes() override { ::close(descriptor_); }

  std::uint64_t size() const override { return size_; }
  std::string_view Read(std::uint64_t offset, std::size_t size) override {
    if (buffer_.size() < size) buffer_.resize(size);
    std::size_t done = 0;
    while (done < size) {
      const ssize_t got = ::pread(descriptor_, buffer_.data() + done, size - done,
                                  static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      done += static_cast<std::size_t>(got);
    }
    return std::string_view(buffer_).substr(0, done);
  }

 private:
  int descriptor_;
  std::uint64_t size_;
  std::string buffer_;
};

// A chunk, while its bytes are there.
struct Piece {
  std::uint8_t type = 0;
  std::string_view frame;
  std::string_view payload;

  bool Is(ChunkType wanted) const { return type == static_cast<std::uint8_t>(wanted); }
  std::size_t size() const { return frame.size() + payload.size(); }
};

// The first chunk of `bytes`; nothing where it is not whole, or was changed.
std::optional<Piece> FirstChunk(std::string_view bytes) {
  if (bytes.size() < kFrameBytes) return std::nullopt;
  ByteReader in(bytes);
  const auto length = in.Fixed<std::uint32_t>();
  const std::uint8_t type = in.Byte();
  const auto checksum = in.Fixed<std::uint32_t>();
  if (length > in.remaining()) return std::nullopt;
  const Piece piece{
      .type = type, .frame = bytes.substr(0, kFrameBytes), .payload = in.Bytes(length)};
  if (checksum !=
      internal::Checksum(bytes.substr(0, internal::kLengthAndTypeBytes), piece.payload)) {
    return std::nullopt;
  }
  return piece;
}

// The chunk that begins at `offset` of the file.
std::optional<Piece> ChunkAt(RecordingBytes& bytes, std::uint64_t offset) {
  const std::string_view frame = bytes.Read(offset, kFrameBytes);
  if (frame.size() < kFrameBytes) return std::nullopt;
  const std::uint64_t size =
      kFrameBytes + std::uint64_t{internal::ByteReader(frame).Fixed<std::uint32_t>()};
  if (size > bytes.size() - offset) return std::nullopt;
  return FirstChunk(bytes.Read(offset, static_cast<std::size_t>(size)));
}

// Where a list of records lies, and which they are.
struct List {
  std::uint64_t offset = 0;       // of its chunk in the file, or of the packed chunk that it is in
  std::size_t packed_offset = 0;  // of its chunk in what is packed
  bool is_packed = false;
  std::uint64_t first = 0;
  std::uint32_t count = 0;
  internal::TableSizes sizes;  // of what its records may refer to
};

}  // namespace

bool Contains(const std::vector<IdRange>& ranges, std::uint32_t id) {
  const auto after = std::upper_bound(
      ranges.begin(), ranges.end(), id,
      [](std::uint32_t number, const IdRange& range) { return number < range.first; });
  return after != ranges.begin() && id <= (after - 1)->last;
}

std::unique_ptr<RecordingBytes> BytesInMemory(std::string_view bytes) {
  return std::make_unique<MemoryBytes>(bytes);
}

std::unique_ptr<RecordingBytes> BytesOfFile(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return nullptr;
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    return nullptr;
  }
  return std::make_unique<FileBytes>(descriptor, static_cast<std::uint64_t>(status.st_size));
}

struct IndexedRecording::Data {
  explicit Data(RecordingBytes& its_bytes) : bytes(its_bytes) {}

  bool Open() { return FindIndex() && ReadPreamble() && ReadChunks() && IsSound(); }
  bool FindIndex();
  std::optional<std::uint64_t> FindEnd();
  bool ReadPreamble();
  bool ReadChunks();
  bool ReadPacked(const Piece& piece);
  bool Take(const Piece& piece, const List& place);
  bool TakeList(const Piece& piece, List place, std::uint64_t next, std::vector<List>& lists);
  template <class Record>
  bool TakeTable(const Piece& piece, std::vector<Record>& records);
  bool TakeHeader(const Piece& piece);
  bool IsSound() const;
  bool HasAll(std::string_view end) const;
  std::optional<Piece> PieceOf(const List& list);
  bool Decode(std::size_t number, std::vector<Event>& events);
  bool FitsBetween(std::size_t number, const std::vector<Event>& events) const;

  static std::uint64_t Next(const std::vector<List>& lists) {
    return lists.empty() ? 0 : lists.back().first + lists.back().count;
  }
  internal::TableSizes Sizes() const {
    return {.sites = trace.sites.size(),
            .objects = trace.objects.size(),
            .flows = trace.flows.size(),
            .marks = static_cast<std::size_t>(Next(marks))};
  }

  RecordingBytes& bytes;
  internal::BoundIndex bound;
  Trace trace;
  std::vector<List> marks;
  std::vector<List> events;
  std::uint64_t choices = 0;
  std::uint64_t outcomes = 0;
  std::uint64_t offset = 0;        // of the next chunk
  std::uint64_t plain_offset = 0;  // of the next one if none were packed
  std::uint64_t binding = 0;
  std::uint64_t index_begin = 0;
  std::string end;  // its payload
  bool has_header = false;
  std::string unpacked;             // what the last packed chunk held,
  std::uint64_t unpacked_from = 0;  // which began here
};

// It is short, and says how long it is at its begin only: there are few places where that may be.
std::optional<std::uint64_t> IndexedRecording::Data::FindEnd() {
  constexpr std::size_t kCounts = 16;
  constexpr std::size_t kPayloadMax = kCounts * internal::kVarint64Max;
  const std::uint64_t size = bytes.size();
  for (std::uint64_t length = 1; length <= kPayloadMax; ++length) {
    if (size < kFrameBytes + length) break;
    const std::uint64_t begin = size - kFrameBytes - length;
    const std::string_view tail = bytes.Read(begin, kFrameBytes + static_cast<std::size_t>(length));
    if (tail.size() < kFrameBytes + length) break;
    if (internal::ByteReader(tail).Fixed<std::uint32_t>() != length) continue;
    const std::optional<Piece> piece = FirstChunk(tail);
    if (!piece || !piece->Is(ChunkType::kEnd)) continue;
    end = piece->payload;
    return begin;
  }
  return std::nullopt;
}

bool IndexedRecording::Data::FindIndex() {
  const std::optional<std::uint64_t> end_begin = FindEnd();
  constexpr std::size_t kLength = internal::kIndexLengthBytes;
  if (!end_begin || *end_begin < kFrameBytes + kLength) return false;
  const std::string_view tail = bytes.Read(*end_begin - kLength, kLength);
  if (tail.size() < kLength) return false;
  const std::uint64_t size =
      kFrameBytes + std::uint64_t{internal::ByteReader(tail).Fixed<std::uint32_t>()};
  if (size > *end_begin) return false;
  index_begin = *end_begin - size;
  const std::optional<Piece> piece = ChunkAt(bytes, index_begin);
  if (!piece || !piece->Is(ChunkType::kIndex) || piece->size() != size) return false;
  ByteReader in(piece->payload);
  std::optional<internal::BoundIndex> decoded = internal::DecodeIndex(&in);
  if (!decoded || !in.ok() || in.remaining() != 0) return false;
  bound = *std::move(decoded);
  return true;
}

bool IndexedRecording::Data::ReadPreamble() {
  const std::string_view preamble = bytes.Read(0, internal::kPreambleBytes);
  if (preamble.size() < internal::kPreambleBytes || !preamble.starts_with(internal::kMagic)) {
    return false;
  }
  offset = plain_offset = internal::kPreambleBytes;
  const auto version = internal::GetFixed<std::uint32_t>(preamble.data() + internal::kMagic.size());
  return version > 0 && version <= kFormatVersion;
}

bool IndexedRecording::Data::ReadChunks() {
  while (offset < index_begin) {
    const std::optional<Piece> piece = ChunkAt(bytes, offset);
    if (!piece) return false;
    const bool ok = piece->Is(ChunkType::kPacked)
                        ? ReadPacked(*piece)
                        : Take(*piece, List{.offset = offset, .sizes = {}});
    if (!ok) return false;
    offset += piece->size();
  }
  return offset == index_begin;
}

bool IndexedRecording::Data::ReadPacked(const Piece& piece) {
  absl::StatusOr<std::string> chunks = internal::DecompressChunks(piece.payload);
  if (!chunks.ok()) return false;
  unpacked = *std::move(chunks);
  unpacked_from = offset;
  for (std::size_t at = 0; at < unpacked.size();) {
    const std::optional<Piece> inner = FirstChunk(std::string_view(unpacked).substr(at));
    if (!inner || inner->Is(ChunkType::kPacked)) return false;
    const List place{.offset = offset, .packed_offset = at, .is_packed = true, .sizes = {}};
    if (!Take(*inner, place)) return false;
    at += inner->size();
  }
  return true;
}

// A recording with losses, or with events that are written plainly, is no run from its beginning,
// and has no index.
bool IndexedRecording::Data::Take(const Piece& piece, const List& place) {
  const std::uint64_t at = std::exchange(plain_offset, plain_offset + piece.size());
  binding = internal::FoldFrame(binding, piece.frame);
  if (!has_header) return piece.Is(ChunkType::kHeader) && TakeHeader(piece);
  if (!internal::IsKnownChunk(piece.type)) return (piece.type & internal::kSkippable) != 0;
  switch (static_cast<ChunkType>(piece.type)) {
    case ChunkType::kSites:
      return TakeTable(piece, trace.sites);
    case ChunkType::kObjects:
      return TakeTable(piece, trace.objects);
    case ChunkType::kFlows:
      return TakeTable(piece, trace.flows);
    case ChunkType::kMarks:
      return TakeList(piece, place, Next(marks), marks);
    case ChunkType::kChoices: {
      std::vector<List> list;
      if (!TakeList(piece, place, choices, list)) return false;
      choices = Next(list);
      return true;
    }
    case ChunkType::kEvents: {
      const std::size_t number = events.size();
      return number < bound.index.chunks.size() && at == bound.index.chunks[number].offset &&
             TakeList(piece, place, Next(events), events);
    }
    case ChunkType::kOutcome:
      ++outcomes;
      return TakeHeader(piece);
    case ChunkType::kHeader:
    case ChunkType::kEnd:
    case ChunkType::kPacked:
    case ChunkType::kLosses:
    case ChunkType::kPlainEvents:
    case ChunkType::kIndex:
      break;
  }
  return false;
}

// Every record has a byte, so that a count that lies is seen.
bool IndexedRecording::Data::TakeList(const Piece& piece, List place, std::uint64_t next,
                                      std::vector<List>& lists) {
  ByteReader in(piece.payload);
  place.first = in.Fixed<std::uint64_t>();
  place.count = in.Fixed<std::uint32_t>();
  place.sizes = Sizes();
  if (!in.ok() || place.first != next || place.count > in.remaining()) return false;
  lists.push_back(place);
  return true;
}

template <class Record>
bool IndexedRecording::Data::TakeTable(const Piece& piece, std::vector<Record>& records) {
  ByteReader in(piece.payload);
  if (in.Fixed<std::uint64_t>() != records.size()) return false;
  const auto count = in.Fixed<std::uint32_t>();
  internal::TableDecoder decoder(&in);
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) decoder.Decode(&records.emplace_back());
  return in.ok() && in.remaining() == 0;
}

bool IndexedRecording::Data::TakeHeader(const Piece& piece) {
  absl::StatusOr<TraceHeader> header = internal::DecodeHeader(piece.payload);
  if (!header.ok()) return false;
  trace.header = *std::move(header);
  has_header = true;
  return true;
}

// Whether the index says what was found on the way to it.
bool IndexedRecording::Data::IsSound() const {
  const TraceIndex& index = bound.index;
  if (!has_header || bound.binding != binding || !HasAll(end)) return false;
  if (index.events != Next(events) || index.choices != choices || index.deviations > choices)
    return false;
  if (index.tasks > index.events || index.steps > index.events) return false;
  return std::equal(events.begin(), events.end(), index.chunks.begin(), index.chunks.end(),
                    [](const List& is, const IndexedChunk& says) {
                      return is.first == says.first_event && is.count == says.events;
                    });
}

// As the end counts it.
bool IndexedRecording::Data::HasAll(std::string_view counts) const {
  ByteReader in(counts);
  const internal::TableSizes sizes = Sizes();
  for (const std::uint64_t count :
       {std::uint64_t{sizes.sites}, std::uint64_t{sizes.objects}, std::uint64_t{sizes.flows},
        std::uint64_t{sizes.marks}, choices, Next(events)}) {
    if (in.Varint<std::uint64_t>() != count) return false;
  }
  if (in.ok() && in.remaining() == 0) return true;
  return in.Varint<std::uint64_t>() == 0 && in.Varint<std::uint64_t>() == outcomes && in.ok();
}

std::optional<Piece> IndexedRecording::Data::PieceOf(const List& list) {
  if (!list.is_packed) return ChunkAt(bytes, list.offset);
  if (unpacked_from != list.offset || unpacked.empty()) {
    const std::optional<Piece> piece = ChunkAt(bytes, list.offset);
    if (!piece || !piece->Is(ChunkType::kPacked)) return std::nullopt;
    absl::StatusOr<std::string> chunks = internal::DecompressChunks(piece->payload);
    if (!chunks.ok()) return std::nullopt;
    unpacked = *std::move(chunks);
    unpacked_from = list.offset;
  }
  if (list.packed_offset >= unpacked.size()) return std::nullopt;
  return FirstChunk(std::string_view(unpacked).substr(list.packed_offset));
}

bool IndexedRecording::Data::Decode(std::size_t number, std::vector<Event>& decoded) {
  const List& list = events[number];
  const std::optional<Piece> piece = PieceOf(list);
  if (!piece || !piece->Is(ChunkType::kEvents)) return false;
  ByteReader in(piece->payload);
  if (in.Fixed<std::uint64_t>() != list.first || in.Fixed<std::uint32_t>() != list.count)
    return false;
  internal::DecodeEvents(&in, list.count, list.sizes, &decoded);
  return in.ok() && in.remaining() == 0 && FitsBetween(number, decoded);
}

// Whether the events are those that lie between what the index says of this chunk and of the next.
bool IndexedRecording::Data::FitsBetween(std::size_t number,
                                         const std::vector<Event>& decoded) const {
  const TraceIndex& index = bound.index;
  const IndexedChunk& chunk = index.chunks[number];
  std::uint64_t tasks = chunk.tasks;
  std::uint64_t steps = chunk.steps;
  for (const Event& event : decoded) {
    if (event.kind == EventKind::kSpawn && event.task != tasks++) return false;
    steps += event.kind == EventKind::kStart || event.kind == EventKind::kResume ? 1 : 0;
  }
  if (!decoded.empty() && decoded.front().time != chunk.time) return false;
  if (number + 1 < index.chunks.size()) {
    return tasks == index.chunks[number + 1].tasks && steps == index.chunks[number + 1].steps;
  }
  return tasks == index.tasks && steps == index.steps && !decoded.empty() &&
         decoded.back().time == index.end;
}

IndexedRecording::IndexedRecording(std::unique_ptr<Data> data) : data_(std::move(data)) {}
IndexedRecording::~IndexedRecording() = default;

std::unique_ptr<IndexedRecording> IndexedRecording::Open(RecordingBytes& bytes) {
  auto data = std::make_unique<Data>(bytes);
  if (!data->Open()) return nullptr;
  return std::unique_ptr<IndexedRecording>(new IndexedRecording(std::move(data)));
}

const Trace& IndexedRecording::tables() const { return data_->trace; }
const TraceIndex& IndexedRecording::index() const { return data_->bound.index; }

bool IndexedRecording::Visit(const std::vector<std::size_t>& chunks, TraceVisitor& visitor) {
  Trace& trace = data_->trace;
  for (const std::size_t number : chunks) {
    const bool ok = number < data_->events.size() && data_->Decode(number, trace.events);
    if (ok) visitor.Visit(trace, data_->events[number].first);
    trace.events.clear();
    if (!ok) return false;
  }
  return true;
}

bool IndexedRecording::ReadMarks(const std::vector<std::uint32_t>& ids,
                                 std::vector<MarkRecord>* marks) {
  auto wanted = ids.begin();
  for (const List& list : data_->marks) {
    const std::uint64_t end = list.first + list.count;
    if (wanted == ids.end() || *wanted >= end) continue;
    const std::optional<Piece> piece = data_->PieceOf(list);
    if (!piece || !piece->Is(ChunkType::kMarks)) return false;
    ByteReader in(piece->payload);
    in.Bytes(internal::kListPrefixBytes);
    internal::TableDecoder decoder(&in);
    for (std::uint64_t id = list.first; id < end && in.ok(); ++id) {
      MarkRecord mark;
      decoder.Decode(&mark);
      if (wanted == ids.end() || *wanted != id) continue;
      marks->push_back(std::move(mark));
      ++wanted;
    }
    if (!in.ok()) return false;
  }
  return wanted == ids.end();
}

}  // namespace heddle
