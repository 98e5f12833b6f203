// SPDX-License-Identifier: MIT
//
// SharedMutex: any number of readers, or one writer, across suspensions. Not recursive.
//
//   const auto reading = co_await table_mutex.LockShared();
//   const auto writing = co_await table_mutex.Lock();
//
// Writers do not starve: a reader waits while a writer is waiting that came before it. Beyond
// that the order is not promised: with tracing on it is a choice. With tracing off whoever has
// waited longest goes first.
#ifndef HEDDLE_SHARED_MUTEX_H_
#define HEDDLE_SHARED_MUTEX_H_

#include <coroutine>
#include <cstddef>
#include <string_view>
#include <utility>

#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/internal/waiting.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

enum class LockMode : bool { kShared, kExclusive };

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

class SharedMutex;

// Holds a lock, of a reader or of a writer; unlocks when it is destroyed. Must not outlive its
// SharedMutex.
class [[nodiscard("a guard that is dropped at once unlocks at once")]] SharedMutexGuard {
 public:
  SharedMutexGuard() = default;
  SharedMutexGuard(SharedMutexGuard&& other) noexcept
      : mutex_(std::exchange(other.mutex_, nullptr)), mode_(other.mode_) {}
  SharedMutexGuard& operator=(SharedMutexGuard&& other) noexcept {
    if (this != &other) {
      Unlock();
      mutex_ = std::exchange(other.mutex_, nullptr);
      mode_ = other.mode_;
    }
    return *this;
  }
  ~SharedMutexGuard() { Unlock(); }

  explicit operator bool() const { return mutex_ != nullptr; }
  // Unlocks early. Doing so twice is doing it once.
  void Unlock();

 private:
  friend SharedMutex;
  SharedMutexGuard(SharedMutex& mutex, internal::LockMode mode) : mutex_(&mutex), mode_(mode) {}

  SharedMutex* mutex_ = nullptr;
  internal::LockMode mode_ = internal::LockMode::kShared;
};

class SharedMutex : private internal::SharedObject {
 public:
  class [[nodiscard("co_await it")]] LockAwaiter;

  explicit SharedMutex(std::string_view name = {}) : SharedObject("SharedMutex", name) {}
  ~SharedMutex();

  std::size_t readers() const { return readers_; }
  bool has_writer() const { return has_writer_; }

  // Both give a SharedMutexGuard: Lock a writer's, LockShared a reader's.
  LockAwaiter Lock();
  LockAwaiter LockShared();
  // Without waiting; an empty guard where the other would wait.
  SharedMutexGuard TryLock() { return Try(internal::LockMode::kExclusive); }
  SharedMutexGuard TryLockShared() { return Try(internal::LockMode::kShared); }

 private:
  friend SharedMutexGuard;
  using Mode = internal::LockMode;

  class Place;

  // `writer_ahead`: one that waits, and came before.
  bool CanLock(Mode mode, bool writer_ahead) const {
    if (has_writer_) return false;
    return mode == Mode::kExclusive ? readers_ == 0 : !writer_ahead;
  }
  bool WriterWaits() const;
  SharedMutexGuard Try(Mode mode) {
    if (!CanLock(mode, WriterWaits())) {
      RecordLook();
      return {};
    }
    Record(EventKind::kAcquire, Operation::kLock);
    Take(mode);
    return {*this, mode};
  }
  void Take(Mode mode) {
    HEDDLE_CHECK(CanLock(mode, false), "a lock was taken that is not free");
    mode == Mode::kExclusive ? void(has_writer_ = true) : void(++readers_);
    Update();
  }
  void Unlock(Mode mode) {
    if (IsLostLock()) [[unlikely]] {
      return;
    }
    Record(EventKind::kRelease, Operation::kLock);
    mode == Mode::kExclusive ? void(has_writer_ = false) : void(--readers_);
    Update();
  }
  void Update();

  std::size_t readers_ = 0;
  bool has_writer_ = false;
  internal::WaitList<Place> queue_;
};

// Somebody's place in the queue.
class SharedMutex::Place : public internal::Queued<Place> {
 public:
  Place(SharedMutex& mutex, Mode mode) : mutex_(&mutex), mode_(mode) {}
  ~Place() { Abandon(); }
  // Cancelled: those who waited for this writer only may go on.
  void Abandon() {
    if (!queued()) return;
    mutex_->RecordLeave();
    Go();
  }

  Mode mode() const { return mode_; }
  bool is_reader() const { return mode_ == Mode::kShared; }
  SharedMutex& mutex() const { return *mutex_; }
  void Come(internal::Waiter& its_waiter) {
    waiter = &its_waiter;
    mutex_->queue_.PushBack(*this);
    mutex_->Update();
  }
  void Go() {
    Leave();
    mutex_->Update();
  }

 private:
  SharedMutex* mutex_;
  Mode mode_;
};

inline SharedMutex::~SharedMutex() {
  EndLock("SharedMutex", readers_ + (has_writer_ ? 1 : 0), !queue_.empty());
  EndWaits("SharedMutex", queue_);
}

inline bool SharedMutex::WriterWaits() const {
  for (const Place* place = queue_.head(); place != nullptr; place = queue_.Next(*place)) {
    if (place->mode() == Mode::kExclusive) return true;
  }
  return false;
}

inline void SharedMutex::Update() {
  bool writer_ahead = false;
  queue_.ForEach([&](Place& place) {
    internal::SetReady(*place.waiter, CanLock(place.mode(), writer_ahead));
    writer_ahead = writer_ahead || place.mode() == Mode::kExclusive;
  });
}

class SharedMutex::LockAwaiter : public internal::OperationAwaiter {
 public:
  LockAwaiter(SharedMutex& mutex, internal::LockMode mode) : place_(mutex, mode) {}

  bool await_ready() {
    SharedMutex& mutex = place_.mutex();
    if (kSimulated || !mutex.queue_.empty() || !mutex.CanLock(place_.mode(), false)) return false;
    mutex.Take(place_.mode());
    return true;
  }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    Suspend(task, Operation::kLock, place_.mutex().IdFor(task), site, place_.is_reader() ? 1 : 0);
    place_.Come(waiter());
  }
  SharedMutexGuard await_resume() {
    if (place_.queued()) {
      place_.Go();
      place_.mutex().Take(place_.mode());
    }
    return {place_.mutex(), place_.mode()};
  }
  void Abandon() {
    place_.Abandon();
    OperationAwaiter::Abandon();
  }

 private:
  Place place_;
};

inline SharedMutex::LockAwaiter SharedMutex::Lock() { return {*this, Mode::kExclusive}; }
inline SharedMutex::LockAwaiter SharedMutex::LockShared() { return {*this, Mode::kShared}; }

inline void SharedMutexGuard::Unlock() {
  if (mutex_ != nullptr) std::exchange(mutex_, nullptr)->Unlock(mode_);
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_SHARED_MUTEX_H_
