// SPDX-License-Identifier: MIT
//
// The law that the search by kinds has to keep for each primitive, whatever is done to it: it ends
// in the same states as the search of all interleavings. On random programs, family by family.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "heddle/atomic.h"
#include "heddle/barrier.h"
#include "heddle/broadcast.h"
#include "heddle/cancel.h"
#include "heddle/channel.h"
#include "heddle/choosers/dpor.h"
#include "heddle/choosers/exhaustive.h"
#include "heddle/combinators.h"
#include "heddle/condition.h"
#include "heddle/detach.h"
#include "heddle/gate.h"
#include "heddle/latch.h"
#include "heddle/mutex.h"
#include "heddle/once.h"
#include "heddle/random.h"
#include "heddle/run.h"
#include "heddle/select.h"
#include "heddle/semaphore.h"
#include "heddle/shared.h"
#include "heddle/shared_mutex.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "heddle/timeout.h"
#include "heddle/watch.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;
using std::chrono_literals::operator""ms;

// What the tasks of a program share. Most of it stays unused in a program of one family.
struct LawWorld {
  explicit LawWorld(std::size_t tasks, std::size_t counts)
      : latch(std::max<std::size_t>(counts, 1), "latch"), logs(tasks) {
    for (std::size_t i = 0; i < tasks; ++i) {
      observers.push_back(std::make_unique<Watch<int>::Observer>(watch.Observe()));
    }
  }

  Shared<int> a{0, "a"};
  Shared<int> b{0, "b"};
  Atomic<int> atomic{0, "atomic"};
  Gate gate{"gate"};
  Mutex mutex{"mutex"};
  SharedMutex shared_mutex{"shared_mutex"};
  Semaphore semaphore{1, "semaphore"};
  Condition condition{"condition"};
  Latch latch;
  Barrier barrier{2, "barrier"};
  Channel<int> one{1, "one"};
  Channel<int> rendezvous{kRendezvous, "rendezvous"};
  Channel<int> unbounded{kUnbounded, "unbounded"};
  Broadcast<int> broadcast{1, "broadcast"};
  Watch<int> watch{0, "watch"};
  Once once{"once"};
  TaskGroup group{"group"};
  CancelScope scope{"scope"};
  std::stop_source stop;
  std::vector<std::unique_ptr<Watch<int>::Observer>> observers;
  std::vector<std::string> logs;
};

// A task's view of the world: what it learned goes to its log.
struct LawTask {
  LawWorld* world;
  std::size_t self;
  int written = 0;

  LawWorld& w() const { return *world; }
  void Say(std::string_view what) const { world->logs[self] += std::string(what) + ","; }
  void Log(int number) const { Say(std::to_string(number)); }
  void Log(bool yes) const { Say(yes ? "y" : "n"); }
  void Log(const std::optional<int>& value) const { Log(value.value_or(-1)); }
  int Next() { return static_cast<int>(self) * 100 + ++written; }
};

Task<int> Triple(Shared<int>& value, int by) {
  co_return co_await value.Update([by](int old) { return 3 * old + by; });
}
Task<> LogTriple(LawTask task) { task.Log(co_await Triple(task.w().a, 1)); }
Task<> TripleTwice(LawTask task) {
  co_await LogTriple(task);
  co_await LogTriple(task);
}
Task<> ThrowUnlessFirst(LawTask task) {
  const int old = co_await Triple(task.w().a, 1);
  if (old > 0) throw std::runtime_error("not the first");
}

using LawDeed = Task<> (*)(LawTask&);

// --- shared values ------------------------------------------------------------------------------

Task<> WriteA(LawTask& task) { co_await task.w().a.Write(task.Next()); }
Task<> ReadA(LawTask& task) { task.Log(co_await task.w().a.Read()); }
Task<> UpdateA(LawTask& task) { task.Log(co_await Triple(task.w().a, 1)); }
Task<> ReadAWhen(LawTask& task) {
  task.Log(co_await task.w().a.ReadWhen([](int value) { return value > 0; }));
}
Task<> TakeAWhen(LawTask& task) {
  task.Log(co_await task.w().a.UpdateWhen([](int value) { return value > 0; },
                                          [](int value) { return value - 1; }));
}
Task<> ExchangeAtomic(LawTask& task) {
  int expected = 0;
  task.Log(co_await task.w().atomic.CompareExchange(expected, task.Next()));
  task.Log(expected);
}
Task<> AddToAtomic(LawTask& task) { task.Log(co_await task.w().atomic.FetchAdd(1)); }
Task<> GetB(LawTask& task) {
  task.Log(task.w().b.Get());
  co_return;
}
Task<> SetB(LawTask& task) {
  task.w().b.Set(task.Next());
  co_return;
}

