// SPDX-License-Identifier: MIT
//
// Once: something that several tasks need, and that is to be done by the first of them.
//
//   heddle::Once connected("connected");
//   co_await connected.Call([&] { return Connect(); });   // a Task<>, begun once
//
// The others wait until it is done. If it throws, or whoever does it is cancelled, the next of
// them tries; which of several that is, is a choice.
#ifndef HEDDLE_ONCE_H_
#define HEDDLE_ONCE_H_

#include <coroutine>
#include <cstdint>
#include <source_location>
#include <string_view>
#include <utility>

#include "heddle/executor.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/internal/waiting.h"
#include "heddle/task.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

class Once : private internal::SharedObject {
 public:
  explicit Once(std::string_view name = {}) : SharedObject("Once", name) {}
  ~Once() { EndWaits("Once", waiters_); }

  bool is_done() const { return state_ == State::kDone; }
  // `function` gives a Task<>. What it throws goes to its own caller only.
  template <class Function>
  Task<> Call(Function function, std::source_location site = std::source_location::current());

 private:
  enum class State : std::uint8_t { kOpen, kRunning, kDone };

  // Of the task that does it. Gone without Done(): the next one may try.
  class Turn {
   public:
    explicit Turn(Once* once) : once_(once) {}
    Turn(Turn&& other) noexcept : once_(std::exchange(other.once_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (once_ != nullptr) once_->Leave(State::kOpen);
    }
    bool is_mine() const { return once_ != nullptr; }
    void Done() { std::exchange(once_, nullptr)->Leave(State::kDone); }

   private:
    Once* once_;
  };
  class TurnAwaiter;

  Turn Enter() {
    if (is_done()) return Turn(nullptr);
    state_ = State::kRunning;
    Record(EventKind::kAcquire, Operation::kWait);
    internal::SetReady(waiters_, false);
    return Turn(this);
  }
  void Leave(State state) {
    state_ = state;
    Record(EventKind::kRelease, Operation::kWait);
    internal::SetReady(waiters_, true);
  }

  State state_ = State::kOpen;
  internal::Waiters waiters_;
};

class Once::TurnAwaiter : public internal::OperationAwaiter {
 public:
  TurnAwaiter(Once& once, SiteRef site) : once_(&once), site_(site) {}

  bool await_ready() const { return !kSimulated && once_->state_ != State::kRunning; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef /*site*/ = {}) {
    Suspend(task, Operation::kWait, once_->IdFor(task), site_);
    once_->waiters_.PushBack(waiter());
    if (once_->state_ != State::kRunning) executor().MakeReady(waiter());
  }
  Turn await_resume() {
    if (kSimulated || waiter().in_wait_list()) once_->waiters_.Remove(waiter());
    return once_->Enter();
  }

 private:
  Once* once_;
  SiteRef site_;
};

template <class Function>
Task<> Once::Call(Function function, std::source_location site) {
  Turn turn = co_await TurnAwaiter(*this, site);
  if (turn.is_mine()) {
    co_await function();
    turn.Done();
  }
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_ONCE_H_
