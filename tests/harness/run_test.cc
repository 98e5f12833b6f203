// SPDX-License-Identifier: MIT
//
// Run: every way in which a run can end, and what is said about it.
#include "heddle/run.h"

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/channel.h"
#include "heddle/check.h"
#include "heddle/combinators.h"
#include "heddle/gate.h"
#include "heddle/mutex.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "heddle/task_table.h"
#include "support/catch.h"
#include "support/child_process.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

std::string FailedTask(const RunResult& run) {
  if (run.trace.header.failed_task == kNoTask) return "nobody";
  return TaskTable(run.trace).Path(run.trace.header.failed_task);
}

// `text` with the numbers of lines as `N`, so that a test may move in its file.
std::string WithoutLines(std::string text) {
  const std::string file = "run_test.cc:";
  for (auto at = text.find(file); at != std::string::npos; at = text.find(file, at + 1)) {
    const auto digits = at + file.size();
    text.replace(digits, text.find_first_not_of("0123456789", digits) - digits, "N");
  }
  return text;
}

Task<> Nothing() { co_return; }

Task<> ThrowText(std::string text) {
  throw std::runtime_error(text);
  co_return;
}

Task<> ThrowLater(std::string text, milliseconds when) {
  co_await SleepFor(when);
  throw std::runtime_error(text);
}

Task<int> ThrowFromBelow() {
  co_await ThrowText("below");
  co_return 0;
}

Task<> LockBoth(Mutex& first, Mutex& second) {
  const MutexGuard one = co_await first.Lock();
  co_await SleepFor(milliseconds(1));
  const MutexGuard two = co_await second.Lock();
}

// --- finished ---------------------------------------------------------------------------------

TEST_CASE("a run finishes when the body returns") {
  const RunResult run = Run([] { return Nothing(); });
  CHECK(run.ok());
  CHECK(run.ending == Ending::kFinished);
  CHECK(run.exception == nullptr);
  CHECK(run.message.empty());
  CHECK(run.waiting.empty());
  CHECK(run.abandoned.empty());
  CHECK(run.steps == 1);
  CHECK(run.elapsed == Duration(0));
  CHECK(Describe(run) == "the run finished");
}

TEST_CASE("a body may take the world or nothing, and return a task or nothing") {
  CHECK(Run([](World&) { return Nothing(); }).ok());
  CHECK(Run([](World& world) { world.Spawn(Nothing()); }).ok());
  CHECK(Run([](World&) {}).ok());
  CHECK(Run([] {}).ok());
}

TEST_CASE("a body may be a const object, a temporary or a function") {
  const auto constant = [] { return Nothing(); };
  CHECK(Run(constant).ok());
  CHECK(Run(Nothing).ok());
}

TEST_CASE("a run ends when the body and all tasks spawned into the world have ended") {
  int ended = 0;
  const auto sleeps = [&](milliseconds how_long) -> Task<> {
    co_await SleepFor(how_long);
    ++ended;
  };
  const RunResult run = Run([&](World& world) -> Task<> {
    world.Spawn(sleeps(milliseconds(3)));
    world.Spawn(sleeps(milliseconds(5)));
    co_return;
  });
  CHECK(run.ok());
  CHECK(ended == 2);
  CHECK(run.elapsed == milliseconds(5));
}

TEST_CASE("a spawned task may spawn more into the world") {
  int ended = 0;
  struct Spawns {
    static Task<> Next(World& world, int left, int& ended) {
      if (left > 0) world.Spawn(Next(world, left - 1, ended));
      ++ended;
      co_return;
    }
  };
  const RunResult run = Run([&](World& world) { world.Spawn(Spawns::Next(world, 9, ended)); });
  CHECK(run.ok());
  CHECK(ended == 10);
}

TEST_CASE("the tasks of a body that is no coroutine exist before the first choice") {
  const RunResult run = Run([](World& world) {
    world.Spawn(Nothing());
    world.Spawn(Nothing());
    world.Spawn(Nothing());
  });
  REQUIRE(run.trace.choices.size() == 2);
  CHECK(run.trace.choices[0].alternatives == 3);
  CHECK(run.trace.choices[1].alternatives == 2);
}

