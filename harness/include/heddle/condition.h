// SPDX-License-Identifier: MIT
//
// Condition: tasks that hold a mutex wait for what it protects to change. Wait() unlocks, waits
// for a notification, and locks again.
//
//   heddle::MutexGuard guard = co_await mutex.Lock();
//   co_await not_empty.Wait(guard, [&] { return !queue.empty(); });
//   ...
//   not_empty.NotifyOne();    // by whoever has put something in
//
// Nobody is woken without a notification, and one that comes while nobody waits is lost.
// NotifyOne picks the task that has waited longest; one that is cancelled before it has the mutex
// again passes the notification on to the next. In which order those that are notified get
// the mutex is not promised: with tracing on it is a choice.
#ifndef HEDDLE_CONDITION_H_
#define HEDDLE_CONDITION_H_

#include <coroutine>
#include <source_location>
#include <string_view>
#include <utility>

#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/internal/waiting.h"
#include "heddle/mutex.h"
#include "heddle/task.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

class Condition : private internal::SharedObject {
 public:
  class [[nodiscard("co_await it")]] WaitAwaiter;

  explicit Condition(std::string_view name = {}) : SharedObject("Condition", name) {}
  ~Condition();

  // `guard` holds a mutex, and does so again afterwards. Throws UsageError if it holds none.
  WaitAwaiter Wait(MutexGuard& guard);
  // Waits until `predicate()`, which is asked with the mutex locked, gives true.
  template <class Predicate>
  Task<> Wait(MutexGuard& guard, Predicate predicate,
              std::source_location site = std::source_location::current());

  void NotifyOne();
  void NotifyAll();

 private:
  class Place;

  void NotifyFirst();
  static void Notify(Place& place);
  static Mutex& MutexOf(const MutexGuard& guard) {
    if (guard.mutex_ == nullptr) {
      throw UsageError(
          "heddle: Condition::Wait with a guard that holds no mutex. Likely cause: it was unlocked "
          "or moved from. Lock the mutex that protects what the task waits for.");
    }
    return *guard.mutex_;
  }

  internal::WaitList<Place> queue_;
  internal::WaitList<Place> notified_;  // by NotifyOne, and without the mutex as yet
};

// Somebody who waits for a notification.
class Condition::Place : public internal::Queued<Place> {
 public:
  using Queued::Leave;
  SiteRef site;
  Mutex* mutex = nullptr;
  bool is_notified = false;
};

// What is notified waits on, in the queue of the mutex: so this is a lock, taken later.
class Condition::WaitAwaiter : public Mutex::LockAwaiter {
 public:
  WaitAwaiter(Condition& condition, MutexGuard& guard, SiteRef site = {})
      : LockAwaiter(MutexOf(guard)), condition_(&condition), guard_(&guard) {
    place_.mutex = &MutexOf(guard);
    place_.site = site;
  }

  WaitAwaiter(const WaitAwaiter&) = delete;
  WaitAwaiter& operator=(const WaitAwaiter&) = delete;
  // Cancelled: a notification goes to somebody else.
  ~WaitAwaiter() { Abandon(); }

  bool await_ready() const { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    if (!place_.site) place_.site = site;
    guard_->Unlock();
    Suspend(task, Operation::kWait, condition_->IdFor(task), place_.site);
    place_.waiter = &waiter();
    condition_->queue_.PushBack(place_);
  }
  void await_resume() {
    place_.Leave();
    *guard_ = LockAwaiter::await_resume();
  }
  void Abandon() {
    if (place_.queued()) condition_->RecordLeave();
    const bool was_notified = is_notified_one();
    place_.Leave();
    if (was_notified) condition_->NotifyFirst();
    LockAwaiter::Abandon();
  }

 private:
  // Who goes in the queue of the condition is not notified.
  bool is_notified_one() const { return place_.queued() && place_.is_notified; }

  Condition* condition_;
  MutexGuard* guard_;
  Place place_;
};

inline Condition::~Condition() { EndWaits("Condition", queue_); }

inline Condition::WaitAwaiter Condition::Wait(MutexGuard& guard) { return {*this, guard}; }

template <class Predicate>
Task<> Condition::Wait(MutexGuard& guard, Predicate predicate, std::source_location site) {
  while (!predicate()) co_await WaitAwaiter(*this, guard, site);
}

inline void Condition::NotifyOne() {
  Record(EventKind::kRelease, Operation::kWait);
  NotifyFirst();
}

inline void Condition::NotifyFirst() {
  if (queue_.empty()) return;
  Place& place = *queue_.head();
  Notify(place);
  place.is_notified = true;
  notified_.PushBack(place);
}

inline void Condition::NotifyAll() {
  Record(EventKind::kRelease, Operation::kWait);
  queue_.ForEach([](Place& place) { Notify(place); });
}

// From here on it waits for the mutex.
inline void Condition::Notify(Place& place) {
  internal::Waiter& waiter = *place.waiter;
  Mutex& mutex = *place.mutex;
  place.Leave();
#if HEDDLE_SIMULATED
  if (waiter.executor == nullptr) return;  // somebody kept the task of a run that is over
  mutex.waiters_.PushBack(waiter);
  Executor& executor = *waiter.executor;
  executor.mutable_recorder().Add(EventKind::kWake, waiter.id, executor.running_id(),
                                  Operation::kWait);
  executor.Suspend(waiter, Operation::kLock, mutex.id(), place.site);
  if (!mutex.locked_) executor.MakeReady(waiter);
#else
  mutex.waiters_.PushBack(waiter);
  if (!mutex.locked_) {
    mutex.locked_ = true;
    internal::ExecutorOf(waiter).MakeReady(waiter);
  }
#endif
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_CONDITION_H_
