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
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/barrier.h"
#include "heddle/broadcast.h"
#include "heddle/cancel.h"
#include "heddle/channel.h"
#include "heddle/chooser.h"
#include "heddle/combinators.h"
#include "heddle/condition.h"
#include "heddle/diagnosis.h"
#include "heddle/gate.h"
#include "heddle/latch.h"
#include "heddle/mark.h"
#include "heddle/mutex.h"
#include "heddle/once.h"
#include "heddle/retry.h"
#include "heddle/run.h"
#include "heddle/select.h"
#include "heddle/semaphore.h"
#include "heddle/shared.h"
#include "heddle/shared_mutex.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "heddle/watch.h"
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
  for (const std::string file : {"verdicts_test.cc:", "once.h:"}) {
    for (auto at = text.find(file); at != std::string::npos; at = text.find(file, at + 1)) {
      const auto digits = at + file.size();
      text.replace(digits, text.find_first_not_of("0123456789", digits) - digits, "N");
    }
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

// A server as people write it: begun by one call, ended by another.
class Server {
 public:
  Task<> Start() {
    workers_.Spawn(Serve(jobs_));
    co_return;
  }
  Task<> Stop(bool close) {
    if (close) jobs_.Close();
    co_await workers_.Join();
  }
  Channel<int>& jobs() { return jobs_; }

 private:
  TaskGroup workers_{"workers"};
  Channel<int> jobs_{1, "jobs"};
};

Task<> UseServer(bool close) {
  Server server;
  co_await server.Start();
  co_await server.jobs().Send(1);
  co_await server.Stop(close);
}

TEST_CASE("a group that is joined elsewhere than it was spawned into knows its tasks") {
  const RunResult run = Run([] { return UseServer(false); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kDeadlock});
  CheckGolden("verdict_group_elsewhere", Story(run));
}

TEST_CASE("a group that is joined elsewhere after its channel was closed is none") {
  CheckSilent(Run([] { return UseServer(true); }));
}

Task<> JoinTwoMadeBefore(Channel<int>& jobs, bool close) {
  std::vector<Task<>> workers;
  workers.push_back(Serve(jobs));
  workers.push_back(Serve(jobs));
  co_await jobs.Send(1);
  if (close) jobs.Close();
  co_await All(std::move(workers));
}

TEST_CASE("tasks that were made long before their All are among those it waits for") {
  Channel<int> jobs(1, "jobs");
  const RunResult run = Run([&] { return JoinTwoMadeBefore(jobs, false); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kDeadlock});
  CHECK_THAT(Story(run), ContainsText("main waits for All#1 (join)"));
}

TEST_CASE("tasks that were made long before their All, and end, are none") {
  Channel<int> jobs(1, "jobs");
  CheckSilent(Run([&] { return JoinTwoMadeBefore(jobs, true); }));
}

// In recordings of earlier versions a start does not say for whom it is.
TEST_CASE("a recording that does not say who reports to a join is read by who created whom") {
  Channel<int> jobs(4, "jobs");
  RunResult run = Run([&] { return SendTwo(jobs, false); });
  const std::string story = Story(run);
  for (Event& event : run.trace.events) {
    if (event.kind == EventKind::kStart) event.value = 0;
  }
  CHECK(Story(run) == story);
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

Task<> SendUnder(Mutex& ledger, Channel<int>& replies) {
  const MutexGuard guard = co_await ledger.Lock();
  co_await replies.Send(1);
}

Task<> AskUnder(Mutex& ledger, bool unlock) {
  Channel<int> replies(1, "replies");
  TaskGroup group("group");
  MutexGuard guard = co_await ledger.Lock();
  group.Spawn(SendUnder(ledger, replies));
  if (unlock) guard.Unlock();
  co_await replies.Receive();
  co_await group.Join();
}

TEST_CASE("a lock that is held while its holder waits for a message of who needs it is named") {
  Mutex ledger("ledger");
  const RunResult run = Run([&] { return AskUnder(ledger, false); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kHeldAcrossAwait});
  CheckGolden("verdict_held_while_receiving", Story(run));
}

TEST_CASE("a lock that is let go of before the message is waited for is not") {
  Mutex ledger("ledger");
  CheckSilent(Run([&] { return AskUnder(ledger, true); }));
}

Task<> OpenUnder(Mutex& ledger, Gate& done) {
  const MutexGuard guard = co_await ledger.Lock();
  done.Open();
}

TEST_CASE("a lock that is held while its holder waits for a gate, a latch or a select is named") {
  Mutex ledger("ledger");
  Gate done("done");
  const RunResult gate = Run([&]() -> Task<> {
    TaskGroup group;
    const MutexGuard guard = co_await ledger.Lock();
    group.Spawn(OpenUnder(ledger, done));
    co_await done.Wait();
  });
  CHECK(VerdictsOn(gate) == Verdicts{Verdict::kHeldAcrossAwait});
  Channel<int> replies(1, "replies");
  const RunResult select = Run([&]() -> Task<> {
    TaskGroup group;
    const MutexGuard guard = co_await ledger.Lock();
    group.Spawn(SendUnder(ledger, replies));
    const std::stop_source nobody;
    co_await Select(ReceiveFrom(replies), WhenStopped(nobody.get_token()));
  });
  CHECK(VerdictsOn(select) == Verdicts{Verdict::kHeldAcrossAwait});
}

// Holds the lock while a call joins the group.
Task<> JoinUnder(Mutex& ledger, TaskGroup& group) {
  const MutexGuard guard = co_await ledger.Lock();
  co_await group.Join();
}

TEST_CASE("a lock that is held while a call joins a group of others is named") {
  Mutex ledger("ledger");
  const auto deposit_late = [](Mutex& at) -> Task<> {
    co_await SleepFor(milliseconds(1));
    co_await Deposit(at);
  };
  const RunResult run = Run([&]() -> Task<> {
    TaskGroup group("group");
    group.Spawn(deposit_late(ledger));
    co_await JoinUnder(ledger, group);
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kHeldAcrossAwait});
}

// --- what waits for itself --------------------------------------------------------------------

Task<> JoinOwn(TaskGroup& group, bool join) {
  if (join) co_await group.Join();
}

Task<> JoinFromInside(bool join) {
  TaskGroup group("group");
  group.Spawn(JoinOwn(group, join));
  co_await group.Join();
}

TEST_CASE("a task that joins its own group is a self-deadlock") {
  const RunResult run = Run([] { return JoinFromInside(true); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kSelfDeadlock});
  CheckGolden("verdict_join_own_group", Story(run));
}

TEST_CASE("a task of a group that is joined from outside is none") {
  CheckSilent(Run([] { return JoinFromInside(false); }));
}

Task<> Connect(Once& connected, int depth) {
  if (depth > 0) co_await connected.Call([&] { return Connect(connected, depth - 1); });
}

TEST_CASE("what is done once and calls for itself is a self-deadlock") {
  Once connected("connected");
  const RunResult run = Run([&] { return Connect(connected, 2); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kSelfDeadlock});
  CheckGolden("verdict_once", Story(run));
}

TEST_CASE("what is done once, and asked for again later, is none") {
  Once connected("connected");
  CheckSilent(Run([&]() -> Task<> {
    co_await Connect(connected, 1);
    co_await Connect(connected, 2);
  }));
}

Task<> ReadTwice(SharedMutex& table) {
  const SharedMutexGuard once = co_await table.LockShared();
  co_await SleepFor(milliseconds(2));
  const SharedMutexGuard twice = co_await table.LockShared();
}

Task<> WriteAfter(SharedMutex& table, milliseconds pause) {
  co_await SleepFor(pause);
  const SharedMutexGuard guard = co_await table.Lock();
}

TEST_CASE("a reader that locks again behind a writer is told of the writer") {
  SharedMutex table("table");
  const RunResult run =
      Run([&]() -> Task<> { co_await All(ReadTwice(table), WriteAfter(table, milliseconds(1))); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kSelfDeadlock});
  CheckGolden("verdict_reader_again", Story(run));
}

TEST_CASE("a reader that locks again before a writer comes is none") {
  SharedMutex table("table");
  CheckSilent(
      Run([&]() -> Task<> { co_await All(ReadTwice(table), WriteAfter(table, milliseconds(3))); }));
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

// Takes so many, and looks for itself each time.
Task<> TakeByHand(Mutex& mutex, Condition& filled, int& jobs, int take) {
  for (int taken = 0; taken < take; ++taken) {
    MutexGuard guard = co_await mutex.Lock();
    while (jobs == 0) co_await filled.Wait(guard);
    --jobs;
  }
}

Task<> PutTwo(Mutex& mutex, Condition& filled, int& jobs) {
  for (int i = 0; i < 2; ++i) {
    const MutexGuard guard = co_await mutex.Lock();
    ++jobs;
    filled.NotifyOne();
  }
}

TEST_CASE("who waits in a loop of its own, and has looked, has lost no wake-up") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    RandomChooser chooser(seed);
    Mutex mutex("mutex");
    Condition filled("filled");
    int jobs = 0;
    const RunResult run = Run(
        [&]() -> Task<> {
          co_await All(TakeByHand(mutex, filled, jobs, 3), PutTwo(mutex, filled, jobs));
        },
        {.chooser = &chooser});
    REQUIRE(run.ending == Ending::kStuck);
    CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  }
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

TEST_CASE("a gate whose opener is stuck too says so") {
  Gate first("first");
  Gate second("second");
  const auto pass = [](Gate& in, Gate& out) -> Task<> {
    co_await in.Wait();
    out.Open();
  };
  const RunResult run =
      Run([&]() -> Task<> { co_await All(pass(first, second), pass(second, first)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker, Verdict::kNoWaker});
  CheckGolden("verdict_others_stuck", Story(run));
  first.Open();
  CheckSilent(Run([&]() -> Task<> { co_await All(pass(first, second), pass(second, first)); }));
}

Task<> ArriveOften(Barrier& barrier, int rounds) {
  for (int i = 0; i < rounds; ++i) co_await barrier.Arrive();
}

TEST_CASE("a barrier for more than come says how many have, once for all") {
  Barrier barrier(3, "round");
  const RunResult run =
      Run([&]() -> Task<> { co_await All(ArriveOften(barrier, 1), ArriveOften(barrier, 1)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_barrier", Story(run));
}

TEST_CASE("a barrier that one leaves early says who came to it last") {
  Barrier barrier(3, "round");
  const RunResult run = Run([&]() -> Task<> {
    co_await All(ArriveOften(barrier, 2), ArriveOften(barrier, 2), ArriveOften(barrier, 1));
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_barrier_left", Story(run));
}

TEST_CASE("a barrier for as many as come is none") {
  Barrier barrier(2, "round");
  CheckSilent(
      Run([&]() -> Task<> { co_await All(ArriveOften(barrier, 2), ArriveOften(barrier, 2)); }));
}

Task<> TakeFromEither(Channel<int>& first, Channel<int>& second, std::stop_token stop) {
  co_await Select(ReceiveFrom(first), ReceiveFrom(second), WhenStopped(std::move(stop)));
}

TEST_CASE("a select that nobody serves names its channels and its stop token") {
  Channel<int> orders(1, "orders");
  Channel<int> refunds(1, "refunds");
  std::stop_source stop;
  const auto send = [](Channel<int>& channel) -> Task<> { co_await channel.Send(1); };
  const auto take_two = [](Channel<int>& first, Channel<int>& second,
                           std::stop_token token) -> Task<> {
    co_await TakeFromEither(first, second, token);
    co_await TakeFromEither(first, second, token);
  };
  const RunResult run = Run([&]() -> Task<> {
    co_await All(take_two(orders, refunds, stop.get_token()), send(refunds));
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_select", Story(run));
}

TEST_CASE("a select that is served, or asked to stop, is none") {
  Channel<int> orders(1, "orders");
  Channel<int> refunds(1, "refunds");
  std::stop_source stop;
  const auto ask = [](std::stop_source& source) -> Task<> {
    co_await Yield();
    source.request_stop();
  };
  CheckSilent(Run([&]() -> Task<> {
    co_await All(TakeFromEither(orders, refunds, stop.get_token()), ask(stop));
  }));
}

Task<> SelectThenSend(Channel<int>& in, Channel<int>& out, int first) {
  if (first > 0) co_await out.Send(first);
  for (;;) {
    const auto taken = co_await Select(ReceiveFrom(in));
    if (!std::get<0>(taken)) break;
  }
}

TEST_CASE("a select leads to those who have used the other end of its channel before") {
  Channel<int> there(1, "there");
  Channel<int> back(1, "back");
  const RunResult run = Run([&]() -> Task<> {
    co_await All(SelectThenSend(there, back, 1), SelectThenSend(back, there, 1));
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kDeadlock});
}

TEST_CASE("a stop that nobody requests is said to be missing") {
  const RunResult run = Run([]() -> Task<> {
    const std::stop_source nobody;
    co_await Stopped(nobody.get_token());
  });
  CHECK_THAT(Story(run), ContainsText("Nobody is left to request a stop."));
}

Task<> FollowPrices(Watch<int>& prices) {
  Watch<int>::Observer observer = prices.Observe();
  for (;;) {
    const std::optional<int> price = co_await observer.Next();
    if (!price) break;
  }
}

Task<> SetPrice(Watch<int>& prices, bool close) {
  prices.Set(1);
  if (close) prices.Close();
  co_return;
}

TEST_CASE("a watch that nobody closes says who changed it last") {
  Watch<int> prices(0, "prices");
  const RunResult run =
      Run([&]() -> Task<> { co_await All(FollowPrices(prices), SetPrice(prices, false)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_watch", Story(run));
}

TEST_CASE("a watch that is closed is none") {
  Watch<int> prices(0, "prices");
  CheckSilent(Run([&]() -> Task<> { co_await All(FollowPrices(prices), SetPrice(prices, true)); }));
}

Task<> SendToSlow(Broadcast<int>& news, bool receive) {
  Broadcast<int>::Subscription slow = news.Subscribe();
  co_await news.Send(1);
  if (receive) co_await slow.Receive();
  co_await news.Send(2);
}

TEST_CASE("a broadcast whose subscriber does not receive says so") {
  Broadcast<int> news(1, "news");
  const RunResult run = Run([&] { return SendToSlow(news, false); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_broadcast", Story(run));
}

TEST_CASE("a broadcast whose subscriber receives is none") {
  Broadcast<int> news(1, "news");
  CheckSilent(Run([&] { return SendToSlow(news, true); }));
}

Task<> TakeForGood(Semaphore& items) {
  Permit item = co_await items.Acquire();
  item.Consume();
}

Task<> GiveItems(Semaphore& items, int count) {
  for (int i = 0; i < count; ++i) items.Release(1);
  co_return;
}

TEST_CASE("a semaphore without a permit says who took the last for good") {
  Semaphore items(0, "items");
  const RunResult run = Run([&]() -> Task<> {
    co_await All(TakeForGood(items), TakeForGood(items), GiveItems(items, 1));
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CheckGolden("verdict_no_permit", Story(run));
}

TEST_CASE("a semaphore with a permit for each is none") {
  Semaphore items(0, "items");
  CheckSilent(Run([&]() -> Task<> {
    co_await All(TakeForGood(items), TakeForGood(items), GiveItems(items, 2));
  }));
}

TEST_CASE("who has sent into a channel itself does not wait for itself") {
  Channel<int> jobs(1, "jobs");
  const RunResult run = Run([&]() -> Task<> {
    co_await jobs.Send(1);
    co_await jobs.Receive();
    co_await jobs.Receive();
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
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

TEST_CASE("a loop over plain data, or under a lock, is not said to change nothing at all") {
  const RunResult alone = Run(
      []() -> Task<> {
        for (;;) co_await Yield();
      },
      kFewSteps);
  CHECK(VerdictsOn(alone) == Verdicts{Verdict::kLivelock});
  CheckGolden("verdict_plain_loop", Story(alone));
  Mutex mutex("mutex");
  const auto count = [](Mutex& at) -> Task<> {
    for (;;) const MutexGuard guard = co_await at.Lock();
  };
  const RunResult locked =
      Run([&]() -> Task<> { co_await All(count(mutex), count(mutex)); }, kFewSteps);
  CHECK_THAT(Story(locked), ContainsText("nothing changes that the events show"));
  CHECK_THAT(Story(locked), !ContainsText("gives way"));
}

TEST_CASE("a loop that makes marks, or calls, changes something") {
  const RunResult marks = Run(
      []() -> Task<> {
        for (;;) {
          Mark("progress");
          co_await Yield();
        }
      },
      kFewSteps);
  CHECK(VerdictsOn(marks) == Verdicts{Verdict::kEndless});
  const RunResult calls = Run(
      []() -> Task<> {
        for (;;) co_await []() -> Task<> { co_await Yield(); }();
      },
      kFewSteps);
  CHECK(VerdictsOn(calls) == Verdicts{Verdict::kEndless});
  CHECK_THAT(Story(calls), ContainsText(" calls\n"));
}

TEST_CASE("what is tried again for ever is said to fail each time") {
  const RunResult run = Run(
      []() -> Task<> {
        co_await Retry({.attempts_max = 1'000'000, .delay = milliseconds(1), .factor = 1},
                       []() -> Task<> {
                         throw std::runtime_error("down");
                         co_return;
                       });
      },
      kFewSteps);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kEndless});
  CHECK_THAT(Story(run), ContainsText("tried again and again"));
}

Task<> Descend(int levels) {
  if (levels != 0) co_await Descend(levels - 1);
}

TEST_CASE("calls without end name who calls whom, and where") {
  const RunResult run = Run([] { return Descend(-1); }, kFewSteps);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kEndless});
  CHECK_THAT(Story(run), ContainsText("Calls without end: main is "));
  CHECK_THAT(Story(run), ContainsText("Descend calls heddle::Descend at verdicts_test.cc:N"));
}

TEST_CASE("deep calls that come to an end are none") {
  CheckSilent(Run([] { return Descend(1'000); }, kFewSteps));
}

Task<> SleepForEver() {
  for (;;) co_await SleepFor(milliseconds(1));
}

TEST_CASE("many tasks that take turns are not starved") {
  const RunResult run = Run(
      []() -> Task<> {
        TaskGroup group;
        for (int i = 0; i < 1'500; ++i) group.Spawn(SleepForEver());
        co_await group.Join();
      },
      kFewSteps);
  CHECK(run.ending == Ending::kStepLimit);
  for (const Verdict verdict : VerdictsOn(run)) CHECK(verdict != Verdict::kStarvation);
}

TEST_CASE("tasks that are starved alike are one finding, and some of them are named") {
  Shared<bool> ready(false, "ready");
  YoungestChooser unfair;
  RunOptions options = kFewSteps;
  options.chooser = &unfair;
  const RunResult run = Run(
      [&]() -> Task<> {
        TaskGroup group;
        for (int i = 0; i < 20; ++i) group.Spawn(SetReady(ready));
        group.Spawn([](Shared<bool>& flag) -> Task<> {
          for (;;) {
            const bool is_ready = co_await flag.Read();
            if (is_ready) break;
          }
        }(ready));
        co_await group.Join();
      },
      options);
  REQUIRE(VerdictsOn(run) == Verdicts{Verdict::kLivelock, Verdict::kStarvation});
  CHECK(Diagnose(run.trace).at(1).tasks.size() == 20);
  CHECK_THAT(Story(run), ContainsText("Starvation: 20 tasks were ready"));
  CHECK_THAT(Story(run), ContainsText("\n  and 15 more tasks\n"));
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

// --- leaked -----------------------------------------------------------------------------------

TEST_CASE("a task that is kept and never awaited is leaked") {
  Gate ready("ready");
  std::vector<Task<>> kept;
  const RunResult run = Run([&]() -> Task<> {
    co_await Yield();
    kept.push_back(OpenIt(ready));
  });
  CHECK(run.ending == Ending::kAbandoned);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kLeaked});
  CheckGolden("verdict_leaked", Story(run));
}

TEST_CASE("a task that is kept and awaited late is none") {
  Gate ready("ready");
  std::vector<Task<>> kept;
  CheckSilent(Run([&]() -> Task<> {
    kept.push_back(OpenIt(ready));
    co_await SleepFor(milliseconds(1));
    co_await std::move(kept.back());
  }));
}

TEST_CASE("a task that would be awaited after what its run is stuck on is not leaked") {
  Gate never("never");
  const RunResult run = Run([&]() -> Task<> {
    Task<> later = OpenIt(never);
    co_await never.Wait();
    co_await std::move(later);
  });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
}

// --- exception nobody looked at -----------------------------------------------------------------

Task<> Refuse(std::string why) {
  co_await SleepFor(milliseconds(1));
  throw std::runtime_error(why);
}

enum class Look { kNever, kJoin, kErrors };

Task<> SpawnAndLeave(Look look) {
  TaskGroup workers("workers", FirstError::kLetsOthersFinish);
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
