// SPDX-License-Identifier: MIT
//
// The story of an exploration, top to bottom: FindFailure, then what is done with a failure,
// then what Explore adds for a test: the environment, the report, the exception.
#include "heddle/explore.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "heddle/check.h"
#include "heddle/failure_report.h"
#include "heddle/test_framework.h"
#include "heddle/trace_io.h"

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

// The schedule failed: run it again, recorded in full, and see that it fails in the same way.
Failure RecordFailure(internal::ExploredBody& body, const ExploreOptions& options,
                      const Trace& choices) {
  const TestNote note("heddle: the same schedule again, recorded in full this time");
  RunOptions run_options = OptionsOfRun(options, choices.header.schedule);
  run_options.record = RecordMode::kEvents;
  ReplayResult again = internal::Replay(choices, body.ref(), run_options);

  Failure failure{.run = std::move(again.run),
                  .recording = {},
                  .report = {},
                  .divergence = std::move(again.divergence)};
  std::string error;
  KeepRecording(options, failure, error);
  failure.report = FailureReport(
      failure.run.trace, {.schedules = options.schedules,
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

}  // namespace

namespace internal {

ExploreResult FindFailure(ExploredBody& body, const ExploreOptions& given) {
  ExploreOptions options = given;
  options.name = NameOf(given);
  RandomChooser chooser(options.seed);
  Executor executor;
  for (std::uint64_t schedule = 1; schedule <= options.schedules; ++schedule) {
    RunOptions run_options = OptionsOfRun(options, schedule);
    run_options.chooser = &chooser;
    if (executor.Execute(body.ref(), run_options) == Ending::kFinished) continue;
    Trace choices = ResultOf(executor, run_options).trace;
    executor.TearDown();  // what its tasks hold must not be there when it is run again
    choices.header.test = options.name;
    choices.header.input = options.input;
    choices.header.input_text = options.input_text;
    return {.schedules = schedule, .failure = RecordFailure(body, options, choices)};
  }
  return {.schedules = options.schedules, .failure = std::nullopt};
}

}  // namespace internal

// --- for a test ---------------------------------------------------------------------------

namespace {

std::string Environment(const char* variable) {
  const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return value != nullptr ? value : "";
}

void OverrideNumber(const char* variable, std::uint64_t& number) {
  const std::string text = Environment(variable);
  if (text.empty()) return;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) {
    throw UsageError("heddle: " + std::string(variable) + "='" + text +
                     "' is not a whole number. Give one like 1000, or unset it.");
  }
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

Trace RecordingFromEnvironment(const std::string& name) {
  const std::string path = Environment("HEDDLE_REPLAY");
  absl::StatusOr<Recording> recording = ReadRecording(path);
  if (!recording.ok()) {
    throw UsageError("heddle: HEDDLE_REPLAY: " + std::string(recording.status().message()));
  }
  if (!recording->damage.ok()) {
    throw UsageError("heddle: HEDDLE_REPLAY: " + std::string(recording->damage.message()) +
                     " What is left can be looked at with `heddle show`, but not replayed.");
  }
  if (recording->trace.header.test != name) {
    throw UsageError("heddle: HEDDLE_REPLAY names '" + path + "', a recording of \"" +
                     recording->trace.header.test + "\", but this is \"" + name +
                     "\". Run only the test that was recorded, by giving its name as the "
                     "argument.");
  }
  return std::move(recording->trace);
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
  options.name = NameOf(given);
  if (ReplayIsAskedFor()) {
    const RunOptions run_options = {.steps_max = options.steps_max, .tasks_max = options.tasks_max};
    ReplayRecording(RecordingFromEnvironment(options.name), body.ref(), run_options);
    return {.schedules = 1, .failure = std::nullopt};
  }
  OverrideNumber("HEDDLE_SEED", options.seed);
  OverrideNumber("HEDDLE_SCHEDULES", options.schedules);
  ExploreResult result = FindFailure(body, options);
  if (!result.failure) return result;
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
