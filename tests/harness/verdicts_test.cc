// SPDX-License-Identifier: MIT
//
// Verdicts: each way in which async code goes wrong, by name, and beside it the same program with
// the bug mended, about which nothing is said. The texts are in tests/golden/verdict_*.txt.
#include <array>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/channel.h"
#include "heddle/chooser.h"
#include "heddle/combinators.h"
#include "heddle/condition.h"
#include "heddle/diagnosis.h"
#include "heddle/gate.h"
#include "heddle/latch.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/semaphore.h"
#include "heddle/shared.h"
#include "heddle/shared_mutex.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "heddle/world.h"
#include "support/catch.h"
#include "support/golden.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

// What Diagnose says, with `N` for the numbers of lines, so that a test may move in its file.
std::string Story(const RunResult& run) {
  std::string text;
  for (const Diagnosis& diagnosis : Diagnose(run.trace)) {
    text += "[" + std::string(Name(diagnosis.verdict)) + "] " + diagnosis.text + "\n";
  }
  const std::string file = "verdicts_test.cc:";
  for (auto at = text.find(file); at != std::string::npos; at = text.find(file, at + 1)) {
    const auto digits = at + file.size();
    text.replace(digits, text.find_first_not_of("0123456789", digits) - digits, "N");
  }
  return text;
}

// All verdicts on a run, in order.
std::vector<Verdict> VerdictsOn(const RunResult& run) {
  std::vector<Verdict> verdicts;
  for (const Diagnosis& diagnosis : Diagnose(run.trace)) verdicts.push_back(diagnosis.verdict);
  return verdicts;
}

using Verdicts = std::vector<Verdict>;

void CheckSilent(const RunResult& run) {
  CHECK(run.ending == Ending::kFinished);
  CHECK(Story(run).empty());
}

// --- deadlock ---------------------------------------------------------------------------------

Task<> Transfer(Mutex& from, Mutex& to) {
  const MutexGuard one = co_await from.Lock();
  co_await SleepFor(milliseconds(5));
  const MutexGuard two = co_await to.Lock();
}

