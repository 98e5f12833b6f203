// SPDX-License-Identifier: MIT
//
// The story of an exploration, top to bottom: what is done with a failure, Exploration, which looks
// for one, then what Explore adds for a test: the environment, the report, the exception.
#include "heddle/explore.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <mutex>
#include <string_view>
#include <system_error>
#include <utility>

#include "heddle/check.h"
#include "heddle/failure_report.h"
#include "heddle/internal/class_counts.h"
#include "heddle/internal/environment.h"
#include "heddle/test_framework.h"
#include "heddle/trace_io.h"
#include "progress.h"
#include "shard.h"
#include "strategies.h"

namespace heddle {
namespace {

RunOptions OptionsOfRun(const ExploreOptions& options, std::uint64_t schedule) {
  return {.chooser = nullptr,
          .steps_max = options.steps_max,
          .tasks_max = options.tasks_max,
          .record = RecordMode::kChoices,
          .schedule = schedule};
}

// "No interleaving charges twice" -> "no-interleaving-charges-twice"
std::string FileStem(std::string_view name) {
  constexpr std::size_t kLongest = 80;
  std::string stem;
  for (const char c : name) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool upper = c >= 'A' && c <= 'Z';
    const bool digit = c >= '0' && c <= '9';
    if (lower || digit) {
      stem += c;
    } else if (upper) {
      stem += static_cast<char>(c - 'A' + 'a');
    } else if (!stem.empty() && stem.back() != '-') {
      stem += '-';
    }
    if (stem.size() == kLongest) break;
  }
  while (!stem.empty() && stem.back() == '-') stem.pop_back();
  return stem.empty() ? "unnamed" : stem;
}

// Writes the recording; sets either the path or the error.
void KeepRecording(const ExploreOptions& options, Failure& failure, std::string& error) {
  if (options.directory.empty()) {
    error = "no directory was given for recordings (ExploreOptions::directory is empty)";
    return;
  }
  std::error_code code;
  std::filesystem::create_directories(options.directory, code);
  if (code) {
    error = "cannot make the directory '" + options.directory + "': " + code.message();
    return;
  }
  const std::string path = options.directory + "/" + FileStem(options.name) + ".heddle";
  const absl::Status status = WriteRecording(path, failure.run.trace);
  if (status.ok()) {
    failure.recording = path;
  } else {
    error = std::string(status.message());
  }
}

// What is kept, and said, of a schedule that was run a second time.
Failure MakeFailure(const ExploreOptions& options, const std::string& variables,
                    ReplayResult again) {
  Failure failure{.run = std::move(again.run),
                  .recording = {},
                  .report = {},
                  .divergence = std::move(again.divergence)};
  std::string error;
  KeepRecording(options, failure, error);
  failure.report = FailureReport(
      failure.run.trace, {.schedules = options.schedules,
                          .variables = variables,
                          .recording = failure.recording,
                          .recording_error = error,
                          .divergence = failure.divergence ? &*failure.divergence : nullptr});
  return failure;
}

std::string NameOf(const ExploreOptions& options) {
  if (!options.name.empty()) return options.name;
  std::string name = CurrentTestName();
  return name.empty() ? "unnamed" : name;
}

// 1, 10, 100, ...
bool IsPowerOfTen(std::uint64_t number) {
  while (number % 10 == 0 && number > 0) number /= 10;
  return number == 1;
}

// One look through the schedules of a body.
class Exploration {
 public:
  // `variables`: what of the environment leads to these schedules.
  Exploration(internal::ExploredBody& body, const ExploreOptions& options, std::string variables)
      : body_(&body),
        options_(&options),
        variables_(std::move(variables)),
        strategy_(internal::MakeStrategy(options)) {}

  // `progress` may be null.
  ExploreResult Run(internal::Progress* progress) {
    Chooser& chooser = *strategy_.chooser;
    for (std::uint64_t schedule = options_->shard;
         schedule <= options_->schedules && !chooser.exhausted(); schedule += options_->shards) {
      if (auto failure = TryOne(schedule)) return Result(std::move(failure));
      if (progress != nullptr) progress->Show(schedule, classes_.seen());
    }
    return Result(std::nullopt);
  }

 private:
  std::optional<Failure> TryOne(std::uint64_t schedule) {
    Chooser& chooser = *strategy_.chooser;
    ++schedules_;
    const bool twice = options_->check_determinism && IsPowerOfTen(schedules_);
    RunOptions run_options = OptionsOfRun(*options_, schedule);
    run_options.chooser = &chooser;
    if (twice || chooser.wants_events()) run_options.record = RecordMode::kEvents;
    const Ending ending = executor_.Execute(body_->ref(), run_options);
    if (ending != Ending::kFinished) return RecordFailure(run_options);
    if (const std::uint64_t run_class = chooser.run_class(); run_class != 0) {
      classes_.Add(run_class);
    }
    if (twice) return CompareWithSecondRun(run_options);
    return std::nullopt;
  }

  // The schedule failed: run it again, recorded in full, and see that it fails in the same way.
  Failure RecordFailure(const RunOptions& run_options) {
    const Trace choices = TakeTrace(run_options);
    const TestNote note("heddle: the same schedule again, recorded in full this time");
    return MakeFailure(*options_, variables_, RunAgain(choices));
  }

