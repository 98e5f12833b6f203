// SPDX-License-Identifier: MIT
//
// Compiled with HEDDLE_TRACING=0, 1 and 2: prints what every primitive gives and how
// runs end. Who goes first may differ between the two; what comes out may not.
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "heddle/atomic.h"
#include "heddle/barrier.h"
#include "heddle/broadcast.h"
#include "heddle/cancel.h"
#include "heddle/channel.h"
#include "heddle/combinators.h"
#include "heddle/condition.h"
#include "heddle/detach.h"
#include "heddle/gate.h"
#include "heddle/generator.h"
#include "heddle/input.h"
#include "heddle/interval.h"
#include "heddle/latch.h"
#include "heddle/mark.h"
#include "heddle/mutex.h"
#include "heddle/named.h"
#include "heddle/once.h"
#include "heddle/random_stream.h"
#include "heddle/retry.h"
#include "heddle/run.h"
#include "heddle/select.h"
#include "heddle/semaphore.h"
#include "heddle/shared.h"
#include "heddle/shared_mutex.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "heddle/task_local.h"
#include "heddle/timeout.h"
#include "heddle/watch.h"

namespace {

using heddle::Task;
using std::chrono::milliseconds;

// Runs `body` and prints how that ended.
template <class Body>
void Print(const std::string& title, Body body, const heddle::RunOptions& options = {}) {
  const heddle::RunResult run = heddle::Run(body, options);
  std::cout << title << ": " << Name(run.ending) << " after " << run.elapsed.count() << "ns";
  if (!run.message.empty()) std::cout << ", " << run.message;
  std::cout << '\n';
}

// Notes that it was destroyed.
class Goes {
 public:
  explicit Goes(int& count) : count_(&count) {}
  Goes(const Goes&) = delete;
  Goes& operator=(const Goes&) = delete;
  ~Goes() { ++*count_; }

 private:
  int* count_;
};

template <class T>
Task<T> After(milliseconds how_long, T value) {
  co_await heddle::SleepFor(how_long);
  co_return value;
}

Task<> Wait(milliseconds how_long) { co_await heddle::SleepFor(how_long); }

Task<int> Refuse(milliseconds how_long, std::string why) {
  co_await heddle::SleepFor(how_long);
  throw std::runtime_error(why);
}

Task<int> Depth(int levels) {
  if (levels == 0) co_return 0;
  co_return co_await Depth(levels - 1) + 1;
}

// --- tasks ----------------------------------------------------------------------------------

void Tasks() {
  std::cout << "depth " << heddle::RunToEnd([] { return Depth(1000); }) << '\n';
  const auto owner = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(3); };
  std::cout << "move-only " << *heddle::RunToEnd(owner) << '\n';
  int cell = 0;
  const auto refers = [&]() -> Task<int&> { co_return cell; };
  Print("reference", [&]() -> Task<> { co_await refers() = 4; });
  std::cout << "cell " << cell << '\n';
  Print("caught", []() -> Task<> {
    heddle::BeginFlow("flow");
    heddle::Mark("mark", {{"field", 1}});
    heddle::NameTask("caller");
    try {
      co_await heddle::Named("callee", Refuse(milliseconds(1), "no"));
    } catch (const std::runtime_error&) {
    }
  });
  Print("empty task", []() -> Task<> { co_await Task<>(); });
  Print("awaited twice", []() -> Task<> {
    Task<> task = Wait(milliseconds(1));
    co_await std::move(task);
    co_await std::move(task);
  });
}

// --- primitives -------------------------------------------------------------------------------

void Mutexes() {
  heddle::Mutex mutex("mutex");
  int total = 0;
  const auto adds = [&]() -> Task<> {
    for (int i = 0; i < 100; ++i) {
      const heddle::MutexGuard guard = co_await mutex.Lock();
      const int before = total;
      co_await heddle::Yield();
      total = before + 1;
    }
  };
  Print("mutex", [&](heddle::World& world) {
    for (int i = 0; i < 5; ++i) world.Spawn(adds());
  });
  std::cout << "total " << total << ", tries " << bool(mutex.TryLock()) << '\n';

  // The lock is freed at the very moment at which who waits for it is cancelled.
  const auto locks = [&]() -> Task<> { const auto guard = co_await mutex.Lock(); };
  const auto gives_up = [&]() -> Task<> { co_await heddle::Any(locks(), Wait(milliseconds(1))); };
  Print("cancelled lock", [&](heddle::World& world) -> Task<> {
    heddle::MutexGuard guard = co_await mutex.Lock();
    world.Spawn(gives_up());
    co_await heddle::SleepFor(milliseconds(1));
    guard.Unlock();
    co_await heddle::SleepFor(milliseconds(1));
    guard = co_await mutex.Lock();
  });
}

