// SPDX-License-Identifier: MIT
//
// What Explore adds for a test to exploration.h: the environment, the report, the exception.
#include "heddle/explore.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "exploration.h"
#include "heddle/check.h"
#include "heddle/internal/environment.h"
#include "heddle/internal/exploration_report.h"
#include "heddle/internal/held_checks.h"
#include "heddle/internal/kept.h"
#include "heddle/internal/run_summary.h"
#include "heddle/test_framework.h"
#include "heddle/trace_io.h"
#include "progress.h"
#include "report_text.h"
#include "shard.h"
#include "workers.h"

namespace heddle {
namespace {

std::string NameOf(const ExploreOptions& options) {
  if (!options.name.empty()) return options.name;
  std::string name = CurrentTestName();
  return name.empty() ? "unnamed" : name;
}

void CheckShard(const ExploreOptions& options) {
  if (options.shard >= 1 && options.shard <= options.shards) return;
  throw UsageError("heddle: there is no shard " + std::to_string(options.shard) + " of " +
                   std::to_string(options.shards) + ". They count from 1.");
}

void CheckSchedules(const ExploreOptions& options) {
  if (options.schedules > 0) return;
  throw UsageError(
      "heddle: ExploreOptions::schedules is 0: that would look through nothing, and pass. Give a "
      "number like 1000.");
}

}  // namespace

namespace internal {

ExploreResult FindFailure(ExploredBody& body, const ExploreOptions& given) {
  ExploreOptions options = given;
  options.name = NameOf(given);
  CheckShard(options);
  // A property looks for its failure like this, too, and reads the environment itself.
  const bool is_property = !options.input.empty();
  const auto variables = is_property ? std::optional<std::string>("") : std::nullopt;
  return Exploration(body, options, variables).Run(/*progress=*/nullptr);
}

}  // namespace internal

// --- for a test ---------------------------------------------------------------------------

namespace {

using internal::Environment;

void OverrideOptions(ExploreOptions& options) {
  internal::OverrideNumber("HEDDLE_SEED", options.seed);
  internal::Budget budget{.schedules = options.schedules, .time_max = options.time_max};
  internal::OverrideBudget(budget);
  // Who asks for fewer wants it to be quick.
  if (budget.schedules < options.schedules) options.search_to_end_max = std::chrono::nanoseconds(0);
  options.schedules = budget.schedules;
  options.time_max = budget.time_max;
  if (Environment("HEDDLE_WORKERS") == "auto") {
    options.workers = internal::WorkersOfMachine();
  } else {
    internal::OverrideNumber("HEDDLE_WORKERS", options.workers);
  }
  internal::OverrideFlag("HEDDLE_SHRINK", options.shrink);
  if (const std::string strategy = Environment("HEDDLE_STRATEGY"); !strategy.empty()) {
    options.strategy = strategy;
    options.chooser = nullptr;
  }
  const internal::Shard shard =
      internal::ShardFromEnvironment({.number = options.shard, .count = options.shards});
  options.shard = shard.number;
  options.shards = shard.count;
}

// What must be set again to come to the same schedules. Which shard it was makes no difference.
std::string Variables() {
  const std::string strategy = Environment("HEDDLE_STRATEGY");
  return strategy.empty() ? "" : "HEDDLE_STRATEGY=" + strategy;
}

// How many explorations there were of a test, this one included.
std::uint64_t CountExploration(const std::string& test) {
  static std::mutex mutex;
  static std::map<std::string, std::uint64_t> counts;
  const std::scoped_lock lock(mutex);
  return ++counts[test];
}

constexpr std::string_view kExploration = " (exploration ";

// The recording of the second exploration of a test must not take the place of the first one's.
std::string NameInTest(const ExploreOptions& options) {
  std::string name = NameOf(options);
  if (!options.name.empty() || name == "unnamed") return name;
  const std::uint64_t number = CountExploration(name);
  if (number > 1) name += std::string(kExploration) + std::to_string(number) + ")";
  return name;
}

// Whether both are explorations of one test.
bool OfOneTest(const std::string& a, const std::string& b) {
  return a.substr(0, a.rfind(kExploration)) == b.substr(0, b.rfind(kExploration));
}

void Print(const std::string& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

[[noreturn]] void ThrowFailure(const RunResult& run, const std::string& name) {
  if (run.exception != nullptr) std::rethrow_exception(run.exception);
  throw ExplorationFailed("heddle: \"" + name + "\": " + internal::SummaryOf(run));
}

}  // namespace

namespace internal {

namespace {

// Whatever test it is of.
Trace ReadRecordingFromEnvironment() {
  const std::string path = Environment("HEDDLE_REPLAY");
  absl::StatusOr<Recording> recording = ReadRecording(path);
  if (!recording.ok()) {
    throw UsageError("heddle: HEDDLE_REPLAY: " + std::string(recording.status().message()));
  }
  if (!recording->damage.ok()) {
    throw UsageError("heddle: HEDDLE_REPLAY: " + std::string(recording->damage.message()) +
                     " What is left can be looked at with `heddle show`, but not replayed.");
  }
  return std::move(recording->trace);
}

void CheckTest(const Trace& recorded, const std::string& name) {
  if (recorded.header.test == name) return;
  throw UsageError("heddle: HEDDLE_REPLAY names '" + Environment("HEDDLE_REPLAY") +
                   "', a recording of \"" + recorded.header.test + "\", but this is \"" + name +
                   "\". Run only the test that was recorded, by giving its name as the "
                   "argument.");
}

}  // namespace

Trace RecordingFromEnvironment(const std::string& name) {
  Trace recorded = ReadRecordingFromEnvironment();
  CheckTest(recorded, name);
  return recorded;
}

namespace {

// Says at the end of the process when nobody looked for a recording that was to be replayed: a test
// that only runs would pass as if it had been.
class UnreadReplay {
 public:
  UnreadReplay() = default;
  UnreadReplay(const UnreadReplay&) = delete;
  UnreadReplay& operator=(const UnreadReplay&) = delete;
  ~UnreadReplay() {
    if (was_read_ || Environment("HEDDLE_REPLAY").empty()) return;
    Print(
        "heddle: HEDDLE_REPLAY is set, and nothing was replayed: no heddle::Explore and no "
        "heddle::Property was run. Name the test that was recorded.\n");
  }

