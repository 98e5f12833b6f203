// SPDX-License-Identifier: MIT
//
// The language in which the programs of the corpus are written. Each co_await is one step: one
// scheduling decision, and then one action that nothing can interrupt. A program is a class with
// its shared data as members and its tasks as coroutines (program.h).
//
//   Var x(0, "x");          const int r = co_await x.Read();   co_await x.Write(r + 1);
//   Lock m("m");            co_await m.Acquire();   ...        co_await m.Release();
//   Condition c("c");       co_await c.Wait(m);                co_await c.Signal();
//   SpinLock l("l");        co_await l.Acquire();              co_await l.Release();
//   co_await Step();        touches nothing
#ifndef HEDDLE_TESTS_CORPUS_MODEL_H_
#define HEDDLE_TESTS_CORPUS_MODEL_H_

#include <coroutine>
#include <deque>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "heddle/internal/operation_awaiter.h"
#include "heddle/shared.h"
#include "heddle/task.h"

namespace heddle::corpus {

// An assertion of a program does not hold.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline void Require(bool holds, const char* what) {
  if (!holds) throw Violation(what);
}

using Var = Shared<int>;

// A step that touches nothing.
class [[nodiscard("co_await it")]] Step {
 public:
  Step() = default;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> task) const { task.resume(); }
  void await_resume() const noexcept {}
};

class Lock {
 public:
  explicit Lock(std::string_view name) : held_(false, name) {}

  auto Acquire() {
    return held_.UpdateWhen([](bool held) { return !held; }, [](bool) { return true; });
  }
  auto Release() { return held_.Write(false); }

 private:
  friend class Condition;

  Shared<bool> held_;
};

// A first-in-first-out queue of waiters.
class Condition {
 public:
  explicit Condition(std::string_view name) : changes_(0, name) {}

  // Two steps: joins the queue and gives `lock` back; takes it again, once signalled.
  Task<> Wait(Lock& lock) {
    Waiter waiter{.lock = &lock};
    co_await lock.Release();
    changes_.Set(0);
    queue_.push_back(&waiter);
    co_await lock.held_.UpdateWhen([&waiter](bool held) { return !held && waiter.signalled; },
                                   [](bool) { return true; });
    changes_.Set(0);
  }
  // Wakes the waiter that came first, if there is one.
  Task<> Signal() {
    co_await changes_.Write(0);
    if (queue_.empty()) co_return;
    Waiter& first = *queue_.front();
    queue_.pop_front();
    first.signalled = true;
    first.lock->held_.Recheck();
  }

 private:
  struct Waiter {
    Lock* lock;
    bool signalled = false;
  };

  Var changes_;  // what says that a step touches the condition
  std::deque<Waiter*> queue_;
};

// Compares and swaps until that succeeds. After each failure one step that touches nothing, and
// then the task is passed over until another one has made a step.
class SpinLock : private internal::SharedObject {
 public:
  explicit SpinLock(std::string_view name) : SharedObject("SpinLock", name) {}

  Task<> Acquire() {
    bool taken = co_await TryAwaiter(*this, false);
    while (!taken) {
      co_await Step();
      taken = co_await TryAwaiter(*this, true);
    }
  }
  auto Release() { return ReleaseAwaiter(*this); }

 private:
  class TryAwaiter : public internal::OperationAwaiter {
   public:
    TryAwaiter(SpinLock& lock, bool yields) : lock_(&lock), yields_(yields) {}
    bool await_ready() const { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
      Suspend(task, Operation::kUpdate, lock_->id(), site);
      yields_ ? executor().MakeYielded(waiter()) : executor().MakeReady(waiter());
    }
    bool await_resume() {
      lock_->Record(EventKind::kAccess, lock_->held_ ? Operation::kRead : Operation::kWrite);
      return !std::exchange(lock_->held_, true);
    }

   private:
    SpinLock* lock_;
    bool yields_;
  };
  class ReleaseAwaiter : public internal::OperationAwaiter {
   public:
    explicit ReleaseAwaiter(SpinLock& lock) : lock_(&lock) {}
    bool await_ready() const { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
      Suspend(task, Operation::kWrite, lock_->id(), site);
      executor().MakeReady(waiter());
    }
    void await_resume() { lock_->held_ = false; }

   private:
    SpinLock* lock_;
  };

  bool held_ = false;
};

}  // namespace heddle::corpus

#endif  // HEDDLE_TESTS_CORPUS_MODEL_H_
