// SPDX-License-Identifier: MIT
//
// EventLoop: tasks for real, on one thread. Compiled for both variants that have one.
#include "support/catch.h"

// What was included so far does not know of variants.
#define HEDDLE_TRACING HEDDLE_TEST_TRACING

#include <chrono>
#include <coroutine>
#include <latch>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "heddle/channel.h"
#include "heddle/check.h"
#include "heddle/clock.h"
#include "heddle/combinators.h"
#include "heddle/event_loop.h"
#include "heddle/gate.h"
#include "heddle/mutex.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "heddle/task_local.h"
#include "heddle/timeout.h"
#if HEDDLE_LIVE
#include "heddle/live_recorder.h"
#include "heddle/task_label.h"
#include "heddle/trace_text.h"
#endif
#include "support/real_threads.h"

namespace heddle {
namespace {

using namespace std::chrono_literals;
using Clock = EventLoop::Clock;

// Keeps who awaits it, to be resumed by hand; says when it goes.
class Later {
 public:
  explicit Later(std::coroutine_handle<>& waiter, bool* gone = nullptr)
      : waiter_(&waiter), gone_(gone) {}
  Later(const Later&) = delete;
  Later& operator=(const Later&) = delete;
  ~Later() {
    *waiter_ = nullptr;
    if (gone_ != nullptr) *gone_ = true;
  }

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) { *waiter_ = waiter; }
  int await_resume() const { return 7; }

 private:
  std::coroutine_handle<>* waiter_;
  bool* gone_;
};

// Another thread resumes it; what it asked for cannot be had.
struct FailsElsewhere : NewThread {
  int await_resume() const { throw std::runtime_error("no such row"); }
};

// It need not wait after all.
struct ChangesItsMind {
  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> /*waiter*/) const { return false; }
  int await_resume() const { return 3; }
};

template <class T>
Fire Start(Task<T> task) {
  co_await std::move(task);
}

Task<int> Add(int a, int b) {
  co_await SleepFor(1ms);
  co_return a + b;
}

Task<> Throws(std::string what) {
  co_await Yield();
  throw std::runtime_error(what);
}

// --- Run ---------------------------------------------------------------------------------------

TEST_CASE("event loop: Run gives the value, in real time") {
  EventLoop loop;
  const Clock::time_point began = Clock::now();
  const auto body = []() -> Task<int> {
    const TimePoint before = VirtualClock::now();
    co_await SleepFor(20ms);
    CHECK(VirtualClock::now() - before >= 20ms);
    co_return co_await Add(1, 2);
  };
  CHECK(loop.Run(body()) == 3);
  CHECK(Clock::now() - began >= 21ms);
  CHECK(loop.Run(Add(3, 4)) == 7);
}

TEST_CASE("event loop: timers go off in their order") {
  EventLoop loop;
  std::string order;
  const auto sleep = [&order](TimePoint until, char name) -> Task<> {
    co_await SleepUntil(until);
    order += name;
  };
  const auto body = [&]() -> Task<> {
    const TimePoint now = VirtualClock::now();
    co_await All(sleep(now + 150ms, 'c'), sleep(now + 50ms, 'a'), sleep(now + 100ms, 'b'));
  };
  loop.Run(body());
  CHECK(order == "abc");
}

TEST_CASE("event loop: what is not copied comes out of Run") {
  EventLoop loop;
  int number = 0;
  const auto pointer = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
  const auto reference = [](int& n) -> Task<int&> { co_return n; };
  CHECK(*loop.Run(pointer()) == 5);
  CHECK(&loop.Run(reference(number)) == &number);
}

TEST_CASE("event loop: exceptions come out of Run, and the loop goes on") {
  EventLoop loop;
  CHECK_THROWS_WITH(loop.Run(Throws("main")), "main");
  CHECK(loop.Run(Add(1, 1)) == 2);

  bool gone = false;
  std::coroutine_handle<> waiter;
  const auto waits = [&]() -> Task<> {
    Later later(waiter, &gone);
    co_await Gate().Wait();
  };
  loop.Spawn(Throws("spawned"));
  CHECK_THROWS_WITH(loop.Run(waits()), "spawned");
  CHECK(gone);
  CHECK(loop.Run(Add(2, 2)) == 4);
}

