// SPDX-License-Identifier: MIT
#include "heddle/live_recorder.h"

#include "crash_file.h"
#include "failure_listeners.h"
#include "heddle/internal/crash_signals.h"
#include "heddle/trace_io.h"
#include "live_log.h"
#include "live_trace.h"
#include "live_window_writer.h"

namespace heddle {

struct LiveRecorder::Crash final : internal::CrashListener {
  explicit Crash(const std::string& its_path)
      : path(its_path),
        headers(internal::CrashHeaders(internal::LiveHeader(internal::LiveLogBegin()))),
        writer(internal::LiveBlocksMax()) {}
  Crash(const Crash&) = delete;
  Crash& operator=(const Crash&) = delete;
  ~Crash() { internal::StopListening(this); }

  void OnCrash(std::size_t index) noexcept override {
    internal::CrashFile file(path);
    if (file.is_open()) internal::WriteLiveLogOnCrash(writer, headers[index], file);
  }

  std::string path;
  internal::CrashHeaderChunks headers;
  internal::LiveWindowWriter writer;
};

LiveRecorder::LiveRecorder(LiveRecorderOptions options) {
  internal::StartLiveLog(options.bytes_max, options.time_max);
}
LiveRecorder::~LiveRecorder() {
  crash_.reset();
  internal::StopListeningForFailures(this);
  internal::StopLiveLog();
}

Trace LiveRecorder::ToTrace() const { return internal::TraceOf(internal::TakeLiveWindow()); }

absl::Status LiveRecorder::Snapshot(const std::string& path) const {
  return WriteRecording(path, ToTrace());
}

absl::Status LiveRecorder::SnapshotOnCrash(const std::string& path) {
  crash_ = std::make_unique<Crash>(path);
  internal::NeedSignalStack();
  if (internal::ListenForCrashes(crash_.get())) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "heddle: too many recorders want a snapshot on a crash. Let some of them go first.");
}

void LiveRecorder::SnapshotOnFailure(const std::string& path) {
  internal::ListenForFailures(this, [this, path] { Snapshot(path).IgnoreError(); });
}

std::uint64_t LiveRecorder::lost_events() const { return internal::LostLiveEvents(); }

}  // namespace heddle
