// SPDX-License-Identifier: MIT
//
// What choosers that go by strands have in common: strands.h under all that a ready set can do, and
// the classes of runs. Round robin and sticky are here too.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <set>
#include <vector>

#include "harness/choosers/letters.h"
#include "heddle/atomic.h"
#include "heddle/channel.h"
#include "heddle/choosers/pct.h"
#include "heddle/choosers/pos.h"
#include "heddle/choosers/round_robin.h"
#include "heddle/choosers/selective.h"
#include "heddle/choosers/sticky.h"
#include "heddle/choosers/surw.h"
#include "heddle/choosers/urw.h"
#include "heddle/combinators.h"
#include "heddle/internal/strands.h"
#include "heddle/internal/walk_chooser.h"
#include "heddle/mutex.h"
#include "heddle/select.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

// A random walk that compares what Strands says with the ready set itself, at each step.
class CheckingChooser final : public internal::StrandChooser {
 public:
  explicit CheckingChooser(std::uint64_t seed) : StrandChooser(seed) {}

  void BeginRun(std::uint64_t schedule) override {
    StrandChooser::BeginRun(schedule);
    ready_.clear();
    paths_.clear();
  }
  std::size_t ChooseTask(const ReadySet& ready) override {
    strands_.Update(ready, *this);
    std::set<internal::StrandNumber> expected;
    for (std::size_t i = 0; i < ready.size(); ++i) {
      const internal::StrandNumber number = strands_.Of(ready[i]);
      expected.insert(number);
      if (strands_[number].id != ready[i].strand() || strands_[number].index() != i) wrong_ = true;
    }
    if (expected != ready_) wrong_ = true;
    const std::size_t index = StepAtRandom(ready);
    ready_.erase(strands_.Of(ready[index]));
    return index;
  }
  std::string_view name() const override { return "checking"; }

  bool wrong() const { return wrong_; }
  const std::set<std::uint64_t>& paths() const { return paths_; }

 private:
  friend internal::Strands;

  void OnSpawn(internal::StrandNumber strand) { paths_.insert(strands_[strand].path); }
  void OnArrive(internal::StrandNumber strand, Candidate /*candidate*/) { ready_.insert(strand); }
  void OnLeave(internal::StrandNumber strand) { ready_.erase(strand); }

  bool wrong_ = false;
  std::set<internal::StrandNumber> ready_;
  std::set<std::uint64_t> paths_;
};

// All that makes tasks come and go: locks, channels, timers, yields, and tasks that are destroyed.
Task<> Traffic() {
  Mutex lock;
  Channel<int> channel(1);
  const auto locks = [&]() -> Task<> {
    for (int i = 0; i < 3; ++i) {
      const MutexGuard guard = co_await lock.Lock();
      co_await Yield();
    }
  };
  const auto sends = [&]() -> Task<> {
    for (int i = 0; i < 4; ++i) co_await channel.Send(i);
  };
  const auto receives = [&]() -> Task<> {
    for (int i = 0; i < 2; ++i) static_cast<void>(co_await channel.Receive());
  };
  const auto sleeps = [&]() -> Task<> {
    for (int i = 0; i < 3; ++i) co_await SleepFor(std::chrono::milliseconds(1));
  };
  const auto races = [&]() -> Task<> {
    co_await Any(locks(), sleeps(), sleeps());
    co_await All(locks(), sleeps());
  };
  co_await All(locks(), locks(), sends(), receives(), receives(), races(), sleeps());
}

TEST_CASE("strands are those of the ready set, whatever comes and goes") {
  CheckingChooser chooser(42);
  for (std::uint64_t n = 1; n <= 300; ++n) {
    REQUIRE(Run(Traffic, {.chooser = &chooser, .schedule = n}).ok());
    REQUIRE(!chooser.wrong());
  }
}

TEST_CASE("a strand has the same path in every schedule") {
  CheckingChooser chooser(42);
  Run(Traffic, {.chooser = &chooser, .schedule = 1});
  const std::set<std::uint64_t> paths = chooser.paths();
  CHECK(paths.size() == 13);
  for (std::uint64_t n = 2; n <= 100; ++n) {
    Run(Traffic, {.chooser = &chooser, .schedule = n});
    CHECK(chooser.paths() == paths);
  }
}

