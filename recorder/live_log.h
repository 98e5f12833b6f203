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
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/internal/live_log.h"
#include "live_past.h"

namespace heddle::internal {

// A moment on both clocks.
struct LiveMoment {
  std::uint64_t ticks = 0;
  std::chrono::steady_clock::time_point time;
  std::chrono::system_clock::time_point wall;
};

// A block that somebody reads, and how many events at its beginning are past.
class LiveStretch {
 public:
  LiveStretch(std::shared_ptr<LiveBlock> block, std::size_t past)
      : block_(std::move(block)), past_(past) {
    block_->readers.fetch_add(1, std::memory_order_relaxed);
  }
  LiveStretch(LiveStretch&&) noexcept = default;
  LiveStretch& operator=(LiveStretch&&) = delete;
  ~LiveStretch() {
    if (block_ != nullptr) block_->readers.fetch_sub(1, std::memory_order_release);
  }

  LiveBlock& block() const { return *block_; }
  std::size_t past() const { return past_; }

 private:
  std::shared_ptr<LiveBlock> block_;
  std::size_t past_;
};

struct LiveWindow {
  std::vector<LiveStretch> stretches;          // those of one thread in their order
  LivePast::Tasks tasks;                       // at its beginning
  std::map<LiveFlow, std::string> flow_names;  // of all that are mentioned
  std::uint64_t lost_events = 0;
  std::uint64_t lost_until = 0;  // the ticks of the last of them
  LiveMoment begin;
  LiveMoment now;
};

// Throws UsageError when somebody records already.
void StartLiveLog(std::size_t bytes_max, std::chrono::nanoseconds time_max);
void StopLiveLog();
LiveWindow TakeLiveWindow();
std::uint64_t LostLiveEvents();
LiveMoment LiveLogBegin();

// --- for a signal handler (live_window_writer.h) ---------------------------------------------

class ByteSink;
class LiveWindowWriter;

// How many blocks there can be, with those of many threads at once.
std::size_t LiveBlocksMax();
// Writes what there is. It waits a moment for who changes the list of blocks, but for nobody who
// writes events; if that takes long, it is the dying thread itself, and it goes on without.
void WriteLiveLogOnCrash(LiveWindowWriter& writer, std::string_view header_chunk, ByteSink& sink);

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_LIVE_LOG_H_
