// SPDX-License-Identifier: MIT
//
// An operation that another one was quicker than, in Any and the like: from then on it waits for
// nothing, though it is there until whoever awaited both goes on.
#include <algorithm>
#include <cstddef>
#include <stop_token>
#include <utility>
#include <variant>

#include "harness/test_choosers.h"
#include "heddle/barrier.h"
#include "heddle/broadcast.h"
#include "heddle/cancel.h"
#include "heddle/channel.h"
#include "heddle/combinators.h"
#include "heddle/condition.h"
#include "heddle/gate.h"
#include "heddle/interval.h"
#include "heddle/latch.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/select.h"
#include "heddle/semaphore.h"
#include "heddle/shared_mutex.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "heddle/timeout.h"
#include "heddle/watch.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono_literals::operator""ms;

// A case has what is waited for. Its `Lose` awaits that, and a gate beside it; `Meet` does what is
// waited for, as soon as the gate is open and before whoever lost has gone on. Both may come first.
template <class Case>
void Loses() {
  std::size_t lost = 0;
  std::size_t won = 0;
  const auto body = [&]() -> Task<> {
    Case one;
    Gate other;
    TaskGroup group;
    const auto lose = [&]() -> Task<> {
      const bool has_won = co_await one.Lose(other);
      ++(has_won ? won : lost);
    };
    group.Spawn(lose());
    for (int i = 0; i < 6; ++i) {
      if (i == 2) other.Open();
      if (i >= 2) one.Meet();
      co_await Yield();
    }
    co_await group.Join();
    one.Check();
  };
  ForRandomSchedules(300, body, [](const RunResult& run) {
    INFO(run.message);
    REQUIRE(run.ending == Ending::kFinished);
  });
  CHECK(lost > 0);
  CHECK(lost + won == 300);
}

struct OfStop {
  std::stop_source source;
  Task<bool> Lose(Gate& other) {
    const auto first = co_await Any(Stopped(source.get_token()), other.Wait());
    co_return first.index() == 0;
  }
  void Meet() { source.request_stop(); }
  void Check() {}
};

struct OfSelect {
  Channel<int> channel = Channel<int>(8);
  int sent = 0;
  Task<bool> Lose(Gate& other) {
    const auto first = co_await Any(Select(ReceiveFrom(channel), At(TimePoint(5ms))), other.Wait());
    co_return first.index() == 0;
  }
  void Meet() { sent += channel.TrySend(1) ? 1 : 0; }
  void Check() { CHECK(sent > 0); }
};

struct OfReceive {
  Channel<int> channel = Channel<int>(8);
  int sent = 0;
  bool received = false;
  Task<bool> Lose(Gate& other) {
    const auto first = co_await Any(other.Wait(), channel.Receive());
    received = first.index() == 1;
    co_return received;
  }
  void Meet() { sent += channel.TrySend(1) ? 1 : 0; }
  void Check() { CHECK(channel.size() == static_cast<std::size_t>(sent) - (received ? 1 : 0)); }
};

struct OfRendezvous {
  Channel<int> channel = Channel<int>(kRendezvous);
  int sent = 0;
  int received = 0;
  Task<bool> Lose(Gate& other) {
    const auto first = co_await Any(other.Wait(), channel.Receive());
    received = first.index() == 1 ? 1 : 0;
    co_return received == 1;
  }
  void Meet() { sent += channel.TrySend(1) ? 1 : 0; }
  void Check() { CHECK(sent >= received); }
};

struct OfMutex {
  Mutex mutex;
  MutexGuard held = mutex.TryLock();
  Task<bool> Lose(Gate& other) {
    const auto first = co_await Any(mutex.Lock(), other.Wait());
    co_return first.index() == 0;
  }
  void Meet() { held.Unlock(); }
  void Check() { CHECK_FALSE(mutex.is_locked()); }
};

// Who waits behind it goes on.
struct OfSharedMutex {
  SharedMutex mutex;
  SharedMutexGuard held = mutex.TryLockShared();
  Task<bool> Lose(Gate& other) {
    const auto first = co_await Any(mutex.Lock(), other.Wait());
    co_return first.index() == 0;
  }
  void Meet() { held.Unlock(); }
  void Check() { CHECK(mutex.TryLock()); }
};

