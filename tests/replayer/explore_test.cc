// SPDX-License-Identifier: MIT
//
// FindFailure and Explore: what is found, what is kept of it, and the ways back to it. The
// way through a process of its own is explore_program_test.cc.
#include "heddle/explore.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "heddle/combinators.h"
#include "heddle/gate.h"
#include "heddle/mark.h"
#include "heddle/mutex.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "heddle/test_framework.h"
#include "heddle/trace_io.h"
#include "heddle/trace_text.h"
#include "heddle/world.h"
#include "replayer/surroundings.h"
#include "support/catch.h"

namespace heddle {
namespace {

// --- bodies -------------------------------------------------------------------------------

struct LostDeposit {
  int balance;
};

struct Account {
  Mutex lock{"account"};
  int balance = 0;
};

// Reads and writes under the lock, and lets go of it between.
Task<> Deposit(Account& account, int amount) {
  int seen = 0;
  {
    const MutexGuard guard = co_await account.lock.Lock();
    seen = account.balance;
  }
  const MutexGuard guard = co_await account.lock.Lock();
  account.balance = seen + amount;
  Mark("deposited", {{"amount", amount}});
}

Task<> TwoDeposits() {
  Account account;
  co_await All(Deposit(account, 5), Deposit(account, 7));
  if (account.balance != 12) throw LostDeposit{account.balance};
}

// Goes wrong only if the first task makes six steps before the second makes its first.
Task<> Rare() {
  Mutex lock;
  int steps = 0;
  const auto climb = [&]() -> Task<> {
    for (int i = 0; i < 10; ++i) {
      {
        const MutexGuard guard = co_await lock.Lock();
      }
      ++steps;
    }
  };
  const auto look = [&]() -> Task<> {
    if (steps == 6) throw std::runtime_error("seen at 6");
    co_return;
  };
  co_await All(climb(), look());
}

// One draw in so many is bad.
auto RareIn(std::uint32_t sides) {
  return [sides](World& world) -> Task<> {
    if (world.Draw(sides) == 7) throw std::runtime_error("a bad draw");
    co_return;
  };
}

Task<> LockBoth(Mutex& first, Mutex& second) {
  const MutexGuard one = co_await first.Lock();
  const MutexGuard two = co_await second.Lock();
}

Task<> OppositeLocks() {
  Mutex left("left");
  Mutex right("right");
  co_await All(LockBoth(left, right), LockBoth(right, left));
}

Task<> Nothing() { co_return; }

Task<> Fine(World& world) {
  world.Spawn(Nothing());
  co_await All(Nothing(), Nothing());
}

// Without a file, for tests that are not about it.
const ExploreOptions kNoFile = {.name = "test", .strategy = "random", .directory = {}};

// The error that `call` throws; fails the test if it throws another or none.
template <class Error, class Call>
std::string ErrorOf(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  FAIL("nothing was thrown");
  return {};
}

// --- what is found ------------------------------------------------------------------------

TEST_CASE("a body that cannot fail passes all schedules") {
  int runs = 0;
  const auto body = [&]() -> Task<> {
    ++runs;
    co_return;
  };
  const ExploreResult result = FindFailure(
      body, {.schedules = 25, .strategy = "random", .check_determinism = false, .directory = {}});
  CHECK(result.ok());
  CHECK(result.schedules == 25);
  CHECK(runs == 25);
}

TEST_CASE("of no schedules none fails") {
  const ExploreResult result = FindFailure(TwoDeposits, {.schedules = 0, .directory = {}});
  CHECK(result.ok());
  CHECK(result.schedules == 0);
}

TEST_CASE("a lost deposit is found") {
  const ExploreResult result = FindFailure(TwoDeposits, kNoFile);
  REQUIRE(!result.ok());
  CHECK(result.schedules <= 10);
  CHECK(result.failure->run.ending == Ending::kThrew);
  CHECK_THROWS_AS(std::rethrow_exception(result.failure->run.exception), LostDeposit);
  CHECK(!result.failure->divergence.has_value());
}

TEST_CASE("a rare failure is found in the same schedule always, everywhere") {
  const ExploreResult first = FindFailure(Rare, kNoFile);
  REQUIRE(!first.ok());
  CHECK(first.schedules == 266);
  CHECK(first.failure->run.trace.header.schedule == first.schedules);

  (void)FindFailure(TwoDeposits, kNoFile);
  (void)FindFailure(Fine, kNoFile);
  const ExploreResult second = FindFailure(Rare, kNoFile);
  REQUIRE(!second.ok());
  CHECK(second.schedules == first.schedules);
  CHECK(second.failure->run.trace == first.failure->run.trace);
  CHECK(second.failure->report == first.failure->report);
}

TEST_CASE("another seed finds it in another schedule") {
  const ExploreResult one = FindFailure(Rare, {.seed = 1, .strategy = "random", .directory = {}});
  const ExploreResult two = FindFailure(Rare, {.seed = 2, .strategy = "random", .directory = {}});
  REQUIRE(!one.ok());
  REQUIRE(!two.ok());
  CHECK(one.failure->run.trace.header.seed == 1);
  CHECK(one.schedules != two.schedules);
}

TEST_CASE("the last schedule is looked through, and none after it") {
  const std::uint64_t found = FindFailure(Rare, kNoFile).schedules;
  CHECK(!FindFailure(Rare, {.schedules = found, .strategy = "random", .directory = {}}).ok());
  CHECK(FindFailure(Rare, {.schedules = found - 1, .strategy = "random", .directory = {}}).ok());
}

TEST_CASE("every ending but the good one is a failure") {
  const auto ending_of = [](auto body, const ExploreOptions& options) {
    const ExploreResult result = FindFailure(body, options);
    REQUIRE(!result.ok());
    CHECK(!result.failure->divergence.has_value());
    return result.failure->run.ending;
  };
  CHECK(ending_of(TwoDeposits, kNoFile) == Ending::kThrew);
  CHECK(ending_of(OppositeLocks, kNoFile) == Ending::kStuck);
  CHECK(ending_of(
            []() -> Task<> {
              static_cast<void>(Nothing());
              co_return;
            },
            kNoFile) == Ending::kAbandoned);
  CHECK(ending_of(
            []() -> Task<> {
              for (;;) co_await Yield();
            },
            {.steps_max = 100, .directory = {}}) == Ending::kStepLimit);
  CHECK(ending_of(
            [](World& world) {
              for (;;) world.Spawn(Nothing());
            },
            {.tasks_max = 10, .directory = {}}) == Ending::kTaskLimit);
}

TEST_CASE("passing schedules keep no events, and the failing one keeps them all") {
  const ExploreResult result = FindFailure(TwoDeposits, kNoFile);
  REQUIRE(!result.ok());
  RandomChooser chooser(ExploreOptions().seed);
  const RunResult run = Run(TwoDeposits, {.chooser = &chooser, .schedule = result.schedules});
  CHECK(result.failure->run.trace.choices == run.trace.choices);
  CHECK(result.failure->run.trace.events == run.trace.events);
}

TEST_CASE("what a failed run holds is gone before it is run again") {
  int held = 0;
  struct Hold {
    explicit Hold(int& its_held) : held(its_held) { ++held; }
    ~Hold() { --held; }
    int& held;
  };
  const ExploreResult result = FindFailure(
      [&]() -> Task<> {
        const Hold hold(held);
        Mark("holds", {{"held", held}});
        if (held > 1) co_return;
        Gate gate;
        co_await gate.Wait();
      },
      kNoFile);
  REQUIRE(!result.ok());
  CHECK(!result.failure->divergence.has_value());
  CHECK(held == 0);
}

TEST_CASE("a body that is not deterministic is told so, with the first difference") {
  int runs = 0;
  const auto body = [&](World& world) -> Task<> {
    world.Spawn(Nothing());
    if (++runs % 2 == 0) co_await Yield();
    co_await OppositeLocks();
  };
  const ExploreResult result =
      FindFailure(body, {.strategy = "random", .check_determinism = false, .directory = {}});
  REQUIRE(!result.ok());
  REQUIRE(result.failure->divergence.has_value());
  CHECK(result.failure->divergence->kind == DivergenceKind::kChoice);
  CHECK_THAT(result.failure->report, ContainsText("The body is not deterministic"));
  CHECK_THAT(result.failure->report, ContainsText("expected: "));
}

// --- strategies ---------------------------------------------------------------------------

TEST_CASE("a small body is explored to the end") {
  const auto writes = [](Shared<int>& shared) -> Task<> {
    for (int i = 0; i < 3; ++i) co_await shared.Write(i);
  };
  const auto body = [&]() -> Task<> {
    Shared<int> shared(0);
    co_await All(writes(shared), writes(shared));
  };
  const ExploreResult result = FindFailure(body, {.directory = {}});
  CHECK(result.ok());
  CHECK(result.coverage.complete);
  CHECK(result.coverage.interleavings == 70);  // a start and three writes each
  // 30 schedules tell that there are few; of the next 84 the search has every second one.
  CHECK(result.schedules == 30 + 42 + 70);
  CHECK(result.coverage.unseen == 0);
  CHECK(Describe(result.coverage) == "all 70 interleavings explored");
  // A random walk does not know the end.
  CHECK(!FindFailure(body, {.strategy = "random", .directory = {}}).coverage.complete);
}

TEST_CASE("a body without choices is run until that is known") {
  const ExploreResult result = FindFailure([] { return Nothing(); }, {.directory = {}});
  CHECK(result.schedules == 2);
  CHECK(Describe(result.coverage) == "the only interleaving explored");
}

// Some 10^9 interleavings.
Task<> Large() {
  Shared<int> shared(0);
  const auto writes = [&]() -> Task<> {
    for (int i = 0; i < 6; ++i) co_await shared.Write(i);
  };
  co_await All(writes(), writes(), writes());
}

// Two tasks with `writes` each, and what order they came in: "abab...".
template <class Verdict>
auto Interleaved(int writes, Verdict verdict) {
  return [=]() -> Task<> {
    Shared<int> shared(0);
    std::string order;
    const auto write = [&](char who) -> Task<> {
      for (int i = 0; i < writes; ++i) {
        co_await shared.Write(i);
        order += who;
      }
    };
    co_await All(write('a'), write('b'));
    verdict(order);
  };
}

constexpr std::chrono::hours kLong(1);  // no test goes by how fast a machine is

TEST_CASE("a body that is nearly small is explored to the end, beyond the default budget") {
  const auto body = Interleaved(6, [](const std::string&) {});
  const std::uint64_t all = 3432;  // 14 over 7: a start and six writes each
  const std::uint64_t walks = 64 - 8;
  for (const std::uint64_t workers : {1U, 3U}) {
    const ExploreResult result =
        FindFailure(body, {.search_to_end_max = kLong, .workers = workers, .directory = {}});
    CHECK(result.coverage.complete);
    CHECK(result.coverage.interleavings == all);
    CHECK(result.schedules == kDefaultSchedules + walks + all);
  }
  // What was asked for is kept to.
  for (const ExploreOptions& options : {ExploreOptions{.schedules = 999, .directory = {}},
                                        ExploreOptions{.search_to_end_max = {}, .directory = {}},
                                        ExploreOptions{.strategy = "portfolio", .directory = {}}}) {
    const ExploreResult result = FindFailure(body, options);
    CHECK(result.schedules == options.schedules);
    CHECK(!result.coverage.complete);
  }
}

TEST_CASE("what fails beyond the default budget is found by any number of workers") {
  const auto body = Interleaved(7, [](const std::string& order) {
    if (order == "bbbaabaababbaa") throw std::runtime_error("that one");
  });
  const ExploreOptions options = {
      .name = "late", .search_to_end_max = kLong, .shrink = false, .directory = {}};
  const ExploreResult one = FindFailure(body, options);
  REQUIRE(one.failure);
  CHECK(one.schedules > kDefaultSchedules);
  CHECK(one.failure->run.trace.header.schedule == one.schedules);
  CHECK_THAT(one.failure->report, ContainsText(" failed in schedule "));
  CHECK_THAT(one.failure->report, !ContainsText(" of 1 000"));
  ExploreOptions shared = options;
  shared.workers = 3;
  const ExploreResult three = FindFailure(body, shared);
  REQUIRE(three.failure);
  CHECK(three.schedules == one.schedules);
  CHECK(three.failure->report == one.failure->report);
  shared.workers = 1;
  shared.shards = 2;
  CHECK(FindFailure(body, shared).schedules == one.schedules);
  shared.shard = 2;
  CHECK(FindFailure(body, shared).schedules == 0);
}

TEST_CASE("a body that is not nearly small gets its budget, and some walks at most") {
  CHECK(FindFailure(Large, {.directory = {}}).schedules == kDefaultSchedules);
  const auto larger = Interleaved(9, [](const std::string&) {});  // 184 756
  const ExploreResult result = FindFailure(larger, {.directory = {}});
  CHECK(result.schedules == kDefaultSchedules + 64 - 8);
  CHECK(!result.coverage.complete);
}

// Each takes the fork on its left, and then the one on its right.
Task<> Philosophers() {
  constexpr std::size_t kMany = 10;
  std::deque<Mutex> forks;
  for (std::size_t i = 0; i < kMany; ++i) forks.emplace_back("fork " + std::to_string(i));
  const auto eats = [&](std::size_t place) -> Task<> {
    co_await Yield();
    const MutexGuard left = co_await forks[place].Lock();
    const MutexGuard right = co_await forks[(place + 1) % kMany].Lock();
  };
  TaskGroup group;
  for (std::size_t i = 0; i < kMany; ++i) group.Spawn(eats(i));
  co_await group.Join();
}

TEST_CASE("what a plain run shows is found in the first schedule") {
  REQUIRE(!Run(Philosophers).ok());
  for (const char* strategy : {"auto", "portfolio"}) {
    const ExploreResult result =
        FindFailure(Philosophers, {.strategy = strategy, .shrink = false, .directory = {}});
    REQUIRE(result.failure);
    CHECK(result.schedules == 1);
    CHECK(result.failure->run.trace.header.chooser == "fifo");
  }
}

// The first two ask again and again for what the last one does.
template <class Ends>
auto Spinning(Ends ends) {
  return [=]() -> Task<> {
    Shared<int> flag(0, "flag");
    const auto asks = [&]() -> Task<> {
      while (co_await flag.Read() == 0) {
      }
    };
    const auto answers = [&]() -> Task<> { co_await flag.Write(ends ? 1 : 0); };
    co_await All(asks(), asks(), answers());
  };
}

TEST_CASE("a task that spins without yielding is no failure, where a fair scheduler ends it") {
  for (const char* strategy : {"auto", "portfolio"}) {
    const ExploreResult result =
        FindFailure(Spinning(true), {.schedules = 900, .strategy = strategy, .directory = {}});
    CHECK(result.ok());
    CHECK(result.schedules == 900);
    CHECK(!result.coverage.complete);
  }
}

TEST_CASE("a body that never ends is a failure") {
  const ExploreResult result =
      FindFailure(Spinning(false), {.shrink = false, .steps_max = 20'000, .directory = {}});
  REQUIRE(result.failure);
  CHECK(result.failure->run.ending == Ending::kStepLimit);
  CHECK(result.schedules == 1);
}

TEST_CASE("a search begins where the exploration does, and not in each block") {
  const ExploreResult result = FindFailure(
      Large,
      {.schedules = 2 * 1024, .strategy = "portfolio", .count_orders = true, .directory = {}});
  CHECK(result.ok());
  CHECK(result.coverage.classified > 1024 + 900);
}

TEST_CASE("of a large body the classes are counted, and what was missed is estimated") {
  const ExploreResult result = FindFailure(Large, {.schedules = 300, .directory = {}});
  CHECK(result.ok());
  CHECK(result.schedules == 300);
  CHECK(!result.coverage.complete);
  CHECK(result.coverage.interleavings == 0);
  CHECK(result.coverage.schedules == 300);
  CHECK(result.coverage.classes > 100);
  CHECK(result.coverage.unseen > 0.3);
  CHECK(result.coverage.missed_of_depth_2 < 1);
  CHECK_THAT(Describe(result.coverage), StartsWithText("300 schedules passed, of "));
  CHECK_THAT(Describe(result.coverage), ContainsText("one more would be of a new class with "));
}

TEST_CASE("what is drawn at random is told apart from what a search comes to") {
  CHECK(Describe(Coverage{.schedules = 100, .classes = 7, .classified = 8, .unseen = 0.75}) ==
        "100 schedules passed, of 7 classes in the 8 that were drawn at random; one more would be "
        "of a new class with probability 75 % (estimated)");
  CHECK_THAT(Describe(Coverage{.schedules = 9, .classes = 9, .unseen = 0.991}),
             ContainsText("with probability 99.1 %"));
  CHECK_THAT(Describe(Coverage{.schedules = 9, .classes = 9, .unseen = 0.9999}),
             ContainsText("with probability 99.9 %"));
  // Its schedules are made of each other.
  CHECK(FindFailure(Large, {.schedules = 50, .strategy = "feedback", .directory = {}})
            .coverage.classes == 0);
}

TEST_CASE("coverage is told in words") {
  CHECK(Describe(Coverage{.schedules = 1'000, .classes = 412, .unseen = 0.031}) ==
        "1 000 schedules passed, of 412 classes; one more would be of a new class with probability "
        "3.1 % (estimated)");
  CHECK(Describe(Coverage{.schedules = 1, .classes = 1, .missed_of_depth_2 = 0.00212}) ==
        "1 schedule passed, of 1 class; one more would be of a new class with probability 100 % "
        "(estimated); a bug of depth 2 would have been missed with probability below 0.3 %");
  CHECK(Describe(Coverage{.schedules = 2, .complete = true}) ==
        "2 schedules passed, and there is nothing that another could show");
  CHECK(Describe(Coverage{}) == "0 schedules passed");
}

TEST_CASE("every strategy finds a lost deposit") {
  for (const std::string strategy :
       {"auto", "portfolio", "random", "pos", "pct2", "pct3", "pct4", "surw", "urw", "sticky",
        "exhaustive", "feedback", "preemption-bounded", "delay-bounded"}) {
    const ExploreOptions options = {.name = "test", .strategy = strategy, .directory = {}};
    const ExploreResult result = FindFailure(TwoDeposits, options);
    REQUIRE(!result.ok());
    CHECK(result.schedules <= 200);
    CHECK(!result.failure->divergence.has_value());
    CHECK(result.coverage.schedules == result.schedules - 1);
    CHECK(!result.coverage.complete);
    const ExploreResult again = FindFailure(TwoDeposits, options);
    CHECK(again.schedules == result.schedules);
    CHECK(again.failure->report == result.failure->report);
  }
}

TEST_CASE("a strategy that there is not is a usage error that names those there are") {
  CHECK_THAT(
      ErrorOf<UsageError>([] { return FindFailure(Fine, {.strategy = "luck"}); }),
      StartsWithText("heddle: there is no strategy 'luck'. Give one of auto, delay-bounded, "));
  CHECK_THAT(ErrorOf<UsageError>([] {
               return FindFailure(Fine, {.chooser = [](std::uint64_t) { return nullptr; }});
             }),
             ContainsText("returned no chooser"));
}

TEST_CASE("what auto finds does not depend on how many schedules were asked for") {
  const std::uint64_t found = FindFailure(Rare, {.directory = {}}).schedules;
  CHECK(FindFailure(Rare, {.schedules = found - 1, .directory = {}}).ok());
  for (const std::uint64_t schedules : {found, found + 1, 10 * found}) {
    CHECK(FindFailure(Rare, {.schedules = schedules, .directory = {}}).schedules == found);
  }
}

// Picks the last candidate always, and says after three runs that this is all.
class LastChooser final : public Chooser {
 public:
  std::size_t ChooseTask(const ReadySet& ready) override { return ready.size() - 1; }
  std::uint32_t ChooseValue(std::uint32_t alternatives) override { return alternatives - 1; }
  void EndRun(const Recorder& /*recorder*/, Ending /*ending*/) override { ++runs_; }
  bool exhausted() const override { return runs_ == 3; }
  std::string_view name() const override { return "last"; }

 private:
  int runs_ = 0;
};

TEST_CASE("a user's own chooser is used, until it is exhausted") {
  const auto make = [](std::uint64_t) { return std::make_unique<LastChooser>(); };
  const ExploreResult result = FindFailure(Fine, {.chooser = make, .directory = {}});
  CHECK(result.schedules == 3);
  CHECK(Describe(result.coverage) ==
        "3 schedules passed, and there is nothing that another could show");
  const auto fails = []() -> Task<> {
    co_await All(Nothing(), Nothing());
    throw std::runtime_error("always");
  };
  const ExploreResult failed = FindFailure(fails, {.chooser = make, .directory = {}});
  REQUIRE(!failed.ok());
  CHECK(failed.failure->run.trace.header.chooser == "last, shrunk");
  CHECK_THAT(failed.failure->report, ContainsText("schedule 1 of 1 000 (last, seed 0)"));
}

TEST_CASE("shards share the schedules in blocks, and one of them finds what one process finds") {
  ExploreOptions all = kNoFile;
  all.schedules = 8 * 1024;
  const std::uint64_t found = FindFailure(RareIn(2000), all).schedules;
  REQUIRE(found > 1024);
  REQUIRE(found < all.schedules);
  for (const std::uint64_t shards : {2U, 3U, 7U}) {
    std::uint64_t finders = 0;
    for (std::uint64_t shard = 1; shard <= shards; ++shard) {
      ExploreOptions options = kNoFile;
      options.schedules = found;
      options.shard = shard;
      options.shards = shards;
      const ExploreResult result = FindFailure(RareIn(2000), options);
      if (result.ok()) continue;
      ++finders;
      CHECK(result.failure->run.trace.header.schedule == found);
    }
    CHECK(finders == 1);
  }
  CHECK_THAT(ErrorOf<UsageError>([] { return FindFailure(Fine, {.shard = 3, .shards = 2}); }),
             ContainsText("no shard 3 of 2"));
}

TEST_CASE("all shards together run every schedule once, and none has much more than another") {
  const auto body = [](World& world) -> Task<> {
    static_cast<void>(world.Draw(1U << 30));
    co_return;
  };
  constexpr std::uint64_t kBlocks = 12;
  constexpr std::uint64_t kAll = kBlocks * 1024 + 5;
  for (const std::string strategy : {"random", "auto", "exhaustive"}) {
    for (const std::uint64_t shards : {2U, 3U, 6U}) {
      std::uint64_t sum = 0;
      std::uint64_t most = 0;
      for (std::uint64_t shard = 1; shard <= shards; ++shard) {
        const ExploreResult result = FindFailure(body, {.schedules = kAll,
                                                        .strategy = strategy,
                                                        .check_determinism = false,
                                                        .shard = shard,
                                                        .shards = shards});
        sum += result.schedules;
        most = std::max(most, result.schedules);
      }
      CHECK(sum == kAll);
      // The main line of "auto" is a quarter of all; a search is all of it.
      const std::uint64_t fair = strategy == "random" ? shards : std::min<std::uint64_t>(shards, 4);
      CHECK(most <= (strategy == "exhaustive" ? sum : (kBlocks / fair + 1) * 1024 + 5));
    }
  }
}

// --- bodies that do not start afresh --------------------------------------------------------

TEST_CASE("a passing body that keeps something from run to run is caught, with the first event") {
  int runs = 0;
  const auto body = [&]() -> Task<> {
    Mark("run", {{"number", ++runs}});
    co_return;
  };
  const ExploreResult result = FindFailure(body, kNoFile);
  REQUIRE(!result.ok());
  CHECK(result.schedules == 1);
  REQUIRE(result.failure->divergence.has_value());
  CHECK(result.failure->divergence->kind == DivergenceKind::kEvent);
  CHECK_THAT(result.failure->divergence->expected, ContainsText("number: 1"));
  CHECK_THAT(result.failure->divergence->got, ContainsText("number: 2"));
  CHECK_THAT(result.failure->report, ContainsText("The body is not deterministic"));
}

TEST_CASE("a body that keeps something, and fails in the end for that, is told so") {
  int runs = 0;
  const auto wears_out = [&]() -> Task<> {
    Account account;
    co_await All(Deposit(account, 5), Deposit(account, 7));
    if (++runs > 30) throw std::runtime_error("worn out");
  };
  const ExploreResult result = FindFailure(wears_out, {.name = "wears out", .directory = {}});
  REQUIRE(result.failure);
  CHECK(result.schedules > 1);
  CHECK_FALSE(result.failure->divergence);
  CHECK_FALSE(result.failure->shrunk);
  REQUIRE(result.failure->state);
  CHECK_THAT(result.failure->state->got, ContainsText("worn out") || ContainsText("exception"));
  CHECK_THAT(result.failure->report,
             ContainsText("The body keeps something from one run to the next"));
}

TEST_CASE("a body that goes otherwise later is caught later") {
  int runs = 0;
  const auto body = [&]() -> Task<> {
    if (++runs > 50) Mark("late", {{"run", runs}});
    co_return;
  };
  const ExploreResult result = FindFailure(body, kNoFile);
  REQUIRE(!result.ok());
  CHECK(result.schedules == 100);
  CHECK(
      FindFailure(body, {.strategy = "random", .check_determinism = false, .directory = {}}).ok());
}

// --- what is kept of it -------------------------------------------------------------------

TEST_CASE("the failing run is written to a file that replays it") {
  const TemporaryFolder folder;
  const ExploreResult result =
      FindFailure(TwoDeposits, {.name = "No deposit is lost!",
                                .strategy = "random",
                                .shrink = false,
                                .directory = folder.File("made/when needed"),
                                .input = "bytes",
                                .input_text = "5 and 7"});
  REQUIRE(!result.ok());
  CHECK(result.failure->recording == folder.File("made/when needed/no-deposit-is-lost.heddle"));
  const auto read = ReadRecording(result.failure->recording);
  REQUIRE(read.ok());
  CHECK(read->damage.ok());
  CHECK(read->trace == result.failure->run.trace);
  CHECK(read->trace.header.test == "No deposit is lost!");
  CHECK(read->trace.header.input == "bytes");
  CHECK(read->trace.header.input_text == "5 and 7");
  CHECK(read->trace.header.chooser == "random");
  CHECK(read->trace.header.seed == 42);
  CHECK(!read->trace.events.empty());
  CHECK(Replay(read->trace, TwoDeposits).reproduced());
  CHECK_THAT(result.failure->report, ContainsText("no-deposit-is-lost.heddle"));
}

TEST_CASE("a second failure of the same name takes the place of the first") {
  const TemporaryFolder folder;
  const auto explore = [&](auto body) {
    return *FindFailure(body, {.name = "test", .directory = folder.path()}).failure;
  };
  const Failure first = explore(TwoDeposits);
  const Failure second = explore(OppositeLocks);
  CHECK(first.recording == second.recording);
  CHECK(ReadRecording(second.recording)->trace == second.run.trace);
  const std::filesystem::directory_iterator files(folder.path());
  CHECK(std::distance(begin(files), end(files)) == 1);
}

TEST_CASE("a passing exploration writes nothing") {
  const TemporaryFolder folder;
  CHECK(FindFailure(Fine, {.name = "test", .directory = folder.File("none")}).ok());
  CHECK(!std::filesystem::exists(folder.File("none")));
}

TEST_CASE("any name gives a file name") {
  const TemporaryFolder folder;
  const auto file_of = [&](const std::string& name) {
    const auto result = FindFailure(TwoDeposits, {.name = name, .directory = folder.path()});
    return std::filesystem::path(result.failure->recording).filename().string();
  };
  CHECK(file_of("../../etc/passwd") == "etc-passwd.heddle");
  CHECK(file_of("a  b\t\xc3\xa4 c") == "a-b-c.heddle");
  CHECK(file_of("?!") == "unnamed.heddle");
  CHECK(file_of("") == "unnamed.heddle");
  CHECK(file_of(std::string(500, 'x')) == std::string(80, 'x') + ".heddle");
}

TEST_CASE("a failure whose recording cannot be written is reported with the reason") {
  const TemporaryFolder folder;
  WriteText(folder.File("file"), "in the way");
  std::filesystem::create_directory(folder.File("test.heddle"));
  const auto explore = [&](const std::string& directory) {
    return *FindFailure(TwoDeposits, {.name = "test", .directory = directory}).failure;
  };
  Failure failure = explore(folder.File("file/below"));
  CHECK(failure.run.ending == Ending::kThrew);
  CHECK(failure.recording.empty());
  CHECK_THAT(failure.report, ContainsText("No recording was written"));
  CHECK_THAT(failure.report, ContainsText("cannot make the directory"));

  failure = explore(folder.path());
  CHECK(failure.recording.empty());
  CHECK_THAT(failure.report, ContainsText("No recording was written"));
  CHECK_THAT(failure.report, ContainsText("test.heddle: "));

  failure = explore("");
  CHECK(failure.recording.empty());
  CHECK_THAT(failure.report, ContainsText("no directory was given"));
}

// --- Explore ------------------------------------------------------------------------------

TEST_CASE("Explore says nothing of a body that passes") {
  const CapturedStderr captured;
  const ExploreResult result =
      Explore(Fine, {.name = "test", .schedules = 7, .strategy = "random"});
  CHECK(result.ok());
  CHECK(result.schedules == 7);
  CHECK(captured.Text().empty());
}

TEST_CASE("Explore throws the body's own exception, and the report goes to standard error") {
  const CapturedStderr captured;
  CHECK_THROWS_AS(Explore(TwoDeposits, kNoFile), LostDeposit);
  CHECK(captured.Text() == FindFailure(TwoDeposits, kNoFile).failure->report);
}

TEST_CASE("Explore throws one line for what is not itself an exception") {
  const CapturedStderr captured;
  const std::string error = ErrorOf<ExplorationFailed>([] { Explore(OppositeLocks, kNoFile); });
  CHECK_THAT(error, StartsWithText("heddle: \"test\": the run is stuck: "));
  CHECK_THAT(error, ContainsText(" waits for "));
  CHECK_THAT(error, EndsWithText("more wait"));
}

TEST_CASE("Explore says so where a body is not deterministic and threw nothing") {
  const CapturedStderr captured;
  int runs = 0;
  const auto fails_once = [&]() -> Task<> {
    if (++runs == 3) throw std::runtime_error("once");
    co_return;
  };
  CHECK(ErrorOf<ExplorationFailed>([&] { Explore(fails_once, kNoFile); }) ==
        "heddle: \"test\": the body is not deterministic: the replay went otherwise than the "
        "recording in how it ended");
  CHECK_THAT(captured.Text(), ContainsText("expected: threw: once\n"));
}

TEST_CASE("a usage error of a body passes through Explore") {
  const CapturedStderr captured;
  const auto body = [](World& world) { world.Spawn(Task<>()); };
  CHECK_THAT(ErrorOf<UsageError>([&] { Explore(body, kNoFile); }),
             ContainsText("an empty Task was awaited or spawned"));
}

TEST_CASE(
    "the recording is called after the test that runs, and the runs after the first are noted") {
  static std::string notes;
  static constexpr TestFramework kFramework = {
      .current_test = [] { return std::string("the current test"); },
      .set_note = [](const std::string* note) { notes += note != nullptr ? *note + "|" : "end"; }};
  notes.clear();
  SetTestFramework(&kFramework);
  const ExploreOptions options = {.check_determinism = false, .directory = {}};
  const ExploreResult passed = FindFailure(Fine, options);
  const std::string notes_of_passing = notes;
  const ExploreResult result = FindFailure(TwoDeposits, options);
  SetTestFramework(nullptr);
  CHECK(notes_of_passing.empty());
  CHECK(notes ==
        "heddle: the same schedule again, recorded in full this time|end"
        "heddle: the same failure, in the simplest schedule that was found to have it|end");
  CHECK(result.failure->run.trace.header.test == "the current test");
  CHECK(FindFailure(TwoDeposits, {.directory = {}}).failure->run.trace.header.test == "unnamed");
}

// --- the environment ----------------------------------------------------------------------

TEST_CASE("HEDDLE_SCHEDULES and HEDDLE_SEED override the options") {
  const EnvironmentVariable schedules("HEDDLE_SCHEDULES", "3");
  CHECK(Explore(Fine, kNoFile).schedules == 3);

  const CapturedStderr captured;
  const EnvironmentVariable seed("HEDDLE_SEED", "18446744073709551615");
  CHECK_THROWS_AS(Explore(OppositeLocks, kNoFile), ExplorationFailed);
  CHECK_THAT(captured.Text(), ContainsText("seed 18446744073709551615"));
}

TEST_CASE("HEDDLE_SCHEDULES and HEDDLE_SEED are empty like unset") {
  const EnvironmentVariable schedules("HEDDLE_SCHEDULES", "");
  const EnvironmentVariable seed("HEDDLE_SEED", "");
  CHECK(Explore(Fine, {.name = "test", .schedules = 4, .strategy = "random"}).schedules == 4);
}

TEST_CASE("HEDDLE_SCHEDULES and HEDDLE_SEED that are no whole numbers are usage errors") {
  for (const std::string name : {"HEDDLE_SCHEDULES", "HEDDLE_SEED"}) {
    for (const std::string value :
         {"many", "-1", "1.5", "10 ", " 10", "0x10", "1e3", "18446744073709551616"}) {
      const EnvironmentVariable variable(name, value);
      CHECK(ErrorOf<UsageError>([] { Explore(Fine, kNoFile); }) ==
            "heddle: " + name + "='" + value +
                "' is not a whole number. Give one like 1000, or unset it.");
    }
  }
}

TEST_CASE("an exploration of no schedules is refused") {
  CHECK_THROWS_AS(Explore(Fine, {.name = "test", .schedules = 0}), UsageError);
  const EnvironmentVariable schedules("HEDDLE_SCHEDULES", "0");
  CHECK_THAT(ErrorOf<UsageError>([] { Explore(Fine, kNoFile); }),
             StartsWithText("heddle: HEDDLE_SCHEDULES=0 would look through"));
}

TEST_CASE("HEDDLE_SHRINK is 0 or 1") {
  const EnvironmentVariable shrink("HEDDLE_SHRINK", "maybe");
  CHECK_THAT(ErrorOf<UsageError>([] { Explore(Fine, kNoFile); }),
             StartsWithText("heddle: HEDDLE_SHRINK='maybe' is not known."));
}

TEST_CASE("HEDDLE_BUDGET makes fewer or more schedules of those of the options") {
  const ExploreOptions options = {.name = "test", .schedules = 25, .strategy = "random"};
  {
    const EnvironmentVariable budget("HEDDLE_BUDGET", "quick");
    CHECK(Explore(Fine, options).schedules == 3);
    const EnvironmentVariable schedules("HEDDLE_SCHEDULES", "4");
    CHECK(Explore(Fine, options).schedules == 4);
  }
  {
    const EnvironmentVariable budget("HEDDLE_BUDGET", "nightly");
    CHECK(Explore(Fine, options).schedules == 2'500);
  }
  {
    const EnvironmentVariable budget("HEDDLE_BUDGET", "37");
    CHECK(Explore(Fine, options).schedules == 37);
  }
  for (const std::string value : {"0", "-3", "30x", "s", "1.5s", "0s", "99999999h"}) {
    const EnvironmentVariable budget("HEDDLE_BUDGET", value);
    CHECK_THAT(ErrorOf<UsageError>([&] { Explore(Fine, options); }),
               StartsWithText("heddle: HEDDLE_BUDGET='" + value + "' is not known."));
  }
  const EnvironmentVariable budget("HEDDLE_BUDGET", "weekly");
  CHECK_THAT(ErrorOf<UsageError>([&] { Explore(Fine, options); }),
             StartsWithText("heddle: HEDDLE_BUDGET='weekly' is not known."));
}

// A tag that the current test has.
const std::string* tag_of_test = nullptr;

TEST_CASE("a tag of the test sets the budget, and the environment comes before it") {
  static constexpr TestFramework kFramework = {
      .current_test = [] { return std::string("tagged"); },
      .has_tag =
          [](std::string_view tag) { return tag_of_test != nullptr && tag == *tag_of_test; }};
  const ExploreOptions options = {.name = "test", .schedules = 25, .strategy = "random"};
  SetTestFramework(&kFramework);
  const auto schedules_with = [&](const std::string& tag) {
    tag_of_test = &tag;
    const std::uint64_t schedules = Explore(Fine, options).schedules;
    tag_of_test = nullptr;
    return schedules;
  };
  CHECK(schedules_with("quick") == 3);
  CHECK(schedules_with("nightly") == 2'500);
  CHECK(schedules_with("slow") == 25);
  {
    const EnvironmentVariable budget("HEDDLE_BUDGET", "10");
    CHECK(schedules_with("nightly") == 10);
    const EnvironmentVariable schedules("HEDDLE_SCHEDULES", "7");
    CHECK(schedules_with("nightly") == 7);
  }
  SetTestFramework(nullptr);
}

TEST_CASE("a budget of time ends an exploration, and what was run by then counts") {
  // The first schedules take all of it.
  const auto body = [](World& world) -> Task<> {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    static_cast<void>(world.Draw(1U << 30));
    co_return;
  };
  for (const std::uint64_t workers : {1U, 2U}) {
    const ExploreResult result =
        FindFailure(body, {.name = "test",
                           .schedules = std::numeric_limits<std::uint64_t>::max(),
                           .strategy = "random",
                           .time_max = std::chrono::milliseconds(20),
                           .workers = workers,
                           .directory = {}});
    CHECK(result.ok());
    CHECK(result.schedules > 0);
    CHECK(result.schedules < 1000);
    CHECK(result.coverage.schedules == result.schedules);
    CHECK(!result.coverage.complete);
  }
}

TEST_CASE("under a budget of time the same schedule fails, and no number of them is named") {
  const std::uint64_t found = FindFailure(Rare, kNoFile).schedules;
  const EnvironmentVariable budget("HEDDLE_BUDGET", "1h");
  const CapturedStderr captured;
  CHECK_THROWS_AS(Explore(Rare, kNoFile), std::runtime_error);
  CHECK_THAT(captured.Text(), StartsWithText("heddle: \"test\" failed in schedule " +
                                             std::to_string(found) + " (random, seed 42)\n"));
}

TEST_CASE("HEDDLE_STRATEGY and HEDDLE_SHARD override the options, and the report repeats one") {
  const CapturedStderr captured;
  const EnvironmentVariable schedules("HEDDLE_SCHEDULES", "3000");
  const EnvironmentVariable strategy("HEDDLE_STRATEGY", "pos");
  const EnvironmentVariable shard("HEDDLE_SHARD", "2/3");
  CHECK_THROWS_AS(Explore(OppositeLocks, kNoFile), ExplorationFailed);
  CHECK_THAT(captured.Text(), ContainsText("failed in schedule 1 02"));  // its first block
  CHECK_THAT(captured.Text(), ContainsText("(pos, seed 42)"));
  // One process comes to the same schedule.
  CHECK_THAT(captured.Text(), ContainsText("Find it again: HEDDLE_STRATEGY=pos HEDDLE_SEED="));
}

TEST_CASE("HEDDLE_SHARD that is no shard is a usage error") {
  for (const std::string value : {"2", "0/2", "3/2", "1/2/3", "a/b", "/", "1/"}) {
    const EnvironmentVariable shard("HEDDLE_SHARD", value);
    CHECK_THAT(ErrorOf<UsageError>([] { Explore(Fine, kNoFile); }),
               StartsWithText("heddle: HEDDLE_SHARD='" + value + "' is not a shard."));
  }
}

// Which shard an exploration is, by the name of its report.
std::string ShardOf(const std::string& variable) {
  const TemporaryFolder folder;
  const EnvironmentVariable report("HEDDLE_REPORT", folder.path());
  const EnvironmentVariable shard("HEDDLE_SHARD", variable);
  Explore(Fine, kNoFile);
  const std::string name =
      std::filesystem::directory_iterator(folder.path())->path().filename().string();
  return name.substr(name.find('.') + 1);
}

TEST_CASE("HEDDLE_SHARD=auto asks who started the process") {
  {
    const TemporaryFolder folder;
    const EnvironmentVariable index("TEST_SHARD_INDEX", "1");
    const EnvironmentVariable total("TEST_TOTAL_SHARDS", "3");
    const EnvironmentVariable status("TEST_SHARD_STATUS_FILE", folder.File("sharded"));
    CHECK(ShardOf("auto") == "2-of-3.report");
    CHECK(std::filesystem::exists(folder.File("sharded")));
  }
  {
    const EnvironmentVariable index("SLURM_ARRAY_TASK_ID", "12");
    const EnvironmentVariable first("SLURM_ARRAY_TASK_MIN", "10");
    const EnvironmentVariable count("SLURM_ARRAY_TASK_COUNT", "4");
    CHECK(ShardOf("auto") == "3-of-4.report");
  }
  {
    // `--array=10-40:10`: the ids are not one after the other.
    const EnvironmentVariable index("SLURM_ARRAY_TASK_ID", "30");
    const EnvironmentVariable first("SLURM_ARRAY_TASK_MIN", "10");
    const EnvironmentVariable step("SLURM_ARRAY_TASK_STEP", "10");
    const EnvironmentVariable count("SLURM_ARRAY_TASK_COUNT", "4");
    CHECK(ShardOf("auto") == "3-of-4.report");
  }
  {
    const EnvironmentVariable index("GTEST_SHARD_INDEX", "4");
    const EnvironmentVariable count("GTEST_TOTAL_SHARDS", "5");
    CHECK(ShardOf("auto") == "5-of-5.report");
  }
  const EnvironmentVariable index("JOB_COMPLETION_INDEX", "0");
  CHECK(ShardOf("auto/2") == "1-of-2.report");
}

TEST_CASE("HEDDLE_SHARD=auto where nobody says which is a usage error") {
  const auto error = [](const std::string& shard) {
    const EnvironmentVariable variable("HEDDLE_SHARD", shard);
    return ErrorOf<UsageError>([] { Explore(Fine, kNoFile); });
  };
  {  // whatever runs these tests
    const EnvironmentVariable bazel("TEST_SHARD_INDEX", "");
    const EnvironmentVariable slurm("SLURM_ARRAY_TASK_ID", "");
    const EnvironmentVariable kubernetes("JOB_COMPLETION_INDEX", "");
    CHECK_THAT(error("auto"), ContainsText("neither Bazel, a Slurm array nor a Kubernetes job"));
  }
  const EnvironmentVariable index("JOB_COMPLETION_INDEX", "2");
  CHECK_THAT(error("auto"), ContainsText("says it is shard 3/0."));
  CHECK_THAT(error("auto/2"), ContainsText("says it is shard 3/2."));
}

TEST_CASE("HEDDLE_VERBOSE says what was covered") {
  const EnvironmentVariable verbose("HEDDLE_VERBOSE", "1");
  const CapturedStderr captured;
  Explore([] { return Nothing(); }, {.name = "test"});
  CHECK(captured.Text() == "heddle: \"test\": the only interleaving explored\n");
}

TEST_CASE("FindFailure does not look at the environment") {
  const EnvironmentVariable replay("HEDDLE_REPLAY", "/nowhere");
  const EnvironmentVariable schedules("HEDDLE_SCHEDULES", "many");
  CHECK(FindFailure(Fine, {.schedules = 5, .strategy = "random", .directory = {}}).schedules == 5);
}

// --- HEDDLE_REPLAY ------------------------------------------------------------------------

// A failure of `body` under the name "test", recorded in `folder`.
template <class Body>
Failure RecordedFailure(const TemporaryFolder& folder, Body body) {
  return *FindFailure(body, {.name = "test", .directory = folder.path()}).failure;
}

TEST_CASE("HEDDLE_REPLAY runs the recording instead, and throws what it threw") {
  const TemporaryFolder folder;
  const Failure failure = RecordedFailure(folder, TwoDeposits);
  const EnvironmentVariable replay("HEDDLE_REPLAY", failure.recording);
  const CapturedStderr captured;
  int runs = 0;
  const auto counted = [&] {
    ++runs;
    return TwoDeposits();
  };
  CHECK_THROWS_AS(Explore(counted, kNoFile), LostDeposit);
  CHECK(runs == 1);
  const Trace& trace = failure.run.trace;
  CHECK(captured.Text() == "heddle: \"test\": reproduced, the same " +
                               std::to_string(trace.choices.size()) + " choices and " +
                               std::to_string(trace.events.size()) + " events\n" +
                               Describe(failure.run) + "\n");
}

TEST_CASE("HEDDLE_REPLAY of a run that was stuck throws one line") {
  const TemporaryFolder folder;
  const Failure failure = RecordedFailure(folder, OppositeLocks);
  const EnvironmentVariable replay("HEDDLE_REPLAY", failure.recording);
  const CapturedStderr captured;
  CHECK_THAT(ErrorOf<ExplorationFailed>([] { Explore(OppositeLocks, kNoFile); }),
             StartsWithText("heddle: \"test\": the run is stuck: "));
  CHECK_THAT(captured.Text(), ContainsText("LockBoth#0 waits for Mutex right (lock)"));
}

TEST_CASE("two explorations of one test case have a recording each, and both can be replayed") {
  static constexpr TestFramework kFramework = {
      .current_test = [] { return std::string("two explorations"); }, .set_note = nullptr};
  const TemporaryFolder folder;
  const CapturedStderr captured;
  const ExploreOptions options = {.directory = folder.path()};
  SetTestFramework(&kFramework);
  CHECK_THROWS_AS(Explore(TwoDeposits, options), LostDeposit);
  CHECK_THROWS_AS(Explore(OppositeLocks, options), ExplorationFailed);
  {
    // A third and a fourth stand for those of another process, where they are the first and second.
    const EnvironmentVariable replay("HEDDLE_REPLAY",
                                     folder.File("two-explorations-exploration-2.heddle"));
    const ExploreResult skipped = Explore(TwoDeposits, options);
    CHECK(skipped.ok());
    CHECK(skipped.schedules == 0);
    CHECK_THAT(ErrorOf<ExplorationFailed>(
                   [&] { Explore(OppositeLocks, {.name = "two explorations (exploration 2)"}); }),
               ContainsText("the run is stuck"));
  }
  SetTestFramework(nullptr);
  const auto test_of = [&](const std::string& file) {
    return ReadRecording(folder.File(file))->trace.header.test;
  };
  CHECK(test_of("two-explorations.heddle") == "two explorations");
  CHECK(test_of("two-explorations-exploration-2.heddle") == "two explorations (exploration 2)");
}

TEST_CASE("HEDDLE_REPLAY keeps to the limits of the exploration") {
  const TemporaryFolder folder;
  const ExploreOptions options = {.name = "test", .tasks_max = 10, .directory = folder.path()};
  const auto body = [](World& world) {
    for (;;) world.Spawn(Nothing());
  };
  const Failure failure = *FindFailure(body, options).failure;
  const EnvironmentVariable replay("HEDDLE_REPLAY", failure.recording);
  const CapturedStderr captured;
  CHECK_THROWS_AS(Explore(body, options), ExplorationFailed);
  CHECK_THAT(captured.Text(), ContainsText("reproduced"));
}

TEST_CASE("HEDDLE_REPLAY of a run that finished passes") {
  const TemporaryFolder folder;
  Trace trace = Run(Fine).trace;
  trace.header.test = "test";
  REQUIRE(WriteRecording(folder.File("fine.heddle"), trace).ok());
  const EnvironmentVariable replay("HEDDLE_REPLAY", folder.File("fine.heddle"));
  const CapturedStderr captured;
  const ExploreResult result = Explore(Fine, kNoFile);
  CHECK(result.ok());
  CHECK(result.schedules == 1);
  CHECK_THAT(captured.Text(), EndsWithText("events\nthe run finished\n"));
}

TEST_CASE("HEDDLE_REPLAY_OUT is where the run that was replayed is written") {
  const TemporaryFolder folder;
  const Failure failure = RecordedFailure(folder, TwoDeposits);
  const EnvironmentVariable replay("HEDDLE_REPLAY", failure.recording);
  const EnvironmentVariable out("HEDDLE_REPLAY_OUT", folder.File("again.heddle"));
  const CapturedStderr captured;
  CHECK_THROWS_AS(Explore(TwoDeposits, kNoFile), LostDeposit);
  const auto again = ReadRecording(folder.File("again.heddle"));
  REQUIRE(again.ok());
  CHECK(CanonicalText(again->trace) == CanonicalText(failure.run.trace));
  CHECK(ReadText(folder.File("again.heddle")) == ReadText(failure.recording));
}

TEST_CASE("HEDDLE_REPLAY_OUT that cannot be written is a usage error") {
  const TemporaryFolder folder;
  const Failure failure = RecordedFailure(folder, TwoDeposits);
  const EnvironmentVariable replay("HEDDLE_REPLAY", failure.recording);
  const EnvironmentVariable out("HEDDLE_REPLAY_OUT", folder.File("none/again.heddle"));
  const CapturedStderr captured;
  const std::string error = ErrorOf<UsageError>([] { Explore(TwoDeposits, kNoFile); });
  CHECK_THAT(error, StartsWithText("heddle: HEDDLE_REPLAY_OUT: "));
  CHECK_THAT(error, ContainsText("none/again.heddle"));
}

TEST_CASE("a replay that goes otherwise throws one line, and says the difference") {
  const TemporaryFolder folder;
  const Failure failure = RecordedFailure(folder, TwoDeposits);
  const EnvironmentVariable replay("HEDDLE_REPLAY", failure.recording);
  const EnvironmentVariable out("HEDDLE_REPLAY_OUT", folder.File("again.heddle"));
  const CapturedStderr captured;
  CHECK_THAT(ErrorOf<ReplayDiverged>([] { Explore(OppositeLocks, kNoFile); }),
             StartsWithText("heddle: \"test\": the replay went otherwise than the recording at "));
  CHECK_THAT(captured.Text(), ContainsText("\n  expected: "));
  CHECK_THAT(captured.Text(), ContainsText("\n  likely cause: "));
  CHECK_THAT(captured.Text(), !ContainsText("reproduced"));
  CHECK(ReadRecording(folder.File("again.heddle")).ok());
}

TEST_CASE("a recording that cannot be replayed is a usage error that says why") {
  const TemporaryFolder folder;
  const Failure failure = RecordedFailure(folder, TwoDeposits);
  const std::string bytes = ReadText(failure.recording);
  const std::string file = folder.File("bad.heddle");
  const EnvironmentVariable replay("HEDDLE_REPLAY", file);
  const auto error = [] { return ErrorOf<UsageError>([] { Explore(TwoDeposits, kNoFile); }); };

  SECTION("no such file") {
    CHECK(error() == "heddle: HEDDLE_REPLAY: " + file +
                         ": No such file or directory. Check the path; recordings of failed tests "
                         "are written below heddle-failures/.");
  }
  SECTION("a folder") {
    std::filesystem::create_directory(file);
    CHECK_THAT(error(), ContainsText(": is a directory, not a recording"));
  }
  SECTION("an empty file") {
    WriteText(file, "");
    CHECK_THAT(error(), ContainsText("bad.heddle: is empty"));
  }
  SECTION("another file") {
    WriteText(file, "#include <iostream>\n");
    CHECK_THAT(error(), ContainsText("bad.heddle: is not a recording"));
  }
  SECTION("a torn file") {
    WriteText(file, bytes.substr(0, bytes.size() - 3));
    const std::string text = error();
    CHECK_THAT(text, ContainsText("is cut off"));
    CHECK_THAT(text, EndsWithText("can be looked at with `heddle show`, but not replayed."));
  }
  SECTION("a file of which one bit was flipped") {
    for (std::size_t at = 0; at < bytes.size(); at += 7) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
      WriteText(file, flipped);
      CHECK_THAT(error(), StartsWithText("heddle: HEDDLE_REPLAY: " + file + ": "));
    }
  }
  SECTION("a recording of another test") {
    Trace trace = failure.run.trace;
    trace.header.test = "another test";
    REQUIRE(WriteRecording(file, trace).ok());
    CHECK(error() == "heddle: HEDDLE_REPLAY names '" + file +
                         "', a recording of \"another test\", but this is \"test\". Run only the "
                         "test that was recorded, by giving its name as the argument.");
  }
}

}  // namespace
}  // namespace heddle
