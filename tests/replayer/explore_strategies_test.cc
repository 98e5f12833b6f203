// SPDX-License-Identifier: MIT
//
// FindFailure by each strategy: what it finds, what it says of its search, and what it refuses.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "heddle/combinators.h"
#include "heddle/explore.h"
#include "heddle/mutex.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "heddle/world.h"
#include "replayer/explore_bodies.h"
#include "support/catch.h"

namespace heddle {
namespace {

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

TEST_CASE("a budget that is larger than the default proves no less") {
  const auto body = Interleaved(6, [](const std::string&) {});
  const std::uint64_t all = 3432;
  const std::uint64_t walks = 64 - 8;
  const std::uint64_t on_main_line = 1024;  // of these 2 500: the first block
  for (const std::uint64_t workers : {1U, 3U}) {
    const ExploreResult result = FindFailure(
        body,
        {.schedules = 2'500, .search_to_end_max = kLong, .workers = workers, .directory = {}});
    CHECK(result.coverage.complete);
    CHECK(result.coverage.interleavings == all);
    CHECK(result.schedules == 2'500 - on_main_line + kDefaultSchedules + walks + all);
  }
  // The fifth block is on the main line again, and comes to the end within the budget.
  CHECK(FindFailure(body, {.schedules = 100'000, .search_to_end_max = {}, .directory = {}})
            .coverage.complete);
}

TEST_CASE("what fails beyond a budget is numbered on, and found by any number of workers") {
  const auto body = Interleaved(7, [](const std::string& order) {
    if (order == "bbbaabaababbaa") throw std::runtime_error("that one");
  });
  std::string report;
  for (const std::uint64_t workers : {1U, 3U}) {
    const ExploreResult result = FindFailure(body, {.name = "late",
                                                    .schedules = 1'100,
                                                    .search_to_end_max = kLong,
                                                    .shrink = false,
                                                    .workers = workers,
                                                    .directory = {}});
    REQUIRE(result.failure);
    CHECK(result.schedules > 1'100);
    CHECK(result.failure->run.trace.header.schedule == result.schedules);
    if (!report.empty()) CHECK(result.failure->report == report);
    report = result.failure->report;
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

TEST_CASE("a search that is cut off says so, and estimates nothing from what it came to") {
  for (const char* strategy : {"exhaustive", "dpor", "preemption-bounded", "delay-bounded"}) {
    const ExploreResult result =
        FindFailure(Large, {.schedules = 50, .strategy = strategy, .directory = {}});
    INFO(strategy);
    CHECK(result.coverage.unfinished);
    CHECK(result.coverage.classified == 0);
    CHECK_THAT(Describe(result.coverage), StartsWithText("50 schedules passed"));
    CHECK_THAT(Describe(result.coverage), ContainsText("; the search is not at its end"));
    CHECK_THAT(Describe(result.coverage), !ContainsText("probability"));
  }
  CHECK_FALSE(FindFailure(Large, {.schedules = 50, .strategy = "random", .directory = {}})
                  .coverage.unfinished);
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

}  // namespace
}  // namespace heddle
