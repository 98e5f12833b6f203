// SPDX-License-Identifier: MIT
//
// CrashNotice: where a schedule of the test's own process crashes, which schedule it was, and how
// to have it recorded. All else that there is to know goes with the process.
#ifndef HEDDLE_REPLAYER_CRASH_NOTICE_H_
#define HEDDLE_REPLAYER_CRASH_NOTICE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "heddle/explore.h"
#include "heddle/internal/crash_signals.h"

namespace heddle::internal {

class CrashNotice final : private CrashListener {
 public:
  // `reads_environment`: as Explore does, and FindFailure does not.
  CrashNotice(const ExploreOptions& options, bool reads_environment);
  CrashNotice(const CrashNotice&) = delete;
  CrashNotice& operator=(const CrashNotice&) = delete;
  ~CrashNotice() { StopListening(this); }

  void BeginSchedule(std::uint64_t schedule) {
    schedule_.store(schedule, std::memory_order_relaxed);
  }

 private:
  void OnCrash(std::size_t index) noexcept override;

  std::atomic<std::uint64_t> schedule_ = 0;  // 0: none has begun
  std::string before_;                       // the number of the schedule
  std::string behind_;
  std::array<std::string, kFatalSignals.size()> signals_;
  std::string way_back_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_CRASH_NOTICE_H_
