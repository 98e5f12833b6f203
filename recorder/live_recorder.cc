// SPDX-License-Identifier: MIT
#include "heddle/live_recorder.h"

#include "heddle/trace_io.h"
#include "live_log.h"
#include "live_trace.h"

namespace heddle {

LiveRecorder::LiveRecorder(LiveRecorderOptions options) {
  internal::StartLiveLog(options.bytes_max);
}
LiveRecorder::~LiveRecorder() { internal::StopLiveLog(); }

Trace LiveRecorder::ToTrace() const { return internal::TraceOf(internal::TakeLiveWindow()); }

absl::Status LiveRecorder::Snapshot(const std::string& path) const {
  return WriteRecording(path, ToTrace());
}

std::uint64_t LiveRecorder::lost_events() const { return internal::LostLiveEvents(); }

}  // namespace heddle