// --- gates, latches and barriers ----------------------------------------------------------------

Task<> OpenGate(LawTask& task) {
  task.w().gate.Open();
  co_return;
}
Task<> CloseGate(LawTask& task) {
  task.w().gate.Close();
  co_return;
}
Task<> WaitAtGate(LawTask& task) {
  co_await task.w().gate.Wait();
  task.Say("g");
}
Task<> CountDown(LawTask& task) {
  task.w().latch.CountDown();
  co_return;
}
Task<> CountDownAndWait(LawTask& task) {
  co_await task.w().latch.ArriveAndWait();
  task.Say("L");
}
Task<> WaitForLatch(LawTask& task) {
  co_await task.w().latch.Wait();
  task.Say("l");
}
Task<> ArriveAtBarrier(LawTask& task) {
  co_await task.w().barrier.Arrive();
  task.Say("b");
}

// --- locks --------------------------------------------------------------------------------------

Task<> Lock(LawTask& task) {
  const MutexGuard guard = co_await task.w().mutex.Lock();
  co_await SetB(task);
}
Task<> LockAcrossStep(LawTask& task) {
  const MutexGuard guard = co_await task.w().mutex.Lock();
  co_await WriteA(task);
}
Task<> TryLock(LawTask& task) {
  const MutexGuard guard = task.w().mutex.TryLock();
  task.Log(static_cast<bool>(guard));
  co_return;
}
Task<> TryLockAcrossStep(LawTask& task) {
  const MutexGuard guard = task.w().mutex.TryLock();
  task.Log(static_cast<bool>(guard));
  co_await WriteA(task);
}
Task<> LockExclusive(LawTask& task) {
  const SharedMutexGuard guard = co_await task.w().shared_mutex.Lock();
  co_await UpdateA(task);
}
Task<> LockShared(LawTask& task) {
  const SharedMutexGuard guard = co_await task.w().shared_mutex.LockShared();
  co_await ReadA(task);
}
Task<> TryLockExclusive(LawTask& task) {
  const SharedMutexGuard guard = task.w().shared_mutex.TryLock();
  task.Log(static_cast<bool>(guard));
  co_return;
}
Task<> TryLockShared(LawTask& task) {
  const SharedMutexGuard guard = task.w().shared_mutex.TryLockShared();
  task.Log(static_cast<bool>(guard));
  co_return;
}
Task<> Acquire(LawTask& task) {
  const Permit permit = co_await task.w().semaphore.Acquire();
  co_await UpdateA(task);
}
Task<> TryAcquire(LawTask& task) {
  const Permit permit = task.w().semaphore.TryAcquire();
  task.Log(static_cast<bool>(permit));
  co_return;
}
Task<> Consume(LawTask& task) {
  Permit permit = co_await task.w().semaphore.Acquire();
  permit.Consume();
  task.Say("c");
}
Task<> Release(LawTask& task) {
  task.w().semaphore.Release();
  co_return;
}
Task<> WaitForNotice(LawTask& task) {
  MutexGuard guard = co_await task.w().mutex.Lock();
  co_await task.w().condition.Wait(guard);
  task.Say("w");
}
Task<> NotifyOne(LawTask& task) {
  task.w().condition.NotifyOne();
  co_return;
}
Task<> NotifyAll(LawTask& task) {
  task.w().condition.NotifyAll();
  co_return;
}
Task<> CallOnce(LawTask& task) {
  co_await task.w().once.Call([task] { return LogTriple(task); });
  task.Say("o");
}

// --- messages -----------------------------------------------------------------------------------

using LawChannel = Channel<int> LawWorld::*;

