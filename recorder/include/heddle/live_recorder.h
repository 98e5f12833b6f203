// SPDX-License-Identifier: MIT
//
// LiveRecorder: what the tasks of a program in production did in the last while, on all threads.
// Compile with HEDDLE_TRACING=2 (tracing.h); the tasks may run on any executor.
//
// The rules it keeps: it holds whole blocks of events, and lets go of the oldest when there are too
// many of them. A snapshot may be taken at any time, from any thread, and stops nobody. It is an
// ordinary recording, in real time: `heddle show`, `stats`, `check` and `export` read it. It says
// how many events before it are gone, and cannot be replayed, because nobody chose.
//
//   heddle::LiveRecorder live({.bytes_max = 64 << 20});
//   ...
//   if (too_slow) live.Snapshot("slow.heddle").IgnoreError();
//
// While there is none, tasks record nothing. There can be one in a process at a time.
#ifndef HEDDLE_LIVE_RECORDER_H_
#define HEDDLE_LIVE_RECORDER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "heddle/trace.h"

namespace heddle {

struct LiveRecorderOptions {
  // How much memory the events of all threads may take: 16 MiB are some 400,000 events. A thread
  // always has room for one block of 512.
  std::size_t bytes_max = std::size_t{16} << 20;
  // How far back it goes; 0: as far as there is room.
  std::chrono::nanoseconds time_max{0};
};

class LiveRecorder {
 public:
  // Tasks record from here on. Throws UsageError when another LiveRecorder does so already.
  explicit LiveRecorder(LiveRecorderOptions options = {});
  // Nobody records from here on, and what was recorded goes.
  ~LiveRecorder();
  LiveRecorder(const LiveRecorder&) = delete;
  LiveRecorder& operator=(const LiveRecorder&) = delete;

  // Writes what there is to `path`. Errors are those of WriteRecording (trace_io.h).
  absl::Status Snapshot(const std::string& path) const;
  // From here on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT write it to `path`, on whatever
  // thread, and then go on to whoever handled them before. It waits for no thread that writes. It
  // takes as much memory again as the events, and gives this thread a stack of its own for signals,
  // if it has none. Who waits is in such a recording, but not in its header. An error: too many
  // recorders of this process want to know of crashes.
  absl::Status SnapshotOnCrash(const std::string& path);
  // From here on every failed check writes it to `path`, where somebody tells of them: see
  // NoteFailedCheck (flight_recorder.h).
  void SnapshotOnFailure(const std::string& path);
  // The same as a value. Its times are nanoseconds since the recorder was made: TraceHeader::began.
  Trace ToTrace() const;

  // How many events it let go of.
  std::uint64_t lost_events() const;

 private:
  struct Crash;

  std::unique_ptr<Crash> crash_;
};

}  // namespace heddle

#endif  // HEDDLE_LIVE_RECORDER_H_
