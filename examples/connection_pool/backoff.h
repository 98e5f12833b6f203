// SPDX-License-Identifier: MIT
//
// When to try again to reach a server that is down: after a pause that doubles with each failure.
// Everybody who opens connections shares one, so that a server that comes back is not met by all of
// them at once and at every moment. Pure: it is told the time.
#ifndef HEDDLE_EXAMPLES_CONNECTION_POOL_BACKOFF_H_
#define HEDDLE_EXAMPLES_CONNECTION_POOL_BACKOFF_H_

#include <heddle/clock.h>

#include <algorithm>

namespace connection_pool {

class Backoff {
 public:
  Backoff(heddle::Duration first, heddle::Duration most) : first_(first), most_(most) {}

  heddle::TimePoint not_before() const { return not_before_; }

  void Failed(heddle::TimePoint now) {
    if (now < not_before_) return;  // of several that failed together the first has been counted
    pause_ = pause_ == heddle::Duration::zero() ? first_ : std::min(2 * pause_, most_);
    not_before_ = now + pause_;
  }
  void Succeeded() {
    pause_ = heddle::Duration::zero();
    not_before_ = {};
  }

 private:
  heddle::Duration first_;
  heddle::Duration most_;
  heddle::Duration pause_{};
  heddle::TimePoint not_before_{};
};

}  // namespace connection_pool

#endif  // HEDDLE_EXAMPLES_CONNECTION_POOL_BACKOFF_H_