template <LawChannel kChannel>
Task<> Send(LawTask& task) {
  task.Log(co_await (task.w().*kChannel).Send(task.Next()));
}
template <LawChannel kChannel>
Task<> Receive(LawTask& task) {
  task.Log(co_await (task.w().*kChannel).Receive());
}
template <LawChannel kChannel>
Task<> TrySend(LawTask& task) {
  int message = task.Next();
  task.Log((task.w().*kChannel).TrySend(message));
  co_return;
}
template <LawChannel kChannel>
Task<> TryReceive(LawTask& task) {
  task.Log((task.w().*kChannel).TryReceive());
  co_return;
}
template <LawChannel kChannel>
Task<> Close(LawTask& task) {
  (task.w().*kChannel).Close();
  co_return;
}

Task<> SendToAll(LawTask& task) { task.Log(co_await task.w().broadcast.Send(task.Next())); }
Task<> TrySendToAll(LawTask& task) {
  int message = task.Next();
  task.Log(task.w().broadcast.TrySend(message));
  co_return;
}
Task<> CloseBroadcast(LawTask& task) {
  task.w().broadcast.Close();
  co_return;
}
Task<> Subscribe(LawTask& task) {
  Broadcast<int>::Subscription subscription = task.w().broadcast.Subscribe();
  co_await WriteA(task);
  task.Log(subscription.TryReceive());
  task.Log(co_await subscription.Receive());
}

Task<> SetWatch(LawTask& task) {
  task.w().watch.Set(task.Next());
  co_return;
}
Task<> NextOfWatch(LawTask& task) { task.Log(co_await task.w().observers[task.self]->Next()); }
Task<> CloseWatch(LawTask& task) {
  task.w().watch.Close();
  co_return;
}
Task<> Observe(LawTask& task) {
  task.w().observers[task.self] = std::make_unique<Watch<int>::Observer>(task.w().watch.Observe());
  co_return;
}

// --- several things at once ---------------------------------------------------------------------

template <class... Arms>
Task<> SelectAndLog(LawTask& task, Arms... arms) {
  const auto done = co_await Select(std::move(arms)...);
  task.Log(static_cast<int>(done.index()));
  if (const auto* got = std::get_if<0>(&done)) {
    if constexpr (std::is_same_v<decltype(got), const std::optional<int>*>) task.Log(*got);
  }
}
Task<> SelectOfTwo(LawTask& task) {
  return SelectAndLog(task, ReceiveFrom(task.w().one), ReceiveFrom(task.w().unbounded));
}
Task<> SelectOrTimeOut(LawTask& task) {
  return SelectAndLog(task, ReceiveFrom(task.w().one), After(1ms));
}
Task<> SelectOrGoOn(LawTask& task) {
  return SelectAndLog(task, ReceiveFrom(task.w().one), After(0ms));
}
Task<> SelectToSend(LawTask& task) {
  const int message = task.Next();
  return SelectAndLog(task, ReceiveFrom(task.w().unbounded), SendTo(task.w().one, message));
}
Task<> SelectAtRendezvous(LawTask& task) {
  return SelectAndLog(task, ReceiveFrom(task.w().rendezvous), ReceiveFrom(task.w().unbounded));
}
Task<> SelectOrStop(LawTask& task) {
  return SelectAndLog(task, ReceiveFrom(task.w().unbounded),
                      WhenStopped(task.w().stop.get_token()));
}
Task<> SelectInScope(LawTask& task) {
  return SelectAndLog(task, ReceiveFrom(task.w().unbounded), WhenStopped(task.w().scope.token()));
}
Task<> RequestStop(LawTask& task) {
  task.w().stop.request_stop();
  co_return;
}
Task<> StopScope(LawTask& task) {
  task.w().scope.RequestStop();
  co_return;
}

template <LawDeed kDeed>
Task<> UntilStop(LawTask& task) {
  const auto done = co_await UntilStopped(kDeed(task), task.w().stop.get_token());
  task.Log(done.has_value());
}
Task<> WorkUntilStop(LawTask& task) {
  const auto done = co_await UntilStopped(TripleTwice(task), task.w().stop.get_token());
  task.Log(done.has_value());
}

