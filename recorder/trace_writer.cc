// SPDX-License-Identifier: MIT
//
// A trace as bytes, and those bytes as a file. The frame is drawn in format.h, the records
// are in the *_codec.h; trace_reader.cc goes the other way.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "choice_codec.h"
#include "event_codec.h"
#include "format.h"
#include "header_archive.h"
#include "heddle/check.h"
#include "heddle/trace_io.h"
#include "table_codec.h"

namespace heddle {
namespace {

using internal::ChunkType;

// Opens a chunk at the end of `out`; what is appended to `out` until Close() is its payload.
class ChunkWriter {
 public:
  ChunkWriter(ChunkType type, std::string* out) : out_(*out), begin_(out->size()), type_(type) {
    out_.append(internal::kFrameBytes, '\0');
  }

  std::size_t payload_begin() const { return begin_ + internal::kFrameBytes; }
  std::size_t payload_size() const { return out_.size() - payload_begin(); }

  void Close() {
    HEDDLE_CHECK(payload_size() <= std::numeric_limits<std::uint32_t>::max(),
                 "a record is larger than the 4 GiB that a chunk can hold");
    char* frame = out_.data() + begin_;
    char* next = internal::PutFixed(frame, static_cast<std::uint32_t>(payload_size()));
    *next++ = static_cast<char>(type_);
    const std::string_view bytes(out_);
    internal::PutFixed(next, internal::Checksum(bytes.substr(begin_, internal::kLengthAndTypeBytes),
                                                bytes.substr(payload_begin())));
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
    internal::AppendFixed(out, static_cast<std::uint64_t>(first));
    internal::AppendFixed(out, std::uint32_t{0});
  }

  // `end` is the number of the first record that is not in the chunk.
  void Close(std::size_t end) {
    internal::PutFixed(out_.data() + payload_begin() + sizeof(std::uint64_t),
                       static_cast<std::uint32_t>(end - first_));
    ChunkWriter::Close();
  }

 private:
  std::string& out_;
  std::size_t first_;
};

template <class Record>
void AppendTable(ChunkType type, const std::vector<Record>& records, std::string* out) {
  for (std::size_t next = 0; next < records.size();) {
    ListWriter chunk(type, next, out);
    internal::TableEncoder encoder(out);
    do {
      encoder.Encode(records[next++]);
    } while (next < records.size() && chunk.payload_size() < internal::kPayloadTarget);
    chunk.Close(next);
  }
}

// The same for records of at most Encoder::kMaxBytes: room is made once a chunk.
template <class Encoder, class Record>
void AppendStream(ChunkType type, const std::vector<Record>& records, std::string* out) {
  for (std::size_t next = 0; next < records.size();) {
    ListWriter chunk(type, next, out);
    const std::size_t begin = out->size();
    out->resize(begin + internal::kPayloadTarget + Encoder::kMaxBytes);
    Encoder encoder;
    char* end = out->data() + begin;
    const char* const full = end + internal::kPayloadTarget;
    do {
      end = encoder.Encode(records[next++], end);
    } while (next < records.size() && end < full && !encoder.IsFull());
    out->resize(static_cast<std::size_t>(end - out->data()));
    chunk.Close(next);
  }
}

void AppendHeader(const TraceHeader& header, std::string* out) {
  ChunkWriter chunk(ChunkType::kHeader, out);
  out->append(internal::EncodeHeader(header));
  chunk.Close();
}

void AppendEnd(const Trace& trace, std::string* out) {
  ChunkWriter chunk(ChunkType::kEnd, out);
  for (const std::size_t count : {trace.sites.size(), trace.objects.size(), trace.flows.size(),
                                  trace.marks.size(), trace.choices.size(), trace.events.size()}) {
    internal::AppendVarint(out, count);
  }
  chunk.Close();
}

std::string LikelyCause(int error) {
  switch (error) {
    case ENOSPC:
      return "the disk is full; free some room";
    case EDQUOT:
      return "your disk quota is used up; free some room";
    case EFBIG:
      return "the file size is limited (ulimit -f); raise the limit";
    case EIO:
      return "the disk or the network reported a fault; look at the system's log";
    case ENOENT:
      return "the directory does not exist; create it, or check the path";
    case ENOTDIR:
      return "a part of the path is a file, not a directory; check the path";
    case EISDIR:
      return "the path is a directory; name a file in it";
    case EROFS:
      return "the disk is mounted read-only; write somewhere else";
    case EACCES:
    case EPERM:
      return "you may not write in that directory; write somewhere else";
    case ENAMETOOLONG:
      return "the name is too long; choose a shorter one";
    default:
      return "the system refused; try another directory";
  }
}

absl::Status CannotWrite(const std::string& path, int error) {
  return absl::Status(
      absl::ErrnoToStatusCode(error),
      absl::StrCat("cannot write ", path, ": ", std::generic_category().message(error),
                   ". Likely cause: ", LikelyCause(error),
                   ". A recording that was there before is unchanged."));
}

// A file beside `path`: gone again unless it takes the place of `path`. Its functions
// return an errno, or 0.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& path) : path_(path) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  ~TemporaryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (exists_) ::unlink(name_.c_str());
  }

  // A name may be taken: by another thread of ours, or by a process of the same number that
  // was killed or runs in another container.
  int Create() {
    constexpr int kTries = 100;
    const std::string base = absl::StrCat(path_, ".tmp-", ::getpid());
    name_ = base;
    for (int i = 1; i <= kTries; ++i) {
      descriptor_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (descriptor_ >= 0) {
        exists_ = true;
        return 0;
      }
      if (errno != EEXIST) return errno;
      name_ = absl::StrCat(base, "-", i);
    }
    return EEXIST;
  }

  int Write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return errno;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
  }

  // The bytes reach the disk before the name does: after a power cut there is the old file
  // or the new one, never an empty one.
  int Replace() {
    if (::fsync(descriptor_) != 0) return errno;
    const int closed = ::close(descriptor_);
    descriptor_ = -1;
    if (closed != 0) return errno;
    if (::rename(name_.c_str(), path_.c_str()) != 0) return errno;
    exists_ = false;
    return 0;
  }

 private:
  const std::string& path_;
  std::string name_;
  int descriptor_ = -1;
  bool exists_ = false;
};

}  // namespace

std::string EncodeRecording(const Trace& trace) {
  std::string out(internal::kMagic);
  internal::AppendFixed(&out, kFormatVersion);
  AppendHeader(trace.header, &out);
  AppendTable(ChunkType::kSites, trace.sites, &out);
  AppendTable(ChunkType::kObjects, trace.objects, &out);
  AppendTable(ChunkType::kFlows, trace.flows, &out);
  AppendTable(ChunkType::kMarks, trace.marks, &out);
  // Choices come before events: a file that was cut off can most likely still be replayed.
  AppendStream<internal::ChoiceEncoder>(ChunkType::kChoices, trace.choices, &out);
  AppendStream<internal::EventEncoder>(ChunkType::kEvents, trace.events, &out);
  AppendEnd(trace, &out);
  return out;
}

absl::Status WriteRecording(const std::string& path, const Trace& trace) {
  // Renaming would put a regular file in the place of /dev/null.
  struct stat status;
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot write ", path, ": it is ",
        S_ISDIR(status.st_mode) ? "a directory. Name a file in it." : "not a regular file."));
  }
  TemporaryFile file(path);
  int error = file.Create();
  if (error == 0) error = file.Write(EncodeRecording(trace));
  if (error == 0) error = file.Replace();
  return error == 0 ? absl::OkStatus() : CannotWrite(path, error);
}

}  // namespace heddle
