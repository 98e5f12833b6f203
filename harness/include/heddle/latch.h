// SPDX-License-Identifier: MIT
//
// Latch: tasks wait until a number of things have happened. It counts down to zero once, and
// from then on it is open.
//
//   heddle::Latch started(3, "started");
//   started.CountDown();          // three times, by whomever
//   co_await started.Wait();
//
// All who wait go on together; in which order is a choice.
#ifndef HEDDLE_LATCH_H_
#define HEDDLE_LATCH_H_

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/internal/waiting.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

class Latch : private internal::SharedObject {
 public:
  class [[nodiscard("co_await it")]] WaitAwaiter;

  // Throws UsageError for a number that was negative.
  explicit Latch(std::size_t count, std::string_view name = {})
      : SharedObject("Latch", name), count_(internal::RequireCount(count, "Latch")) {}
  ~Latch() { EndWaits("Latch", waiters_); }

  // How many are missing.
  std::size_t count() const { return count_; }
  bool is_open() const { return count_ == 0; }

  // Throws UsageError for more than count().
  void CountDown(std::size_t by = 1) {
    if (by > count_) {
      throw UsageError(
          "heddle: a Latch was counted down below zero. Likely cause: more tasks count it down "
          "than "
          "it was made for. Give it the number of those who do.");
    }
    count_ -= by;
    Record(EventKind::kRelease, Operation::kWait, missing());
    if (is_open()) internal::WakeAll(waiters_);
  }
  WaitAwaiter Wait();
  // CountDown and Wait.
  WaitAwaiter ArriveAndWait();

 private:
  // The count, as the trace has it.
  std::uint32_t missing() const {
    constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::min(count_, kMost));
  }

  std::size_t count_;
  internal::Waiters waiters_;
};

class Latch::WaitAwaiter : public internal::OperationAwaiter {
 public:
  explicit WaitAwaiter(Latch& latch) : latch_(&latch) {}

  bool await_ready() const { return !kSimulated && latch_->is_open(); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    Suspend(task, Operation::kWait, latch_->IdFor(task), site, latch_->missing());
    if (latch_->is_open()) {
      executor().MakeReady(waiter());
    } else {
      latch_->waiters_.PushBack(waiter());
    }
  }
  void await_resume() const noexcept {}

 private:
  Latch* latch_;
};

inline Latch::WaitAwaiter Latch::Wait() { return WaitAwaiter(*this); }
inline Latch::WaitAwaiter Latch::ArriveAndWait() {
  CountDown();
  return Wait();
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_LATCH_H_