Task<> SleepShortly(LawTask& task) {
  co_await SleepFor(1ms);
  task.Say("z");
}
Task<> UpdateInTime(LawTask& task) { task.Log(co_await WithTimeout(Triple(task.w().a, 1), 0ms)); }
Task<> UpdateAny(LawTask& task) {
  const auto first = co_await Any(Triple(task.w().a, 1), Triple(task.w().b, 2));
  task.Log(static_cast<int>(first.index()));
}
Task<> RunRace(LawTask& task) {
  std::vector<Task<int>> tasks;
  for (int by = 1; by <= 2; ++by) tasks.push_back(Triple(task.w().a, by));
  const RaceResult<int> result = co_await heddle::Race(std::move(tasks));
  task.Log(static_cast<int>(result.winner));
  task.Log(result.value);
}
Task<> FailInGroup(LawTask& task) {
  TaskGroup group;
  group.Spawn(ThrowUnlessFirst(task));
  group.Spawn(ThrowUnlessFirst(task));
  try {
    co_await group.Join();
    task.Say("j");
  } catch (const std::runtime_error& error) {
    task.Say(error.what());
  }
}
Task<> SpawnIntoGroup(LawTask& task) {
  task.w().group.Spawn(LogTriple(task));
  co_return;
}
Task<> SpawnWaiterIntoGroup(LawTask& task) {
  task.w().group.Spawn([](LawWorld& world) -> Task<> { co_await world.gate.Wait(); }(task.w()));
  co_return;
}
Task<> JoinGroup(LawTask& task) {
  co_await task.w().group.Join();
  task.Say("j");
}
Task<> LetGo(LawTask& task) {
  Detach(LogTriple(task));
  co_return;
}

// --- what is cancelled --------------------------------------------------------------------------

Task<int> Look(Shared<int>& value) { co_return co_await value.Read(); }
Task<int> Put(Shared<int>& value, int number) {
  co_await value.Write(number);
  co_return number;
}
Task<int> Take(Channel<int>& channel) { co_return (co_await channel.Receive()).value_or(-1); }
Task<int> Give(Channel<int>& channel, int message) { co_return co_await channel.Send(message); }
Task<int> Observed(Watch<int>::Observer& observer) {
  co_return (co_await observer.Next()).value_or(-1);
}
Task<int> Passed(Gate& gate) {
  co_await gate.Wait();
  co_return 0;
}
Task<int> Slept() {
  co_await SleepFor(1ms);
  co_return 0;
}
Task<int> PutLater(Shared<int>& value, int number) {
  co_await SleepFor(1ms);
  co_return co_await Put(value, number);
}
Task<int> LookOrPut(Shared<int>& seen, Shared<int>& put, int number) {
  const auto first = co_await Any(Look(seen), Put(put, number));
  co_return static_cast<int>(first.index());
}
Task<> ThrowIfOdd(Shared<int>& value) {
  const int seen = co_await value.Read();
  if (seen % 2 == 1) throw std::runtime_error("odd");
}
Task<> PutInto(Shared<int>& value, int number) { co_await value.Write(number); }
// One of the two may cancel the other.
Task<int> FailOrPut(Shared<int>& seen, Shared<int>& put, int number) {
  TaskGroup group;
  group.Spawn(ThrowIfOdd(seen));
  group.Spawn(PutInto(put, number));
  try {
    co_await group.Join();
  } catch (const std::runtime_error&) {
    co_return -1;
  }
  co_return 0;
}
// Does not join what it spawns.
Task<int> LookBesideGroup(Shared<int>& seen, Shared<int>& put, int number) {
  TaskGroup group;
  group.Spawn(PutInto(put, number));
  co_return co_await seen.Read();
}

template <class... Ts>
Task<> LogFirst(LawTask& task, Task<Ts>... tasks) {
  const auto first = co_await Any(std::move(tasks)...);
  task.Log(static_cast<int>(first.index()));
  std::visit([&task](int value) { task.Log(value); }, first);
}
template <class Awaited>
Task<> LogInTime(LawTask& task, Awaited awaited, milliseconds time) {
  task.Log(co_await WithTimeout(std::move(awaited), time));
}

