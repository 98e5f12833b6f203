// SPDX-License-Identifier: MIT
//
// FindFailure and Explore: what is found, and what is kept of it. The strategies are in
// explore_strategies_test.cc, variables of the environment and the way back from a recording in
// explore_environment_test.cc, the way through a process of its own in explore_program_test.cc.
#include "heddle/explore.h"

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "heddle/combinators.h"
#include "heddle/gate.h"
#include "heddle/mark.h"
#include "heddle/sleep.h"
#include "heddle/test_framework.h"
#include "heddle/trace_io.h"
#include "heddle/world.h"
#include "replayer/explore_bodies.h"
#include "replayer/surroundings.h"
#include "support/catch.h"

namespace heddle {
namespace {

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

// --- bodies that do not start afresh --------------------------------------------------------

// Listens after it has told the other one, who may have given up by then.
Task<> CallsBack(Gate& listens, const bool& gone) {
  if (gone) throw std::runtime_error("nobody there");
  listens.Open();
  co_return;
}
Task<> Listens(Gate& listens, bool& gone) {
  gone = true;
  co_await Yield();
  gone = false;
  co_await listens.Wait();
}

TEST_CASE("an exception that only a run's end shows is the same whether or not it is recorded") {
  const auto body = []() -> Task<> {
    Gate listens("listens");
    bool gone = false;
    co_await All(Listens(listens, gone), CallsBack(listens, gone));
  };
  const ExploreResult result = FindFailure(body, {.strategy = "random", .directory = ""});
  REQUIRE(result.failure);
  const Failure& failure = *result.failure;
  CHECK(failure.run.ending == Ending::kStuck);
  CHECK(failure.run.message == "CallsBack#0 threw, and nobody has seen it: nobody there");
  CHECK_FALSE(failure.divergence);
  CHECK_FALSE(failure.state);
  REQUIRE(failure.shrunk);
  CHECK(failure.shrunk->pairs.size() == 1);
  CHECK_THROWS_WITH(Explore(body, {.strategy = "random", .directory = ""}),
                    ContainsText("CallsBack#0 threw, and nobody has seen it: nobody there; the run "
                                 "is stuck: "));
}

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

TEST_CASE("the recording says which steps' order decides, in the words of the report") {
  const TemporaryFolder folder;
  const ExploreResult result = FindFailure(TwoDeposits, {.directory = folder.File("here")});
  REQUIRE(!result.ok());
  const auto read = ReadRecording(result.failure->recording);
  REQUIRE(read.ok());
  const ShrinkResult& shrunk = *result.failure->shrunk;
  const Explanation& why = read->trace.header.explanation;
  REQUIRE(why.steps.size() == shrunk.steps.size());
  REQUIRE(!why.steps.empty());
  std::uint64_t step = 0;
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < read->trace.events.size(); ++i) {
    const EventKind kind = read->trace.events[i].kind;
    if (kind != EventKind::kStart && kind != EventKind::kResume) continue;
    for (const ExplainedStep& explained : why.steps) {
      if (explained.number == step) found.push_back(i);
    }
    ++step;
  }
  std::vector<std::size_t> expected;
  for (const OrderedStep& ordered : shrunk.steps) expected.push_back(ordered.event);
  std::ranges::sort(expected);
  CHECK(found == expected);
  // Its lines are wrapped there.
  const auto flat = [](std::string text) {
    std::string words;
    for (const char c : text) {
      if (c != '\n' && c != ' ') words += c;
    }
    return words;
  };
  CHECK_THAT(flat(result.failure->report), ContainsText(flat(why.verdict)));
  for (const ExplainedStep& explained : why.steps) {
    CHECK_THAT(flat(result.failure->report), ContainsText(flat(explained.text)));
  }
}

// What stands in quotation marks in it.
std::string Quotation(const std::string& text) {
  const std::size_t begin = text.find('"') + 1;
  return text.substr(begin, text.find('"', begin) - begin);
}

std::string LineWith(const std::string& text, const std::string& part) {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  const std::size_t begin = text.rfind('\n', at) + 1;
  return text.substr(begin, text.find('\n', at) - begin);
}

TEST_CASE("what FindFailure says of the way back goes by its options and by no environment") {
  const TemporaryFolder folder;
  const ExploreOptions options = {
      .name = "rare", .seed = 7, .strategy = "random", .source = "a_test.cc"};
  ExploreOptions written = options;
  written.directory = folder.path();
  const ExploreResult found = FindFailure(Rare, written);
  REQUIRE(found.failure);
  const std::string& report = found.failure->report;
  CHECK_THAT(report, !ContainsText("HEDDLE_"));
  CHECK_THAT(report, !ContainsText("heddle keep"));
  const std::string line = LineWith(report, "  Replay it:   heddle::Replay(heddle::ReadRecording(");
  CHECK_THAT(line, EndsWithText(")->trace, body)"));
  const auto recording = ReadRecording(Quotation(line));
  REQUIRE(recording.ok());
  CHECK(Replay(recording->trace, Rare).reproduced());

  ExploreOptions unwritten = options;
  unwritten.directory = "";
  const std::string again = FindFailure(Rare, unwritten).failure->report;
  CHECK_THAT(again, !ContainsText("HEDDLE_"));
  CHECK_THAT(again, ContainsText("Find it again: heddle::FindFailure with the same options, and "
                                 ".seed = 7, .schedules = " +
                                 std::to_string(found.schedules) + "\n"));
  unwritten.schedules = found.schedules;
  CHECK(FindFailure(Rare, unwritten).schedules == found.schedules);
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
  const std::string report = FindFailure(TwoDeposits, kNoFile).failure->report;
  const std::size_t way_back = report.find("  Find it again:");
  REQUIRE(way_back != std::string::npos);
  CHECK(captured.Text().substr(0, way_back) == report.substr(0, way_back));
}

TEST_CASE("Explore throws one line for what is not itself an exception") {
  const CapturedStderr captured;
  const std::string error = ErrorOf<ExplorationFailed>([] { Explore(OppositeLocks, kNoFile); });
  CHECK_THAT(error, StartsWithText("heddle: \"test\": the run is stuck: "));
  CHECK_THAT(error, ContainsText(" waits for "));
  CHECK_THAT(error, EndsWithText("more wait"));
}

Task<> LockTwice(Mutex& mutex) {
  const MutexGuard once = co_await mutex.Lock();
  const MutexGuard twice = co_await mutex.Lock();
}

TEST_CASE("the one line counts no task that waits for its call") {
  const CapturedStderr captured;
  const auto call = []() -> Task<> {
    Mutex mutex("ledger");
    co_await LockTwice(mutex);
  };
  const std::string error = ErrorOf<ExplorationFailed>([&] { Explore(call, kNoFile); });
  CHECK_THAT(error, ContainsText("is stuck: LockTwice#0 waits for Mutex ledger (lock)"));
  CHECK(error.find("more wait") == std::string::npos);
}

TEST_CASE("the one line names the task that never ran") {
  const CapturedStderr captured;
  const auto forget = []() -> Task<> {
    {
      const Task<> forgotten = Nothing();
    }
    co_return;
  };
  const std::string error = ErrorOf<ExplorationFailed>([&] { Explore(forget, kNoFile); });
  CHECK_THAT(error, EndsWithText("the run finished, but Nothing#0 never ran: nobody awaited it"));
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

}  // namespace
}  // namespace heddle