void Channels() {
  heddle::Channel<int> channel(3, "channel");
  int senders = 4;
  int received = 0;
  int sum = 0;
  const auto sends = [&](int from) -> Task<> {
    for (int i = 0; i < 10; ++i) co_await channel.Send(from + i);
    if (--senders == 0) channel.Close();
  };
  const auto receives = [&]() -> Task<> {
    for (;;) {
      const std::optional<int> message = co_await channel.Receive();
      if (!message) co_return;
      ++received;
      sum += *message;
    }
  };
  Print("channel", [&](heddle::World& world) {
    for (int i = 0; i < 4; ++i) world.Spawn(sends(100 * i));
    for (int i = 0; i < 3; ++i) world.Spawn(receives());
  });
  std::cout << "received " << received << ", sum " << sum << '\n';

  heddle::Channel<int> small(1);
  Print("cancelled receive", [&](heddle::World& world) -> Task<> {
    const auto waits = [&]() -> Task<> { co_await small.Receive(); };
    const auto gives_up = [&]() -> Task<> { co_await heddle::Any(waits(), Wait(milliseconds(1))); };
    world.Spawn(gives_up());
    co_await heddle::SleepFor(milliseconds(1));
    int message = 7;
    small.TrySend(message);
    co_await heddle::SleepFor(milliseconds(1));
    const std::optional<int> left = small.TryReceive();
    std::cout << "left " << left.value_or(-1) << '\n';
  });
}

void Gates() {
  heddle::Gate gate("gate");
  int through = 0;
  const auto waits = [&]() -> Task<> {
    co_await gate.Wait();
    ++through;
  };
  Print("gate", [&](heddle::World& world) -> Task<> {
    for (int i = 0; i < 3; ++i) world.Spawn(waits());
    co_await heddle::SleepFor(milliseconds(1));
    gate.Open();
    gate.Close();
  });
  std::cout << "through " << through << ", open " << gate.is_open() << '\n';
  Print("closed gate", waits);
}

void SharedValues() {
  heddle::Shared<int> room(2, "room");
  heddle::Atomic<int> entries(0, "entries");
  const auto is_room = [](int left) { return left > 0; };
  const auto enters = [&]() -> Task<> {
    for (int i = 0; i < 10; ++i) {
      co_await room.UpdateWhen(is_room, [](int& left) { --left; });
      co_await heddle::Yield();
      co_await entries.FetchAdd(1);
      co_await room.Update([](int left) { return left + 1; });
    }
  };
  Print("shared", [&](heddle::World& world) -> Task<> {
    for (int i = 0; i < 5; ++i) world.Spawn(enters());
    co_await entries.CompareExchange(-1, 0);
    co_await room.ReadWhen([](int left) { return left < 2; });
  });
  const int entered = heddle::RunToEnd([&]() -> Task<int> { co_return co_await entries.Load(); });
  std::cout << "room " << room.Get() << ", entered " << entered << '\n';

  // Woken and cancelled at the same moment: nothing is taken.
  Print("cancelled update", [&](heddle::World& world) -> Task<> {
    const auto takes = [&]() -> Task<> {
      co_await room.UpdateWhen([](int left) { return left > 5; }, [](int& left) { left = 0; });
    };
    const auto gives_up = [&]() -> Task<> { co_await heddle::Any(takes(), Wait(milliseconds(1))); };
    world.Spawn(gives_up());
    co_await heddle::SleepFor(milliseconds(1));
    room.Set(6);
    room.Set(5);
    co_await heddle::SleepFor(milliseconds(1));
    const int left = co_await room.Read();
    std::cout << "left " << left << '\n';
  });
}

void Sleeps() {
  Print("sleep", []() -> Task<> {
    auto early = heddle::SleepFor(milliseconds(1));
    co_await heddle::SleepFor(milliseconds(2));
    co_await heddle::SleepFor(milliseconds(-2));
    co_await heddle::SleepUntil(heddle::TimePoint(milliseconds(1)));
    co_await early;
  });
  Print("end of time", []() -> Task<> {
    co_await heddle::SleepFor(milliseconds(1));
    co_await heddle::SleepFor(heddle::Duration::max());
  });
}

void Combinators() {
  Print("All", []() -> Task<> {
    const auto [number, text] =
        co_await heddle::All(After(milliseconds(2), 7), After(milliseconds(1), std::string("x")));
    std::vector<Task<int>> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(After(milliseconds(i), i));
    const std::vector<int> values = co_await heddle::All(std::move(tasks));
    std::cout << number << text << values.size() << values.back() << '\n';
  });
  Print("All throws", []() -> Task<> {
    co_await heddle::All(Refuse(milliseconds(2), "second"), Refuse(milliseconds(1), "first"));
  });
  int gone = 0;
  const auto loses = [&]() -> Task<int> {
    const Goes goes(gone);
    co_await heddle::SleepFor(milliseconds(9));
    co_return 9;
  };
  Print("Any", [&]() -> Task<> {
    const auto first = co_await heddle::Any(loses(), After(milliseconds(1), std::string("wins")));
    std::cout << first.index() << std::get<1>(first) << gone << '\n';
  });
  Print("cancelled All throws", []() -> Task<> {
    const auto both = []() -> Task<> {
      co_await heddle::All(Refuse(milliseconds(1), "not lost"), Wait(milliseconds(9)));
    };
    co_await heddle::Any(both(), Wait(milliseconds(3)));
    co_await heddle::SleepFor(milliseconds(1));
  });
  Print("Any throws", [&]() -> Task<> { co_await heddle::Any(loses(), Refuse({}, "at once")); });
  std::cout << "gone " << gone << '\n';
}

