// SPDX-License-Identifier: MIT
//
// Progress: one line on a terminal while an exploration runs. The only place that looks at the wall
// clock, and nothing but this line depends on it.
#ifndef HEDDLE_REPLAYER_PROGRESS_H_
#define HEDDLE_REPLAYER_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <string>

namespace heddle::internal {

// "heddle: "name": 420 of 1 000 schedules, 37 classes, 12 000/s, 3 s left"
std::string ProgressLine(const std::string& name, std::uint64_t done, std::uint64_t schedules,
                         std::uint64_t classes, double seconds);

class Progress {
 public:
  // Shows nothing where standard error is no terminal.
  Progress(std::string name, std::uint64_t schedules);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // Takes the line away.
  ~Progress();

  void Show(std::uint64_t done, std::uint64_t classes) {
    if (on_) ShowNow(done, classes);
  }

 private:
  using Clock = std::chrono::steady_clock;

  void ShowNow(std::uint64_t done, std::uint64_t classes);

  bool on_;
  bool shown_ = false;
  std::string name_;
  std::uint64_t schedules_;
  Clock::time_point begin_;
  Clock::time_point next_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_PROGRESS_H_