  // The schedule passed: the same choices must lead to the same events.
  std::optional<Failure> CompareWithSecondRun(const RunOptions& run_options) {
    const TestNote note(
        "heddle: the same schedule again, to see whether the body is deterministic");
    ReplayResult again = RunAgain(TakeTrace(run_options));
    if (again.reproduced()) return std::nullopt;
    return MakeFailure(*options_, variables_, std::move(again));
  }

  // What the last run was. What its tasks hold is gone then: it must not be there when it is run
  // again.
  Trace TakeTrace(const RunOptions& run_options) {
    Trace trace = internal::ResultOf(executor_, run_options).trace;
    executor_.TearDown();
    trace.header.test = options_->name;
    trace.header.input = options_->input;
    trace.header.input_text = options_->input_text;
    return trace;
  }

  ReplayResult RunAgain(const Trace& trace) {
    RunOptions run_options = OptionsOfRun(*options_, trace.header.schedule);
    run_options.record = RecordMode::kEvents;
    return internal::Replay(trace, body_->ref(), run_options);
  }

  ExploreResult Result(std::optional<Failure> failure) const {
    const Chooser& chooser = *strategy_.chooser;
    ExploreResult result{.schedules = schedules_, .failure = std::move(failure), .coverage = {}};
    Coverage& coverage = result.coverage;
    coverage.schedules = schedules_ - (result.failure ? 1 : 0);
    coverage.complete = !result.failure && schedules_ > 0 && chooser.exhausted();
    if (coverage.complete && strategy_.interleavings) {
      coverage.interleavings = strategy_.interleavings();
    }
    coverage.classes = classes_.seen();
    coverage.unseen = coverage.complete ? 0 : classes_.unseen();
    coverage.missed_of_depth_2 = coverage.complete ? 0 : chooser.miss_probability(2);
    return result;
  }

  internal::ExploredBody* body_;
  const ExploreOptions* options_;
  std::string variables_;
  internal::Strategy strategy_;
  Executor executor_;
  internal::ClassCounts classes_;
  std::uint64_t schedules_ = 0;
};

void CheckShard(const ExploreOptions& options) {
  if (options.shard >= 1 && options.shard <= options.shards) return;
  throw UsageError("heddle: there is no shard " + std::to_string(options.shard) + " of " +
                   std::to_string(options.shards) + ". They count from 1.");
}

}  // namespace

namespace internal {

ExploreResult FindFailure(ExploredBody& body, const ExploreOptions& given) {
  ExploreOptions options = given;
  options.name = NameOf(given);
  CheckShard(options);
  return Exploration(body, options, {}).Run(nullptr);
}

}  // namespace internal

// --- for a test ---------------------------------------------------------------------------

namespace {

using internal::Environment;

void OverrideOptions(ExploreOptions& options) {
  internal::OverrideNumber("HEDDLE_SEED", options.seed);
  internal::OverrideSchedules(options.schedules);
  if (const std::string strategy = Environment("HEDDLE_STRATEGY"); !strategy.empty()) {
    options.strategy = strategy;
    options.chooser = nullptr;
  }
  const internal::Shard shard =
      internal::ShardFromEnvironment({.number = options.shard, .count = options.shards});
  options.shard = shard.number;
  options.shards = shard.count;
}

// What must be set again to come to the same schedules.
std::string Variables(const ExploreOptions& options) {
  std::string variables;
  if (!Environment("HEDDLE_SHARD").empty()) {
    variables = "HEDDLE_SHARD=" +
                ToString(internal::Shard{.number = options.shard, .count = options.shards});
  }
  if (const std::string strategy = Environment("HEDDLE_STRATEGY"); !strategy.empty()) {
    variables += (variables.empty() ? "" : " ") + ("HEDDLE_STRATEGY=" + strategy);
  }
  return variables;
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
  throw ExplorationFailed("heddle: \"" + name + "\": " + FirstLine(Describe(run)));
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

bool ReplayIsAskedFor() { return !Environment("HEDDLE_REPLAY").empty(); }

void ReplayRecording(const Trace& recorded, BodyRef body, const RunOptions& options) {
  const std::string& name = recorded.header.test;
  const ReplayResult replay = Replay(recorded, body, options);
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
        std::to_string(recorded.choices.size()) + " choices and " +
        std::to_string(recorded.events.size()) + " events\n" + Describe(replay.run) + "\n");
  if (!replay.run.ok()) ThrowFailure(replay.run, name);
}

ExploreResult Explore(ExploredBody& body, const ExploreOptions& given) {
  ExploreOptions options = given;
  options.name = NameInTest(given);
  if (ReplayIsAskedFor()) {
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
  OverrideOptions(options);
  CheckShard(options);
  ExploreResult result = [&] {
    Progress progress(options.name, options.schedules);
    return Exploration(body, options, Variables(options)).Run(&progress);
  }();
  if (!result.failure) {
    if (isatty(STDERR_FILENO) != 0 || Environment("HEDDLE_VERBOSE") == "1") {
      Print("heddle: \"" + options.name + "\": " + Describe(result.coverage) + "\n");
    }
    return result;
  }
  const Failure& failure = *result.failure;
  Print(failure.report);
  if (failure.divergence && failure.run.exception == nullptr) {
    throw ExplorationFailed("heddle: \"" + options.name + "\": the body is not deterministic: " +
                            FirstLine(Describe(*failure.divergence)));
  }
  ThrowFailure(failure.run, options.name);
}

}  // namespace internal
}  // namespace heddle
