// SPDX-License-Identifier: MIT
//
// Semaphore: a number of permits. Acquire() waits for one and gives a Permit, which goes back
// when it is destroyed.
//
//   heddle::Semaphore connections(4, "connections");
//   const heddle::Permit permit = co_await connections.Acquire();
//
// Which of several waiters gets a permit is not promised: with tracing on it is a choice. With
// tracing off it is the one that has waited longest. A permit is taken at the moment at which
// its task goes on, so a waiter that is cancelled cannot take one with it.
#ifndef HEDDLE_SEMAPHORE_H_
#define HEDDLE_SEMAPHORE_H_

#include <coroutine>
#include <cstddef>
#include <string_view>
#include <utility>

#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/internal/waiting.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

class Semaphore;

// One permit. Must not outlive its Semaphore.
class [[nodiscard("a permit that is dropped at once goes back at once")]] Permit {
 public:
  Permit() = default;
  Permit(Permit&& other) noexcept : semaphore_(std::exchange(other.semaphore_, nullptr)) {}
  Permit& operator=(Permit&& other) noexcept {
    if (this != &other) {
      Release();
      semaphore_ = std::exchange(other.semaphore_, nullptr);
    }
    return *this;
  }
  ~Permit() { Release(); }

  explicit operator bool() const { return semaphore_ != nullptr; }
  // Gives it back early. Doing so twice is doing it once.
  void Release();
  // It is used up: it does not go back. For permits that somebody else will Release().
  void Consume() { semaphore_ = nullptr; }

 private:
  friend Semaphore;
  explicit Permit(Semaphore& semaphore) : semaphore_(&semaphore) {}

  Semaphore* semaphore_ = nullptr;
};

class Semaphore : private internal::SharedObject {
 public:
  class [[nodiscard("co_await it")]] AcquireAwaiter;

  // Throws UsageError for a number that was negative.
  explicit Semaphore(std::size_t permits, std::string_view name = {})
      : SharedObject("Semaphore", name), available_(internal::RequireCount(permits, "Semaphore")) {}
  ~Semaphore() { EndWaits("Semaphore", waiters_); }

  std::size_t available() const { return available_; }
  // Gives a Permit.
  AcquireAwaiter Acquire();
  // Without waiting; an empty one when there is none.
  Permit TryAcquire() {
    if (available_ == 0) {
      RecordLook();
      return {};
    }
    Record(EventKind::kAcquire, Operation::kLock);
    Take();
    return Permit(*this);
  }
  // Adds permits: those that were consumed, or new ones. Throws UsageError for a number that was
  // negative.
  void Release(std::size_t count = 1) {
    internal::RequireCount(count, "Semaphore");
    Record(EventKind::kRelease, Operation::kLock);
    available_ += count;
    Update();
  }

 private:
  void Take() {
    HEDDLE_CHECK(available_ > 0, "a permit was taken where there is none");
    --available_;
    Update();
  }
  void Update() { internal::SetReady(waiters_, available_ > 0); }

  std::size_t available_;
  internal::Waiters waiters_;
};

class Semaphore::AcquireAwaiter : public internal::OperationAwaiter {
 public:
  explicit AcquireAwaiter(Semaphore& semaphore) : semaphore_(&semaphore) {}

  bool await_ready() {
    if (kSimulated || semaphore_->available_ == 0 || !semaphore_->waiters_.empty()) return false;
    --semaphore_->available_;
    return true;
  }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    Suspend(task, Operation::kLock, semaphore_->IdFor(task), site);
    semaphore_->waiters_.PushBack(waiter());
    if (semaphore_->available_ > 0) executor().MakeReady(waiter());
  }
  Permit await_resume() {
    if (kSimulated || waiter().in_wait_list()) {
      semaphore_->waiters_.Remove(waiter());
      semaphore_->Take();
    }
    return Permit(*semaphore_);
  }

 private:
  Semaphore* semaphore_;
};

inline Semaphore::AcquireAwaiter Semaphore::Acquire() { return AcquireAwaiter(*this); }

inline void Permit::Release() {
  if (semaphore_ != nullptr) std::exchange(semaphore_, nullptr)->Release();
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_SEMAPHORE_H_