TEST_CASE("locks taken in different orders are a deadlock, drawn as a circle") {
  Mutex alice("alice");
  Mutex bob("bob");
  const RunResult run =
      Run([&]() -> Task<> { co_await All(Transfer(alice, bob), Transfer(bob, alice)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kDeadlock});
  CHECK(Diagnose(run.trace).at(0).tasks == std::vector<TaskId>{1, 2});
  CheckGolden("verdict_deadlock", Story(run));
}

TEST_CASE("locks taken in one order are none") {
  Mutex alice("alice");
  Mutex bob("bob");
  CheckSilent(Run([&]() -> Task<> { co_await All(Transfer(alice, bob), Transfer(alice, bob)); }));
}

TEST_CASE("a circle of three is drawn in the order of the waiting") {
  Mutex a("a");
  Mutex b("b");
  Mutex c("c");
  const RunResult run =
      Run([&]() -> Task<> { co_await All(Transfer(a, b), Transfer(b, c), Transfer(c, a)); });
  REQUIRE(VerdictsOn(run) == Verdicts{Verdict::kDeadlock});
  CHECK(Diagnose(run.trace).at(0).tasks == std::vector<TaskId>{1, 2, 3});
}

Task<> Upgrade(SharedMutex& mutex) {
  const SharedMutexGuard reader = co_await mutex.LockShared();
  co_await Yield();
  const SharedMutexGuard writer = co_await mutex.Lock();
}

TEST_CASE("two readers that both want to write are a deadlock") {
  SharedMutex table("table");
  const RunResult run = Run([&]() -> Task<> { co_await All(Upgrade(table), Upgrade(table)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kDeadlock});
  CheckGolden("verdict_shared_mutex", Story(run));
}

TEST_CASE("readers that let go before they write are none") {
  SharedMutex table("table");
  const auto look_then_write = [](SharedMutex& mutex) -> Task<> {
    SharedMutexGuard reader = co_await mutex.LockShared();
    co_await Yield();
    reader.Unlock();
    const SharedMutexGuard writer = co_await mutex.Lock();
  };
  CheckSilent(
      Run([&]() -> Task<> { co_await All(look_then_write(table), look_then_write(table)); }));
}

Task<> TakeTwo(Semaphore& permits) {
  const Permit one = co_await permits.Acquire();
  co_await Yield();
  const Permit two = co_await permits.Acquire();
}

TEST_CASE("two tasks that each have half of the permits are a deadlock") {
  Semaphore permits(2, "connections");
  const RunResult run = Run([&]() -> Task<> { co_await All(TakeTwo(permits), TakeTwo(permits)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kDeadlock});
  CheckGolden("verdict_semaphore", Story(run));
}

TEST_CASE("with one permit more there is none") {
  Semaphore permits(3, "connections");
  CheckSilent(Run([&]() -> Task<> { co_await All(TakeTwo(permits), TakeTwo(permits)); }));
}

Task<> Serve(Channel<int>& jobs) {
  for (;;) {
    const std::optional<int> job = co_await jobs.Receive();
    if (!job) break;
  }
}

Task<> SendTwo(Channel<int>& jobs, bool close) {
  TaskGroup workers("workers");
  workers.Spawn(Serve(jobs));
  co_await jobs.Send(1);
  co_await jobs.Send(2);
  if (close) jobs.Close();
  co_await workers.Join();
}

TEST_CASE("a worker that waits for a message of who joins it waits for a close") {
  Channel<int> jobs(4, "jobs");
  const RunResult run = Run([&] { return SendTwo(jobs, false); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kDeadlock});
  CheckGolden("verdict_unclosed_channel", Story(run));
}

TEST_CASE("a worker whose channel is closed ends") {
  Channel<int> jobs(4, "jobs");
  CheckSilent(Run([&] { return SendTwo(jobs, true); }));
}

// Bursts of one message, and then of two.
Task<> Relay(Channel<int>& in, Channel<int>& out) {
  for (int burst = 1; burst <= 2; ++burst) {
    for (int i = 0; i < burst; ++i) co_await out.Send(i);
    for (int i = 0; i < burst; ++i) co_await in.Receive();
  }
}

TEST_CASE("two full channels between two tasks are a deadlock") {
  Channel<int> there(1, "there");
  Channel<int> back(1, "back");
  const RunResult run =
      Run([&]() -> Task<> { co_await All(Relay(there, back), Relay(back, there)); });
  CHECK(run.ending == Ending::kStuck);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kDeadlock});
  CheckGolden("verdict_full_channels", Story(run));
}

TEST_CASE("channels with room for the burst are none") {
  Channel<int> there(2, "there");
  Channel<int> back(2, "back");
  CheckSilent(Run([&]() -> Task<> { co_await All(Relay(there, back), Relay(back, there)); }));
}

// Who has which of three locks, and who wants which: kept by hand, beside the trace.
struct Ledger {
  std::array<Mutex, 3> locks{Mutex("a"), Mutex("b"), Mutex("c")};
  std::array<std::size_t, 3> owner{};   // a TaskId; 0: nobody, for that is the body
  std::array<std::size_t, 5> wanted{};  // by TaskId
};

Task<> TakeInTurn(Ledger& ledger, std::size_t self, std::size_t first, std::size_t second) {
  ledger.wanted[self] = first;
  const MutexGuard one = co_await ledger.locks[first].Lock();
  ledger.owner[first] = self;
  ledger.wanted[self] = second;
  const MutexGuard two = co_await ledger.locks[second].Lock();
  ledger.owner[second] = self;
  co_await Yield();
  ledger.owner[first] = ledger.owner[second] = 0;
}

TEST_CASE("every run that is stuck has a true circle, and no other has one") {
  std::size_t stuck = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomChooser chooser(seed);
    Ledger ledger;
    const RunResult run = Run(
        [&](World& world) -> Task<> {
          TaskGroup group;
          for (std::size_t self = 1; self <= 4; ++self) {
            const std::size_t first = world.Draw(3);
            group.Spawn(TakeInTurn(ledger, self, first, (first + 1 + world.Draw(2)) % 3));
          }
          co_await group.Join();
        },
        {.chooser = &chooser});
    if (run.ending == Ending::kFinished) {
      CHECK(Story(run).empty());
      continue;
    }
    ++stuck;
    const std::vector<Diagnosis> found = Diagnose(run.trace);
    REQUIRE(found.size() == 1);
    CHECK(found[0].verdict == Verdict::kDeadlock);
    const std::vector<TaskId>& circle = found[0].tasks;
    for (std::size_t i = 0; i < circle.size(); ++i) {
      CHECK(ledger.owner[ledger.wanted[circle[i]]] == circle[(i + 1) % circle.size()]);
    }
  }
  CHECK(stuck > 30);
  CHECK(stuck < 270);
}

