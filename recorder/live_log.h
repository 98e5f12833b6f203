// SPDX-License-Identifier: MIT
//
// LiveWindow: what a LiveLog holds at one moment, to make a trace of (live_trace.h).
#ifndef HEDDLE_RECORDER_LIVE_LOG_H_
#define HEDDLE_RECORDER_LIVE_LOG_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "heddle/internal/live_log.h"

namespace heddle::internal {

// A moment on both clocks.
struct LiveMoment {
  std::uint64_t ticks = 0;
  std::chrono::steady_clock::time_point time;
  std::chrono::system_clock::time_point wall;
};

struct LiveWindow {
  std::vector<std::shared_ptr<LiveBlock>> blocks;  // those of one thread in their order
  std::map<LiveFlow, std::string> flow_names;      // of the last requests
  std::uint64_t lost_events = 0;
  std::uint64_t lost_until = 0;  // the ticks of the last of them
  LiveMoment begin;
  LiveMoment now;
};

// Throws UsageError when somebody records already.
void StartLiveLog(std::size_t bytes_max);
void StopLiveLog();
LiveWindow TakeLiveWindow();

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_LIVE_LOG_H_
