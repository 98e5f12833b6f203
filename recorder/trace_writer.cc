// SPDX-License-Identifier: MIT
//
// A trace as bytes, and those bytes as a file. The chunks are in chunk_writer.h; trace_reader.cc
// goes the other way.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chunk_writer.h"
#include "heddle/trace_io.h"
#include "write_error.h"

namespace heddle {
namespace {

// A file beside `path`: gone again unless it takes the place of `path`. Its functions
// return an errno, or 0.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
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
  const std::string path_;
  std::string name_;
  int descriptor_ = -1;
  bool exists_ = false;
};

// A trace without requests, or that lies in one chunk, has none: it would be looked for in vain.
void AppendIndexOf(const Trace& trace, const std::vector<internal::WrittenChunk>& chunks,
                   std::string* out) {
  if (chunks.size() < 2 || trace.flows.size() < 2 || !trace.losses.empty()) return;
  internal::IndexBuilder builder;
  builder.Add(trace, 0, chunks);
  const std::optional<TraceIndex> index = builder.Finish(trace.header);
  if (!index) return;
  const std::uint64_t binding =
      internal::FoldChunks(0, std::string_view(*out).substr(internal::kPreambleBytes));
  internal::AppendIndex(*index, binding, out->size(), out);
}

}  // namespace

std::string EncodeRecording(const Trace& trace) {
  std::string out;
  internal::AppendPreamble(&out);
  internal::AppendHeader(internal::ChunkType::kHeader, trace.header, &out);
  internal::TraceCounts counts;
  internal::AppendLosses(trace.losses, &counts, &out);
  std::vector<internal::WrittenChunk> chunks;
  internal::AppendBody(trace, &counts, &out, &chunks);
  AppendIndexOf(trace, chunks, &out);
  internal::AppendEnd(counts, &out);
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
  // What a link leads to is replaced, and the link stays.
  std::error_code unresolved;
  const std::string target = std::filesystem::is_symlink(path, unresolved)
                                 ? std::filesystem::weakly_canonical(path, unresolved).string()
                                 : path;
  TemporaryFile file(unresolved ? path : target);
  int error = file.Create();
  if (error == 0) error = file.Write(EncodeRecording(trace));
  if (error == 0) error = file.Replace();
  return error == 0 ? absl::OkStatus()
                    : internal::CannotWrite(path, error,
                                            "A recording that was there before is unchanged.");
}

}  // namespace heddle
