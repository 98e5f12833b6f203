// SPDX-License-Identifier: MIT
//
// A recording back into a trace. Bytes are not trusted: a length, count, id or enum is
// checked before it is used, and nothing is allocated because a number says so, only
// because the bytes are there. trace_writer.cc goes the other way.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "choice_codec.h"
#include "event_tables.h"
#include "format.h"
#include "header_archive.h"
#include "heddle/internal/read_progress.h"
#include "heddle/trace_index.h"
#include "heddle/trace_io.h"
#include "heddle/trace_scan.h"
#include "index_codec.h"
#include "losses_codec.h"
#include "packed.h"
#include "plain_event.h"
#include "table_codec.h"

namespace heddle {
namespace {

using internal::ByteReader;
using internal::ChunkType;

// const char*: before C++17, and so in Debian's build, Abseil has its own string_view.
constexpr char kCutOff[] =
    "Likely cause: the program was killed, or the disk was full, while it was written.";
constexpr char kChanged[] = "Likely cause: the file was changed or damaged after it was written.";
constexpr char kDefect[] = "Likely cause: a defect in the heddle that wrote it; please report it.";

// One chunk, as it lies in the file.
struct Chunk {
  std::uint8_t type = 0;
  std::string_view payload;
};

// Reads one recording, from its first byte to its last or to the first that is damaged.
class TraceReader {
 public:
  // Keeps events, choices and marks where there is no `visitor`.
  TraceReader(std::string_view bytes, const std::string& name, TraceVisitor* visitor = nullptr)
      : bytes_(bytes), name_(name), visitor_(visitor) {}

  absl::StatusOr<Recording> Read() {
    if (absl::Status status = ReadPreamble(); !status.ok()) return status;
    if (absl::Status status = ReadFirstChunk(); !status.ok()) return status;
    Recording recording;
    trace_.objects.reserve(CountRecords(ChunkType::kObjects));
    trace_.flows.reserve(CountRecords(ChunkType::kFlows));
    if (visitor_ == nullptr) trace_.events.reserve(CountRecords(ChunkType::kEvents));
    recording.damage = ReadChunks();
    recording.trace = std::move(trace_);
    return recording;
  }

 private:
  absl::Status ReadPreamble();
  absl::Status ReadFirstChunk();
  absl::Status ReadHeader(std::string_view payload);
  std::size_t CountRecords(ChunkType type) const;
  absl::Status ReadChunks();
  absl::Status ReadChunk();
  absl::StatusOr<Chunk> NextChunk();
  absl::Status ReadPayload(ChunkType type, std::string_view payload);
  absl::Status ReadPacked(std::string_view payload);
  void HandOn();
  absl::Status ReadIndex(ByteReader* in);
  bool Fits(const TraceIndex& index) const;
  absl::Status ReadEnd(ByteReader* in);

  template <class Record>
  static void ReadTable(ByteReader* in, std::vector<Record>* records, std::size_t before = 0);
  void ReadChoices(ByteReader* in);
  void ReadEvents(ByteReader* in);
  void ReadPlainEvents(ByteReader* in);
  void ReadLosses(ByteReader* in);
  static std::uint32_t ReadListPrefix(ByteReader* in, std::size_t next);
  std::size_t events() const { return events_before_ + trace_.events.size(); }
  std::size_t choices() const { return choices_before_ + trace_.choices.size(); }
  std::size_t marks() const { return marks_before_ + trace_.marks.size(); }
  internal::TableSizes table_sizes() const {
    return {.sites = trace_.sites.size(),
            .objects = trace_.objects.size(),
            .flows = trace_.flows.size(),
            .marks = marks()};
  }

  // "run.heddle: chunk 3 (events) at byte 1234 "; before what is in a packed chunk, that one too.
  std::string Here() const {
    return absl::StrCat(packed_.empty() ? name_ + ": " : packed_, "chunk ", chunk_, " (",
                        internal::NameOfChunk(type_), ") at byte ", begin_, " ");
  }
  absl::Status Damage(const std::string& what, const char* cause) const {
    return absl::DataLossError(absl::StrCat(Here(), what, ". ", cause, " ", WhatIsLeft()));
  }
  std::string WhatIsLeft() const;