void Groups() {
  Print("group", []() -> Task<> {
    heddle::TaskGroup group;
    for (int i = 1; i <= 3; ++i) group.Spawn(Wait(milliseconds(i)));
    co_await group.Join();
    std::cout << "pending " << group.pending() << '\n';
  });
  const auto refuses = []() -> Task<> { co_await Refuse(milliseconds(1), "refused"); };
  Print("group throws", [&]() -> Task<> {
    heddle::TaskGroup group;
    group.Spawn(refuses());
    group.Spawn(Wait(milliseconds(2)));
    co_await group.Join();
  });
  Print("group lets others finish", [&]() -> Task<> {
    heddle::TaskGroup group(heddle::FirstError::kLetsOthersFinish);
    group.Spawn(refuses());
    group.Spawn(Wait(milliseconds(2)));
    co_await group.Join();
  });
  Print("group cancels", [&]() -> Task<> {
    int gone = 0;
    const auto holds = [&]() -> Task<> {
      const Goes goes(gone);
      co_await heddle::SleepFor(milliseconds(9));
    };
    heddle::TaskGroup group;
    group.Spawn(holds());
    group.Spawn(refuses());
    group.Spawn(holds());
    co_await heddle::SleepFor(milliseconds(2));
    group.Spawn(holds());
    std::cout << "gone " << gone << " pending " << group.pending() << ' ';
    try {
      co_await group.Join();
    } catch (const std::runtime_error& error) {
      std::cout << error.what() << ' ';
    }
  });
  Print("group goes after a throw", [&]() -> Task<> {
    heddle::TaskGroup group;
    group.Spawn(refuses());
    co_await heddle::SleepFor(milliseconds(2));
  });
  int gone = 0;
  const auto holds = [&]() -> Task<> {
    const Goes goes(gone);
    co_await heddle::SleepFor(milliseconds(9));
  };
  Print("group goes", [&]() -> Task<> {
    {
      heddle::TaskGroup group;
      group.Spawn(holds());
      co_await heddle::SleepFor(milliseconds(1));
      group.Spawn(holds());
    }
    std::cout << "gone " << gone << '\n';
  });
  Print("group is cancelled", [&]() -> Task<> {
    int cancelled = 0;
    const auto holds_on = [&]() -> Task<> {
      const Goes goes(cancelled);
      co_await heddle::SleepFor(milliseconds(9));
    };
    heddle::TaskGroup group;
    const auto joins = [&]() -> Task<> { co_await group.Join(); };
    const auto cancels = [&]() -> Task<> {
      group.Spawn(holds_on());
      co_await heddle::SleepFor(milliseconds(1));
      group.Spawn(holds_on());
      group.Cancel();
      std::cout << "gone " << cancelled << " pending " << group.pending() << ' ';
    };
    group.Spawn(holds_on());
    co_await heddle::All(cancels(), joins());
    group.Spawn(Wait(milliseconds(1)));
    co_await group.Join();
  });
  Print("cancelled join", []() -> Task<> {
    heddle::TaskGroup group;
    const auto joins = [&]() -> Task<> { co_await group.Join(); };
    group.Spawn(Wait(milliseconds(5)));
    co_await heddle::Any(joins(), Wait(milliseconds(1)));
    co_await group.Join();
  });
}

void Foreign() {
  // Awaited as a temporary: g++ 12 copies an awaiter that is captured by reference.
  class Parks {
   public:
    explicit Parks(std::coroutine_handle<>& where) : where_(&where) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter) const { *where_ = waiter; }
    void await_resume() const {}

   private:
    std::coroutine_handle<>* where_;
  };
  std::coroutine_handle<> parked;
  const auto waits = [&]() -> Task<> { co_await Parks(parked); };
  Print("foreign", [&](heddle::World& world) -> Task<> {
    world.Spawn(waits());
    co_await heddle::SleepFor(milliseconds(1));
    parked.resume();
    co_await std::suspend_never();
  });
}

// --- what is made of several -----------------------------------------------------------------

heddle::Generator<int> Countdown(int from) {
  for (; from > 0; --from) {
    co_await heddle::SleepFor(milliseconds(1));
    co_yield from;
  }
}

