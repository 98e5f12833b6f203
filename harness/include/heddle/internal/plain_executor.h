// SPDX-License-Identifier: MIT
//
// The executor with tracing off: a first-in-first-out queue and virtual time. It has the
// interface that the primitives need (see simulated_executor.h), records nothing and asks
// nobody. For an EventLoop (event_loop.h) it serves its thread instead, turn by turn and in real
// time.
#ifndef HEDDLE_INTERNAL_PLAIN_EXECUTOR_H_
#define HEDDLE_INTERNAL_PLAIN_EXECUTOR_H_

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "heddle/clock.h"
#include "heddle/ending.h"
#include "heddle/internal/binding.h"
#include "heddle/internal/body_ref.h"
#include "heddle/internal/frame_proxy.h"
#include "heddle/internal/lost_locks.h"
#include "heddle/internal/timer_heap.h"
#include "heddle/internal/wait_list.h"
#include "heddle/random.h"
#include "heddle/recorder.h"
#include "heddle/run_options.h"

namespace heddle::inline HEDDLE_VARIANT {

class Executor;

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal {

class LoopInbox;

}  // namespace heddle::internal

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

  VirtualNanos now() const { return loop_ == nullptr ? now_ : RealNow(); }
  void MakeReady(internal::Waiter& waiter) {
    if (tail_ - head_ >= room_) [[unlikely]] {
      MakeRoom();
    }
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
  void MakeSleep(internal::Waiter& waiter, VirtualNanos until) {
    timers_.Push(waiter, until);
    if (idle_) [[unlikely]] {
      WakeLoop();
    }
  }
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
  internal::LostLocks& lost_locks() { return lost_locks_; }

  // --- for World ------------------------------------------------------------------------

  void ExpectMain() {}
  void SpawnRoot(internal::PromiseBase& promise, std::coroutine_handle<> frame);
  void SpawnMain(internal::PromiseBase& promise, std::coroutine_handle<> frame);

  // --- for EventLoop --------------------------------------------------------------------

  // It is the executor of this thread until LeaveThread(), and time is real. Throws UsageError for
  // a thread that has one.
  void ServeThread(internal::LoopInbox& loop);
  // Destroys the tasks that are left.
  void LeaveThread() noexcept;
  // Wakes those whose time has come, and makes a step of each that is ready then: who becomes ready
  // meanwhile has the next turn. Throws what left a spawned task.
  void Turn();
  bool in_turn() const { return in_turn_; }
  bool has_ready() const { return head_ != tail_; }
  // On the clock of the loop; nothing where nobody sleeps.
  std::optional<std::chrono::steady_clock::time_point> next_timer() const;
  // Destroys the task of SpawnMain, which has ended or not.
  void EndMain() noexcept;

 private:
  struct Root;

  static constexpr std::size_t kFirstCapacity = 256;  // a power of two

  [[noreturn, gnu::cold]] static void ThrowWaitOutsideRun();
  [[noreturn, gnu::cold]] static void ThrowWakeOutsideRun();
  static void RootDone(internal::FrameProxy* proxy);

  void Loop();
  void Step(internal::Waiter& waiter);
  void Stop();
  void Attend();
  void Disown(internal::Waiter& waiter) noexcept;
  void MakeRoom();
  void CountAnew();
  VirtualNanos RealNow() const;
  void WakeLoop();
  Root* AddRoot(internal::PromiseBase& promise, std::coroutine_handle<> frame, bool is_main);
  void DeleteRoot(Root* root);

  static inline constinit thread_local Executor* current_ = nullptr;

  std::vector<internal::Waiter*> queue_;  // a ring; a waiter that went is null
  std::size_t room_ = kFirstCapacity;     // of the queue; 0: somebody is to hear of the next
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
  Root* main_ = nullptr;
  std::size_t unfinished_roots_ = 0;
  Ending ending_ = Ending::kFinished;
  std::exception_ptr exception_;
  Random random_{0};
  internal::LoopInbox* loop_ = nullptr;  // of the EventLoop; null: this is a run
  std::chrono::steady_clock::time_point loop_began_;
  bool in_turn_ = false;
  bool idle_ = false;  // between two turns, and the loop does not know of another one to come

  // Who waits for an object that has gone in this step.
  struct Orphan {
    internal::Waiter* waiter;
    std::string_view type;
  };
  std::vector<Orphan> orphans_;
  internal::LostLocks lost_locks_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

inline Waiter::~Waiter() {
  LeaveWaitList();
  if (ready_index != kNowhere || timer_index != kNowhere) Executor::Current()->Forget(*this);
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_PLAIN_EXECUTOR_H_