TEST_CASE("the trace says who made the choices, and how the run ended") {
  RandomChooser chooser(77);
  const RunResult run = Run([] { return Nothing(); }, {.chooser = &chooser, .schedule = 12});
  CHECK(run.trace.header.chooser == "random");
  CHECK(run.trace.header.seed == 77);
  CHECK(run.trace.header.schedule == 12);
  CHECK(run.trace.header.ending == Ending::kFinished);
  CHECK(run.trace.header.steps == run.steps);
  CHECK(run.trace.header.failed_task == kNoTask);
}

// --- threw ------------------------------------------------------------------------------------

TEST_CASE("an exception of the body ends the run and is kept") {
  const RunResult run = Run([] { return ThrowText("no stock"); });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message == "no stock");
  CHECK(Describe(run) == "the run threw: no stock");
  CHECK(run.trace.header.message == "no stock");
  CHECK_THROWS_AS(std::rethrow_exception(run.exception), std::runtime_error);
  CHECK(FailedTask(run) == "main");
}

TEST_CASE("an exception that is no std::exception has a message too") {
  const auto message_of = [](auto thrown) {
    return Run([=]() -> Task<> {
             throw thrown;
             co_return;
           })
        .message;
  };
  CHECK(message_of(std::string("text")) == "text");
  CHECK(message_of("literal") == "literal");
  CHECK(message_of(5) == "an exception of type int");
}

TEST_CASE("the failed task is where the exception began, not where it arrived") {
  const RunResult run = Run([]() -> Task<> { co_await ThrowFromBelow(); });
  CHECK(run.message == "below");
  CHECK(FailedTask(run) == "ThrowFromBelow#0/ThrowText#0");
}

TEST_CASE("the failed task is found through All") {
  const RunResult run = Run([]() -> Task<> { co_await All(Nothing(), ThrowFromBelow()); });
  CHECK(run.message == "below");
  CHECK(FailedTask(run) == "ThrowFromBelow#0/ThrowText#0");
}

TEST_CASE("the failed task is found when several tasks of an All throw") {
  const RunResult run = Run([]() -> Task<> {
    co_await All(ThrowLater("first", milliseconds(1)), ThrowLater("second", milliseconds(2)));
  });
  CHECK(run.message == "first");
  CHECK(FailedTask(run) == "ThrowLater#0");
}

TEST_CASE("the failed task is found through Any") {
  const RunResult run = Run([]() -> Task<> {
    co_await Any(ThrowLater("first", milliseconds(1)), ThrowLater("second", milliseconds(2)));
  });
  CHECK(run.message == "first");
  CHECK(FailedTask(run) == "ThrowLater#0");
}

TEST_CASE("the failed task is found through a TaskGroup, also when another one threw since") {
  const RunResult run = Run([]() -> Task<> {
    TaskGroup group;
    group.Spawn(ThrowLater("first", milliseconds(1)));
    group.Spawn(ThrowLater("second", milliseconds(2)));
    co_await group.Join();
  });
  CHECK(run.message == "first");
  CHECK(FailedTask(run) == "ThrowLater#0");
}

TEST_CASE("an exception that was caught before does not count") {
  const RunResult run = Run([]() -> Task<> {
    try {
      co_await ThrowText("caught");
    } catch (const std::runtime_error&) {
    }
    co_await ThrowLater("not caught", milliseconds(1));
  });
  CHECK(run.message == "not caught");
  CHECK(FailedTask(run) == "ThrowLater#0");
}