void Locks() {
  int inside = 0;
  Print("locks", [&]() -> Task<> {
    heddle::Semaphore semaphore(2);
    heddle::SharedMutex shared_mutex;
    heddle::Mutex mutex;
    heddle::Condition changed;
    heddle::Once once;
    const auto permit = [&]() -> Task<> {
      const heddle::Permit mine = co_await semaphore.Acquire();
      co_await heddle::SleepFor(milliseconds(1));
    };
    const auto read = [&]() -> Task<> {
      const auto guard = co_await shared_mutex.LockShared();
      co_await heddle::SleepFor(milliseconds(1));
    };
    const auto write = [&]() -> Task<> {
      const auto guard = co_await shared_mutex.Lock();
      co_await heddle::SleepFor(milliseconds(1));
    };
    const auto count = [&]() -> Task<> {
      co_await once.Call([&] { return Wait(milliseconds(1)); });
      const heddle::MutexGuard guard = co_await mutex.Lock();
      ++inside;
      changed.NotifyAll();
    };
    heddle::TaskGroup group;
    for (int i = 0; i < 3; ++i) {
      group.Spawn(permit());
      group.Spawn(read());
      group.Spawn(write());
      group.Spawn(count());
    }
    heddle::MutexGuard guard = co_await mutex.Lock();
    co_await changed.Wait(guard, [&] { return inside == 3; });
    guard.Unlock();
    co_await group.Join();
    std::cout << semaphore.available() << shared_mutex.readers() << once.is_done() << ' ';
  });
}

void Meetings() {
  Print("meetings", []() -> Task<> {
    heddle::Latch latch(3);
    heddle::Barrier barrier(3);
    heddle::Watch<int> watch;
    heddle::Broadcast<int> broadcast(1);
    heddle::Broadcast<int>::Subscription first = broadcast.Subscribe();
    heddle::Broadcast<int>::Subscription second = broadcast.Subscribe();
    int sum = 0;
    const auto sums = [&](heddle::Broadcast<int>::Subscription& mine) -> Task<> {
      for (;;) {
        const std::optional<int> next = co_await mine.Receive();
        if (!next) break;
        sum += *next;
      }
      co_await latch.ArriveAndWait();
      co_await barrier.Arrive();
    };
    heddle::TaskGroup group;
    group.Spawn(sums(first));
    group.Spawn(sums(second));
    for (int i = 1; i <= 4; ++i) co_await broadcast.Send(i);
    broadcast.Close();
    co_await latch.ArriveAndWait();
    co_await barrier.Arrive();
    heddle::Watch<int>::Observer observer = watch.Observe();
    watch.Set(sum);
    const std::optional<int> seen = co_await observer.Next();
    co_await group.Join();
    std::cout << *seen << ' ';
  });
}

void Waits() {
  Print("selects", []() -> Task<> {
    heddle::Channel<int> hand(heddle::kRendezvous);
    const auto send = [&]() -> Task<> { co_await hand.Send(5); };
    heddle::TaskGroup group;
    group.Spawn(send());
    for (int i = 0; i < 2; ++i) {
      const auto next =
          co_await heddle::Select(heddle::ReceiveFrom(hand), heddle::After(milliseconds(3)));
      std::cout << next.index() << ' ';
    }
    co_await group.Join();
  });
  Print("timeouts", []() -> Task<> {
    const auto early = co_await heddle::WithTimeout(After(milliseconds(2), 1), milliseconds(3));
    const auto late = co_await heddle::WithTimeout(After(milliseconds(4), 1), milliseconds(3));
    std::vector<Task<int>> racers;
    racers.push_back(After(milliseconds(2), 10));
    racers.push_back(After(milliseconds(1), 11));
    const heddle::RaceResult<int> race = co_await heddle::Race(std::move(racers));
    std::cout << early.has_value() << late.has_value() << race.winner << race.value << ' ';
    heddle::Channel<int> empty(1);
    const auto message = co_await heddle::WithTimeout(empty.Receive(), milliseconds(3));
    const auto both = co_await heddle::WithTimeout(
        heddle::All(After(milliseconds(1), 1), After(milliseconds(2), 2)), milliseconds(3));
    std::stop_source source;
    source.request_stop();
    const auto stopped = co_await heddle::UntilStopped(empty.Receive(), source.get_token());
    std::cout << message.has_value() << both.has_value() << stopped.has_value() << ' ';
  });
  Print("retries", []() -> Task<> {
    int tries = 0;
    const auto attempt = [&]() -> Task<int> {
      if (++tries < 3) throw std::runtime_error("refused");
      co_return tries;
    };
    heddle::Interval interval(milliseconds(1));
    co_await interval.Tick();
    std::cout << co_await heddle::Retry({.delay = milliseconds(1)}, attempt) << ' ';
  });
  Print("generators", []() -> Task<> {
    heddle::Generator<int> numbers = Countdown(3);
    for (;;) {
      const std::optional<int> next = co_await numbers.Next();
      if (!next) break;
      std::cout << *next << ' ';
    }
  });
  Print("cancels", []() -> Task<> {
    heddle::CancelScope scope;
    const auto serve = [](std::stop_token stop) -> Task<> {
      co_await heddle::Stopped(stop);
      co_await heddle::SleepFor(milliseconds(1));
      std::cout << "cleaned ";
    };
    const auto work = [&]() -> Task<> {
      co_await heddle::UntilStopped(Wait(milliseconds(99)), scope.token());
    };
    scope.Spawn(serve(scope.token()));
    scope.Spawn(work());
    co_await heddle::SleepFor(milliseconds(1));
    scope.RequestStop();
    co_await scope.Join();
  });
  Print("inputs", []() -> Task<> {
    const int number = heddle::Input("number", 3, 3);
    const bool fault = heddle::Buggify("never", 0);
    std::cout << number << fault << ' ';
    co_return;
  });
  Print("streams", []() -> Task<> {
    heddle::RandomStream stream("numbers", 1);
    std::cout << stream.Below(1000) << ' ' << stream.Chance(0.5) << ' ';
    co_return;
  });
  Print("detached", []() -> Task<> {
    heddle::Detach([]() -> Task<> {
      co_await heddle::SleepFor(milliseconds(2));
      std::cout << "last ";
    }());
    std::cout << "first ";
    co_return;
  });
  Print("detached throws", []() -> Task<> {
    heddle::Detach([]() -> Task<> {
      co_await heddle::SleepFor(milliseconds(2));
      throw std::runtime_error("alone");
    }());
    co_await heddle::SleepFor(milliseconds(9));
  });
  heddle::Gate never;
  Print("detached waits", [&]() -> Task<> {
    heddle::Detach([](heddle::Gate& gate) -> Task<> { co_await gate.Wait(); }(never));
    co_await heddle::SleepFor(milliseconds(1));
  });
}

