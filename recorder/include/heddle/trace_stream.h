// SPDX-License-Identifier: MIT
//
// TraceStream: a recording that is written while the run goes on.
//
// The rules it keeps: whatever happens to the process, what is in the file can be read, and it is
// the run up to at most one chunk before its last event. A crash and a kill cost the events since
// the last chunk; a full disk costs what came after it. ReadRecording (trace_io.h) then reports
// the missing rest as damage. And a streamed run needs no more memory than a chunk: what is written
// is given back. So RunResult::trace then holds the header only, and says in its losses which file
// has the rest.
//
//   TraceStream stream("run.heddle");
//   RunResult run = Run(body, {.stream = &stream});
//   if (!stream.status().ok()) ...
//   CHECK_THAT(ReadRecording("run.heddle")->trace, InOrder("Reserve", "Charge"));
//
// A chooser that learns from the events of a run (Chooser::wants_events) keeps them in memory.
#ifndef HEDDLE_TRACE_STREAM_H_
#define HEDDLE_TRACE_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "heddle/recorder.h"
#include "heddle/trace.h"
#include "heddle/trace_filter.h"

namespace heddle {

struct TraceStreamOptions {
  // After how many events a chunk is written. Fewer: less is lost, and the file is longer.
  std::size_t chunk_events = 16'384;
  // Keeps the events in memory too, and so gives RunResult::trace as if there were no stream.
  bool keep = false;
};

// Of one run. Not thread-safe, like the recorder that it listens to.
class TraceStream final : public EventSink {
 public:
  // Makes the file, or empties it. See status().
  explicit TraceStream(const std::string& path, TraceStreamOptions options = {});
  ~TraceStream();
  TraceStream(const TraceStream&) = delete;
  TraceStream& operator=(const TraceStream&) = delete;

  // Before the run: who is about to run. Listens to `recorder` from its next Begin() on. `keep` is
  // as in the options; `filter` says what is not written, null: everything is.
  void Begin(const TraceHeader& header, Recorder& recorder, bool keep = false,
             const TraceFilter* filter = nullptr);
  // What `recorder` has beyond what was written.
  void TakeEvents(Recorder& recorder) override;
  // After the run, and before Finish: the rest of it. ReadRecording(path()) then gives all of it.
  void Flush(Recorder& recorder);
  // After the run: the rest of it, and how it ended. The file is then as WriteRecording makes it,
  // and brought to the disk.
  void Finish(const TraceHeader& header, Recorder& recorder);

  // The first thing that went wrong; from then on nothing is written, and the run goes on.
  const absl::Status& status() const;
  const std::string& path() const;
  bool keeps() const;
  // How many events were taken, written or not.
  std::uint64_t events() const;

 private:
  struct State;

  std::unique_ptr<State> state_;
};

}  // namespace heddle

#endif  // HEDDLE_TRACE_STREAM_H_