// --- a lock and its owner ---------------------------------------------------------------------

Task<> Deposit(Mutex& ledger) { const MutexGuard guard = co_await ledger.Lock(); }

Task<> DepositTwice(Mutex& ledger, bool unlock) {
  MutexGuard guard = co_await ledger.Lock();
  if (unlock) guard.Unlock();
  co_await Deposit(ledger);
}

TEST_CASE("a call that takes the lock of its caller is a self-deadlock") {
  Mutex ledger("ledger");
  const RunResult run = Run([&] { return DepositTwice(ledger, false); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kSelfDeadlock});
  CheckGolden("verdict_self_deadlock_call", Story(run));
}

TEST_CASE("a call that takes a lock which its caller has unlocked is none") {
  Mutex ledger("ledger");
  CheckSilent(Run([&] { return DepositTwice(ledger, true); }));
}

TEST_CASE("a task that locks twice is a self-deadlock") {
  Mutex ledger("ledger");
  const RunResult run = Run([&]() -> Task<> {
    const MutexGuard once = co_await ledger.Lock();
    const MutexGuard twice = co_await ledger.Lock();
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kSelfDeadlock});
  CheckGolden("verdict_self_deadlock", Story(run));
}

Task<> DepositAll(Mutex& ledger, bool unlock) {
  MutexGuard guard = co_await ledger.Lock();
  if (unlock) guard.Unlock();
  co_await All(Deposit(ledger), Deposit(ledger));
}

TEST_CASE("a lock that is held while others that need it are joined is named") {
  Mutex ledger("ledger");
  const RunResult run = Run([&] { return DepositAll(ledger, false); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kHeldAcrossAwait});
  CheckGolden("verdict_held_across_await", Story(run));
}

TEST_CASE("a lock that is let go of before the join is not") {
  Mutex ledger("ledger");
  CheckSilent(Run([&] { return DepositAll(ledger, true); }));
}

// --- lost wake-up -----------------------------------------------------------------------------

struct Box {
  Mutex mutex{"box"};
  Condition filled{"filled"};
  bool full = false;
};

Task<> Fill(Box& box) {
  const MutexGuard guard = co_await box.mutex.Lock();
  box.full = true;
  box.filled.NotifyOne();
}

Task<> TakeBlindly(Box& box) {
  co_await Yield();
  MutexGuard guard = co_await box.mutex.Lock();
  co_await box.filled.Wait(guard);
}

Task<> TakeWhenFull(Box& box) {
  co_await Yield();
  MutexGuard guard = co_await box.mutex.Lock();
  co_await box.filled.Wait(guard, [&] { return box.full; });
}