struct OfSemaphore {
  Semaphore semaphore = Semaphore(0);
  std::size_t released = 0;
  Task<bool> Lose(Gate& other) {
    const auto first = co_await Any(semaphore.Acquire(), other.Wait());
    co_return first.index() == 0;
  }
  void Meet() {
    semaphore.Release();
    ++released;
  }
  void Check() { CHECK(semaphore.available() == released); }
};

struct OfCondition {
  Mutex mutex;
  Condition condition;
  Task<bool> Lose(Gate& other) {
    MutexGuard guard = co_await mutex.Lock();
    const auto first = co_await Any(condition.Wait(guard), other.Wait());
    co_return first.index() == 0;
  }
  void Meet() { condition.NotifyOne(); }
  void Check() { CHECK_FALSE(mutex.is_locked()); }
};

struct OfBarrier {
  Barrier barrier = Barrier(2);
  Task<bool> Lose(Gate& other) {
    const auto first = co_await Any(barrier.Arrive(), other.Wait());
    co_return first.index() == 0;
  }
  void Meet() {}
  void Check() { CHECK(barrier.arrived() == 0); }
};

struct OfLatch {
  Latch latch = Latch(1);
  Task<bool> Lose(Gate& other) {
    const auto first = co_await Any(latch.Wait(), other.Wait());
    co_return first.index() == 0;
  }
  void Meet() {
    if (!latch.is_open()) latch.CountDown();
  }
  void Check() {}
};

struct OfWatch {
  Watch<int> watch = Watch<int>(0);
  Watch<int>::Observer observer = watch.Observe();
  Task<bool> Lose(Gate& other) {
    const auto first = co_await Any(observer.Next(), other.Wait());
    co_return first.index() == 0;
  }
  void Meet() { watch.Set(1); }
  void Check() {}
};

// What goes with its Any goes at once, and does not wake it.
struct OfAll {
  Gate first;
  bool went_on = false;
  Task<> Wait() {
    co_await first.Wait();
    co_await Yield();
    went_on = true;
  }
  Task<bool> Lose(Gate& other) {
    const auto won = co_await Any(All(Wait(), Wait()), other.Wait());
    const bool has_won = won.index() == 0;
    if (!has_won) went_on = false;
    co_return has_won;
  }
  void Meet() { first.Open(); }
  void Check() {}
};

struct OfTimeout {
  Mutex mutex;
  MutexGuard held = mutex.TryLock();
  Task<bool> Lose(Gate& other) {
    const auto first = co_await Any(WithTimeout(mutex.Lock(), 5ms), other.Wait());
    co_return first.index() == 0;
  }
  void Meet() { held.Unlock(); }
  void Check() { CHECK_FALSE(mutex.is_locked()); }
};

struct OfInterval {
  Interval interval = Interval(1ms);
  Task<bool> Lose(Gate& other) {
    const auto first = co_await Any(interval.Tick(), other.Wait());
    co_return first.index() == 0;
  }
  void Meet() {}
  void Check() {}
};

TEMPLATE_TEST_CASE("an operation that loses waits for nothing any more", "", OfStop, OfSelect,
                   OfReceive, OfRendezvous, OfMutex, OfSharedMutex, OfSemaphore, OfCondition,
                   OfBarrier, OfLatch, OfWatch, OfAll, OfTimeout, OfInterval) {
  Loses<TestType>();
}

TEST_CASE("a loop over Any of a receive and a stop goes on to its end") {
  const auto serve = [](Channel<int>& in, std::stop_token stop, int& received) -> Task<> {
    for (;;) {
      const auto next = co_await Any(in.Receive(), Stopped(stop));
      if (next.index() == 1) co_return;
      ++received;
    }
  };
  int most = 0;
  const auto body = [&]() -> Task<> {
    Channel<int> in(1, "in");
    CancelScope scope("hub");
    int received = 0;
    scope.Spawn(serve(in, scope.token(), received));
    co_await in.Send(1);
    co_await in.Send(2);
    scope.RequestStop();
    co_await scope.Join();
    most = std::max(most, received);
  };
  CHECK(Run(body).ok());
  ForRandomSchedules(300, body, [](const RunResult& run) { REQUIRE(run.ok()); });
  CHECK(most == 2);
}

}  // namespace
}  // namespace heddle
