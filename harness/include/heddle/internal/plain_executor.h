// SPDX-License-Identifier: MIT
//
// The executor with tracing off: a first-in-first-out queue and virtual time. It has the
// interface that the primitives need (see simulated_executor.h), records nothing and asks
// nobody.
#ifndef HEDDLE_INTERNAL_PLAIN_EXECUTOR_H_
#define HEDDLE_INTERNAL_PLAIN_EXECUTOR_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>
#include <vector>

#include "heddle/clock.h"
#include "heddle/ending.h"
#include "heddle/internal/binding.h"
#include "heddle/internal/body_ref.h"
#include "heddle/internal/frame_proxy.h"
#include "heddle/internal/timer_heap.h"
#include "heddle/internal/wait_list.h"
#include "heddle/random.h"
#include "heddle/recorder.h"
#include "heddle/run_options.h"

namespace heddle::inline HEDDLE_VARIANT {

class Executor;

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

struct PromiseBase;

inline constexpr std::uint32_t kNowhere = 0xffffffff;
inline constexpr std::uint32_t kOrphaned = 0xfffffffe;  // what it waits for has gone

// Who waits: part of an awaiter, and so of the frame that is suspended. It takes itself out
// of whatever it is in when the frame is destroyed.
struct Waiter : WaitPlace {
  std::coroutine_handle<> handle;
  std::uint32_t ready_index = kNowhere;
  std::uint32_t timer_index = kNowhere;

  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter();
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

class Executor {
 public:
  Executor();
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  static Executor* Current() { return current_; }
  // The same, for a task that waits and for one that is woken. Both throw UsageError outside a run.
  static Executor& RequireToWait() {
    if (current_ == nullptr) [[unlikely]] {
      ThrowWaitOutsideRun();
    }
    return *current_;
  }
  static Executor& RequireToWake() {
    if (current_ == nullptr) [[unlikely]] {
      ThrowWakeOutsideRun();
    }
    return *current_;
  }

  Ending Execute(internal::BodyRef body, const RunOptions& options);
  void TearDown();

  Ending ending() const { return ending_; }
  std::uint64_t steps() const { return steps_; }
  const std::exception_ptr& exception() const { return exception_; }

  // --- for primitives -------------------------------------------------------------------

  VirtualNanos now() const { return now_; }
  void MakeReady(internal::Waiter& waiter) {
    if (tail_ - head_ == queue_.size()) Grow();
    waiter.ready_index = tail_;
    queue_[tail_++ & (queue_.size() - 1)] = &waiter;
  }
  void MakeUnready(internal::Waiter& waiter) {
    if (waiter.ready_index == internal::kNowhere) return;
    queue_[waiter.ready_index & (queue_.size() - 1)] = nullptr;
    waiter.ready_index = internal::kNowhere;
  }
  void Wake(internal::Waiter& waiter) { MakeReady(waiter); }
  void WakeJoiner(internal::Waiter& waiter) { MakeReady(waiter); }
  void MakeYielded(internal::Waiter& waiter) { MakeReady(waiter); }
  void MakeSleep(internal::Waiter& waiter, VirtualNanos until) { timers_.Push(waiter, until); }
  void CancelSleep(internal::Waiter& waiter) {
    if (waiter.timer_index != internal::kNowhere) timers_.Remove(waiter);
  }
  void Forget(internal::Waiter& waiter) noexcept {
    if (waiter.ready_index == internal::kOrphaned) return Disown(waiter);
    MakeUnready(waiter);
    if (waiter.timer_index != internal::kNowhere) timers_.Remove(waiter);
  }
  std::uint32_t Draw(std::uint32_t alternatives, SiteRef site);
  // The run ends after this step with `exception`.
  void Fail(std::exception_ptr exception);
  // `waiter` waits for an object that has gone. If it is still there when the step is over, the run
  // ends with a UsageError.
  void LoseObject(internal::Waiter& waiter, std::string_view type, std::uint32_t object);
  // A lock goes while somebody holds it: the run ends with a UsageError.
  void LoseLock(std::string_view type, std::uint32_t object);

  // --- for World ------------------------------------------------------------------------

  void ExpectMain() {}
  void SpawnRoot(internal::PromiseBase& promise, std::coroutine_handle<> frame);
  void SpawnMain(internal::PromiseBase& promise, std::coroutine_handle<> frame);

 private:
  struct Root;

  static constexpr std::size_t kFirstCapacity = 256;  // a power of two

  [[noreturn, gnu::cold]] static void ThrowWaitOutsideRun();
  [[noreturn, gnu::cold]] static void ThrowWakeOutsideRun();
  static void RootDone(internal::FrameProxy* proxy);

  void Loop();
  void Stop() { stop_ = attention_ = true; }
  void Attend();
  void Disown(internal::Waiter& waiter) noexcept;
  void Grow();
  std::coroutine_handle<> AddRoot(Root* root);
  void DeleteRoot(Root* root);

  static inline constinit thread_local Executor* current_ = nullptr;

  std::vector<internal::Waiter*> queue_;  // a ring; a waiter that went is null
  std::uint32_t head_ = 0;
  std::uint32_t tail_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t steps_max_ = 0;
  bool attention_ = false;  // look before the next step
  bool stop_ = false;
  bool in_run_ = false;
  VirtualNanos now_ = 0;
  internal::TimerHeap<internal::Waiter> timers_;
  Root* roots_ = nullptr;
  std::size_t unfinished_roots_ = 0;
  Ending ending_ = Ending::kFinished;
  std::exception_ptr exception_;
  Random random_{0};

  // Who waits for an object that has gone in this step.
  struct Orphan {
    internal::Waiter* waiter;
    std::string_view type;
  };
  std::vector<Orphan> orphans_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

inline Waiter::~Waiter() {
  LeaveWaitList();
  if (ready_index != kNowhere || timer_index != kNowhere) Executor::Current()->Forget(*this);
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_PLAIN_EXECUTOR_H_
