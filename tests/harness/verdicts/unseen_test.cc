// SPDX-License-Identifier: MIT
//
// What nobody awaited or looked at, and tasks that are used wrongly.
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/verdicts/story.h"
#include "heddle/diagnosis.h"
#include "heddle/gate.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "support/catch.h"
#include "support/golden.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

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

}  // namespace
}  // namespace heddle
