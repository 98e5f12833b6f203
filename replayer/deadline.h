// SPDX-License-Identifier: MIT
//
// Deadline: until when an exploration may go on. The clock decides when it stops, and never what a
// schedule is.
#ifndef HEDDLE_REPLAYER_DEADLINE_H_
#define HEDDLE_REPLAYER_DEADLINE_H_

#include <chrono>
#include <optional>

namespace heddle::internal {

class Deadline {
 public:
  // From now on; zero: for ever.
  explicit Deadline(std::chrono::nanoseconds time_max) {
    if (time_max.count() > 0) end_ = Clock::now() + time_max;
  }

  // False without one, and then the clock is not looked at.
  bool Passed() const { return end_ != Clock::time_point::max() && Clock::now() >= end_; }

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point end_ = Clock::time_point::max();
};

// What an exploration may take beyond the budget, to search a small body to its end. It begins when
// it is first asked for.
class ExtraTime {
 public:
  explicit ExtraTime(std::chrono::nanoseconds most) : most_(most) {}

  bool Passed() {
    if (!deadline_) deadline_.emplace(most_);
    return deadline_->Passed();
  }

 private:
  std::chrono::nanoseconds most_;
  std::optional<Deadline> deadline_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_DEADLINE_H_