TEST_CASE("all choosers get through locks, channels, timers, yields and tasks that are destroyed") {
  std::vector<std::unique_ptr<Chooser>> choosers;
  choosers.push_back(std::make_unique<PctChooser>(1));
  choosers.push_back(std::make_unique<PosChooser>(1));
  choosers.push_back(std::make_unique<UrwChooser>(1));
  choosers.push_back(std::make_unique<SurwChooser>(1));
  choosers.push_back(std::make_unique<StickyChooser>(1));
  choosers.push_back(std::make_unique<RoundRobinChooser>());
  for (const auto& chooser : choosers) {
    for (std::uint64_t n = 1; n <= 100; ++n) {
      const RunResult run =
          Run(Traffic, {.chooser = chooser.get(), .steps_max = 2'000, .schedule = n});
      CHECK(run.ending == Ending::kFinished);
    }
  }
}

// A lock by hand, without a wait: who does not get it asks again at once, and never yields.
Task<> Spin(Atomic<int>& locked, int inside) {
  while (co_await locked.Exchange(1) == 1) continue;
  for (int i = 0; i < inside; ++i) co_await locked.Load();
  co_await locked.Store(0);
}

TEST_CASE("who spins without yielding keeps nobody back for ever") {
  constexpr std::uint64_t kSchedules = 300;
  const int others = GENERATE(1, 2);
  std::vector<std::unique_ptr<Chooser>> choosers;
  for (const std::uint32_t depth : {2U, 3U, 4U}) {
    choosers.push_back(std::make_unique<PctChooser>(1, depth));
  }
  choosers.push_back(std::make_unique<PosChooser>(1));
  choosers.push_back(std::make_unique<SurwChooser>(1));
  choosers.push_back(std::make_unique<UrwChooser>(1));
  choosers.push_back(std::make_unique<StickyChooser>(1));
  for (const std::unique_ptr<Chooser>& chooser : choosers) {
    INFO(chooser->name());
    for (std::uint64_t schedule = 1; schedule <= kSchedules; ++schedule) {
      const RunResult run = Run(
          [others](World& world) -> Task<> {
            Atomic<int> locked(0);
            TaskGroup group;
            for (int i = 0; i <= others; ++i) group.Spawn(Spin(locked, 5));
            co_await group.Join();
            static_cast<void>(world);
          },
          {.chooser = chooser.get(),
           .steps_max = 200'000,
           .record = RecordMode::kChoices,
           .schedule = schedule});
      REQUIRE(run.ok());
    }
  }
}

Task<> Offer(Channel<int>& numbers, Channel<int>& stop) {
  while (!stop.is_closed()) co_await Select(SendTo(numbers, 1), ReceiveFrom(stop));
}
Task<> TakeUntil(Channel<int>& numbers, Channel<int>& stop) {
  for (;;) {
    const auto taken = co_await Select(ReceiveFrom(numbers), ReceiveFrom(stop));
    if (taken.index() == 1) co_return;
  }
}
Task<> CloseIt(Channel<int>& channel) {
  channel.Close();
  co_return;
}

TEST_CASE("two that go on as long as a third has not begun do not keep it back for ever") {
  std::vector<std::unique_ptr<Chooser>> choosers;
  choosers.push_back(std::make_unique<PctChooser>(1));
  choosers.push_back(std::make_unique<PosChooser>(1));
  choosers.push_back(std::make_unique<SurwChooser>(1));
  choosers.push_back(std::make_unique<SelectiveChooser>(1));
  choosers.push_back(std::make_unique<UrwChooser>(1));
  choosers.push_back(std::make_unique<StickyChooser>(1));
  for (const std::unique_ptr<Chooser>& chooser : choosers) {
    INFO(chooser->name());
    for (std::uint64_t schedule = 1; schedule <= 200; ++schedule) {
      const RunResult run = Run(
          []() -> Task<> {
            Channel<int> numbers(kRendezvous, "numbers");
            Channel<int> stop(kRendezvous, "stop");
            co_await All(Offer(numbers, stop), TakeUntil(numbers, stop), CloseIt(stop));
          },
          {.chooser = chooser.get(),
           .steps_max = 100'000,
           .record = RecordMode::kChoices,
           .schedule = schedule});
      REQUIRE(run.ok());
    }
  }
}

// Asks, without yielding, whether the other one has written, and writes itself: in the run of the
// profile first.
Task<> AskAndAnswer(Atomic<int>& asked, Atomic<int>& answered, int rounds) {
  for (int i = 0; i < rounds; ++i) co_await answered.FetchAdd(1);
  while (co_await asked.Load() == 0) continue;
  for (int i = 0; i < rounds; ++i) co_await answered.FetchAdd(1);
}
Task<> Answer(Atomic<int>& asked, Atomic<int>& answered) {
  co_await answered.FetchAdd(1);
  co_await asked.Store(1);
}

TEST_CASE("whom surw holds back is not waited for without end") {
  SurwChooser chooser(1);
  for (std::uint64_t schedule = 1; schedule <= 500; ++schedule) {
    const RunResult run = Run(
        []() -> Task<> {
          Atomic<int> asked(0);
          Atomic<int> answered(0);
          co_await All(AskAndAnswer(asked, answered, 5), Answer(asked, answered));
        },
        {.chooser = &chooser,
         .steps_max = 200'000,
         .record = RecordMode::kChoices,
         .schedule = schedule});
    REQUIRE(run.ok());
  }
}

TEST_CASE("the walk that knows classes makes the choices of the random walk") {
  RandomChooser random(5);
  internal::WalkChooser walk(5);
  for (std::uint64_t n = 1; n <= 20; ++n) {
    const RunResult one = Run(Traffic, {.chooser = &random, .schedule = n});
    const RunResult two = Run(Traffic, {.chooser = &walk, .schedule = n});
    CHECK(one.trace.choices == two.trace.choices);
  }
}

TEST_CASE("the walk's estimates have the number of interleavings as their mean") {
  Letters letters({5, 5});
  internal::WalkChooser walk(42);
  double sum = 0;
  constexpr int kRuns = 2'000;
  for (std::uint64_t n = 1; n <= kRuns; ++n) {
    Run(letters, {.chooser = &walk, .schedule = n});
    sum += walk.estimate();
  }
  CHECK(std::abs(sum / kRuns - 252) < 12);
}

// How many classes the interleavings of a body fall into.
template <class Body>
std::size_t CountClasses(Body body) {
  internal::WalkChooser walk(42);
  std::set<std::uint64_t> classes;
  for (std::uint64_t n = 1; n <= 2'000; ++n) {
    Run(body, {.chooser = &walk, .schedule = n});
    classes.insert(walk.run_class());
  }
  return classes.size();
}

TEST_CASE("runs that differ in the order of independent steps only are of one class") {
  const auto writes = [](Shared<int>& object) -> Task<> {
    for (int i = 0; i < 2; ++i) co_await object.Write(i);
  };
  const auto reads = [](Shared<int>& object) -> Task<> {
    for (int i = 0; i < 2; ++i) static_cast<void>(co_await object.Read());
  };
  CHECK(CountClasses([&]() -> Task<> {
          Shared<int> one(0);
          Shared<int> two(0);
          co_await All(writes(one), writes(two));
        }) == 1);
  CHECK(CountClasses([&]() -> Task<> {
          Shared<int> one(0);
          co_await All(writes(one), writes(one));
        }) == 6);
  CHECK(CountClasses([&]() -> Task<> {
          Shared<int> one(0);
          co_await All(reads(one), reads(one));
        }) == 1);
  // Each read before, between or behind the writes.
  CHECK(CountClasses([&]() -> Task<> {
          Shared<int> one(0);
          co_await All(reads(one), writes(one));
        }) == 6);
}

TEST_CASE("what is drawn is part of the class") {
  CHECK(CountClasses([](World& world) { static_cast<void>(world.Draw(5)); }) == 5);
}

// --- round robin and sticky ---------------------------------------------------------------

TEST_CASE("round robin goes round in the order of spawning") {
  Letters letters({2, 3, 1, 4});
  RoundRobinChooser chooser;
  Run(letters, {.chooser = &chooser, .schedule = 17});
  CHECK(letters.log() == "abcdabdbdd");
}

TEST_CASE("sticky goes on with the same task as often as it is told") {
  Letters letters({200, 200});
  StickyChooser chooser(42, 90);
  int switches = 0;
  int steps = 0;
  for (std::uint64_t n = 1; n <= 50; ++n) {
    Run(letters, {.chooser = &chooser, .schedule = n});
    const std::string& log = letters.log();
    const std::size_t end = std::min(log.rfind('a'), log.rfind('b'));  // while both are there
    for (std::size_t i = 1; i < end; ++i) {
      ++steps;
      if (log[i] != log[i - 1]) ++switches;
    }
  }
  CHECK(std::abs(static_cast<double>(switches) / steps - 0.1) < 0.01);
}

TEST_CASE("sticky reaches every interleaving") {
  Letters letters({2, 2});
  StickyChooser chooser(42);
  CHECK(CountLogs(chooser, letters, 2'000).size() == 6);
}

}  // namespace
}  // namespace heddle
