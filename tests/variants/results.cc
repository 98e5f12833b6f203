// SPDX-License-Identifier: MIT
//
// Compiled twice, with HEDDLE_TRACING=1 and with 0: prints what every primitive gives and how
// runs end. Who goes first may differ between the two; what comes out may not.
#include <chrono>
#include <coroutine>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "heddle/channel.h"
#include "heddle/combinators.h"
#include "heddle/gate.h"
#include "heddle/mark.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"

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
    try {
      co_await Refuse(milliseconds(1), "no");
    } catch (const std::runtime_error&) {
    }
  });
  Print("empty task", []() -> Task<> { co_await Task<>(); });
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
  Sleeps();
  Combinators();
  Groups();
  Foreign();
  Endings();
  return 0;
}