TEST_CASE("event loop: what waits for an object that goes is an error, once") {
  EventLoop loop;
  const auto wait = [](Gate& gate) -> Task<> { co_await gate.Wait(); };
  auto gate = std::make_optional<Gate>();
  loop.Spawn(wait(*gate));
  loop.Poll();
  gate.reset();
  CHECK_THROWS_AS(loop.Poll(), UsageError);
  CHECK(loop.Run(Add(2, 2)) == 4);
}

TEST_CASE("event loop: the primitives do in real time what they do in a run") {
  EventLoop loop;
  std::vector<int> received;
  const auto body = [&]() -> Task<> {
    Mutex mutex;
    const MutexGuard guard = co_await mutex.Lock();
    const auto locked = co_await WithTimeout(mutex.Lock(), 2ms);
    CHECK_FALSE(locked.has_value());

    Channel<int> channel(1);
    TaskGroup group;
    const auto send = [&]() -> Task<> {
      for (int i = 0; i < 300; ++i) co_await channel.Send(i);
      channel.Close();
    };
    group.Spawn(send());
    for (;;) {
      const std::optional<int> next = co_await channel.Receive();
      if (!next) break;
      received.push_back(*next);
    }
    co_await group.Join();
  };
  loop.Run(body());
  REQUIRE(received.size() == 300);
  CHECK(received.front() == 0);
  CHECK(received.back() == 299);
}

TEST_CASE("event loop: what is ready may be cancelled, however long the loop has run") {
  EventLoop loop;
  int others = 0;
  const auto body = [&]() -> Task<> {
    const auto yields = [&]() -> Task<> {
      for (;;) {
        ++others;
        co_await Yield();
      }
    };
    for (int i = 0; i < 1000; ++i) {
      TaskGroup group;
      group.Spawn(yields());
      co_await Yield();
      group.Cancel();
    }
  };
  loop.Run(body());
  const int counted = others;
  loop.Poll();
  CHECK(others == counted);
  CHECK(counted == 1000);
}

TEST_CASE("event loop: tasks that are left go with it") {
  bool gone = false;
  std::coroutine_handle<> waiter;
  const auto waits = [&]() -> Task<> {
    Later later(waiter, &gone);
    co_await SleepFor(24h);
  };
  {
    EventLoop loop;
    loop.Spawn(waits());
    loop.Run(Add(1, 1));
    CHECK_FALSE(gone);
  }
  CHECK(gone);
}

// --- misuse ------------------------------------------------------------------------------------

TEST_CASE("event loop: one for a thread, and no Run in a step") {
  EventLoop loop;
  CHECK_THROWS_AS(EventLoop(), UsageError);
  const auto body = [&]() -> Task<> {
    co_await Yield();
    CHECK_THROWS_AS(loop.Run(Add(1, 2)), UsageError);
  };
  loop.Run(body());
  CHECK_THROWS_AS(loop.Run(Task<int>()), UsageError);
  CHECK_THROWS_AS(loop.Spawn(Task<>()), UsageError);
}

TEST_CASE("event loop: a primitive on a thread that has none is an error") {
  EventLoop loop;
  std::string message;
  const auto body = [&]() -> Task<> {
    co_await NewThread();
    try {
      co_await Yield();
    } catch (const UsageError& error) {
      message = error.what();
    }
    co_await loop.Enter();
  };
  loop.Run(body());
  CHECK_THAT(message, ContainsText("ResumeOn"));
}

// --- other threads -----------------------------------------------------------------------------

TEST_CASE("event loop: what is posted is done on its thread, in order") {
  EventLoop loop;
  const std::thread::id here = std::this_thread::get_id();
  std::vector<int> done;
  Gate all;
  std::thread other([&] {
    for (int i = 0; i < 100; ++i) {
      loop.Post([&, i] {
        CHECK(std::this_thread::get_id() == here);
        done.push_back(i);
        if (i == 99) all.Open();
      });
    }
  });
  const auto body = [&]() -> Task<> { co_await all.Wait(); };
  loop.Run(body());
  other.join();
  REQUIRE(done.size() == 100);
  CHECK(std::is_sorted(done.begin(), done.end()));
}

TEST_CASE("event loop: a call that throws comes out of Run") {
  EventLoop loop;
  loop.Post([] { throw std::runtime_error("posted"); });
  CHECK_THROWS_WITH(loop.Run(Add(1, 2)), "posted");
  CHECK(loop.Run(Add(1, 2)) == 3);
}