TEST_CASE("a notification before the wait is a lost wake-up") {
  Box box;
  const RunResult run = Run([&]() -> Task<> { co_await All(Fill(box), TakeBlindly(box)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLostWakeUp});
  CheckGolden("verdict_lost_wake_up", Story(run));
}

TEST_CASE("who joins the task that it notified too early is not a deadlock") {
  Box box;
  const RunResult run = Run([&]() -> Task<> {
    co_await Fill(box);
    co_await All(TakeBlindly(box));
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLostWakeUp});
}

TEST_CASE("a wait with a predicate loses nothing") {
  Box box;
  CheckSilent(Run([&]() -> Task<> { co_await All(Fill(box), TakeWhenFull(box)); }));
}

TEST_CASE("a wait whose predicate stays false is not called a lost wake-up") {
  Box box;
  const RunResult run = Run([&]() -> Task<> {
    co_await Fill(box);
    box.full = false;
    co_await TakeWhenFull(box);
  });
  REQUIRE(run.ending == Ending::kStuck);
  CHECK(VerdictsOn(run) != Verdicts{Verdict::kLostWakeUp});
}

Task<> Pulse(Gate& gate, bool close) {
  gate.Open();
  if (close) gate.Close();
  co_return;
}

Task<> Pass(Gate& gate) {
  co_await Yield();
  co_await gate.Wait();
}

TEST_CASE("a gate that was closed again before the wait is a lost wake-up") {
  Gate ready("ready");
  const RunResult run = Run([&]() -> Task<> { co_await All(Pulse(ready, true), Pass(ready)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLostWakeUp});
  CheckGolden("verdict_lost_pulse", Story(run));
}

TEST_CASE("a gate that stays open loses nobody") {
  Gate ready("ready");
  CheckSilent(Run([&]() -> Task<> { co_await All(Pulse(ready, false), Pass(ready)); }));
}

// --- nobody is left ---------------------------------------------------------------------------

TEST_CASE("a gate that nobody can open says so, once for all who wait") {
  Gate ready("ready");
  const RunResult run = Run([&]() -> Task<> { co_await All(Pass(ready), Pass(ready)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_no_waker", Story(run));
}

TEST_CASE("a gate that is opened late, after everybody else has ended, is none") {
  Gate ready("ready");
  const auto open_late = [](Gate& gate) -> Task<> {
    co_await SleepFor(std::chrono::hours(1));
    gate.Open();
  };
  CheckSilent(Run([&]() -> Task<> { co_await All(Pass(ready), Pass(ready), open_late(ready)); }));
}

Task<> Arrive(Latch& latch) {
  co_await Yield();
  latch.CountDown();
}

Task<> AwaitTwo(Latch& arrived) {
  co_await All(Arrive(arrived), Arrive(arrived));
  co_await arrived.Wait();
}

TEST_CASE("a latch that was counted down too seldom says who did so last") {
  Latch arrived(3, "arrived");
  const RunResult run = Run([&] { return AwaitTwo(arrived); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_latch", Story(run));
}

TEST_CASE("a latch that was counted down before the wait is none") {
  Latch arrived(2, "arrived");
  CheckSilent(Run([&] { return AwaitTwo(arrived); }));
}

TEST_CASE("a channel whose sender has ended says who sent last") {
  Channel<int> jobs(4, "jobs");
  const auto send = [](Channel<int>& channel) -> Task<> { co_await channel.Send(1); };
  const RunResult run = Run([&]() -> Task<> { co_await All(send(jobs), Serve(jobs)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_no_sender", Story(run));
}

TEST_CASE("a channel whose sender has closed it and ended is none") {
  Channel<int> jobs(4, "jobs");
  const auto send = [](Channel<int>& channel) -> Task<> {
    co_await channel.Send(1);
    channel.Close();
  };
  CheckSilent(Run([&]() -> Task<> { co_await All(send(jobs), Serve(jobs)); }));
}

TEST_CASE("an awaitable of another library that nobody resumes is named") {
  const RunResult run = Run([]() -> Task<> { co_await std::suspend_always{}; });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_foreign", Story(run));
}

// An awaitable of another library: keeps who waits.
class Doorbell {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> task) { waiter_ = task; }
  void await_resume() const {}
  void Ring() { waiter_.resume(); }

 private:
  std::coroutine_handle<> waiter_;
};

TEST_CASE("an awaitable of another library that somebody resumes is none") {
  Doorbell bell;
  const auto answer = [](Doorbell& at) -> Task<> { co_await at; };
  const auto ring = [](Doorbell& at) -> Task<> {
    co_await SleepFor(milliseconds(1));
    at.Ring();
  };
  CheckSilent(Run([&]() -> Task<> { co_await All(answer(bell), ring(bell)); }));
}

TEST_CASE("who only waits for a task that is stuck has no verdict of its own") {
  Gate ready("ready");
  const RunResult run = Run([&]() -> Task<> { co_await All(Pass(ready), Pulse(ready, true)); });
  for (const Diagnosis& diagnosis : Diagnose(run.trace)) {
    CHECK(diagnosis.tasks != std::vector<TaskId>{0});
  }
}

// --- steps without end ------------------------------------------------------------------------

Task<> Poll(Shared<bool>& ready) {
  for (;;) {
    const bool is_ready = co_await ready.Read();
    if (is_ready) break;
    co_await Yield();
  }
}

Task<> SetReady(Shared<bool>& ready) { co_await ready.Write(true); }

constexpr RunOptions kFewSteps = {.steps_max = 3'000};

TEST_CASE("a task that asks again and again for what nobody brings is a livelock") {
  Shared<bool> ready(false, "ready");
  const RunResult run = Run([&] { return Poll(ready); }, kFewSteps);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLivelock});
  CheckGolden("verdict_busy_wait", Story(run));
}

TEST_CASE("of a task that only sleeps it is said that nothing ends it") {
  const RunResult run = Run(
      [](World& world) {
        world.Spawn([]() -> Task<> {
          for (;;) co_await SleepFor(std::chrono::seconds(1));
        }());
      },
      kFewSteps);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLivelock});
  CHECK(Story(run).find("comes again after every pause, and that nothing ends") !=
        std::string::npos);
}

TEST_CASE("a task that asks until somebody brings it is none") {
  Shared<bool> ready(false, "ready");
  CheckSilent(Run([&]() -> Task<> { co_await All(Poll(ready), SetReady(ready)); }, kFewSteps));
}

// Takes both locks or none.
Task<> TakeBoth(Mutex& first, Mutex& second) {
  for (;;) {
    const MutexGuard one = co_await first.Lock();
    co_await Yield();
    const MutexGuard two = second.TryLock();
    if (two) break;
    co_await Yield();
  }
}

TEST_CASE("tasks that give way to each other for ever are a livelock") {
  Mutex left("left");
  Mutex right("right");
  const RunResult run = Run(
      [&]() -> Task<> { co_await All(TakeBoth(left, right), TakeBoth(right, left)); }, kFewSteps);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLivelock});
  CheckGolden("verdict_livelock", Story(run));
}

TEST_CASE("tasks that try the same lock first are none") {
  Mutex left("left");
  Mutex right("right");
  CheckSilent(Run([&]() -> Task<> { co_await All(TakeBoth(left, right), TakeBoth(left, right)); },
                  kFewSteps));
}

TEST_CASE("a task that is never let on by an unfair schedule is starved") {
  Shared<bool> ready(false, "ready");
  YoungestChooser unfair;
  RunOptions options = kFewSteps;
  options.chooser = &unfair;
  const auto busy = [](Shared<bool>& flag) -> Task<> {
    for (;;) {
      const bool is_ready = co_await flag.Read();
      if (is_ready) break;
    }
  };
  const RunResult run =
      Run([&]() -> Task<> { co_await All(SetReady(ready), busy(ready)); }, options);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLivelock, Verdict::kStarvation});
  CheckGolden("verdict_starvation", Story(run));
  // The same under a fair schedule.
  CheckSilent(Run([&]() -> Task<> { co_await All(SetReady(ready), busy(ready)); }, kFewSteps));
}

Task<> SendTicks(Channel<int>& channel, int ticks) {
  for (int i = 0; i < ticks; ++i) {
    co_await channel.Send(i);
    co_await SleepFor(milliseconds(1));
  }
  channel.Close();
}

TEST_CASE("a loop in which things change is without end, and no livelock") {
  Channel<int> ticks(1, "ticks");
  const RunResult run =
      Run([&]() -> Task<> { co_await All(SendTicks(ticks, 1'000'000), Serve(ticks)); }, kFewSteps);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kEndless});
  CheckGolden("verdict_endless", Story(run));
}