Task<> WriteB(LawTask& task) { co_await task.w().b.Write(task.Next()); }
Task<> ReadB(LawTask& task) { task.Log(co_await task.w().b.Read()); }
Task<> LookAtAOrPutB(LawTask& task) {
  return LogFirst(task, Look(task.w().a), Put(task.w().b, task.Next()));
}
Task<> LookAtBOrPutA(LawTask& task) {
  return LogFirst(task, Look(task.w().b), Put(task.w().a, task.Next()));
}
Task<> FirstOfNested(LawTask& task) {
  const int number = task.Next();
  return LogFirst(task, LookOrPut(task.w().a, task.w().b, number), Look(task.w().a));
}
Task<> TakeOrPut(LawTask& task) {
  return LogFirst(task, Take(task.w().one), Put(task.w().a, task.Next()));
}
Task<> GiveOrLook(LawTask& task) {
  const int message = task.Next();
  return LogFirst(task, Give(task.w().one, message), Look(task.w().a));
}
Task<> WaitForAOrPutB(LawTask& task) {
  const auto positive = [](Shared<int>& value) -> Task<int> {
    co_return co_await value.ReadWhen([](int number) { return number > 0; });
  };
  return LogFirst(task, positive(task.w().a), Put(task.w().b, task.Next()));
}
Task<> LockOrLook(LawTask& task) {
  const auto lock = [](LawWorld& world, int number) -> Task<int> {
    const MutexGuard guard = co_await world.mutex.Lock();
    co_return co_await Put(world.b, number);
  };
  return LogFirst(task, lock(task.w(), task.Next()), Look(task.w().a));
}

Task<> TakeInTime(LawTask& task) { return LogInTime(task, Take(task.w().one), 1ms); }
Task<> TakeOtherInTime(LawTask& task) { return LogInTime(task, Take(task.w().unbounded), 1ms); }
Task<> ObserveInTime(LawTask& task) {
  return LogInTime(task, Observed(*task.w().observers[task.self]), 1ms);
}
Task<> PassOrSleep(LawTask& task) { return LogFirst(task, Passed(task.w().gate), Slept()); }
Task<> SendLater(LawTask& task) {
  co_await SleepFor(1ms);
  co_await Send<&LawWorld::one>(task);
}
Task<> OpenLater(LawTask& task) {
  co_await SleepFor(1ms);
  task.w().gate.Open();
}
Task<> SetWatchLater(LawTask& task) {
  co_await SleepFor(1ms);
  co_await SetWatch(task);
}
Task<> PutInTime(LawTask& task) { return LogInTime(task, PutLater(task.w().a, task.Next()), 1ms); }
Task<> PutUnlessStopped(LawTask& task) {
  const int number = task.Next();
  return LogInTime(
      task, [&task, number](const std::stop_token&) { return PutLater(task.w().a, number); }, 1ms);
}
Task<> NestedInTime(LawTask& task) {
  return LogInTime(task, LookOrPut(task.w().a, task.w().b, task.Next()), 0ms);
}

Task<> FailOrPutB(LawTask& task) {
  task.Log(co_await FailOrPut(task.w().a, task.w().b, 2 * task.Next()));
}
Task<> AddOneToA(LawTask& task) {
  task.Log(co_await task.w().a.Update([](int old) { return old + 1; }));
}
Task<> FailOrPutOrLook(LawTask& task) {
  const int number = task.Next();
  return LogFirst(task, FailOrPut(task.w().a, task.w().b, number), Look(task.w().a));
}
Task<> LeaveGroup(LawTask& task) {
  task.Log(co_await LookBesideGroup(task.w().a, task.w().b, task.Next()));
}
Task<> LeaveGroupOrLook(LawTask& task) {
  const int number = task.Next();
  return LogFirst(task, LookBesideGroup(task.w().a, task.w().b, number), Look(task.w().b));
}
Task<> FailInScope(LawTask& task) {
  CancelScope scope;
  scope.Spawn(ThrowIfOdd(task.w().a));
  scope.Spawn([](LawTask& of, std::stop_token stop) -> Task<> {
    of.Log(co_await UntilStopped(Look(of.w().b), std::move(stop)));
  }(task, scope.token()));
  try {
    co_await scope.Join();
  } catch (const std::runtime_error&) {
    task.Say("t");
  }
}

struct LawFamily {
  std::string_view name;
  std::vector<LawDeed> deeds;
  bool is_small = false;  // a deed alone has many interleavings
};

template <LawChannel kChannel>
LawFamily FamilyOf(std::string_view name) {
  return {.name = name,
          .deeds = {Send<kChannel>, Receive<kChannel>, TrySend<kChannel>, TryReceive<kChannel>,
                    Close<kChannel>, WriteA}};
}