// Spawns a task, lets it wait, calls `meanwhile` and destroys it: what it waited for is as if it
// had never come.
template <class Waits, class Meanwhile>
Task<> CancelWhile(Waits waits, Meanwhile meanwhile) {
  heddle::TaskGroup group;
  group.Spawn(waits());
  co_await heddle::SleepFor(milliseconds(1));
  meanwhile();
}

void Cancelled() {
  Print("cancelled waiters", []() -> Task<> {
    heddle::Semaphore semaphore(0);
    const auto acquires = [&]() -> Task<> { const auto permit = co_await semaphore.Acquire(); };
    co_await CancelWhile(acquires, [&] { semaphore.Release(); });
    std::cout << semaphore.available();

    heddle::SharedMutex shared_mutex;
    auto guard = co_await shared_mutex.Lock();
    const auto reads = [&]() -> Task<> { const auto mine = co_await shared_mutex.LockShared(); };
    const auto writes = [&]() -> Task<> { const auto mine = co_await shared_mutex.Lock(); };
    co_await CancelWhile(reads, [] {});
    co_await CancelWhile(writes, [&] { guard.Unlock(); });
    std::cout << shared_mutex.readers() << shared_mutex.has_writer();

    heddle::Mutex mutex;
    heddle::Condition condition;
    const auto listens = [&]() -> Task<> {
      heddle::MutexGuard mine = co_await mutex.Lock();
      co_await condition.Wait(mine);
    };
    co_await CancelWhile(listens, [] {});
    co_await CancelWhile(listens, [&] { condition.NotifyOne(); });
    std::cout << mutex.is_locked();

    heddle::Latch latch(1);
    heddle::Barrier barrier(2);
    const auto passes = [&]() -> Task<> { co_await latch.Wait(); };
    const auto arrives = [&]() -> Task<> { co_await barrier.Arrive(); };
    co_await CancelWhile(passes, [] {});
    co_await CancelWhile(passes, [&] { latch.CountDown(); });
    co_await CancelWhile(arrives, [] {});
    std::cout << barrier.arrived();

    heddle::Once once;
    const auto slow = [&]() -> Task<> { co_await once.Call([] { return Wait(milliseconds(9)); }); };
    co_await CancelWhile(slow, [] {});
    co_await once.Call([] { return Wait(milliseconds(1)); });
    std::cout << once.is_done();

    heddle::Watch<int> watch;
    heddle::Watch<int>::Observer observer = watch.Observe();
    const auto observes = [&]() -> Task<> { co_await observer.Next(); };
    co_await CancelWhile(observes, [&] { watch.Set(1); });

    heddle::Broadcast<int> broadcast(1);
    heddle::Broadcast<int>::Subscription mine = broadcast.Subscribe();
    const auto hears = [&]() -> Task<> { co_await mine.Receive(); };
    const auto tells = [&]() -> Task<> { co_await broadcast.Send(2); };
    int message = 1;
    co_await CancelWhile(hears, [&] { broadcast.TrySend(message); });
    co_await CancelWhile(tells, [] {});
    std::cout << mine.unseen();

    heddle::Channel<int> hand(heddle::kRendezvous);
    const auto receives = [&]() -> Task<> { co_await hand.Receive(); };
    const auto sends = [&]() -> Task<> { co_await hand.Send(3); };
    const auto selects = [&]() -> Task<> {
      co_await heddle::Select(heddle::ReceiveFrom(hand), heddle::After(milliseconds(9)));
    };
    co_await CancelWhile(receives, [] {});
    co_await CancelWhile(sends, [] {});
    co_await CancelWhile(selects, [] {});
    std::cout << hand.TrySend(message);
    co_await CancelWhile(selects, [&] { std::cout << hand.TrySend(message); });
    const std::optional<int> left = co_await hand.Receive();
    std::cout << *left;

    std::stop_source source;
    const auto stops = [&]() -> Task<> { co_await heddle::Stopped(source.get_token()); };
    co_await CancelWhile(stops, [] {});
    co_await CancelWhile(stops, [&] { source.request_stop(); });

    const auto counts = []() -> Task<> {
      heddle::Generator<int> numbers = Countdown(3);
      co_await numbers.Next();
      co_await numbers.Next();
    };
    co_await CancelWhile(counts, [] {});
    std::cout << ' ';
  });
}