  std::string_view bytes_;
  const std::string& name_;
  std::string packed_;  // where it is, while chunks are read that are in it
  TraceVisitor* const visitor_;
  std::size_t events_before_ = 0;  // those that the visitor has
  std::size_t choices_before_ = 0;
  std::size_t marks_before_ = 0;
  std::size_t offset_ = 0;    // of the next byte to read
  std::size_t begin_ = 0;     // where the current chunk begins
  std::size_t chunk_ = 0;     // its number, from 1
  std::uint8_t type_ = 0;     // its type
  std::size_t losses_ = 0;    // chunks of them
  std::size_t outcomes_ = 0;  // the same
  bool has_header_ = false;
  bool has_end_ = false;
  bool has_index_ = false;
  std::uint64_t binding_ = 0;               // of the chunks so far
  std::uint64_t plain_offset_ = 0;          // where the next one would be if none were packed
  std::vector<IndexedChunk> event_chunks_;  // where they are and how much is in them
  Trace trace_;
};

std::string TraceReader::WhatIsLeft() const {
  if (!has_header_) return "Nothing of it can be read: record the run again.";
  return absl::StrCat("Before it, ", events(), " events and ", choices(),
                      " choices were read; record the run again to have all of them.");
}

absl::Status TraceReader::ReadPreamble() {
  if (bytes_.empty()) {
    return absl::DataLossError(absl::StrCat(name_, ": is empty. ", kCutOff, " Record again."));
  }
  const std::string_view magic = bytes_.substr(0, internal::kMagic.size());
  if (magic != internal::kMagic.substr(0, magic.size())) {
    const std::string_view letters = internal::kMagic.substr(1, 3);
    if (bytes_.substr(1, letters.size()) == letters) {
      return absl::DataLossError(absl::StrCat(
          name_, ": is a recording whose first ", internal::kMagic.size(),
          " bytes were changed. Likely cause: it was copied as text (line ends or the eighth bit "
          "were converted), or the disk damaged it. Copy it again as binary, or record again."));
    }
    return absl::InvalidArgumentError(absl::StrCat(
        name_,
        ": is not a recording: it does not begin as one. Likely cause: the path of another "
        "file. Recordings are called *.heddle and are made by heddle."));
  }
  if (bytes_.size() < internal::kPreambleBytes) {
    return absl::DataLossError(absl::StrCat(name_, ": ends at byte ", bytes_.size(),
                                            ", within its first line. ", kCutOff,
                                            " Record again."));
  }
  ByteReader in(bytes_.substr(internal::kMagic.size()));
  const auto version = in.Fixed<std::uint32_t>();
  if (version > kFormatVersion) {
    return absl::UnimplementedError(absl::StrCat(name_, ": was written by format version ", version,
                                                 ", this heddle reads up to ", kFormatVersion,
                                                 ": update heddle."));
  }
  if (version == 0) {
    return absl::DataLossError(absl::StrCat(name_, ": says format version 0, which never was. ",
                                            kChanged, " Record again."));
  }
  offset_ = plain_offset_ = internal::kPreambleBytes;
  return absl::OkStatus();
}

absl::StatusOr<Chunk> TraceReader::NextChunk() {
  ++chunk_;
  begin_ = offset_;
  type_ = 0;
  const std::string_view rest = bytes_.substr(offset_);
  if (rest.size() < internal::kFrameBytes) {
    return Damage(absl::StrCat("ends after ", rest.size(), " bytes"), kCutOff);
  }
  ByteReader in(rest);
  const auto length = in.Fixed<std::uint32_t>();
  type_ = in.Byte();
  const auto checksum = in.Fixed<std::uint32_t>();
  if (length > in.remaining()) {
    return Damage(
        absl::StrCat("is cut off: of its ", length, " bytes, ", in.remaining(), " are there"),
        kCutOff);
  }
  const Chunk chunk{.type = type_, .payload = in.Bytes(length)};
  if (checksum !=
      internal::Checksum(rest.substr(0, internal::kLengthAndTypeBytes), chunk.payload)) {
    return Damage("is damaged: its checksum is wrong", kChanged);
  }
  offset_ += internal::kFrameBytes + length;
  if (type_ != static_cast<std::uint8_t>(ChunkType::kPacked)) {
    if (type_ != static_cast<std::uint8_t>(ChunkType::kIndex)) {
      binding_ = internal::FoldFrame(binding_, rest.substr(0, internal::kFrameBytes));
    }
    plain_offset_ += internal::kFrameBytes + length;
  }
  return chunk;
}

absl::Status TraceReader::ReadFirstChunk() {
  const absl::StatusOr<Chunk> chunk = NextChunk();
  if (!chunk.ok()) return chunk.status();
  if (chunk->type != static_cast<std::uint8_t>(ChunkType::kHeader)) {
    return Damage("is where the header should be", kChanged);
  }
  if (absl::Status status = ReadHeader(chunk->payload); !status.ok()) return status;
  has_header_ = true;
  return absl::OkStatus();
}

absl::Status TraceReader::ReadHeader(std::string_view payload) {
  absl::StatusOr<TraceHeader> header = internal::DecodeHeader(payload);
  if (!header.ok()) return Damage(absl::StrCat("is wrong: ", header.status().message()), kDefect);
  trace_.header = *std::move(header);
  return absl::OkStatus();
}

// How many records the lists of that type say they have, as far as there are the bytes for them.
std::size_t TraceReader::CountRecords(ChunkType type) const {
  std::size_t records = 0;
  for (std::string_view rest = bytes_.substr(offset_); rest.size() >= internal::kFrameBytes;) {
    ByteReader in(rest);
    const auto length = in.Fixed<std::uint32_t>();
    const std::uint8_t its_type = in.Byte();
    in.Bytes(internal::kFrameBytes - internal::kLengthAndTypeBytes);
    if (length > in.remaining()) break;
    if (its_type == static_cast<std::uint8_t>(type)) {
      in.Bytes(internal::kListPrefixBytes - sizeof(std::uint32_t));
      records += std::min<std::size_t>(in.Fixed<std::uint32_t>(), length);
    }
    rest.remove_prefix(internal::kFrameBytes + length);
  }
  return records;
}

absl::Status TraceReader::ReadChunks() {
  internal::ReadProgress& progress = internal::read_progress;
  progress.size = bytes_.size();
  while (offset_ < bytes_.size() && !has_end_) {
    progress.done = offset_;
    if (absl::Status status = ReadChunk(); !status.ok()) return status;
  }
  progress.done = bytes_.size();
  ++chunk_;
  begin_ = offset_;
  type_ = static_cast<std::uint8_t>(ChunkType::kEnd);
  if (!has_end_) return Damage("is missing", kCutOff);
  if (offset_ == bytes_.size()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      name_, ": goes on at byte ", offset_, ", after its end, for ", bytes_.size() - offset_,
      " bytes. Likely cause: another file was appended to it. All of the recording was read."));
}

absl::Status TraceReader::ReadChunk() {
  const absl::StatusOr<Chunk> chunk = NextChunk();
  if (!chunk.ok()) return chunk.status();
  if (has_index_ && internal::IsKnownChunk(chunk->type) &&
      chunk->type != static_cast<std::uint8_t>(ChunkType::kEnd)) {
    return Damage("comes after the index", kChanged);
  }
  if (chunk->type == static_cast<std::uint8_t>(ChunkType::kPacked)) {
    return ReadPacked(chunk->payload);
  }
  if (internal::IsKnownChunk(chunk->type)) {
    const absl::Status status = ReadPayload(static_cast<ChunkType>(chunk->type), chunk->payload);
    HandOn();
    return status;
  }
  if ((chunk->type & internal::kSkippable) != 0) return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat(
      Here(), "is of type ", chunk->type, ", which this heddle does not know. It was written by ",
      "heddle ", trace_.header.heddle_version, ": update heddle. ", WhatIsLeft()));
}