TEST_CASE("a loop that ends shortly before the limit is none") {
  Channel<int> ticks(1, "ticks");
  const RunResult run =
      Run([&]() -> Task<> { co_await All(SendTicks(ticks, 900), Serve(ticks)); }, kFewSteps);
  CheckSilent(run);
  CHECK(run.steps > kFewSteps.steps_max * 9 / 10);
}

Task<> PassAtOnce(Gate& gate) { co_await gate.Wait(); }

TEST_CASE("tasks without end are named with who creates them") {
  Gate gate("never");
  const RunResult run = Run(
      [&](World& world) -> Task<> {
        for (;;) {
          world.Spawn(PassAtOnce(gate));
          co_await Yield();
        }
      },
      {.tasks_max = 100});
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kEndless});
  CheckGolden("verdict_tasks_without_end", Story(run));
}

TEST_CASE("as many tasks as are allowed are none") {
  Gate gate("opened at last");
  CheckSilent(Run(
      [&](World& world) -> Task<> {
        for (int i = 0; i < 99; ++i) world.Spawn(PassAtOnce(gate));
        co_await Yield();
        gate.Open();
      },
      {.tasks_max = 100}));
}

// --- never awaited ----------------------------------------------------------------------------

Task<> OpenIt(Gate& gate) {
  gate.Open();
  co_return;
}

