// SPDX-License-Identifier: MIT
//
// What the primitives that are not as simple as a Mutex are made of: SetReady makes waiters
// candidates, and takes that back; Queued is for waiters that are asked one by one, because
// not all of them wait for the same thing.
//
// Both variants work alike here: an operation takes place when its task goes on, and nothing is
// ever handed to a task that may be cancelled before it does.
#ifndef HEDDLE_INTERNAL_WAITING_H_
#define HEDDLE_INTERNAL_WAITING_H_

#include <cstddef>
#include <limits>
#include <string>

#include "heddle/check.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

[[noreturn, gnu::cold]] inline void ThrowNegative(const std::string& type, std::size_t count) {
  throw UsageError("heddle: a " + type + " was given the number " +
                   std::to_string(static_cast<std::ptrdiff_t>(count)) +
                   ". Likely cause: a subtraction that went below zero. Give it 0 or more.");
}

// `count`, unless it was negative before it became a size: then it throws UsageError.
inline std::size_t RequireCount(std::size_t count, const char* type) {
  constexpr std::size_t kMost = std::numeric_limits<std::ptrdiff_t>::max();
  if (count > kMost) [[unlikely]] {
    ThrowNegative(type, count);
  }
  return count;
}

// Whether `waiter` may go on now. Doing so twice is doing it once.
inline void SetReady(Waiter& waiter, bool ready) {
#if HEDDLE_SIMULATED
  if (waiter.executor == nullptr) return;  // somebody kept the task of a run that is over
#endif
  if (!ready) {
    ExecutorOf(waiter).MakeUnready(waiter);
  } else if (waiter.ready_index == kNowhere) {
    ExecutorOf(waiter).MakeReady(waiter);
  }
}

inline void SetReady(Waiters& waiters, bool ready) {
  waiters.ForEach([&](Waiter& waiter) { SetReady(waiter, ready); });
}

// They go on for good, because of the task that is running.
inline void WakeAll(Waiters& waiters) {
  waiters.ForEach([&](Waiter& waiter) {
    waiters.Remove(waiter);
    ExecutorOf(waiter).Wake(waiter);
  });
}

// A place in a WaitList<Node>, of which `Node` is derived.
template <class Node>
class Queued : public WaitPlace {
 public:
  Queued(const Queued&) = delete;
  Queued& operator=(const Queued&) = delete;

  Waiter* waiter = nullptr;

  bool queued() const { return in_wait_list(); }

 protected:
  ~Queued() { Leave(); }
  void Leave() { LeaveWaitList(); }

 private:
  friend Node;
  Queued() = default;
};

// Wants to know whenever an object changes. Who waits for several objects at once has one for each.
class Listener : public Queued<Listener> {
 public:
  using Queued::Leave;
  virtual void OnChange() = 0;
  // The object has gone, and this listener is no longer in its list.
  virtual void OnGone() = 0;
  // Of a rendezvous: whether it waits for a message, and may still do something else. Promise ends
  // that: the message that has gone in is for this one.
  virtual bool may_turn_away() const { return false; }
  virtual void Promise() {}

 protected:
  Listener() = default;
  ~Listener() = default;
};
using Listeners = WaitList<Listener>;

inline void TellAll(Listeners& listeners) {
  listeners.ForEach([](Listener& listener) { listener.OnChange(); });
}

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_WAITING_H_