// What is in it is read as if it lay in the file.
absl::Status TraceReader::ReadPacked(std::string_view payload) {
  if (!packed_.empty()) return Damage("is packed twice", kDefect);
  const absl::StatusOr<std::string> chunks = internal::DecompressChunks(payload);
  if (absl::IsUnimplemented(chunks.status())) {
    return absl::UnimplementedError(
        absl::StrCat(Here(), "is compressed, and ", chunks.status().message(), " ", WhatIsLeft()));
  }
  if (!chunks.ok()) {
    return Damage(absl::StrCat("is wrong: ", chunks.status().message()), kDefect);
  }
  packed_ = absl::StrCat(Here(), "holds others: ");
  const std::string_view file = std::exchange(bytes_, *chunks);
  const std::size_t after = std::exchange(offset_, 0);
  const std::size_t chunk = std::exchange(chunk_, 0);
  absl::Status status;
  while (status.ok() && offset_ < bytes_.size()) status = ReadChunk();
  bytes_ = file;
  offset_ = after;
  chunk_ = chunk;
  packed_.clear();
  return status;
}

absl::Status TraceReader::ReadPayload(ChunkType type, std::string_view payload) {
  ByteReader in(payload);
  switch (type) {
    case ChunkType::kHeader:
      return Damage("is a second header", kChanged);
    case ChunkType::kSites:
      ReadTable(&in, &trace_.sites);
      break;
    case ChunkType::kObjects:
      ReadTable(&in, &trace_.objects);
      break;
    case ChunkType::kFlows:
      ReadTable(&in, &trace_.flows);
      break;
    case ChunkType::kMarks:
      ReadTable(&in, &trace_.marks, marks_before_);
      break;
    case ChunkType::kChoices:
      ReadChoices(&in);
      break;
    case ChunkType::kEvents:
      ReadEvents(&in);
      break;
    case ChunkType::kEnd:
      return ReadEnd(&in);
    case ChunkType::kOutcome:
      ++outcomes_;
      return ReadHeader(payload);
    case ChunkType::kPacked:
      break;  // ReadPacked
    case ChunkType::kLosses:
      ReadLosses(&in);
      break;
    case ChunkType::kPlainEvents:
      ReadPlainEvents(&in);
      break;
    case ChunkType::kIndex:
      if (absl::Status status = ReadIndex(&in); !status.ok()) return status;
      break;
  }
  if (in.ok() && in.remaining() != 0) {
    in.Fail(absl::StrCat("it has ", in.remaining(), " bytes too many"));
  }
  return in.ok() ? absl::OkStatus() : Damage(absl::StrCat("is wrong: ", in.problem()), kDefect);
}