  void NoteRead() { was_read_ = true; }

 private:
  std::atomic<bool> was_read_ = false;
};

UnreadReplay unread_replay;

}  // namespace

bool ReplayIsAskedFor() {
  unread_replay.NoteRead();
  return !Environment("HEDDLE_REPLAY").empty();
}

void ReplayRecording(const Trace& recorded, BodyRef body, const RunOptions& options) {
  const std::string& name = recorded.header.test;
  std::optional<HeldChecks> held(std::in_place);
  const ReplayResult replay = Follow(recorded, body, options);
  const std::vector<HeldCheck> checks = held->checks();
  held.reset();
  if (const std::string out = Environment("HEDDLE_REPLAY_OUT"); !out.empty()) {
    const absl::Status status = WriteRecording(out, replay.run.trace);
    if (!status.ok()) {
      throw UsageError("heddle: HEDDLE_REPLAY_OUT: " + std::string(status.message()));
    }
  }
  if (!replay.reproduced()) {
    Print("heddle: \"" + name + "\": " + Describe(*replay.divergence) + "\n");
    throw ReplayDiverged("heddle: \"" + name + "\": " + FirstLine(Describe(*replay.divergence)));
  }
  Print("heddle: \"" + name + "\": reproduced, the same " +
        internal::Count(recorded.choices.size(), "choice") + " and " +
        internal::Count(recorded.events.size(), "event") + "\n" + Describe(replay.run) + "\n");
  if (replay.run.ok()) return;
  ReportChecks(checks);
  ThrowFailure(replay.run, name);
}

namespace {

// Follows HEDDLE_REPLAY instead.
ExploreResult ReplayInstead(ExploredBody& body, const ExploreOptions& options) {
  const Trace recorded = ReadRecordingFromEnvironment();
  const std::string& test = recorded.header.test;
  if (test != options.name && OfOneTest(test, options.name)) return {};
  CheckTest(recorded, options.name);
  const RunOptions run_options = {.steps_max = options.steps_max, .tasks_max = options.tasks_max};
  ReplayRecording(recorded, body.ref(), run_options);
  ExploreResult result;
  result.schedules = 1;
  return result;
}

// What there is to say of an exploration that passed.
enum class Verbosity : std::uint8_t { kQuiet, kShort, kFull };

Verbosity VerbosityFromEnvironment() {
  const std::string verbose = Environment("HEDDLE_VERBOSE");
  if (verbose == "full") return Verbosity::kFull;
  if (verbose == "1") return Verbosity::kShort;
  if (verbose == "0") return Verbosity::kQuiet;
  if (!verbose.empty()) {
    throw UsageError("heddle: HEDDLE_VERBOSE='" + verbose +
                     "' is not known. Give 1, 'full', or 0, or unset it.");
  }
  return isatty(STDERR_FILENO) != 0 ? Verbosity::kShort : Verbosity::kQuiet;
}

// A report that is missing would be noticed only when the others are merged.
void KeepReport(const ExplorationReport& report, const std::string& folder) {
  const absl::Status status = WriteReport(folder + "/" + ReportFileName(report), report);
  if (status.ok()) return;
  throw UsageError("heddle: HEDDLE_REPORT: " + std::string(status.message()) +
                   " Give a folder that can be written to.");
}

[[noreturn]] void ReportAndThrow(const Failure& failure, const std::string& name) {
  Print(failure.report);
  {
    const TestNote note("heddle: " + (failure.recording.empty()
                                          ? "not recorded"
                                          : "recorded in " + failure.recording));
    ReportChecks(failure.checks);
  }
  if (failure.run.exception != nullptr) std::rethrow_exception(failure.run.exception);
  throw ExplorationFailed("heddle: \"" + name + "\": " + SummaryOf(failure));
}

// Those of a property are its own business: they have an input.
void RunAllKept(ExploredBody& body, const ExploreOptions& options, Verbosity verbosity) {
  std::uint64_t passed = 0;
  for (const KeptTape& kept : ReadKept(options.source, options.name)) {
    if (!kept.tape.input.empty()) continue;
    if (const auto failure = RunKept(body, options, kept)) ReportAndThrow(*failure, options.name);
    ++passed;
  }
  if (passed == 0 || verbosity == Verbosity::kQuiet) return;
  Print("heddle: \"" + options.name + "\": " + std::to_string(passed) +
        (passed == 1 ? " kept schedule passed\n" : " kept schedules passed\n"));
}

void SayPassed(const ExploreResult& result, const ExploreOptions& options, Verbosity verbosity) {
  if (verbosity == Verbosity::kQuiet) return;
  std::string text = "heddle: \"" + options.name + "\": ";
  if (result.schedules == 0 && options.shards > 1) {
    text += "nothing for shard " +
            ToString(Shard{.number = options.shard, .count = options.shards}) +
            " to do: schedules are dealt in blocks of 1 024\n";
  } else {
    text += ClosingText(result.coverage, result.orders, verbosity == Verbosity::kFull);
  }
  Print(text);
}

}  // namespace

ExploreResult Explore(ExploredBody& body, const ExploreOptions& given, const char* source) {
  internal::RejectMisspeltVariables();
  ExploreOptions options = given;
  options.name = NameInTest(given);
  if (options.source.empty()) options.source = source;
  if (ReplayIsAskedFor()) {
    ExploreResult replayed = ReplayInstead(body, options);
    CountPassed();
    return replayed;
  }
  OverrideOptions(options);
  CheckShard(options);
  CheckSchedules(options);
  const Verbosity verbosity = VerbosityFromEnvironment();
  if (options.shard == 1) RunAllKept(body, options, verbosity);
  const std::string reports = Environment("HEDDLE_REPORT");
  options.count_orders |= verbosity != Verbosity::kQuiet || !reports.empty();
  std::optional<Exploration> exploration(std::in_place, body, options, Variables());
  ExploreResult result = [&] {
    Progress progress(options.name, options.schedules, options.time_max);
    return exploration->Run(&progress);
  }();
  if (!reports.empty()) KeepReport(exploration->Report(result), reports);
  exploration.reset();  // which held checks back
  if (verbosity != Verbosity::kQuiet && result.workers < options.workers) {
    Print("heddle: \"" + options.name +
          "\": one process looked through the schedules, because this one has other threads, "
          "and a process with threads cannot be copied safely\n");
  }
  if (!result.failure) {
    SayPassed(result, options, verbosity);
    CountPassed();
    return result;
  }
  ReportAndThrow(*result.failure, options.name);
}

}  // namespace internal
}  // namespace heddle