// What waits for an object that goes, and a second Next() of a generator.
void Mistakes() {
  const auto group_of = [](auto make, auto wait) {
    return [make, wait]() -> Task<> {
      heddle::TaskGroup group;
      {
        const auto object = make();
        group.Spawn(wait(*object));
        co_await heddle::SleepFor(milliseconds(1));
      }
      co_await group.Join();
    };
  };
  const auto ends = [](const std::string& title, auto body) {
    const heddle::RunResult run = heddle::Run(body);
    const bool says_so = run.message.find("was destroyed while a task waits") != std::string::npos;
    std::cout << title << ": " << Name(run.ending) << ' ' << says_so << '\n';
  };
  ends("mutex goes", [] {
    return []() -> Task<> {
      const auto locks = [](heddle::Mutex& mutex) -> Task<> {
        const auto guard = co_await mutex.Lock();
      };
      heddle::TaskGroup group;
      {
        heddle::Mutex mutex;
        const auto guard = co_await mutex.Lock();
        group.Spawn(locks(mutex));
        group.Spawn(locks(mutex));
        co_await heddle::SleepFor(milliseconds(1));
      }
      co_await group.Join();
    }();
  });
  ends("channel goes",
       group_of([] { return std::make_unique<heddle::Channel<int>>(heddle::kRendezvous); },
                [](auto& channel) -> Task<> { co_await channel.Receive(); }));
  ends("channel of a Select goes",
       group_of([] { return std::make_unique<heddle::Channel<int>>(1); },
                [](auto& channel) -> Task<> {
                  const auto done = co_await heddle::Select(heddle::ReceiveFrom(channel),
                                                            heddle::After(milliseconds(9)));
                  std::cout << done.index();
                }));
  ends("barrier goes", group_of([] { return std::make_unique<heddle::Barrier>(2U); },
                                [](auto& barrier) -> Task<> { co_await barrier.Arrive(); }));
  ends("generator goes",
       group_of([] { return std::make_unique<heddle::Generator<int>>(Countdown(3)); },
                [](auto& numbers) -> Task<> { co_await numbers.Next(); }));

  Print("second Next", []() -> Task<> {
    heddle::Generator<int> numbers = Countdown(3);
    int values = 0;
    const auto next = [&]() -> Task<> {
      const std::optional<int> value = co_await numbers.Next();
      values += *value;
    };
    heddle::TaskGroup group(heddle::FirstError::kLetsOthersFinish);
    group.Spawn(next());
    group.Spawn(next());
    bool threw = false;
    try {
      co_await group.Join();
    } catch (const heddle::UsageError&) {
      threw = true;
    }
    const std::optional<int> last = co_await numbers.Next();
    std::cout << threw << values << *last << ' ';
  });
  Print("Next after one that was cut off", []() -> Task<> {
    heddle::Generator<int> numbers = Countdown(3);
    const auto next = [&]() -> Task<> { co_await numbers.Next(); };
    heddle::Interval interval(milliseconds(3));
    const auto ticks = [&]() -> Task<> { co_await interval.Tick(); };
    co_await heddle::WithTimeout(ticks(), milliseconds(1));
    co_await interval.Tick();
    co_await heddle::WithTimeout(next(), heddle::Duration(1));
    co_await heddle::SleepFor(milliseconds(9));
    co_await numbers.Next();
  });
}

