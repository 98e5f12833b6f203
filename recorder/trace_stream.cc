// SPDX-License-Identifier: MIT
//
// Implements trace_stream.h: each piece of the run becomes whole chunks, and each piece is handed
// to the system in one write, after which no death of the process can take it away.
#include "heddle/trace_stream.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string_view>
#include <vector>

#include "chunk_writer.h"
#include "heddle/trace_cursor.h"
#include "volume_control.h"
#include "write_error.h"

namespace heddle {
namespace {

// What a reader is told of a run whose end is not in the file.
constexpr char kNotOver[] =
    "the recording ends before the run did: the program was killed, or "
    "crashed, or the disk was full";

TraceHeader NotOver(TraceHeader header) {
  header.ending = Ending::kStopped;
  header.message = kNotOver;
  return header;
}

}  // namespace

struct TraceStream::State {
  State(const std::string& its_path, TraceStreamOptions its_options)
      : path(its_path), options(its_options) {
    descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) Fail(errno);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { Close(); }

  void Fail(int error) {
    if (status.ok()) {
      status = internal::CannotWrite(path, error, "What was written before can be read.");
    }
    Close();
  }

  void Sync() {
    const bool done = descriptor < 0 || ::fsync(descriptor) == 0;
    if (!done && errno != EINVAL) Fail(errno);  // EINVAL: a pipe or a device
  }

  void Close() {
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
  }

  void WriteChunks(std::string_view chunks) {
    binding = internal::FoldChunks(binding, chunks);
    Write(chunks);
  }

  void Write(std::string_view bytes) {
    size += bytes.size();
    while (descriptor >= 0 && !bytes.empty()) {
      const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return Fail(errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  // Keeps the room.
  void ClearNews() {
    news.sites.clear();
    news.objects.clear();
    news.flows.clear();
    news.marks.clear();
    news.events.clear();
    news.choices.clear();
  }

  void WriteEvents(Recorder& recorder) {
    ClearNews();
    cursor.AppendTo(recorder, news);
    taken += news.events.size();
    if (control) control->Apply(news);
    if (!options.keep) recorder.Forget();
    WriteNews();
  }

  // The run is over.
  void WriteHeld() {
    if (!control) return;
    ClearNews();
    control->Finish(news);
    WriteNews();
  }

  // What is missing comes first: who reads this far knows it.
  void WriteNews() {
    if (descriptor < 0) return;
    piece.clear();
    if (control && control->losses() != written_losses) {
      written_losses = control->losses();
      internal::AppendLosses(written_losses, &counts, &piece);
    }
    const std::size_t marks_before = counts.marks;
    event_chunks.clear();
    internal::AppendBody(news, &counts, &piece, &event_chunks);
    for (internal::WrittenChunk& chunk : event_chunks) chunk.offset += size;
    // What is not there can have no index: who reads a part has to read all of it.
    if (!control) index.Add(news, marks_before, event_chunks);
    WriteChunks(piece);
  }

  std::string path;
  TraceStreamOptions options;
  int descriptor = -1;  // negative once it has failed or is finished
  absl::Status status;
  TraceCursor cursor;
  Trace news;  // since the last piece
  internal::TraceCounts counts;
  std::uint64_t taken = 0;
  std::optional<internal::VolumeControl> control;
  Losses written_losses;
  std::string piece;
  std::vector<internal::WrittenChunk> event_chunks;  // of the piece
  internal::IndexBuilder index;
  std::uint64_t binding = 0;
  std::uint64_t size = 0;  // of the file
  bool has_begun = false;
};

TraceStream::TraceStream(const std::string& path, TraceStreamOptions options)
    : state_(std::make_unique<State>(path, options)) {}
TraceStream::~TraceStream() = default;

void TraceStream::Begin(const TraceHeader& header, Recorder& recorder, bool keep,
                        const TraceFilter* filter) {
  if (state_->has_begun) {
    throw UsageError(
        "heddle: a TraceStream was given to a second run, but it writes one. Make one "
        "for each run, each with a file of its own.");
  }
  state_->has_begun = true;
  if (keep) state_->options.keep = true;
  if (filter != nullptr) state_->control.emplace(*filter);
  std::string bytes;
  internal::AppendPreamble(&bytes);
  state_->Write(bytes);
  bytes.clear();
  internal::AppendHeader(internal::ChunkType::kHeader, NotOver(header), &bytes);
  state_->WriteChunks(bytes);
  recorder.SetSink(this, state_->options.chunk_events);
}

void TraceStream::TakeEvents(Recorder& recorder) { state_->WriteEvents(recorder); }

void TraceStream::Flush(Recorder& recorder) {
  state_->WriteEvents(recorder);
  state_->WriteHeld();
}

void TraceStream::Finish(const TraceHeader& header, Recorder& recorder) {
  recorder.SetSink(nullptr, 0);
  Flush(recorder);
  std::string bytes;
  internal::AppendHeader(internal::ChunkType::kOutcome, header, &bytes);
  ++state_->counts.outcomes;
  if (const std::optional<TraceIndex> index = state_->index.Finish(header)) {
    internal::AppendIndex(*index, internal::FoldChunks(state_->binding, bytes),
                          state_->size + bytes.size(), &bytes);
  }
  internal::AppendEnd(state_->counts, &bytes);
  state_->Write(bytes);
  state_->Sync();
  state_->Close();
}

const absl::Status& TraceStream::status() const { return state_->status; }
const std::string& TraceStream::path() const { return state_->path; }
bool TraceStream::keeps() const { return state_->options.keep; }
std::uint64_t TraceStream::events() const { return state_->taken; }

}  // namespace heddle