TEST_CASE("event loop: a task comes back from another thread") {
  EventLoop loop;
  const std::thread::id here = std::this_thread::get_id();
  static TaskLocal<int> number(0);
  const auto body = [&]() -> Task<> {
    const auto binding = number.Bind(5);
    CHECK(co_await ResumeOn(loop, ChangesItsMind()) == 3);
    co_await ResumeOn(loop, NewThread());
    CHECK(std::this_thread::get_id() == here);
    CHECK(number.Get() == 5);
    bool failed = false;
    try {
      co_await ResumeOn(loop, FailsElsewhere());
    } catch (const std::runtime_error&) {
      failed = std::this_thread::get_id() == here;
    }
    CHECK(failed);
    co_await Yield();  // it can wait again
  };
  loop.Run(body());
  const auto away = [&]() -> Task<> {
    co_await NewThread();
    CHECK(std::this_thread::get_id() != here);
    co_await loop.Enter();
    CHECK(std::this_thread::get_id() == here);
    co_await loop.Enter();  // where it is already
  };
  loop.Run(away());
}

TEST_CASE("event loop: who is destroyed while it waits outside is resumed no more") {
  EventLoop loop;
  std::coroutine_handle<> waiter;
  bool gone = false;
  bool went_on = false;
  const auto outside = [&]() -> Task<> {
    co_await ResumeOn(loop, Later(waiter, &gone));
    went_on = true;
  };
  const auto body = [&]() -> Task<> {
    TaskGroup group;
    group.Spawn(outside());
    co_await SleepFor(1ms);
    REQUIRE(waiter);
    SECTION("before it is resumed") { group.Cancel(); }
    SECTION("after") {
      waiter.resume();  // posted, and not made yet
      group.Cancel();
    }
    SECTION("when its time is over") {
      const auto value = co_await WithTimeout(ResumeOn(loop, Later(waiter)), 1ms);
      CHECK_FALSE(value.has_value());
      group.Cancel();
    }
    CHECK(gone);
    co_await SleepFor(1ms);
  };
  loop.Run(body());
  CHECK_FALSE(went_on);
}

