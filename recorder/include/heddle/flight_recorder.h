// SPDX-License-Identifier: MIT
//
// FlightRecorder: the last stretch of a run, kept in memory of a fixed size, until somebody wants
// to see it.
//
// The rules it keeps: it holds whole blocks of events, and lets go of the oldest when there are too
// many of them; who was there at the beginning of what is left is known by name. A snapshot is an
// ordinary recording, which says how many events before it are gone. To record costs what it costs
// anyway, and a copy of 24 bytes an event; the rest is done once somebody takes a snapshot.
//
//   FlightRecorder flight({.bytes_max = 4 << 20});
//   flight.SnapshotOnCrash("crash.heddle");         // a fatal signal writes the file
//   RunResult run = Run(body, {.flight = &flight});
//   if (!run.ok()) flight.Snapshot("last-seconds.heddle");
//
// It belongs to one thread at a time, and is given to one run after another: each begins anew. Its
// window cannot be replayed, because the choices before it are gone too.
#ifndef HEDDLE_FLIGHT_RECORDER_H_
#define HEDDLE_FLIGHT_RECORDER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "heddle/recorder.h"
#include "heddle/trace.h"

namespace heddle {

struct FlightRecorderOptions {
  // How much memory the events and what they refer to may take: 16 MiB are some 700,000 events.
  // There is always room for two blocks.
  std::size_t bytes_max = std::size_t{16} << 20;
  // How far back it goes, in the time of the run; 0: as far as there is room.
  std::chrono::nanoseconds time_max{0};
  // How many events a block has. Fewer: the window is cut more finely, and more often.
  std::size_t block_events = 2048;
};

class FlightRecorder final : public EventSink {
 public:
  explicit FlightRecorder(FlightRecorderOptions options = {});
  ~FlightRecorder();
  FlightRecorder(const FlightRecorder&) = delete;
  FlightRecorder& operator=(const FlightRecorder&) = delete;

  // Writes the window to `path`, during a run or after it. Errors are those of WriteRecording.
  absl::Status Snapshot(const std::string& path) const;
  // The same as a value.
  Trace ToTrace() const;

  // From here on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT write the window to `path`, and then
  // go on to whoever handled them before. It also gives this thread a stack of its own for signals,
  // if it has none, so that an overflow of the stack is told too. At most eight flight recorders of
  // a process can do so at a time.
  absl::Status SnapshotOnCrash(const std::string& path);
  // From here on every run that fails writes the window to `path`: one that a REQUIRE ended, or
  // another exception, or that is stuck. And every failed check, where somebody tells of them: see
  // NoteFailedCheck.
  void SnapshotOnFailure(const std::string& path);

  // What it holds now, and what it let go of.
  std::size_t events() const;
  std::size_t bytes() const;
  std::uint64_t lost_events() const;

  // --- for runs -------------------------------------------------------------------------

  // Listens to `recorder` from its next Begin() on.
  void Begin(const TraceHeader& header, Recorder& recorder);
  void TakeEvents(Recorder& recorder) override;
  // The run is over.
  void End(Recorder& recorder);
  // And how it ended.
  void SetOutcome(const TraceHeader& header);
  // What a task of the run is called in ToTrace(); kNoTask: it is not in it.
  TaskId IdInTrace(TaskId task) const;

 private:
  struct State;

  std::unique_ptr<State> state_;
};

// A check has failed: takes the snapshots that SnapshotOnFailure asked for. For whoever listens to
// the checks of a test framework, such as a listener of Catch2 in its assertionEnded.
void NoteFailedCheck();

}  // namespace heddle

#endif  // HEDDLE_FLIGHT_RECORDER_H_