void TraceReader::HandOn() {
  if (visitor_ == nullptr) return;
  for (const MarkRecord& mark : trace_.marks) visitor_->VisitMark(marks_before_++, mark);
  trace_.marks.clear();
  if (trace_.events.empty() && trace_.choices.empty()) return;
  visitor_->Visit(trace_, events_before_);
  events_before_ = events();
  choices_before_ = choices();
  trace_.events.clear();
  trace_.choices.clear();
}

// Every list says the number of its first record, so that a chunk that was lost, doubled or
// moved is noticed. Returns how many records there are.
std::uint32_t TraceReader::ReadListPrefix(ByteReader* in, std::size_t next) {
  const auto first = in->Fixed<std::uint64_t>();
  const auto count = in->Fixed<std::uint32_t>();
  if (first != next) {
    in->Fail(absl::StrCat("it begins with number ", first, ", but number ", next,
                          " comes next: a chunk was lost, doubled or moved"));
  }
  return in->ok() ? count : 0;
}

template <class Record>
void TraceReader::ReadTable(ByteReader* in, std::vector<Record>* records, std::size_t before) {
  const std::uint32_t count = ReadListPrefix(in, before + records->size());
  internal::TableDecoder decoder(in);
  for (std::uint32_t i = 0; i < count; ++i) {
    Record record;
    decoder.Decode(&record);
    if (!in->ok()) return;
    records->push_back(std::move(record));
  }
}

void TraceReader::ReadChoices(ByteReader* in) {
  const std::uint32_t count = ReadListPrefix(in, choices());
  internal::ChoiceDecoder decoder;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Choice choice = decoder.Decode(in);
    if (!in->ok()) return;
    trace_.choices.push_back(choice);
  }
}

void TraceReader::ReadEvents(ByteReader* in) {
  const std::size_t bytes = internal::kFrameBytes + in->remaining();
  const std::uint32_t count = ReadListPrefix(in, events());
  const std::size_t before = trace_.events.size();
  internal::DecodeEvents(in, count, table_sizes(), &trace_.events);
  IndexedChunk& chunk = event_chunks_.emplace_back();
  chunk.offset = plain_offset_ - bytes;
  chunk.events = count;
  if (before < trace_.events.size()) chunk.time = trace_.events[before].time;
}

void TraceReader::ReadPlainEvents(ByteReader* in) {
  const std::uint32_t count = ReadListPrefix(in, events());
  for (std::uint32_t i = 0; i < count; ++i) {
    const Event event = internal::GetPlainEvent(in);
    if (!in->ok()) return;
    std::string problem = internal::ProblemOf(
        internal::Shape::Of(event.kind, event.operation, event.flags, event.site), table_sizes());
    if (problem.empty()) {
      const auto table = internal::TableOfObject(event.kind, event.op(), table_sizes());
      if (table) problem = internal::ProblemOf(event.object, *table);
    }
    if (!problem.empty()) return in->Fail(std::move(problem));
    trace_.events.push_back(event);
  }
}

// All or none: of a part it would be said that this is what is missing.
void TraceReader::ReadLosses(ByteReader* in) {
  ++losses_;
  Losses losses = internal::LossesDecoder(in).Decode();
  if (in->ok()) trace_.losses = std::move(losses);
}

// An index is not needed here. But whoever needs it has to know that it is right, so one that is
// not is damage, though nothing is missing.
absl::Status TraceReader::ReadIndex(ByteReader* in) {
  if (!packed_.empty()) return Damage("is where no index can be", kDefect);
  has_index_ = true;
  const std::optional<internal::BoundIndex> bound = internal::DecodeIndex(in);
  if (!in->ok() || !bound) return absl::OkStatus();  // the caller looks at `in`
  if (bound->binding != binding_) return Damage("belongs to other chunks than these", kChanged);
  if (!Fits(bound->index)) return Damage("is wrong: it does not say what is there", kDefect);
  return absl::OkStatus();
}