TEST_CASE("event loop: a loop for each thread") {
  std::vector<int> sums(4);
  std::vector<std::thread> threads;
  for (int& sum : sums) {
    threads.emplace_back([&sum] {
      EventLoop loop;
      const auto body = []() -> Task<int> {
        int all = 0;
        for (int i = 0; i < 5; ++i) {
          const auto [a, b] = co_await All(Add(i, 1), Add(i, 2));
          all += a + b;
        }
        co_return all;
      };
      sum = loop.Run(body());
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(sums == std::vector<int>(4, 35));
}

TEST_CASE("event loop: many threads resume many tasks") {
  EventLoop loop;
  int done = 0;
  const auto one = [&]() -> Task<> {
    for (int i = 0; i < 5; ++i) co_await ResumeOn(loop, NewThread());
    ++done;  // on one thread only
  };
  const auto body = [&]() -> Task<> {
    TaskGroup group;
    for (int i = 0; i < 20; ++i) group.Spawn(one());
    co_await group.Join();
  };
  loop.Run(body());
  CHECK(done == 20);
}

// --- in a loop of somebody else's --------------------------------------------------------------

TEST_CASE("event loop: a host is woken, and told when to come back") {
  int woken = 0;
  EventLoop loop([&] { ++woken; });
  CHECK(loop.Poll() == std::nullopt);
  CHECK(woken == 0);

  // A task that it did not know of.
  Gate gate;
  const auto body = [&]() -> Task<> {
    co_await gate.Wait();
    co_await Yield();
    co_await SleepFor(50ms);
  };
  loop.Spawn(body());
  CHECK(woken == 1);
  CHECK(loop.Poll() == std::nullopt);

  // The host's own callbacks use the primitives.
  gate.Open();
  CHECK(woken == 2);
  gate.Close();
  CHECK(woken == 2);
  const auto at_once = loop.Poll();
  REQUIRE(at_once);
  CHECK(*at_once <= Clock::now());
  const auto later = loop.Poll();
  REQUIRE(later);
  CHECK(*later > *at_once);
  std::this_thread::sleep_until(*later);
  CHECK(loop.Poll() == std::nullopt);

  loop.Post([] {});
  loop.Post([] {});  // it knows already
  CHECK(woken == 3);
  CHECK(loop.Poll() == std::nullopt);
}

TEST_CASE("event loop: a task may go on in the host's own callback") {
  int woken = 0;
  EventLoop loop([&] { ++woken; });
  std::coroutine_handle<> waiter;
  int value = 0;
  const auto body = [&](bool fails) -> Task<> {
    value = co_await Later(waiter);
    if (fails) throw std::runtime_error("in a callback");
    co_await SleepFor(24h);
  };
  loop.Spawn(body(false));
  CHECK(loop.Poll() == std::nullopt);
  woken = 0;
  std::exchange(waiter, nullptr).resume();
  CHECK(value == 7);
  CHECK(woken == 1);  // it has a timer that nobody knows of yet
  CHECK(loop.Poll().has_value());

  loop.Spawn(body(true));
  loop.Poll();
  woken = 0;
  std::exchange(waiter, nullptr).resume();
  CHECK(woken == 1);
  CHECK_THROWS_WITH(loop.Poll(), "in a callback");
}

TEST_CASE("event loop: after an exception the host is woken for those who are left") {
  int woken = 0;
  EventLoop loop([&] { ++woken; });
  int done = 0;
  loop.Post([] { throw std::runtime_error("posted"); });
  loop.Post([&] { ++done; });
  woken = 0;
  CHECK_THROWS_WITH(loop.Poll(), "posted");
  CHECK(woken == 1);
  loop.Poll();
  CHECK(done == 1);

  const auto count = [&]() -> Task<> {
    co_await Yield();
    ++done;
  };
  loop.Spawn(Throws("spawned"));
  loop.Spawn(count());
  loop.Poll();
  woken = 0;
  CHECK_THROWS_WITH(loop.Poll(), "spawned");
  CHECK(woken == 1);
  loop.Poll();
  CHECK(done == 2);
}

TEST_CASE("event loop: a task that only yields does not keep the host") {
  EventLoop loop([] {});
  int steps = 0;
  const auto yields = [&]() -> Task<> {
    for (;;) {
      ++steps;
      co_await Yield();
    }
  };
  loop.Spawn(yields());
  loop.Spawn(yields());
  loop.Poll();
  CHECK(steps == 2);
  loop.Poll();
  CHECK(steps == 4);
}

#if HEDDLE_LIVE

// "Mutex ledger" for each wait that began.
std::vector<std::string> WaitedFor(const Trace& trace) {
  std::vector<std::string> objects;
  for (const Event& event : trace.events) {
    if (event.kind != EventKind::kSuspend || event.op() == Operation::kCall) continue;
    const auto& object = trace.objects.at(event.object);
    objects.push_back(object.type + (object.name.empty() ? "" : " " + object.name));
  }
  return objects;
}

TEST_CASE("event loop: a recording names what its tasks wait for, though it is gone") {
  LiveRecorder live;
  EventLoop loop;
  const auto take = [](Mutex& mutex) -> Task<> { const MutexGuard guard = co_await mutex.Lock(); };
  const auto body = [&]() -> Task<> {
    Mutex mutex("ledger");
    auto guard = std::make_optional(co_await mutex.Lock());  // does not wait
    TaskGroup group;
    group.Spawn(take(mutex));
    co_await ResumeOn(loop, NewThread());
    guard.reset();
    co_await group.Join();
    Gate gate;
    co_await WithTimeout(gate.Wait(), 1ms);
  };
  loop.Run(body());
  const Trace trace = live.ToTrace();
  INFO(CanonicalText(trace));
  const std::vector<std::string> expected = {
      "heddle::NewThread", "Mutex ledger", "TaskGroup", "Any", "Gate", ""};
  CHECK(WaitedFor(trace) == expected);
}

TEST_CASE("live types: a type and a name are known again, and names are kept to a number") {
  const internal::LiveType* ledger = internal::LiveObjectType("Mutex", "ledger");
  CHECK(ledger->object_type() == "Mutex");
  CHECK(ledger->object_name() == "ledger");
  CHECK(internal::LiveObjectType("Mutex", "ledger") == ledger);
  CHECK(internal::LiveObjectType("Mutex", "")->object_name().empty());
  for (int i = 0; i < 5000; ++i)
    internal::LiveObjectType("Mutex", "of request " + std::to_string(i));
  CHECK(internal::LiveObjectType("Mutex", "one more") == internal::LiveObjectType("Mutex", ""));
  CHECK(internal::LiveObjectType("Mutex", "ledger")->object_name() == "ledger");
}

#endif

}  // namespace
}  // namespace heddle
