// SPDX-License-Identifier: MIT
//
// Barrier: a fixed number of tasks wait for each other, again and again. When the last one
// arrives all go on, and the barrier is ready for the next round.
//
//   heddle::Barrier round(3, "round");
//   co_await round.Arrive();
//
// In which order they go on is a choice. A task that is cancelled while it waits has not arrived:
// somebody else has to.
#ifndef HEDDLE_BARRIER_H_
#define HEDDLE_BARRIER_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/internal/waiting.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

class Barrier : private internal::SharedObject {
 public:
  class [[nodiscard("co_await it")]] ArriveAwaiter;

  // For `parties` tasks, at least one. Throws UsageError for none, and for a number that was
  // negative.
  explicit Barrier(std::size_t parties, std::string_view name = {})
      : SharedObject("Barrier", name), parties_(internal::RequireCount(parties, "Barrier")) {
    if (parties == 0) {
      throw UsageError("heddle: a Barrier for 0 tasks. Give it the number of those who arrive.");
    }
  }
  ~Barrier() { EndWaits("Barrier", waiters_); }

  // How many wait in this round.
  std::size_t arrived() const { return arrived_; }
  // Waits for the others of this round.
  ArriveAwaiter Arrive();

 private:
  // How many it is for, as the trace has it.
  std::uint32_t parties() const {
    constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(parties_ < kMost ? parties_ : kMost);
  }
  bool is_last() const { return arrived_ + 1 == parties_; }
  void EndRound() {
    arrived_ = 0;
    internal::WakeAll(waiters_);
  }

  std::size_t parties_;
  std::size_t arrived_ = 0;
  internal::Waiters waiters_;
};

class Barrier::ArriveAwaiter : public internal::OperationAwaiter {
 public:
  explicit ArriveAwaiter(Barrier& barrier) : barrier_(&barrier) {}
  ArriveAwaiter(const ArriveAwaiter&) = delete;
  ArriveAwaiter& operator=(const ArriveAwaiter&) = delete;
  ~ArriveAwaiter() { Abandon(); }

  bool await_ready() {
    if (kSimulated || !barrier_->is_last()) return false;
    barrier_->EndRound();
    return true;
  }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    barrier_->Record(EventKind::kRelease, Operation::kWait);
    const bool is_last = barrier_->is_last();
    if (is_last) barrier_->EndRound();
    Suspend(task, Operation::kWait, barrier_->IdFor(task), site, barrier_->parties());
    if (is_last) {
      executor().MakeReady(waiter());
    } else {
      ++barrier_->arrived_;
      queued_ = true;
      barrier_->waiters_.PushBack(waiter());
    }
  }
  void await_resume() noexcept { queued_ = false; }
  void Abandon() {
    if (std::exchange(queued_, false) && waiter().in_wait_list()) {
      barrier_->RecordLeave();
      --barrier_->arrived_;
    }
    OperationAwaiter::Abandon();
  }

 private:
  Barrier* barrier_;
  bool queued_ = false;
};

inline Barrier::ArriveAwaiter Barrier::Arrive() { return ArriveAwaiter(*this); }

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_BARRIER_H_
