// SPDX-License-Identifier: MIT
//
// Tasks that wait for each other in a circle.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "harness/verdicts/story.h"
#include "heddle/channel.h"
#include "heddle/chooser.h"
#include "heddle/combinators.h"
#include "heddle/diagnosis.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/semaphore.h"
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

// Takes the locks in calls of its own.
struct Accounts {
  Mutex alice{"alice"};
  Mutex bob{"bob"};

  static Task<> Touch(Mutex& account) { const MutexGuard guard = co_await account.Lock(); }
  static Task<> TouchBelow(Mutex& account) { co_await Touch(account); }
  static Task<> TouchBoth(Mutex& first, Mutex& second) {
    const MutexGuard guard = co_await first.Lock();
    co_await TouchBelow(second);
  }
  Task<> TouchAll(bool in_order) {
    Mutex& first = in_order ? alice : bob;
    Mutex& second = in_order ? bob : alice;
    co_await All(TouchBoth(alice, bob), TouchBoth(first, second));
  }
};

TEST_CASE("who waits for its call is no task more in a circle") {
  Accounts accounts;
  const RunResult run = Run([&] { return accounts.TouchAll(false); });
  REQUIRE(VerdictsOn(run) == Verdicts{Verdict::kDeadlock});
  CHECK(Diagnose(run.trace).at(0).tasks.size() == 2);
  CheckGolden("verdict_deadlock_in_calls", Story(run));
}

TEST_CASE("calls that take locks in one order are none") {
  Accounts accounts;
  CheckSilent(Run([&] { return accounts.TouchAll(true); }));
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

}  // namespace
}  // namespace heddle