// A message that comes back is offered to all who wait for one.
void PutBack() {
  Print("put back for a Select", []() -> Task<> {
    heddle::Channel<int> channel(1);
    bool got = false;
    const auto receives = [&]() -> Task<> { co_await channel.Receive(); };
    const auto sends = [&]() -> Task<> {
      co_await heddle::SleepFor(milliseconds(5));
      co_await channel.Send(1);
    };
    const auto gives_up = [&]() -> Task<> {
      co_await heddle::Any(receives(), Wait(milliseconds(5)));
      co_await heddle::SleepFor(milliseconds(1));
      int another = 2;  // where the message was received after all
      channel.TrySend(another);
    };
    const auto selects = [&]() -> Task<> {
      co_await heddle::SleepFor(milliseconds(1));
      const auto done = co_await heddle::Select(heddle::ReceiveFrom(channel));
      got = std::get<0>(done).has_value();
    };
    heddle::TaskGroup group;
    group.Spawn(sends());
    group.Spawn(gives_up());
    group.Spawn(selects());
    co_await group.Join();
    std::cout << got << ' ';
  });
  Print("put back at a rendezvous", []() -> Task<> {
    heddle::Channel<int> channel(heddle::kRendezvous);
    const auto late = [](milliseconds first, milliseconds then) -> Task<> {
      co_await heddle::SleepFor(first);
      co_await heddle::SleepFor(then);
    };
    const auto receives = [&](milliseconds first, milliseconds then) -> Task<> {
      co_await late(first, then);
      co_await channel.Receive();
    };
    const auto gives_up = [&]() -> Task<> {
      co_await heddle::Any(receives({}, milliseconds(5)), late(milliseconds(2), milliseconds(3)));
    };
    const auto sends = [&]() -> Task<> {
      co_await late(milliseconds(1), milliseconds(4));
      co_await channel.Send(1);
    };
    std::size_t taken = 0;
    const auto selects = [&]() -> Task<> {
      const auto done =
          co_await heddle::Select(heddle::SendTo(channel, 2), heddle::After(milliseconds(50)));
      taken += done.index();
    };
    const auto drains = [&]() -> Task<> {
      co_await heddle::SleepFor(milliseconds(60));
      channel.Close();
    };
    heddle::TaskGroup group;
    group.Spawn(gives_up());
    group.Spawn(sends());
    group.Spawn(receives(milliseconds(1), milliseconds(4)));
    group.Spawn(selects());
    group.Spawn(drains());
    co_await group.Join();
  });
  Print("a Select alone at its rendezvous", []() -> Task<> {
    heddle::Channel<int> hand(heddle::kRendezvous);
    const auto exchanges = [&]() -> Task<> {
      const auto done = co_await heddle::Select(heddle::SendTo(hand, 1), heddle::ReceiveFrom(hand),
                                                heddle::After(milliseconds(3)));
      std::cout << (done.index() < 2) << ' ';
    };
    co_await exchanges();
    co_await heddle::All(exchanges(), exchanges());
  });
  Print("a notification is passed on", []() -> Task<> {
    heddle::Mutex mutex;
    heddle::Condition filled;
    int got = 0;
    const auto takes = [&]() -> Task<> {
      heddle::MutexGuard guard = co_await mutex.Lock();
      co_await filled.Wait(guard);
      ++got;
    };
    const auto gives_up = [&]() -> Task<> {
      co_await heddle::WithTimeout(takes(), milliseconds(5));
    };
    heddle::TaskGroup group;
    group.Spawn(gives_up());
    group.Spawn(takes());
    co_await heddle::SleepFor(milliseconds(4));
    {
      const heddle::MutexGuard guard = co_await mutex.Lock();
      filled.NotifyOne();
      co_await heddle::SleepFor(milliseconds(3));
    }
    co_await group.Join();
    std::cout << got << ' ';
  });
  Print("asked at the deadline", []() -> Task<> {
    const auto serve = [](std::stop_token stop) -> Task<int> {
      co_await heddle::Stopped(std::move(stop));
      co_await heddle::SleepFor(milliseconds(2));
      std::cout << "cleaned ";
      co_return 1;
    };
    const std::optional<int> late = co_await heddle::WithTimeout(serve, milliseconds(3));
    const auto quick = [](std::stop_token) { return After(milliseconds(1), 2); };
    const std::optional<int> early = co_await heddle::WithTimeout(quick, milliseconds(3));
    std::cout << late.has_value() << *early << ' ';
  });
}

// --- task-local values ------------------------------------------------------------------------

const heddle::TaskLocal<std::string> tenant("nobody");
const heddle::TaskLocal<int> depth(0);

// What it reads at its start, after a wait, and under a binding of its own.
Task<std::string> Read(std::string own) {
  std::string seen = tenant.Get();
  co_await heddle::SleepFor(milliseconds(1));
  seen += ' ' + tenant.Get();
  const auto bound = tenant.Bind(std::move(own));
  co_await heddle::SleepFor(milliseconds(1));
  co_return seen + ' ' + tenant.Get();
}
Task<> Append(std::string own, std::string& all) {
  const std::string seen = co_await Read(std::move(own));
  all += '[' + seen + ']';
}
heddle::Generator<std::string> Tenants() {
  for (;;) co_yield tenant.Get();
}

