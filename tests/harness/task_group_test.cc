// SPDX-License-Identifier: MIT
//
// TaskGroup: spawning, joining, cancelling.
#include "heddle/task_group.h"

#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "harness/test_choosers.h"
#include "heddle/combinators.h"
#include "heddle/gate.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

Task<> Idle(milliseconds how_long) { co_await SleepFor(how_long); }

Task<> RefuseAfter(milliseconds how_long, std::string why) {
  co_await SleepFor(how_long);
  throw std::runtime_error(why);
}

TEST_CASE("Join waits until every task of the group has ended") {
  const RunResult run = Run([]() -> Task<> {
    TaskGroup group;
    CHECK(group.pending() == 0);
    for (int i = 1; i <= 3; ++i) group.Spawn(Idle(milliseconds(i)));
    CHECK(group.pending() == 3);
    co_await group.Join();
    CHECK(group.pending() == 0);
    CHECK(VirtualClock::now().time_since_epoch() == milliseconds(3));
  });
  CHECK(run.ok());
}

TEST_CASE("Join of an empty group goes on, also twice") {
  const RunResult run = Run([]() -> Task<> {
    TaskGroup group;
    co_await group.Join();
    co_await group.Join();
  });
  CHECK(run.ok());
}

TEST_CASE("a group may be used again after Join") {
  const RunResult run = Run([]() -> Task<> {
    TaskGroup group;
    for (int round = 0; round < 3; ++round) {
      group.Spawn(Idle(milliseconds(1)));
      co_await group.Join();
    }
    CHECK(VirtualClock::now().time_since_epoch() == milliseconds(3));
  });
  CHECK(run.ok());
}

TEST_CASE("Join waits for tasks that the group's tasks spawn meanwhile") {
  const auto spawns = [](TaskGroup& group) -> Task<> {
    co_await SleepFor(milliseconds(1));
    group.Spawn(Idle(milliseconds(5)));
  };
  const RunResult run = Run([&]() -> Task<> {
    TaskGroup group;
    group.Spawn(spawns(group));
    co_await group.Join();
    CHECK(VirtualClock::now().time_since_epoch() == milliseconds(6));
  });
  CHECK(run.ok());
}

TEST_CASE("Join waits for a task spawned after the last one ended and before it went on") {
  const auto body = [](World& world) -> Task<> {
    TaskGroup group;
    const auto spawns = [](TaskGroup& into) -> Task<> {
      into.Spawn(Idle(milliseconds(0)));
      co_return;
    };
    world.Spawn(spawns(group));
    co_await Yield();
    co_await group.Join();
    if (group.pending() != 0) throw std::runtime_error("joined a group that has tasks left");
  };
  ForRandomSchedules(100, body, [](const RunResult& run) {
    INFO(Describe(run));
    REQUIRE(run.ok());
  });

  const auto late = [](World& world) -> Task<> {
    TaskGroup group;
    const auto spawns = [](TaskGroup& into) -> Task<> {
      co_await SleepFor(milliseconds(1));
      into.Spawn(Idle(milliseconds(1)));
    };
    world.Spawn(spawns(group));
    group.Spawn(Idle(milliseconds(1)));
    co_await group.Join();
    if (group.pending() != 0) throw std::runtime_error("joined a group that has tasks left");
    co_await SleepFor(milliseconds(10));
  };
  ForRandomSchedules(100, late, [](const RunResult& run) {
    INFO(Describe(run));
    REQUIRE(run.ok());
  });
}

