// SPDX-License-Identifier: MIT
//
// A lock and its owner: taken twice, or held while its holder waits for those who need it; and
// what waits for itself.
#include <chrono>

#include "harness/verdicts/story.h"
#include "heddle/cancel.h"
#include "heddle/channel.h"
#include "heddle/combinators.h"
#include "heddle/diagnosis.h"
#include "heddle/gate.h"
#include "heddle/mutex.h"
#include "heddle/once.h"
#include "heddle/run.h"
#include "heddle/select.h"
#include "heddle/semaphore.h"
#include "heddle/shared_mutex.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "support/catch.h"
#include "support/golden.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

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

// Takes each message, and then the lock.
Task<> TakeUnder(Mutex& ledger, Channel<int>& replies, int count) {
  for (int i = 0; i < count; ++i) {
    co_await replies.Receive();
    const MutexGuard guard = co_await ledger.Lock();
  }
}

Task<> SendOneUnder(Mutex& ledger, Channel<int>& replies, bool unlock) {
  MutexGuard guard = co_await ledger.Lock();
  if (unlock) guard.Unlock();
  co_await replies.Send(1);
}

// One message gets through, so that the channel knows who receives from it.
Task<> SendTwoUnder(bool unlock) {
  Mutex ledger("ledger");
  Channel<int> replies(kRendezvous, "replies");
  co_await All(TakeUnder(ledger, replies, 2), SendOneUnder(ledger, replies, unlock),
               SendOneUnder(ledger, replies, unlock));
}

TEST_CASE("a lock that is held across a send whose receiver needs it is named") {
  const RunResult run = Run([] { return SendTwoUnder(false); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kHeldAcrossAwait});
  CheckGolden("verdict_held_while_sending", Story(run));
}

TEST_CASE("a lock that is let go of before the send is not") {
  CheckSilent(Run([] { return SendTwoUnder(true); }));
}

// What is done once waits for what one of those would do that wait for it.
struct Closer {
  Once closing{"closing"};
  Gate stopped{"stopped"};

  Task<> AwaitStop() { co_await stopped.Wait(); }
  Task<> Close() {
    co_await closing.Call([this] { return AwaitStop(); });
  }
  Task<> Dispatch(bool stop_first) {
    if (stop_first) stopped.Open();
    co_await Close();
    stopped.Open();
  }
};

TEST_CASE("what is done once, and waits for one that waits until it is done, is named") {
  Closer server;
  const RunResult run =
      Run([&]() -> Task<> { co_await All(server.Close(), server.Dispatch(false)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kHeldAcrossAwait});
  CheckGolden("verdict_once_held", Story(run));
}

TEST_CASE("what is done once, and waits for what was done before, is none") {
  Closer server;
  CheckSilent(Run([&]() -> Task<> { co_await All(server.Close(), server.Dispatch(true)); }));
}

Task<> JoinInOnce(Once& closing, TaskGroup& group) {
  co_await closing.Call([&]() -> Task<> { co_await group.Join(); });
}

TEST_CASE("what is done once, and joins one that waits until it is done, is named") {
  Once closing("closing");
  const auto join_once = [](Once& once, bool inside) -> Task<> {
    TaskGroup group("group");
    const auto close_late = [](Once& at) -> Task<> {
      co_await Yield();
      co_await at.Call([]() -> Task<> { co_return; });
    };
    group.Spawn(close_late(once));
    if (inside) co_await JoinInOnce(once, group);
    co_await group.Join();
  };
  const RunResult run = Run([&] { return join_once(closing, true); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kHeldAcrossAwait});
  CHECK_THAT(Story(run), ContainsText("does Once closing and awaits a task that needs it"));
  CheckSilent(Run([&] { return join_once(closing, false); }));
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

Task<> ReadTwiceBoth(SharedMutex& table, milliseconds pause) {
  co_await All(ReadTwice(table), ReadTwice(table), WriteAfter(table, pause));
}

TEST_CASE("two readers that lock again behind one writer are told of it") {
  SharedMutex table("table");
  const RunResult run = Run([&] { return ReadTwiceBoth(table, milliseconds(1)); });
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kDeadlock});
  CheckGolden("verdict_readers_again", Story(run));
}

TEST_CASE("two readers that lock again before a writer comes are none") {
  SharedMutex table("table");
  CheckSilent(Run([&] { return ReadTwiceBoth(table, milliseconds(3)); }));
}

Task<> TakeOne(Semaphore& items) {
  Permit permit = co_await items.Acquire();
  permit.Consume();
}

Task<> TakeForEver(Semaphore& items) {
  for (;;) co_await TakeOne(items);
}

TEST_CASE("who waits for a semaphore that counts what others bring has none of it itself") {
  Semaphore items(0, "items");
  const RunResult run = Run([&]() -> Task<> {
    items.Release();
    co_await TakeForEver(items);
  });
  CHECK(run.ending == Ending::kStuck);
  CHECK(VerdictsOn(run) == Verdicts{Verdict::kNoWaker});
  CHECK_THAT(Story(run), ContainsText("Nobody is left to give a permit to Semaphore items"));
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
