// SPDX-License-Identifier: MIT
//
// Worker processes: that how many there are makes no difference, and what happens when they die.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "heddle/combinators.h"
#include "heddle/explore.h"
#include "heddle/mutex.h"
#include "heddle/trace_io.h"
#include "heddle/world.h"
#include "replayer/surroundings.h"
#include "support/catch.h"
#include "support/child_process.h"

namespace heddle {
namespace {

constexpr std::uint32_t kSides = 1024;
constexpr std::uint32_t kUnlucky = 12;
constexpr std::uint64_t kBlock = 1024;  // schedules that are always dealt to one worker

Task<> LockOnce(Mutex& mutex) { const MutexGuard guard = co_await mutex.Lock(); }

// Two orders, a throw of dice, and what comes of a bad one: in one schedule of 1 024.
template <class Misfortune>
auto Dice(Misfortune misfortune) {
  return [misfortune](World& world) -> Task<> {
    Mutex mutex;
    co_await All(LockOnce(mutex), LockOnce(mutex));
    if (world.Draw(kSides) == kUnlucky) misfortune();
  };
}

const auto kThrows = Dice([] { throw std::runtime_error("a bad throw"); });
const auto kCrashes = Dice([] { std::raise(SIGSEGV); });
const auto kPasses = Dice([] {});

ExploreOptions OptionsOf(const std::string& strategy, std::uint64_t workers) {
  return {
      .name = "dice", .schedules = 8000, .strategy = strategy, .workers = workers, .directory = {}};
}

template <class Call>
std::string UsageErrorOf(const Call& call) {
  try {
    call();
  } catch (const UsageError& error) {
    return error.what();
  }
  FAIL("nothing was thrown");
  return {};
}

void CheckEqual(const ExploreResult& a, const ExploreResult& b) {
  CHECK(a.schedules == b.schedules);
  CHECK(a.coverage.schedules == b.coverage.schedules);
  CHECK(a.coverage.complete == b.coverage.complete);
  CHECK(a.coverage.interleavings == b.coverage.interleavings);
  CHECK(a.coverage.classes == b.coverage.classes);
  CHECK(a.coverage.unseen == b.coverage.unseen);
  CHECK(a.coverage.missed_of_depth_2 == b.coverage.missed_of_depth_2);
  REQUIRE(a.ok() == b.ok());
  if (a.ok()) return;
  CHECK(a.failure->run.trace == b.failure->run.trace);
  CHECK(a.failure->report == b.failure->report);
}

TEST_CASE("any number of workers finds what one process finds") {
  std::uint64_t latest = 0;
  for (const char* strategy : {"random", "pct3", "surw", "portfolio", "auto"}) {
    INFO(strategy);
    const ExploreResult alone = FindFailure(kThrows, OptionsOf(strategy, 1));
    REQUIRE(!alone.ok());
    latest = std::max(latest, alone.schedules);
    CHECK(alone.workers == 1);
    for (const std::uint64_t workers : {2U, 3U}) {
      const ExploreResult shared = FindFailure(kThrows, OptionsOf(strategy, workers));
      CHECK(shared.workers == workers);
      CheckEqual(shared, alone);
    }
  }
  CHECK(latest > 2 * kBlock);
}

TEST_CASE("any number of workers counts what one process counts") {
  for (const char* strategy : {"pos", "pct2", "auto"}) {
    INFO(strategy);
    ExploreOptions options = OptionsOf(strategy, 1);
    options.schedules = 4 * kBlock + 1;
    options.search_to_end_max = {};
    const ExploreResult alone = FindFailure(kPasses, options);
    CHECK(alone.schedules == options.schedules);
    options.workers = 2;
    CheckEqual(FindFailure(kPasses, options), alone);
  }
}

TEST_CASE("a search that comes to its end ends in a worker too") {
  const auto body = []() -> Task<> {
    Mutex mutex;
    co_await All(LockOnce(mutex), LockOnce(mutex), LockOnce(mutex));
  };
  const ExploreResult shared = FindFailure(body, OptionsOf("auto", 2));
  CHECK(shared.coverage.complete);
  CHECK(shared.coverage.interleavings > 1);
  CheckEqual(shared, FindFailure(body, OptionsOf("auto", 1)));
}

TEST_CASE("a shard is shared by workers as it is run by one") {
  ExploreOptions options = OptionsOf("random", 1);
  options.shard = 2;
  options.shards = 3;
  const ExploreResult alone = FindFailure(kThrows, options);
  options.workers = 2;
  CheckEqual(FindFailure(kThrows, options), alone);
}

TEST_CASE("a body that crashes is a failure that names the schedule, and the choices are kept") {
  const TemporaryFolder folder;
  ExploreOptions options = OptionsOf("pct3", 2);
  options.directory = folder.path();
  const ExploreResult crashed = FindFailure(kCrashes, options);
  ExploreOptions as_found = OptionsOf("pct3", 1);
  as_found.shrink = false;
  const ExploreResult thrown = FindFailure(kThrows, as_found);
  REQUIRE(!crashed.ok());
  CHECK_THAT(crashed.failure->crash, StartsWithText("signal 11 ("));
  CHECK(crashed.schedules == thrown.schedules);
  CHECK(crashed.coverage.schedules == thrown.coverage.schedules);
  CHECK(crashed.coverage.classes <= thrown.coverage.classes);
  const auto recording = ReadRecording(crashed.failure->recording);
  REQUIRE(recording.ok());
  CHECK(recording->damage.ok());
  CHECK(recording->trace.header.schedule == thrown.schedules);
  CHECK(recording->trace.header.chooser == thrown.failure->run.trace.header.chooser);
  CHECK(recording->trace.choices == thrown.failure->run.trace.choices);
  CHECK_THAT(crashed.failure->report, ContainsText("The program crashed: signal 11"));
  CHECK_THAT(crashed.failure->report, ContainsText("Replay it:   heddle::Replay("));
}

TEST_CASE("a crash of the test's own process says which schedule it was, and dies of it") {
  const std::string schedule =
      std::to_string(FindFailure(kThrows, OptionsOf("random", 1)).schedules);
  for (const int signal : {SIGSEGV, SIGABRT}) {
    const auto crashes = Dice([signal] { std::raise(signal); });
    const ChildEnd end = RunInChild([&] {
      static_cast<void>(std::signal(signal, SIG_DFL));
      Explore(crashes, OptionsOf("random", 1));
      return 0;
    });
    CHECK(WIFSIGNALED(end.status));
    CHECK(WTERMSIG(end.status) == signal);
    CHECK_THAT(end.err, StartsWithText("heddle: \"dice\" crashed in schedule " + schedule +
                                       " of 8000 (seed 42): signal " + std::to_string(signal)));
    CHECK_THAT(end.err, ContainsText("\n    HEDDLE_WORKERS=2 "));
  }
  // That is over then, and what comes of a crash elsewhere is nobody's business.
  const ChildEnd later = RunInChild([] {
    static_cast<void>(std::signal(SIGABRT, SIG_DFL));
    Explore(kPasses, OptionsOf("random", 1));
    std::raise(SIGABRT);
    return 0;
  });
  CHECK(WTERMSIG(later.status) == SIGABRT);
  CHECK(later.err.find("crashed") == std::string::npos);
}

TEST_CASE("for a test, a crash is reported and thrown") {
  const TemporaryFolder folder;
  ExploreOptions options = OptionsOf("random", 2);
  options.directory = folder.path();
  const CapturedStderr err;
  CHECK_THROWS_AS(Explore(kCrashes, options), ExplorationFailed);
  CHECK_THAT(err.Text(), StartsWithText("heddle: \"dice\" failed in schedule "));
}

TEST_CASE("a worker that is killed loses nothing, and nothing is counted twice") {
  const TemporaryFolder folder;
  const std::string killed = folder.File("killed");
  const auto body = Dice([&] {
    if (std::filesystem::exists(killed)) return;
    std::ofstream(killed).flush();
    std::raise(SIGKILL);
  });
  const ExploreResult shared = FindFailure(body, OptionsOf("random", 2));
  CHECK(std::filesystem::exists(killed));
  CheckEqual(shared, FindFailure(kPasses, OptionsOf("random", 1)));
}

TEST_CASE("workers that die again and again are given up") {
  auto body = [calls = 0]() mutable -> Task<> {
    // Each time somewhere else: the number of calls says nothing of the schedule.
    if (++calls == 3 + static_cast<int>(getpid() % 1000)) std::raise(SIGKILL);
    co_return;
  };
  ExploreOptions options = OptionsOf("random", 2);
  options.schedules = 1'000'000;
  CHECK_THAT(UsageErrorOf([&] { return FindFailure(body, options); }),
             ContainsText("worker processes died 16 times, each in another schedule"));
}

TEST_CASE("what a body keeps from one schedule to the next is found out") {
  auto body = [runs = 0]() mutable -> Task<> {
    if (++runs > 1500) throw std::runtime_error("worn out");
    co_return;
  };
  ExploreOptions options = OptionsOf("random", 2);
  options.schedules = 10'000;
  const std::string error = UsageErrorOf([&] { return FindFailure(body, options); });
  CHECK_THAT(error, ContainsText("failed in a worker process, and passes in the test's own"));
  CHECK_THAT(error, ContainsText("Set it up inside the body"));
}

TEST_CASE("a usage error in a worker is one of the test") {
  auto body = [runs = 0](World& world) mutable -> Task<> {
    if (++runs % 2 == 0) static_cast<void>(world.Draw(3));
    static_cast<void>(world.Draw(2));
    co_return;
  };
  ExploreOptions options = OptionsOf("exhaustive", 2);
  options.check_determinism = false;
  CHECK_THROWS_AS(FindFailure(body, options), UsageError);
}

TEST_CASE("a chooser that answers out of range is named, in a worker as anywhere") {
  class Wrong final : public Chooser {
   public:
    std::size_t ChooseTask(const ReadySet& ready) override { return ready.size(); }
    std::uint32_t ChooseValue(std::uint32_t /*alternatives*/) override { return 0; }
    std::string_view name() const override { return "wrong"; }
  };
  for (const std::uint64_t workers : {1U, 2U}) {
    ExploreOptions options = OptionsOf("", workers);
    options.chooser = [](std::uint64_t /*seed*/) { return std::make_unique<Wrong>(); };
    CHECK_THAT(UsageErrorOf([&] { return FindFailure(kPasses, options); }),
               ContainsText("the chooser 'wrong' picked candidate 2 of 2"));
  }
}

TEST_CASE("a chooser that draws out of range is named, in a worker as anywhere") {
  class Wrong final : public Chooser {
   public:
    std::size_t ChooseTask(const ReadySet& /*ready*/) override { return 0; }
    std::uint32_t ChooseValue(std::uint32_t alternatives) override { return alternatives; }
    std::string_view name() const override { return "wrong"; }
  };
  for (const std::uint64_t workers : {1U, 2U}) {
    ExploreOptions options = OptionsOf("", workers);
    options.chooser = [](std::uint64_t /*seed*/) { return std::make_unique<Wrong>(); };
    CHECK_THAT(UsageErrorOf([&] { return FindFailure(kPasses, options); }),
               ContainsText("the chooser 'wrong' drew 1024 of 1024 alternatives"));
  }
}

TEST_CASE("a process with other threads is not copied") {
  std::latch done(1);
  std::thread other([&] { done.wait(); });
  const ExploreResult result = FindFailure(kThrows, OptionsOf("random", 2));
  CHECK(result.workers == 1);
  CheckEqual(result, FindFailure(kThrows, OptionsOf("random", 1)));
  done.count_down();
  other.join();
}

TEST_CASE("the environment gives the number of workers") {
  ExploreOptions options = OptionsOf("random", 1);
  options.schedules = 2000;
  {
    const EnvironmentVariable workers("HEDDLE_WORKERS", "2");
    CHECK(Explore(kPasses, options).workers == 2);
  }
  const EnvironmentVariable workers("HEDDLE_WORKERS", "several");
  CHECK_THROWS_AS(Explore(kPasses, options), UsageError);
}

}  // namespace
}  // namespace heddle