TEST_CASE("an exception of a spawned task ends the run at once") {
  bool ended = false;
  const RunResult run = Run([&](World& world) -> Task<> {
    world.Spawn(ThrowLater("spawned", milliseconds(1)));
    co_await SleepFor(milliseconds(10));
    ended = true;
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message == "spawned");
  CHECK(FailedTask(run) == "ThrowLater#0");
  CHECK_FALSE(ended);
  CHECK(run.elapsed == milliseconds(1));
}

TEST_CASE("an exception of a body that is no coroutine ends the run before its first step") {
  bool ran = false;
  const auto task = [&]() -> Task<> {
    ran = true;
    co_return;
  };
  const RunResult run = Run([&](World& world) {
    world.Spawn(task());
    throw std::runtime_error("outside");
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message == "outside");
  CHECK(FailedTask(run) == "nobody");
  CHECK_FALSE(ran);
}

TEST_CASE("a body that returns an empty task is a usage error") {
  const RunResult run = Run([]() -> Task<> { return Task<>(); });
  CHECK(run.ending == Ending::kThrew);
  CHECK_THAT(run.message, ContainsText("an empty Task was awaited or spawned"));
}

TEST_CASE("spawning an empty task is a usage error in who spawns it") {
  std::string message;
  const RunResult run = Run([&](World& world) {
    try {
      world.Spawn(Task<>());
    } catch (const UsageError& error) {
      message = error.what();
    }
  });
  CHECK(run.ok());
  CHECK_THAT(message, ContainsText("an empty Task was awaited or spawned"));
}

// --- stuck ------------------------------------------------------------------------------------

TEST_CASE("two tasks that lock two mutexes in opposite order are stuck, and both are named") {
  Mutex left("left");
  Mutex right("right");
  const RunResult run =
      Run([&]() -> Task<> { co_await All(LockBoth(left, right), LockBoth(right, left)); });
  CHECK(run.ending == Ending::kStuck);
  CHECK_THAT(
      WithoutLines(Describe(run)),
      StartsWithText(
          "the run is stuck: nothing is ready, no timer is left, and these tasks still wait:\n"
          "  main waits for All#1 (join) at run_test.cc:N since 0\n"
          "  LockBoth#0 waits for Mutex right (lock) at run_test.cc:N since 1ms\n"
          "  LockBoth#1 waits for Mutex left (lock) at run_test.cc:N since 1ms"));
  CHECK(run.trace.header.waiting == run.waiting);
}

TEST_CASE("a gate that nobody opens is stuck, and so is who called who waits") {
  Gate gate("stock arrived");
  const auto wait = [](Gate& its_gate) -> Task<> {
    co_await SleepFor(std::chrono::microseconds(2500));
    co_await its_gate.Wait();
  };
  const RunResult run = Run([&]() -> Task<> { co_await wait(gate); });
  CHECK(run.ending == Ending::kStuck);
  CHECK_THAT(
      WithoutLines(Describe(run)),
      StartsWithText(
          "the run is stuck: nothing is ready, no timer is left, and these tasks still wait:\n"
          "  main waits for lambda#0 (call) at run_test.cc:N since 0\n"
          "  lambda#0 waits for Gate stock arrived (wait) at run_test.cc:N since 2.5ms"));
}

TEST_CASE("a channel that nobody sends to is stuck") {
  Channel<int> channel(1);
  const RunResult run = Run([&]() -> Task<> { co_await channel.Receive(); });
  CHECK(run.ending == Ending::kStuck);
  CHECK_THAT(
      WithoutLines(Describe(run)),
      StartsWithText(
          "the run is stuck: nothing is ready, no timer is left, and these tasks still wait:\n"
          "  main waits for Channel#1 (receive) at run_test.cc:N since 0"));
}

TEST_CASE("a full channel that nobody receives from is stuck") {
  Channel<int> channel(1, "orders");
  const RunResult run = Run([&]() -> Task<> {
    co_await channel.Send(1);
    co_await channel.Send(2);
  });
  CHECK(run.ending == Ending::kStuck);
  CHECK_THAT(Describe(run), ContainsText("main waits for Channel orders (send) at run_test.cc:"));
}

TEST_CASE("a group whose task is stuck is stuck") {
  Gate gate;
  const RunResult run = Run([&]() -> Task<> {
    TaskGroup group("handlers");
    const auto wait = [&]() -> Task<> { co_await gate.Wait(); };
    group.Spawn(wait());
    co_await group.Join();
  });
  CHECK(run.ending == Ending::kStuck);
  CHECK_THAT(
      WithoutLines(Describe(run)),
      StartsWithText(
          "the run is stuck: nothing is ready, no timer is left, and these tasks still wait:\n"
          "  main waits for TaskGroup handlers (join) at run_test.cc:N since 0\n"
          "  lambda#0 waits for Gate#1 (wait) at run_test.cc:N since 0"));
}

TEST_CASE("a task that locks twice waits for itself") {
  Mutex mutex("ledger");
  const RunResult run = Run([&]() -> Task<> {
    const MutexGuard once = co_await mutex.Lock();
    const MutexGuard twice = co_await mutex.Lock();
  });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].object == "Mutex ledger");
}

TEST_CASE("of many waiting tasks the account shows twenty and counts the rest") {
  Gate gate;
  const auto wait = [&]() -> Task<> { co_await gate.Wait(); };
  const RunResult run = Run([&](World& world) {
    for (int i = 0; i < 25; ++i) world.Spawn(wait());
  });
  CHECK(run.waiting.size() == 25);
  CHECK_THAT(Describe(run), ContainsText("\n  ... and 5 more"));
}