std::vector<LawFamily> LawFamilies() {
  return {
      {.name = "Shared", .deeds = {ReadA, WriteA, UpdateA, GetB, SetB}},
      {.name = "Shared with guards", .deeds = {ReadAWhen, TakeAWhen, WriteA, UpdateA}},
      {.name = "Atomic", .deeds = {ExchangeAtomic, AddToAtomic, GetB, SetB}},
      {.name = "Gate", .deeds = {OpenGate, CloseGate, WaitAtGate, ReadA, WriteA}},
      {.name = "Latch", .deeds = {CountDown, CountDownAndWait, WaitForLatch, WriteA, ReadA}},
      {.name = "Barrier", .deeds = {ArriveAtBarrier, ReadA, WriteA}},
      {.name = "Mutex", .deeds = {Lock, LockAcrossStep, TryLock, TryLockAcrossStep, ReadA}},
      {.name = "SharedMutex",
       .deeds = {LockExclusive, LockShared, TryLockExclusive, TryLockShared, WriteA}},
      {.name = "Semaphore", .deeds = {Acquire, TryAcquire, Consume, Release, WriteA}},
      {.name = "Condition", .deeds = {WaitForNotice, NotifyOne, NotifyAll, Lock, WriteA}},
      {.name = "Once", .deeds = {CallOnce, UntilStop<CallOnce>, RequestStop, WriteA}},
      FamilyOf<&LawWorld::one>("Channel with room for one"),
      FamilyOf<&LawWorld::rendezvous>("rendezvous"),
      FamilyOf<&LawWorld::unbounded>("unbounded Channel"),
      {.name = "Broadcast",
       .deeds = {SendToAll, TrySendToAll, CloseBroadcast, Subscribe, Subscribe}},
      {.name = "Watch", .deeds = {SetWatch, NextOfWatch, CloseWatch, Observe, WriteA}},
      {.name = "Select",
       .deeds = {SelectOfTwo, SelectToSend, Send<&LawWorld::one>, Send<&LawWorld::unbounded>,
                 Receive<&LawWorld::one>, Close<&LawWorld::one>}},
      {.name = "Select with a time",
       .deeds = {SelectOrTimeOut, SelectOrGoOn, Send<&LawWorld::one>, SleepShortly}},
      {.name = "Select at a rendezvous",
       .deeds = {SelectAtRendezvous, Send<&LawWorld::rendezvous>, TrySend<&LawWorld::rendezvous>,
                 Send<&LawWorld::unbounded>}},
      {.name = "stop", .deeds = {SelectOrStop, RequestStop, Send<&LawWorld::unbounded>}},
      {.name = "CancelScope", .deeds = {SelectInScope, StopScope, Send<&LawWorld::unbounded>}},
      {.name = "UntilStopped", .deeds = {WorkUntilStop, RequestStop, ReadA, WriteA}},
      {.name = "stopped in a queue",
       .deeds = {UntilStop<LockExclusive>, LockShared, UntilStop<WaitForNotice>, NotifyOne,
                 UntilStop<ArriveAtBarrier>, ArriveAtBarrier, RequestStop,
                 UntilStop<Receive<&LawWorld::rendezvous>>, TrySend<&LawWorld::rendezvous>}},
      {.name = "time", .deeds = {SleepShortly, UpdateInTime, ReadA, WriteA}},
      {.name = "Any and Race", .deeds = {UpdateAny, RunRace, ReadA}},
      {.name = "TaskGroup",
       .deeds = {SpawnIntoGroup, SpawnWaiterIntoGroup, JoinGroup, OpenGate, FailInGroup}},
      {.name = "Detach", .deeds = {LetGo, ReadA, WriteA}},
      {.name = "cancelled by an Any",
       .deeds = {LookAtAOrPutB, LookAtBOrPutA, FirstOfNested, WaitForAOrPutB, LockOrLook, WriteA,
                 ReadB},
       .is_small = true},
      {.name = "messages in an Any",
       .deeds = {TakeOrPut, GiveOrLook, TrySend<&LawWorld::one>, TryReceive<&LawWorld::one>, ReadA},
       .is_small = true},
      {.name = "timers of one instant",
       .deeds = {TakeInTime, TakeOtherInTime, PassOrSleep, SendLater, OpenLater, SelectOrTimeOut},
       .is_small = true},
      {.name = "a Watch in time",
       .deeds = {ObserveInTime, SetWatchLater, SetWatch},
       .is_small = true},
      {.name = "written in time",
       .deeds = {PutInTime, PutUnlessStopped, NestedInTime, SleepShortly, WriteB},
       .is_small = true},
      {.name = "cancelled by a failure",
       .deeds = {FailOrPutB, FailOrPutOrLook, AddOneToA, FailInScope, ReadB},
       .is_small = true},
      {.name = "a TaskGroup that nobody joins",
       .deeds = {LeaveGroup, LeaveGroupOrLook, WriteA, WriteB},
       .is_small = true},
  };
}

