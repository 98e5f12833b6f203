// SPDX-License-Identifier: MIT
//
// Mutex: one task at a time, across suspensions. Lock() gives a guard that unlocks when it
// goes. Not recursive: a task that locks twice waits for itself, and the run is stuck.
//
//   auto guard = co_await ledger_mutex.Lock();
//
// Which of several waiters gets a freed lock is not promised: with tracing on it is a choice.
// With tracing off it is the one that has waited longest.
#ifndef HEDDLE_MUTEX_H_
#define HEDDLE_MUTEX_H_

#include <coroutine>
#include <optional>
#include <string_view>
#include <utility>

#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

class Condition;
class Mutex;

// Holds a lock; unlocks when it is destroyed. Must not outlive its Mutex.
class [[nodiscard("a guard that is dropped at once unlocks at once")]] MutexGuard {
 public:
  MutexGuard() = default;
  MutexGuard(MutexGuard&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
  MutexGuard& operator=(MutexGuard&& other) noexcept {
    if (this != &other) {
      Unlock();
      mutex_ = std::exchange(other.mutex_, nullptr);
    }
    return *this;
  }
  ~MutexGuard() { Unlock(); }

  explicit operator bool() const { return mutex_ != nullptr; }
  // Unlocks early. Doing so twice is doing it once.
  void Unlock();

 private:
  friend Condition;
  friend Mutex;
  explicit MutexGuard(Mutex& mutex) : mutex_(&mutex) {}

  Mutex* mutex_ = nullptr;
};

class Mutex : private internal::SharedObject {
 public:
  class [[nodiscard("co_await it")]] LockAwaiter;

  explicit Mutex(std::string_view name = {}) : SharedObject("Mutex", name) {}
  ~Mutex() {
    EndLock("Mutex", locked_ ? 1 : 0, !waiters_.empty());
    EndWaits("Mutex", waiters_);
  }

  bool is_locked() const { return locked_; }
  // Gives a MutexGuard.
  LockAwaiter Lock();
  // Without waiting; an empty guard when somebody has the lock.
  MutexGuard TryLock() {
    if (locked_) {
      RecordLook();
      return {};
    }
    locked_ = true;
    Record(EventKind::kAcquire, Operation::kLock);
    BlockWaiters();
    return MutexGuard(*this);
  }

 private:
  friend Condition;
  friend MutexGuard;

  void Unlock();
  void BlockWaiters() {
    waiters_.ForEach(
        [](internal::Waiter& waiter) { internal::ExecutorOf(waiter).MakeUnready(waiter); });
  }

  bool locked_ = false;
  internal::Waiters waiters_;
};

class Mutex::LockAwaiter : public internal::OperationAwaiter {
 public:
  explicit LockAwaiter(Mutex& mutex) : mutex_(&mutex) {}

  bool await_ready() {
    if (kSimulated || mutex_->locked_) return false;
    mutex_->locked_ = true;
    return true;
  }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    Suspend(task, Operation::kLock, mutex_->IdFor(task), site);
    mutex_->waiters_.PushBack(waiter());
    if (!mutex_->locked_) executor().MakeReady(waiter());
  }
  MutexGuard await_resume() {
    if constexpr (kSimulated) {
      mutex_->waiters_.Remove(waiter());
      mutex_->locked_ = true;
      mutex_->BlockWaiters();
    } else if (waiter().in_wait_list()) {
      mutex_->waiters_.Remove(waiter());
    }
    return MutexGuard(*mutex_);
  }
#if !HEDDLE_SIMULATED
  // Cancelled with the lock already in hand: it passes on.
  ~LockAwaiter() { Abandon(); }
  void Abandon() {
    if (in_wait_list() && ready_index != internal::kNowhere) {
      mutex_->waiters_.Remove(*this);
      mutex_->Unlock();
    }
    OperationAwaiter::Abandon();
  }
#endif

 private:
  Mutex* mutex_;
};

inline Mutex::LockAwaiter Mutex::Lock() { return LockAwaiter(*this); }

inline void Mutex::Unlock() {
  if (IsLostLock()) [[unlikely]] {
    return;
  }
  Record(EventKind::kRelease, Operation::kLock);
  if constexpr (kSimulated) {
    locked_ = false;
    waiters_.ForEach(
        [](internal::Waiter& waiter) { internal::ExecutorOf(waiter).MakeReady(waiter); });
  } else if (waiters_.empty()) {
    locked_ = false;
  } else {  // the lock stays taken: it passes to the next, who leaves the queue by going on
    internal::Waiter& next = *waiters_.head();
    internal::ExecutorOf(next).MakeReady(next);
  }
}

inline void MutexGuard::Unlock() {
  if (mutex_ != nullptr) std::exchange(mutex_, nullptr)->Unlock();
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_MUTEX_H_