// --- limits -----------------------------------------------------------------------------------

Task<> YieldForEver() {
  for (;;) co_await Yield();
}

Task<> CallForEver() {
  for (;;) co_await Nothing();
}

Task<> CallDeeper(bool stop = false) {
  if (!stop) co_await CallDeeper(stop);
}

TEST_CASE("a loop of yields meets the step limit") {
  const RunResult run = Run([] { return YieldForEver(); }, {.steps_max = 1000});
  CHECK(run.ending == Ending::kStepLimit);
  CHECK_THAT(Describe(run),
             StartsWithText("the run was stopped after 1000 steps, its limit. Likely cause: a task "
                            "that loops without end."));
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].name == "main");
}

TEST_CASE("exactly as many steps as the limit are allowed") {
  const auto body = []() -> Task<> {
    for (int i = 0; i < 9; ++i) co_await Yield();
  };
  CHECK(Run(body, {.steps_max = 10}).ok());
  CHECK(Run(body, {.steps_max = 9}).ending == Ending::kStepLimit);
}

TEST_CASE("a loop of calls that never suspends meets the step limit") {
  const RunResult run = Run([] { return CallForEver(); }, {.steps_max = 1000});
  CHECK(run.ending == Ending::kStepLimit);
}

TEST_CASE("a recursion without end meets a limit") {
  const RunResult steps = Run([] { return CallDeeper(); }, {.steps_max = 10'000});
  CHECK(steps.ending == Ending::kStepLimit);
  const RunResult tasks = Run([] { return CallDeeper(); }, {.tasks_max = 10'000});
  CHECK(tasks.ending == Ending::kTaskLimit);
}

TEST_CASE("spawning without end in one step meets the task limit") {
  const RunResult run = Run(
      [](World& world) -> Task<> {
        for (;;) world.Spawn(Nothing());
        co_return;
      },
      {.tasks_max = 100});
  CHECK(run.ending == Ending::kTaskLimit);
  CHECK_THAT(Describe(run), StartsWithText("the run was stopped because too many tasks existed at "
                                           "once. Likely cause: spawning without end, "));
  CHECK(run.exception == nullptr);
}

TEST_CASE("spawning without end outside a coroutine meets the task limit") {
  const RunResult run = Run(
      [](World& world) {
        for (;;) world.Spawn(Nothing());
      },
      {.tasks_max = 100});
  CHECK(run.ending == Ending::kTaskLimit);
}

TEST_CASE("spawning without end over many steps meets the task limit") {
  struct Breeds {
    static Task<> Next(World& world, bool stop = false) {
      if (stop) co_return;
      world.Spawn(Next(world, stop));
      world.Spawn(Next(world, stop));
      co_await Yield();
    }
  };
  const RunResult run =
      Run([](World& world) { world.Spawn(Breeds::Next(world)); }, {.tasks_max = 100});
  CHECK(run.ending == Ending::kTaskLimit);
}

TEST_CASE("the task limit ends the run also when the body swallows every exception") {
  const RunResult run = Run(
      [](World& world) -> Task<> {
        for (int i = 0; i < 200; ++i) {
          try {
            world.Spawn(YieldForEver());
          } catch (...) {
          }
        }
        co_return;
      },
      {.tasks_max = 100});
  CHECK(run.ending == Ending::kTaskLimit);
}

TEST_CASE("a task that has ended and gone does not count for the task limit") {
  const auto body = []() -> Task<> {
    for (int i = 0; i < 1000; ++i) co_await Nothing();
  };
  CHECK(Run(body, {.tasks_max = 2}).ok());
}

// --- abandoned, stopped -------------------------------------------------------------------------

TEST_CASE("every abandoned task is named") {
  const RunResult run = Run([]() -> Task<> {
    static_cast<void>(Nothing());
    static_cast<void>(ThrowText("never"));
    static_cast<void>(Nothing());
    co_return;
  });
  CHECK(run.ending == Ending::kAbandoned);
  CHECK(run.abandoned == std::vector<std::string>{"Nothing#0", "ThrowText#0", "Nothing#1"});
}

TEST_CASE("an exception counts for more than an abandoned task") {
  const RunResult run = Run([]() -> Task<> {
    static_cast<void>(Nothing());
    co_await ThrowText("thrown");
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.abandoned == std::vector<std::string>{"Nothing#0"});
}

TEST_CASE("a chooser may stop the run") {
  class StopsAtOnce final : public Chooser {
   public:
    std::size_t ChooseTask(const ReadySet&) override { return kStopRun; }
    std::uint32_t ChooseValue(std::uint32_t) override { return 0; }
    std::string_view name() const override { return "stops"; }
  };
  StopsAtOnce chooser;
  const auto body = [](World& world) {
    world.Spawn(Nothing());
    world.Spawn(Nothing());
  };
  const RunResult run = Run(body, {.chooser = &chooser});
  CHECK(run.ending == Ending::kStopped);
  CHECK(run.exception == nullptr);
  CHECK(Describe(run) == "the run was stopped by its chooser");
}

// --- RunToEnd -----------------------------------------------------------------------------------

TEST_CASE("RunToEnd gives the value of the body") {
  const auto body = []() -> Task<std::unique_ptr<int>> {
    co_await Yield();
    co_return std::make_unique<int>(4);
  };
  CHECK(*RunToEnd(body) == 4);
}

TEST_CASE("RunToEnd of a body without a value just returns") {
  int ran = 0;
  RunToEnd([&]() -> Task<> {
    ++ran;
    co_return;
  });
  RunToEnd([&](World&) { ++ran; });
  CHECK(ran == 2);
}

TEST_CASE("RunToEnd throws the exception of the run unchanged") {
  CHECK_THROWS_AS(RunToEnd([] { return ThrowText("no stock"); }), std::runtime_error);
  CHECK_THROWS_WITH(RunToEnd([] { return ThrowText("no stock"); }), "no stock");
}

TEST_CASE("RunToEnd throws a RunError that tells of any other ending") {
  Gate gate("never");
  const auto body = [&]() -> Task<> { co_await gate.Wait(); };
  try {
    RunToEnd(body);
    FAIL("nothing was thrown");
  } catch (const RunError& error) {
    CHECK(error.ending() == Ending::kStuck);
    CHECK(std::string(error.what()) == Describe(Run(body)));
  }
}

TEST_CASE("RunToEnd throws a RunError when a task was abandoned") {
  const auto body = []() -> Task<int> {
    static_cast<void>(Nothing());
    co_return 1;
  };
  CHECK_THROWS_AS(RunToEnd(body), RunError);
}

// --- runs in runs, runs after runs
// ----------------------------------------------------------------

TEST_CASE("a run may start another run, which has its own time and its own tasks") {
  const RunResult run = Run([]() -> Task<> {
    co_await SleepFor(milliseconds(5));
    const int inner = RunToEnd([]() -> Task<int> {
      co_await SleepFor(milliseconds(2));
      co_return static_cast<int>(VirtualClock::now().time_since_epoch() / milliseconds(1));
    });
    CHECK(inner == 2);
    CHECK(VirtualClock::now().time_since_epoch() == milliseconds(5));
    co_await Yield();
  });
  CHECK(run.ok());
  const TaskTable tasks(run.trace);
  for (const TaskInfo& task : tasks.tasks()) CHECK(task.path == "main");
}

TEST_CASE("an executor cannot run while it runs") {
  const RunResult run = Run([](World& world) -> Task<> {
    auto body = [] { return Nothing(); };
    internal::BodyRunner runner(body);
    world.executor().Execute(runner.ref(), {});
    co_return;
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK_THAT(run.message, ContainsText("on an executor that is in the middle of one"));
}

TEST_CASE("an executor runs one body after the other, however each ends") {
  Executor executor;
  const auto ending_of = [&](auto body) {
    internal::BodyRunner runner(body);
    return executor.Execute(runner.ref(), {.steps_max = 100, .tasks_max = 100});
  };
  Gate gate;
  for (int round = 0; round < 3; ++round) {
    CHECK(ending_of([] { return Nothing(); }) == Ending::kFinished);
    CHECK(ending_of([] { return ThrowText("x"); }) == Ending::kThrew);
    CHECK(ending_of([&]() -> Task<> { co_await gate.Wait(); }) == Ending::kStuck);
    CHECK(ending_of([] { return YieldForEver(); }) == Ending::kStepLimit);
    CHECK(ending_of([] { return CallDeeper(); }) != Ending::kFinished);
    CHECK(ending_of([](World& world) {
            for (;;) world.Spawn(Nothing());
          }) == Ending::kTaskLimit);
    CHECK(ending_of([] { static_cast<void>(Nothing()); }) == Ending::kAbandoned);
    CHECK(ending_of([](World& world) { world.Spawn(YieldForEver()); }) == Ending::kStepLimit);
  }
}

TEST_CASE("tasks that are left are destroyed when the executor is torn down, not before") {
  class Counts {
   public:
    explicit Counts(int& left) : left_(&left) { ++*left_; }
    Counts(const Counts&) = delete;
    Counts& operator=(const Counts&) = delete;
    ~Counts() { --*left_; }

   private:
    int* left_;
  };
  int left = 0;
  Gate gate;
  auto body = [&]() -> Task<> {
    const Counts counts(left);
    co_await gate.Wait();
  };
  Executor executor;
  internal::BodyRunner runner(body);
  CHECK(executor.Execute(runner.ref(), {}) == Ending::kStuck);
  CHECK(left == 1);
  executor.TearDown();
  CHECK(left == 0);
  executor.TearDown();  // doing so twice is doing it once
}

TEST_CASE("an object may live through many runs, and is named in each") {
  Mutex mutex("shared");
  const auto body = [&]() -> Task<> { const MutexGuard guard = co_await mutex.Lock(); };
  for (int i = 0; i < 3; ++i) {
    const RunResult run = Run(body);
    CHECK(run.ok());
    REQUIRE(run.trace.objects.size() == 2);
    CHECK(run.trace.objects[1].name == "shared");
  }
}

TEST_CASE("a run in choices mode ends as it does with its events recorded") {
  Mutex left("left");
  Mutex right("right");
  const auto body = [&]() -> Task<> { co_await All(LockBoth(left, right), LockBoth(right, left)); };
  const RunResult full = Run(body);
  const RunResult choices = Run(body, {.record = RecordMode::kChoices});
  CHECK(choices.ending == full.ending);
  CHECK(choices.steps == full.steps);
  CHECK(choices.elapsed == full.elapsed);
  CHECK(choices.waiting.size() == full.waiting.size());
  CHECK(choices.trace.choices == full.trace.choices);
  CHECK(choices.trace.events.empty());
}

Task<> Refuse(const char* why) {
  co_await Yield();
  throw std::runtime_error(why);
}

Task<> AwaitGate(Gate& gate) { co_await gate.Wait(); }

Task<> Twice() {
  co_await Yield();
  co_await Yield();
}

TEST_CASE("a run that is stuck says what its joins would have thrown") {
  Gate never("never");
  const RunResult all =
      Run([&]() -> Task<> { co_await All(Refuse("no customer"), AwaitGate(never)); });
  CHECK(all.ending == Ending::kStuck);
  CHECK(all.message == "Refuse#0 threw, and nobody has seen it: no customer");
  CHECK(all.trace.header.message == all.message);
  CHECK_THAT(Describe(all),
             ContainsText("\n  Refuse#0 threw, and nobody has seen it: no customer"));

  const RunResult group = Run([&]() -> Task<> {
    TaskGroup workers("workers", FirstError::kLetsOthersFinish);
    workers.Spawn(AwaitGate(never));
    workers.Spawn(Refuse("no stock"));
    co_await workers.Join();
  });
  CHECK(group.ending == Ending::kStuck);
  CHECK_THAT(group.message, ContainsText("no stock"));
}

TEST_CASE("a run that is stuck says nothing of an exception that somebody has seen") {
  Gate never("never");
  bool seen = false;
  const RunResult run = Run([&]() -> Task<> {
    try {
      co_await All(Refuse("no customer"), Twice());
    } catch (const std::runtime_error&) {
      seen = true;
    }
    co_await never.Wait();
  });
  CHECK(run.ending == Ending::kStuck);
  CHECK(seen);
  CHECK(run.message.empty());
}

TEST_CASE("an internal error in a run says in which run") {
  const ChildEnd end = RunInChild([] {
    Run([]() -> Task<> {
      co_await Yield();
      HEDDLE_CHECK(1 + 1 == 3, "sums are off");
    });
    return 0;
  });
  CHECK_THAT(end.err, ContainsText("While: step 2 of a run, chooser fifo, seed 0."));
}

}  // namespace
}  // namespace heddle
