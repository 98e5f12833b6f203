// SPDX-License-Identifier: MIT
//
// Gate: tasks wait until it is opened. Once open it stays open, and a wait goes through,
// until it is closed again. Opening wakes everybody who waits at that moment, and they go
// through even if it is closed before they run; in which order they do is a choice.
//
//   heddle::Gate ready("ready");
//   co_await ready.Wait();
//   ready.Open();
#ifndef HEDDLE_GATE_H_
#define HEDDLE_GATE_H_

#include <coroutine>
#include <string_view>

#include "heddle/executor.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

class Gate : private internal::SharedObject {
 public:
  class [[nodiscard("co_await it")]] WaitAwaiter;

  explicit Gate(std::string_view name = {}) : SharedObject("Gate", name) {}
  ~Gate() { EndWaits("Gate", waiters_); }

  bool is_open() const { return open_; }
  WaitAwaiter Wait();
  void Open();
  void Close();

 private:
  bool open_ = false;
  internal::Waiters waiters_;
};

class Gate::WaitAwaiter : public internal::OperationAwaiter {
 public:
  explicit WaitAwaiter(Gate& gate) : gate_(&gate) {}

  bool await_ready() const { return !kSimulated && gate_->open_; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    Suspend(task, Operation::kWait, gate_->IdFor(task), site);
    gate_->waiters_.PushBack(waiter());
    if (gate_->open_) executor().MakeReady(waiter());
  }
  void await_resume() {
    // Who came to an open gate is still in the list.
    if (kSimulated && waiter().in_wait_list()) gate_->waiters_.Remove(waiter());
  }

 private:
  Gate* gate_;
};

inline Gate::WaitAwaiter Gate::Wait() { return WaitAwaiter(*this); }

inline void Gate::Open() {
  open_ = true;
  Record(EventKind::kRelease, Operation::kWait);
  waiters_.ForEach([&](internal::Waiter& waiter) {
    waiters_.Remove(waiter);
    internal::ExecutorOf(waiter).Wake(waiter);
  });
}

inline void Gate::Close() {
  open_ = false;
  Record(EventKind::kAccess, Operation::kWrite);
  // Those who are still in the list came while it was open, and have not gone through.
  waiters_.ForEach(
      [](internal::Waiter& waiter) { internal::ExecutorOf(waiter).MakeUnready(waiter); });
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_GATE_H_