TEST_CASE("a task that is dropped without a co_await is named with its creator") {
  Gate ready("ready");
  const RunResult run = Run([&]() -> Task<> {
    co_await Yield();
    const Task<> dropped = OpenIt(ready);
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNeverAwaited});
  CheckGolden("verdict_never_awaited", Story(run));
}

TEST_CASE("a task that is dropped tells why others are stuck") {
  Gate ready("ready");
  const RunResult run = Run([&]() -> Task<> {
    {
      const Task<> dropped = OpenIt(ready);
    }
    co_await ready.Wait();
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker, Verdict::kNeverAwaited});
}

TEST_CASE("a task that is awaited is not") {
  Gate ready("ready");
  CheckSilent(Run([&]() -> Task<> { co_await OpenIt(ready); }));
}

TEST_CASE("a task that was dropped because of an exception is not") {
  Gate ready("ready");
  const RunResult run = Run([&]() -> Task<> {
    const Task<> dropped = OpenIt(ready);
    co_await Yield();
    throw std::runtime_error("no stock");
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(Story(run).empty());
}

// --- exception nobody looked at -----------------------------------------------------------------

Task<> Refuse(std::string why) {
  co_await SleepFor(milliseconds(1));
  throw std::runtime_error(why);
}

enum class Look { kNever, kJoin, kErrors };

Task<> SpawnAndLeave(Look look) {
  TaskGroup workers("workers");
  workers.Spawn(Refuse("the disk is full"));
  workers.Spawn(Refuse("the disk is still full"));
  co_await SleepFor(milliseconds(2));
  if (look == Look::kErrors) CHECK(workers.errors().size() == 2);
  if (look != Look::kJoin) co_return;
  try {
    co_await workers.Join();
  } catch (const std::runtime_error& error) {
    CHECK(std::string(error.what()) == "the disk is full");
  }
}

TEST_CASE("a task's exception ends the run where its group goes before anybody looked") {
  const RunResult run = Run([] { return SpawnAndLeave(Look::kNever); });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message == "the disk is full");
  CHECK(run.trace.header.failed_task == 1);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kUnseenException});
  CheckGolden("verdict_unseen_exception", Story(run));
}

TEST_CASE("an exception that Join has thrown, or errors() has shown, was looked at") {
  CheckSilent(Run([] { return SpawnAndLeave(Look::kJoin); }));
  CheckSilent(Run([] { return SpawnAndLeave(Look::kErrors); }));
}