bool TraceReader::Fits(const TraceIndex& index) const {
  if (index.events != events() || index.choices != choices()) return false;
  return std::equal(index.chunks.begin(), index.chunks.end(), event_chunks_.begin(),
                    event_chunks_.end(), [](const IndexedChunk& says, const IndexedChunk& is) {
                      return says.offset == is.offset && says.events == is.events &&
                             says.time == is.time;
                    });
}

absl::Status TraceReader::ReadEnd(ByteReader* in) {
  if (!packed_.empty()) return Damage("is where no end can be", kDefect);
  has_end_ = true;
  const std::pair<const char*, std::size_t> have[] = {{"sites", trace_.sites.size()},
                                                      {"objects", trace_.objects.size()},
                                                      {"flows", trace_.flows.size()},
                                                      {"marks", marks()},
                                                      {"choices", choices()},
                                                      {"events", events()},
                                                      {"losses", losses_},
                                                      {"outcomes", outcomes_}};
  constexpr std::size_t kAlwaysThere = 6;
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < std::size(have); ++i) {
    if (i >= kAlwaysThere && in->remaining() == 0) break;
    const auto& [what, count] = have[i];
    const auto expected = in->Varint<std::uint64_t>();
    if (expected == count) continue;
    missing.push_back(absl::StrCat(expected, " ", what, ", but ", count, " were read"));
  }
  if (!in->ok()) return Damage(absl::StrCat("is wrong: ", in->problem()), kDefect);
  if (missing.empty()) return absl::OkStatus();
  return Damage(absl::StrCat("counts ", absl::StrJoin(missing, "; ")), kChanged);
}

absl::Status CannotRead(const std::string& path, int error) {
  const char* next = "Likely cause: a fault of the disk or of the network.";
  if (error == ENOENT) {
    next = "Check the path; recordings of failed tests are written below heddle-failures/.";
  } else if (error == EACCES || error == EPERM) {
    next = "You may not read it: ask its owner, or change its mode (chmod u+r).";
  } else if (error == EISDIR) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is a directory, not a recording. Name a file in it."));
  } else if (error == ENOTDIR) {
    next = "Check the path: a part of it is a file.";
  }
  return absl::Status(absl::ErrnoToStatusCode(error),
                      absl::StrCat(path, ": ", std::generic_category().message(error), ". ", next));
}

constexpr std::size_t kReadBlock = std::size_t{1} << 16;
// Larger files grow as they are read: a size is only what the file system says.
constexpr off_t kReserveMax = off_t{1} << 30;

// Reads no more of a file that does not begin as a recording does: it may be large, or a
// device without end. Returns an errno, or 0.
int ReadFile(int descriptor, std::string* bytes) {
  for (;;) {
    const std::size_t size = bytes->size();
    bytes->resize(size + kReadBlock);
    const ssize_t got = ::read(descriptor, bytes->data() + size, kReadBlock);
    const int error = got < 0 ? errno : 0;
    bytes->resize(size + (got < 0 ? 0 : static_cast<std::size_t>(got)));
    if (error != 0 && error != EINTR) return error;
    if (got == 0) return 0;
    const std::string_view start = internal::kMagic.substr(0, bytes->size());
    if (!std::string_view(*bytes).starts_with(start)) return 0;
  }
}

}  // namespace

absl::StatusOr<Recording> DecodeRecording(std::string_view bytes, const std::string& name) {
  return TraceReader(bytes, name).Read();
}

absl::StatusOr<Recording> ScanRecording(std::string_view bytes, const std::string& name,
                                        TraceVisitor& visitor) {
  return TraceReader(bytes, name, &visitor).Read();
}

absl::StatusOr<std::string> ReadRecordingBytes(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return CannotRead(path, errno);
  std::string bytes;
  struct stat status = {};
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
      status.st_size <= kReserveMax) {
    bytes.reserve(static_cast<std::size_t>(status.st_size) + kReadBlock);
  }
  const int error = ReadFile(descriptor, &bytes);
  ::close(descriptor);
  if (error != 0) return CannotRead(path, error);
  return bytes;
}

absl::StatusOr<Recording> ReadRecording(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadRecordingBytes(path);
  if (!bytes.ok()) return bytes.status();
  return DecodeRecording(*bytes, path);
}

}  // namespace heddle
