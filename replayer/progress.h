// SPDX-License-Identifier: MIT
//
// Progress: one line on a terminal while an exploration runs. It looks at the wall clock, and
// nothing but this line depends on what it sees.
#ifndef HEDDLE_REPLAYER_PROGRESS_H_
#define HEDDLE_REPLAYER_PROGRESS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace heddle::internal {

// How far an exploration is.
struct Stage {
  std::uint64_t done = 0;       // schedules
  std::uint64_t schedules = 0;  // that were asked for
  std::uint64_t classes = 0;
  double fresh = 0;    // of the schedules since the last line, how many were of a new class: 0..1
  double seconds = 0;  // since the beginning
  double seconds_max = 0;  // that it may take; 0: as many as it needs
};

// "heddle: "name": 420 of 1 000 schedules, 12 000/s, 37 classes, 4.2 % new, 3 s left"; of a name
// that makes it wider than `width` the end is cut off.
std::string ProgressLine(const std::string& name, const Stage& stage, std::size_t width);

class Progress {
 public:
  // Shows nothing where standard error is no terminal. `time_max`: zero is no limit.
  Progress(std::string name, std::uint64_t schedules, std::chrono::nanoseconds time_max);
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
  Stage stage_;  // of the last line
  Clock::time_point begin_;
  Clock::time_point next_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_PROGRESS_H_