class LawProgram {
 public:
  LawProgram(const LawFamily& family, std::uint64_t seed) {
    Random random(Random::Mix(seed));
    tasks_.resize(family.is_small ? 2 : 2 + random.Below(2));
    for (std::vector<LawDeed>& deeds : tasks_) {
      const bool is_first = &deeds == tasks_.data();
      deeds.resize(1 + random.Below(!family.is_small ? 3 : is_first ? 2 : 1));
      for (LawDeed& deed : deeds) {
        deed = family.deeds[random.Below(static_cast<std::uint32_t>(family.deeds.size()))];
        if (deed == CountDown || deed == CountDownAndWait) ++counts_;
      }
    }
  }

  void operator()(World& world) {
    world_ = std::make_shared<LawWorld>(tasks_.size(), counts_);
    for (std::size_t i = 0; i < tasks_.size(); ++i) world.Spawn(Play(world_, i));
  }
  // From here on only the tasks that are left hold what they share.
  void LetGoOfWorld() { world_.reset(); }

  // What can be told of the last run when it is over.
  std::string State(Ending ending) const {
    if (ending == Ending::kThrew) return "failed";
    std::string state(Name(ending));
    for (const std::string& log : world_->logs) state += "|" + log;
    for (int value : {world_->a.Get(), world_->b.Get()}) state += " " + std::to_string(value);
    return state;
  }

 private:
  Task<> Play(std::shared_ptr<LawWorld> world, std::size_t self) {
    LawTask task{.world = world.get(), .self = self};
    for (const LawDeed deed : tasks_[self]) co_await deed(task);
  }

  std::vector<std::vector<LawDeed>> tasks_;
  std::size_t counts_ = 0;
  std::shared_ptr<LawWorld> world_;
};

struct LawSearch {
  std::uint64_t runs = 0;
  std::set<std::string> states;
  std::set<std::uint64_t> kinds;
};

// Nothing if there are too many runs.
std::optional<LawSearch> SearchLaw(LawProgram& program, Chooser& chooser, std::uint64_t runs_max) {
  LawSearch search;
  internal::BodyRunner<LawProgram> runner(program);
  Executor executor;
  while (!chooser.exhausted()) {
    if (++search.runs > runs_max) return std::nullopt;
    const Ending ending =
        executor.Execute(runner.ref(), {.chooser = &chooser, .record = RecordMode::kEvents});
    search.states.insert(program.State(ending));
    search.kinds.insert(chooser.run_class());
    program.LetGoOfWorld();
    executor.TearDown();
  }
  return search;
}

TEST_CASE(
    "a search by kinds ends in the same states as all runs, whatever is done to a primitive") {
  for (const LawFamily& family : LawFamilies()) {
    int compared = 0;
    for (std::uint64_t seed = 1; seed <= (family.is_small ? 30 : 40); ++seed) {
      INFO(family.name << ", seed " << seed);
      LawProgram program(family, seed);
      ExhaustiveChooser exhaustive;
      const std::optional<LawSearch> all =
          SearchLaw(program, exhaustive, family.is_small ? 1'200 : 600);
      if (!all) continue;
      ++compared;
      for (std::uint64_t order = 0; order < (family.is_small ? 3 : 1); ++order) {
        INFO("order " << order);
        DporChooser dpor(order);
        const std::optional<LawSearch> by_kinds = SearchLaw(program, dpor, 10 * all->runs + 100);
        REQUIRE(by_kinds);
        CHECK(by_kinds->states == all->states);
        CHECK(dpor.redundant() == by_kinds->runs - by_kinds->kinds.size());
      }
    }
    INFO(family.name);
    CHECK(compared > 3);
  }
}

}  // namespace
}  // namespace heddle