void Locals() {
  Print("inherited", []() -> Task<> {
    const auto bound = tenant.Bind("acme");
    auto [one, two] = co_await heddle::All(Read("one"), Read("two"));
    std::cout << one << ", " << two << ", " << tenant.Get() << ' ';
  });
  Print("outlived", []() -> Task<> {
    std::string all;
    heddle::TaskGroup group;
    {
      const auto bound = tenant.Bind("acme");
      group.Spawn(Append("own", all));
      const auto deeper = depth.Bind(1);
      heddle::Detach([]() -> Task<> {
        co_await heddle::SleepFor(milliseconds(9));
        std::cout << tenant.Get() << depth.Get() << ' ';
      }());
    }
    co_await group.Join();
    std::cout << all << tenant.Get() << depth.Get() << ' ';
  });
  Print("local cancelled", []() -> Task<> {
    const auto bound = tenant.Bind("acme");
    co_await heddle::WithTimeout(Read("lost"), milliseconds(1));
    co_await heddle::Any(Read("won"), [](Task<std::string> inner) -> Task<> {
      const auto own = depth.Bind(2);
      co_await std::move(inner);
      co_await heddle::SleepFor(milliseconds(9));
    }(Read("lost")));
    std::cout << tenant.Get() << depth.Get() << ' ';
  });
  Print("local of a body", [](heddle::World& world) {
    const auto bound = tenant.Bind("body");
    world.Spawn([]() -> Task<> {
      const std::string seen = co_await Read("own");
      std::cout << seen << ' ' << tenant.Get() << ' ';
    }());
  });
  Print("local of a generator", []() -> Task<> {
    heddle::Generator<std::string> tenants = Tenants();
    const auto bound = tenant.Bind("acme");
    const std::optional<std::string> first = co_await tenants.Next();
    const auto again = tenant.Bind("globex");
    const std::optional<std::string> second = co_await tenants.Next();
    std::cout << *first << ' ' << *second << ' ';
  });
  Print("yielded in a scope", []() -> Task<> {
    heddle::Generator<int> numbers = []() -> heddle::Generator<int> {
      const auto bound = depth.Bind(1);
      co_yield 1;
    }();
    co_await numbers.Next();
  });
  Print("inner run", []() -> Task<> {
    const auto bound = tenant.Bind("outer");
    std::string all;
    Print("inner", [&] { return Append("own", all); });
    std::cout << all;
    std::cout << tenant.Get() << ' ';
    co_return;
  });
  std::cout << tenant.Get() << '\n';
}

// --- endings ----------------------------------------------------------------------------------

void Endings() {
  Print("finished", [] {});
  Print("throws outside", [](heddle::World&) { throw std::runtime_error("outside"); });
  Print("spawned throws", [](heddle::World& world) -> Task<> {
    const auto refuses = []() -> Task<> { co_await Refuse(milliseconds(1), "spawned"); };
    world.Spawn(refuses());
    co_await heddle::SleepFor(milliseconds(5));
  });
  heddle::Mutex left;
  heddle::Mutex right;
  const auto both = [](heddle::Mutex& one, heddle::Mutex& other) -> Task<> {
    const heddle::MutexGuard first = co_await one.Lock();
    co_await heddle::SleepFor(milliseconds(1));
    const heddle::MutexGuard second = co_await other.Lock();
  };
  Print("deadlock", [&](heddle::World& world) {
    world.Spawn(both(left, right));
    world.Spawn(both(right, left));
  });
  const heddle::RunResult stuck =
      heddle::Run([&](heddle::World& world) { world.Spawn(both(left, left)); });
  // With tracing off there is nobody to list.
  std::cout << "ends with a colon " << (heddle::Describe(stuck).back() == ':') << '\n';
  const auto spins = []() -> Task<> {
    for (;;) co_await heddle::Yield();
  };
  Print("for ever", spins, {.steps_max = 1000});
  try {
    heddle::RunToEnd(spins, {.steps_max = 1000});
  } catch (const heddle::RunError& error) {
    std::cout << "RunToEnd: " << Name(error.ending()) << '\n';
  }
  try {
    heddle::RunToEnd([] { return Refuse({}, "refused"); });
  } catch (const std::runtime_error& error) {
    std::cout << "RunToEnd: " << error.what() << '\n';
  }
  Print("draws", [](heddle::World& world) {
    for (std::uint32_t bound = 1; bound < 100; ++bound) {
      if (world.Draw(bound) >= bound) throw std::logic_error("out of bounds");
    }
    world.Draw(0);
  });
}

}  // namespace

int main() {
  Tasks();
  Mutexes();
  Channels();
  Gates();
  SharedValues();
  Sleeps();
  Combinators();
  Groups();
  Foreign();
  Locks();
  Meetings();
  Waits();
  Cancelled();
  Mistakes();
  PutBack();
  Locals();
  Endings();
  return 0;
}