TEST_CASE("an exception that goes through Join to the run is no verdict") {
  const RunResult run = Run([]() -> Task<> {
    TaskGroup workers("workers");
    workers.Spawn(Refuse("the disk is full"));
    co_await workers.Join();
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(Story(run).empty());
}

TEST_CASE("an exception that is on its way takes those of the group with it") {
  const RunResult run = Run([]() -> Task<> {
    TaskGroup workers("workers");
    workers.Spawn(Refuse("the disk is full"));
    co_await SleepFor(milliseconds(2));
    throw std::runtime_error("the shop is closed");
  });
  CHECK(run.message == "the shop is closed");
  CHECK(Story(run).empty());
}

// --- what throws a UsageError --------------------------------------------------------------------

Task<> Pause() { co_await SleepFor(milliseconds(1)); }

// Awaits one task twice, or, with `again`, another one in its place.
Task<> AwaitTwice(bool again) {
  Task<> pause = Pause();
  co_await std::move(pause);
  if (again) pause = Pause();
  co_await std::move(pause);  // NOLINT(bugprone-use-after-move): that is the bug
}

TEST_CASE("a task that is awaited twice is a UsageError") {
  const RunResult run = Run([] { return AwaitTwice(false); });
  CHECK(run.ending == Ending::kThrew);
  CheckGolden("verdict_awaited_twice", Describe(run) + "\n");
}

TEST_CASE("a new task in the same variable is none") {
  CheckSilent(Run([] { return AwaitTwice(true); }));
}

// Lets the group go.
Task<> Leave(std::optional<TaskGroup>& scope, Gate& left) {
  co_await left.Wait();
  scope.reset();
}

// The group that goes is that of the task that lets it go, or another one.
Task<> LeaveGroup(bool own) {
  Gate left("left");
  std::optional<TaskGroup> scope(std::in_place, "scope");
  TaskGroup others("others");
  (own ? *scope : others).Spawn(Leave(scope, left));
  left.Open();
  co_await SleepFor(milliseconds(1));
  co_await others.Join();
}

TEST_CASE("a task that is destroyed while it runs is a UsageError") {
  const RunResult run = Run([] { return LeaveGroup(true); });
  CHECK(run.ending == Ending::kThrew);
  CheckGolden("verdict_destroyed_running", Describe(run) + "\n");
}

TEST_CASE("a task that destroys another one's group is none") {
  CheckSilent(Run([] { return LeaveGroup(false); }));
}

// --- the page ---------------------------------------------------------------------------------

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST_CASE("docs/verdicts.md shows each of these texts as it is") {
  const std::filesystem::path source = HEDDLE_SOURCE_DIR;
  const std::string page = ReadFile(source / "docs" / "verdicts.md");
  std::size_t texts = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source / "tests" / "golden")) {
    if (!entry.path().filename().string().starts_with("verdict_")) continue;
    ++texts;
    std::istringstream lines(ReadFile(entry.path()));
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with('[')) line.erase(0, line.find("] ") + 2);
      INFO(entry.path().filename().string());
      CHECK_THAT(page, ContainsText(line + "\n"));
    }
  }
  CHECK(texts > 0);
}

// --- the account --------------------------------------------------------------------------------

TEST_CASE("a diagnosis stands in the account of a run") {
  Mutex ledger("ledger");
  const RunResult run = Run([&] { return DepositTwice(ledger, false); });
  CHECK_THAT(Describe(run), ContainsText("\n\nSelf-deadlock: Deposit#0 waits for Mutex ledger"));
}

TEST_CASE("a trace without events has no diagnosis") {
  Mutex ledger("ledger");
  const RunResult run =
      Run([&] { return DepositTwice(ledger, false); }, {.record = RecordMode::kChoices});
  CHECK(run.ending == Ending::kStuck);
  CHECK(Diagnose(run.trace).empty());
}

}  // namespace
}  // namespace heddle