TEST_CASE("Join may wait for the others when one throws, and throws what came first, once") {
  const RunResult run = Run([]() -> Task<> {
    TaskGroup group(FirstError::kLetsOthersFinish);
    group.Spawn(RefuseAfter(milliseconds(2), "second"));
    group.Spawn(RefuseAfter(milliseconds(1), "first"));
    group.Spawn(Idle(milliseconds(3)));
    std::string caught;
    try {
      co_await group.Join();
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
    CHECK(caught == "first");
    CHECK(VirtualClock::now().time_since_epoch() == milliseconds(3));
    co_await group.Join();  // it was thrown already
  });
  CHECK(run.ok());
}

TEST_CASE("an exception that nobody joins ends the run when the group goes") {
  const RunResult run = Run([]() -> Task<> {
    TaskGroup group;
    group.Spawn(RefuseAfter(milliseconds(1), "not lost"));
    co_await SleepFor(milliseconds(2));
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message == "not lost");
}

TEST_CASE("an exception that comes after errors() was called is not lost either") {
  const RunResult run = Run([]() -> Task<> {
    TaskGroup group(FirstError::kLetsOthersFinish);
    group.Spawn(RefuseAfter(milliseconds(1), "seen"));
    group.Spawn(RefuseAfter(milliseconds(3), "not seen"));
    co_await SleepFor(milliseconds(2));
    CHECK(group.errors().size() == 1);
    co_await SleepFor(milliseconds(2));
  });
  CHECK(run.ending == Ending::kThrew);
}

TEST_CASE("an exception in the group of a task that is cancelled is not lost") {
  const auto loses = []() -> Task<> {
    TaskGroup group;
    group.Spawn(RefuseAfter(milliseconds(1), "not lost"));
    group.Spawn(Idle(milliseconds(9)));
    co_await group.Join();
  };
  const RunResult run = Run([&]() -> Task<> { co_await Any(loses(), Idle(milliseconds(2))); });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message == "not lost");
}

TEST_CASE("tasks that are left when a group goes are cancelled, started or not") {
  std::string log;
  class LeavesGroup {
   public:
    explicit LeavesGroup(std::string& log) : log_(&log) {}
    LeavesGroup(const LeavesGroup&) = delete;
    LeavesGroup& operator=(const LeavesGroup&) = delete;
    ~LeavesGroup() { *log_ += 'l'; }

   private:
    std::string* log_;
  };
  const auto holds = [&]() -> Task<> {
    const LeavesGroup leaves(log);
    co_await std::suspend_always();
  };
  const RunResult run = Run([&]() -> Task<> {
    {
      TaskGroup group;
      group.Spawn(holds());
      group.Spawn(holds());
      co_await SleepFor(milliseconds(1));
      group.Spawn(holds());  // does not start
    }
    log += '.';
    co_await Yield();
  });
  CHECK(run.ok());
  CHECK(log == "ll.");
  CHECK(run.abandoned.empty());
}

TEST_CASE("Cancel ends the tasks that are left, and who joins them goes on") {
  int ended = 0;
  const auto counts = [&](milliseconds duration) -> Task<> {
    co_await SleepFor(duration);
    ++ended;
  };
  const auto joins = [](TaskGroup& group) -> Task<> {
    co_await group.Join();
    CHECK(VirtualClock::now().time_since_epoch() == milliseconds(2));
  };
  const RunResult run = Run([&](World& world) -> Task<> {
    TaskGroup group;
    group.Spawn(counts(milliseconds(1)));
    group.Spawn(counts(milliseconds(5)));
    world.Spawn(joins(group));
    co_await SleepFor(milliseconds(2));
    group.Spawn(counts(milliseconds(0)));  // does not start
    group.Cancel();
    CHECK(group.pending() == 0);
    co_await group.Join();
    CHECK(ended == 1);

    group.Spawn(counts(milliseconds(1)));
    co_await group.Join();
    CHECK(ended == 2);
    group.Cancel();
    co_await group.Join();
  });
  INFO(Describe(run));
  CHECK(run.ok());
}

TEST_CASE("Cancel keeps an exception for Join") {
  const RunResult run = Run([]() -> Task<> {
    TaskGroup group(FirstError::kLetsOthersFinish);
    group.Spawn(RefuseAfter(milliseconds(1), "refused"));
    group.Spawn(Idle(milliseconds(5)));
    co_await SleepFor(milliseconds(2));
    group.Cancel();
    co_await group.Join();
  });
  CHECK(run.message == "refused");
}

TEST_CASE("a task that cancels its own group was destroyed while it was running") {
  const RunResult run = Run([]() -> Task<> {
    TaskGroup group;
    const auto cancels = [](TaskGroup& own) -> Task<> {
      co_await Yield();
      own.Cancel();
    };
    group.Spawn(cancels(group));
    co_await group.Join();
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message.find("destroyed while it was running") != std::string::npos);
}

TEST_CASE("the frame of a task that has ended goes at once") {
  const auto body = []() -> Task<> {
    TaskGroup group;
    for (int i = 0; i < 1000; ++i) {
      group.Spawn(Idle(milliseconds(0)));
      co_await SleepFor(milliseconds(1));
    }
    co_await group.Join();
  };
  CHECK(Run(body, {.tasks_max = 3}).ok());
}

TEST_CASE("who waits for a group may be cancelled, and the group goes on") {
  const RunResult run = Run([]() -> Task<> {
    TaskGroup group;
    const auto joins = [&]() -> Task<> { co_await group.Join(); };
    group.Spawn(Idle(milliseconds(5)));
    co_await Any(joins(), Idle(milliseconds(1)));
    CHECK(group.pending() == 1);
    co_await SleepFor(milliseconds(10));
    CHECK(group.pending() == 0);
    co_await group.Join();
  });
  CHECK(run.ok());
}

TEST_CASE("several tasks may wait for one group") {
  int joined = 0;
  const RunResult run = Run([&](World& world) -> Task<> {
    TaskGroup group;
    const auto joins = [&]() -> Task<> {
      co_await group.Join();
      ++joined;
    };
    group.Spawn(Idle(milliseconds(5)));
    world.Spawn(joins());
    world.Spawn(joins());
    co_await group.Join();
    co_await SleepFor(milliseconds(1));
  });
  CHECK(run.ok());
  CHECK(joined == 2);
}

TEST_CASE("spawning an empty task into a group is a usage error and changes nothing") {
  const RunResult run = Run([]() -> Task<> {
    TaskGroup group;
    CHECK_THROWS_AS(group.Spawn(Task<>()), UsageError);
    CHECK(group.pending() == 0);
    co_await group.Join();
  });
  CHECK(run.ok());
}

TEST_CASE("spawning into a group outside a run is a usage error") {
  TaskGroup group;
  CHECK_THROWS_AS(group.Spawn(Idle(milliseconds(1))), UsageError);
}

TEST_CASE("a group keeps the exceptions of all its tasks, and throws the first") {
  const auto fails = [](int after) -> Task<> {
    co_await SleepFor(std::chrono::seconds(after));
    throw std::runtime_error("after " + std::to_string(after));
  };
  const RunResult run = Run([&]() -> Task<> {
    TaskGroup group(FirstError::kLetsOthersFinish);
    group.Spawn(fails(2));
    group.Spawn(fails(1));
    std::string caught;
    try {
      co_await group.Join();
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
    CHECK(caught == "after 1");
    CHECK(group.errors().size() == 2);
  });
  CHECK(run.ok());
}

TEST_CASE("the first task that throws cancels the others, the youngest first") {
  std::string log;
  class LeavesGroup {
   public:
    LeavesGroup(std::string& log, char letter) : log_(&log), letter_(letter) {}
    LeavesGroup(const LeavesGroup&) = delete;
    LeavesGroup& operator=(const LeavesGroup&) = delete;
    ~LeavesGroup() { *log_ += letter_; }

   private:
    std::string* log_;
    char letter_;
  };
  const auto holds = [&](char letter) -> Task<> {
    const LeavesGroup leaves(log, letter);
    co_await SleepFor(milliseconds(100));
  };
  const auto body = [&]() -> Task<> {
    log.clear();
    TaskGroup group;
    group.Spawn(holds('a'));
    group.Spawn(holds('b'));
    group.Spawn(RefuseAfter(milliseconds(1), "first"));
    group.Spawn(holds('c'));
    std::string caught;
    try {
      co_await group.Join();
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
    CHECK(caught == "first");
    CHECK(log == "cba");
    CHECK(group.pending() == 0);
    CHECK(group.errors().size() == 1);
    CHECK(VirtualClock::now().time_since_epoch() == milliseconds(1));
  };
  ForRandomSchedules(50, body, [](const RunResult& run) {
    INFO(Describe(run));
    REQUIRE(run.ok());
  });
}

TEST_CASE("of two tasks that would throw at once one does, and the other is cancelled") {
  std::set<std::string> seen;
  const auto body = [&]() -> Task<> {
    TaskGroup group;
    group.Spawn(RefuseAfter(milliseconds(1), "one"));
    group.Spawn(RefuseAfter(milliseconds(1), "two"));
    try {
      co_await group.Join();
    } catch (const std::runtime_error& error) {
      seen.insert(error.what());
    }
    CHECK(group.errors().size() == 1);
  };
  ForRandomSchedules(50, body, [](const RunResult& run) { REQUIRE(run.ok()); });
  CHECK(seen == std::set<std::string>{"one", "two"});
}

TEST_CASE("what is spawned after the first error does not start until Join has thrown it") {
  int ran = 0;
  const auto runs = [&]() -> Task<> {
    ++ran;
    co_return;
  };
  const RunResult run = Run([&]() -> Task<> {
    TaskGroup group;
    group.Spawn(RefuseAfter(milliseconds(1), "refused"));
    co_await SleepFor(milliseconds(2));
    group.Spawn(runs());
    CHECK(group.pending() == 0);
    co_await SleepFor(milliseconds(2));
    CHECK(ran == 0);
    bool threw = false;
    try {
      co_await group.Join();
    } catch (const std::runtime_error&) {
      threw = true;
    }
    CHECK(threw);
    group.Spawn(runs());
    co_await group.Join();
    CHECK(ran == 1);
  });
  INFO(Describe(run));
  CHECK(run.ok());
}

TEST_CASE("a task that spawns into its group while it is cancelled adds nothing") {
  class Spawns {
   public:
    explicit Spawns(TaskGroup& group) : group_(&group) {}
    Spawns(const Spawns&) = delete;
    Spawns& operator=(const Spawns&) = delete;
    ~Spawns() { group_->Spawn(Idle(milliseconds(1))); }

   private:
    TaskGroup* group_;
  };
  const RunResult run = Run([]() -> Task<> {
    TaskGroup group;
    const auto spawns = [](TaskGroup& into) -> Task<> {
      const Spawns spawning(into);
      co_await SleepFor(milliseconds(100));
    };
    group.Spawn(spawns(group));
    group.Spawn(RefuseAfter(milliseconds(1), "refused"));
    group.Spawn(spawns(group));
    bool threw = false;
    try {
      co_await group.Join();
    } catch (const std::runtime_error&) {
      threw = true;
    }
    CHECK(threw);
    CHECK(group.pending() == 0);
    CHECK(VirtualClock::now().time_since_epoch() == milliseconds(1));
  });
  INFO(Describe(run));
  CHECK(run.ok());
}

TEST_CASE("a group that goes while another task waits for it ends the run") {
  const RunResult run = Run([](World& world) -> Task<> {
    const auto joins = [](TaskGroup& group) -> Task<> { co_await group.Join(); };
    auto group = std::make_unique<TaskGroup>("jobs");
    group->Spawn(Idle(milliseconds(100)));
    world.Spawn(joins(*group));
    co_await SleepFor(milliseconds(1));
    group.reset();
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message.find("TaskGroup jobs was destroyed while a task waits for it") !=
        std::string::npos);
}

}  // namespace
}  // namespace heddle
