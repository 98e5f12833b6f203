// SPDX-License-Identifier: MIT
//
// The story of a property, top to bottom: the search for a failing input, the recording of the
// smallest one, then what Property adds for a test: the environment, the report, the exception.
#include "heddle/property.h"

#include <rapidcheck/detail/TestListenerAdapter.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <limits>
#include <string_view>

#include "heddle/check.h"
#include "heddle/internal/environment.h"
#include "heddle/internal/held_checks.h"
#include "heddle/internal/kept.h"
#include "heddle/internal/run_summary.h"
#include "heddle/test_framework.h"

namespace heddle {
namespace {

using internal::HeldChecks;
using rc::detail::CaseResult;

// What RC_ASSERT, RC_PRE and their like threw, if it was one of them.
std::optional<CaseResult> AsCaseResult(const std::exception_ptr& exception) {
  if (exception == nullptr) return std::nullopt;
  try {
    std::rethrow_exception(exception);
  } catch (const CaseResult& result) {
    return result;
  } catch (...) {
    return std::nullopt;
  }
}

// What rapidcheck says, in one line and without directories: "bank.cc:16: RC_ASSERT(sum == 300)
// Expands to: 301 == 300". For the recording and the report.
std::string OneLine(const std::string& description) {
  std::istringstream lines(description);
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    if (text.empty()) line.erase(0, line.rfind('/') + 1);
    text += (text.empty() ? "" : " ") + line;
  }
  return text;
}

std::string TextOfCaseResult(const std::exception_ptr& thrown) {
  const std::optional<CaseResult> result = AsCaseResult(thrown);
  return result ? OneLine(result->description) : std::string();
}

// An input that fails.
struct Counterexample {
  std::uint64_t schedule_seed = 0;
  std::string bytes;
  std::string text;
};

// Runs generated inputs and keeps the last that failed: rapidcheck goes on from each smaller one
// that fails, so that in the end it is the smallest.
class Search {
 public:
  // Keeps pointers.
  Search(internal::PropertyBody& body, const PropertyOptions& options)
      : body_(&body), options_(&options) {}

  rc::detail::CaseDescription Try(std::uint64_t schedule_seed) {
    return {.result = RunSchedules(schedule_seed), .tags = {}, .example = [] {
              return rc::detail::Example();
            }};
  }

  const Counterexample& found() const { return *found_; }
  // How many schedules of one input are run now.
  std::uint64_t schedules() const {
    return found_ ? std::max(options_->schedules, options_->shrink_schedules) : options_->schedules;
  }

 private:
  CaseResult RunSchedules(std::uint64_t schedule_seed) {
    RandomChooser chooser(schedule_seed);
    const std::uint64_t last = schedules();
    for (std::uint64_t schedule = 1; schedule <= last; ++schedule) {
      const Ending ending = executor_.Execute(body_->ref(), {.chooser = &chooser,
                                                             .steps_max = options_->steps_max,
                                                             .tasks_max = options_->tasks_max,
                                                             .record = RecordMode::kChoices,
                                                             .schedule = schedule});
      if (ending != Ending::kFinished) return Judge(schedule_seed);
    }
    return {CaseResult::Type::Success};
  }

  CaseResult Judge(std::uint64_t schedule_seed) {
    const std::optional<CaseResult> thrown = AsCaseResult(executor_.exception());
    if (thrown && thrown->type == CaseResult::Type::Discard) return *thrown;
    if (thrown && thrown->type == CaseResult::Type::Success) {
      throw UsageError(
          "heddle: RC_SUCCEED in the body of a property: it leaves the body by an exception, and "
          "tasks that it started are not waited for. Use co_return.");
    }
    found_ = {.schedule_seed = schedule_seed, .bytes = body_->Save(), .text = body_->Text()};
    if (!note_ && !HoldsChecks()) {
      note_.emplace("heddle: of an input that failed on the way to the smallest one");
    }
    return {CaseResult::Type::Failure};
  }

  internal::PropertyBody* body_;
  const PropertyOptions* options_;
  std::optional<Counterexample> found_;
  std::optional<TestNote> note_;
  Executor executor_;
};

// --- the input in a recording -------------------------------------------------------------

constexpr std::string_view kInputBegin = "property ";

// What an input begins with: whose it is. The values follow, as cereal writes them.
std::string InputTitle(const std::string& property, const internal::PropertyBody& body) {
  return std::string(kInputBegin) + "\"" + property + "\" (" + body.Types() + ")\n";
}

// `from`: where the input is, for a message.
void LoadInput(const std::string& property, internal::PropertyBody& body, const std::string& input,
               const std::string& from) {
  const std::string title = InputTitle(property, body);
  const std::string mine = title.substr(0, title.size() - 1);
  if (!input.starts_with(title)) {
    std::string other = "no property, or of one of another version of heddle";
    if (input.starts_with(kInputBegin)) other = input.substr(0, input.find('\n'));
    throw UsageError("heddle: " + from + " holds an input of " + other + ", but this is " + mine +
                     ". Likely cause: the property was renamed or takes other types since then, or "
                     "its test case has several properties; give each its own. Record the failure "
                     "again by running the test without HEDDLE_REPLAY.");
  }
  try {
    body.Load(input.substr(title.size()));
  } catch (const std::exception& error) {
    throw UsageError("heddle: " + from + " holds bytes that are not an input of " + mine + ": " +
                     error.what() +
                     ". Likely cause: a type or its serialize() was changed since the recording "
                     "was made, by another build. Record the failure again by running the test "
                     "without HEDDLE_REPLAY.");
  }
}

// --- the verdict --------------------------------------------------------------------------

std::string Indented(const std::string& text) {
  std::istringstream lines(text);
  std::string result;
  for (std::string line; std::getline(lines, line);) {
    result += (line.empty() ? "" : "  " + line) + "\n";
  }
  return result;
}

std::string Count(std::uint64_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string Headline(const std::string& property, const PropertyResult& result,
                     std::uint64_t seed) {
  std::string text = "heddle: property \"" + property +
                     "\" does not hold: " + Count(result.cases, "input") +
                     " passed, then one failed (seed " + std::to_string(seed) + ").\n";
  if (result.shrinks == 0) return text + "  No smaller input was found that fails too.\n";
  return text + "  It was made smaller in " + Count(result.shrinks, "step") + ".\n";
}

// Runs the counterexample again, as the recording will: its input comes from the bytes.
void RecordCounterexample(internal::PropertyBody& body, const Counterexample& found,
                          const ExploreOptions& options, PropertyResult& result) {
  body.Load(found.bytes);
  result.failure = internal::FindFailure(body, options).failure;
  if (result.failure) {
    result.report += "\n" + result.failure->report;
    return;
  }
  result.report +=
      "\n  No recording was written: the same input under the same schedules did not fail again.\n"
      "  Likely cause: the body is not deterministic (a clock, randomness, or state that outlives\n"
      "  a run), or serialize() of an argument leaves something out. Repair this first.\n";
  if (!found.text.empty()) result.report += "  The input:\n" + Indented(found.text);
}

std::string NameOf(const std::string& property, const PropertyOptions& options) {
  if (!options.name.empty()) return options.name;
  std::string name = CurrentTestName();
  return name.empty() ? property : name;
}

rc::detail::TestParams ParamsOf(const PropertyOptions& options) {
  constexpr std::uint32_t kMost = std::numeric_limits<int>::max();
  rc::detail::TestParams params;
  params.seed = options.seed;
  params.maxSuccess = static_cast<int>(std::min(options.cases, kMost));
  return params;
}

ExploreOptions RecordingOptions(const std::string& property, const internal::PropertyBody& body,
                                const PropertyOptions& options, const Counterexample& found,
                                std::uint64_t schedules) {
  return {.name = NameOf(property, options),
          .seed = found.schedule_seed,
          .schedules = schedules,
          .strategy = "random",
          .check_determinism = false,
          .steps_max = options.steps_max,
          .tasks_max = options.tasks_max,
          .directory = options.directory,
          .source = options.source,
          .input = InputTitle(property, body) + found.bytes,
          .input_text = found.text};
}

PropertyResult LookForCounterexample(const std::string& property, internal::PropertyBody& body,
                                     const PropertyOptions& options,
                                     const rc::detail::TestParams& params) {
  SetThrownReader(&TextOfCaseResult);
  std::optional<HeldChecks> held(std::in_place);
  std::optional<Search> search(std::in_place, body, options);
  rc::detail::TestListenerAdapter silence;
  // With a map of what to reproduce, though empty, rapidcheck leaves its own configuration alone,
  // which draws a seed and prints it.
  const rc::detail::TestResult verdict = rc::detail::checkProperty(
      body.Cases([&](std::uint64_t schedule_seed) { return search->Try(schedule_seed); }),
      {.id = property, .description = property}, params, silence, {});

  PropertyResult result;
  if (rc::detail::SuccessResult success; verdict.match(success)) {
    result.cases = static_cast<std::uint64_t>(success.numSuccess);
  } else if (rc::detail::FailureResult failure; verdict.match(failure)) {
    result.cases = static_cast<std::uint64_t>(failure.numSuccess);
    result.shrinks = failure.reproduce.shrinkPath.size();
    result.report = Headline(property, result, params.seed);
    const Counterexample found = search->found();
    const ExploreOptions recording =
        RecordingOptions(property, body, options, found, search->schedules());
    search.reset();  // what its last run left may refer to the input
    held.reset();
    RecordCounterexample(body, found, recording, result);
  } else if (rc::detail::GaveUpResult gave_up; verdict.match(gave_up)) {
    result.cases = static_cast<std::uint64_t>(gave_up.numSuccess);
    result.report = "heddle: property \"" + property +
                    "\" is not decided: " + Count(result.cases, "input") +
                    " passed, and too many did not meet RC_PRE. Generate inputs that do, or raise "
                    "max_discard_ratio in RC_PARAMS.\n";
  } else if (rc::detail::Error error; verdict.match(error)) {
    result.report =
        "heddle: property \"" + property + "\" is not decided: " + error.description + "\n";
  }
  return result;
}

// --- for a test ---------------------------------------------------------------------------

// The parameters, where RC_PARAMS does not say otherwise.
rc::detail::TestParams OverrideParams(const rc::detail::TestParams& params) {
  rc::detail::Configuration configuration;
  configuration.testParams = params;
  try {
    return rc::detail::configFromString(internal::Environment("RC_PARAMS"), configuration)
        .testParams;
  } catch (const std::exception& error) {
    throw UsageError("heddle: RC_PARAMS cannot be read: " + std::string(error.what()) +
                     ". Give it like \"max_success=1000 max_size=20\", or unset it.");
  }
}

[[noreturn]] void ThrowFailure(const std::string& property, const PropertyResult& result) {
  if (!result.failure) throw PropertyFailed(result.report);
  const RunResult& run = result.failure->run;
  ReportChecks(result.failure->checks);
  if (const std::optional<CaseResult> thrown = AsCaseResult(run.exception)) {
    throw PropertyFailed("heddle: property \"" + property + "\":\n" + thrown->description);
  }
  if (run.exception != nullptr) std::rethrow_exception(run.exception);
  if (result.failure->divergence) {
    throw PropertyFailed("heddle: property \"" + property +
                         "\": the body is not deterministic: the failing schedule, run again, "
                         "went another way");
  }
  throw PropertyFailed("heddle: property \"" + property + "\": " + internal::SummaryOf(run));
}

void ReplayProperty(const std::string& property, internal::PropertyBody& body,
                    const PropertyOptions& options) {
  SetThrownReader(&TextOfCaseResult);
  const Trace recorded = internal::RecordingFromEnvironment(NameOf(property, options));
  LoadInput(property, body, recorded.header.input, "the recording of HEDDLE_REPLAY");
  try {
    internal::ReplayRecording(recorded, body.ref(),
                              {.steps_max = options.steps_max, .tasks_max = options.tasks_max});
  } catch (const CaseResult& thrown) {
    throw PropertyFailed("heddle: property \"" + property + "\":\n" + thrown.description);
  }
}

// The inputs that were kept, each in its schedule; the first that fails.
std::optional<Failure> RunAllKept(const std::string& property, internal::PropertyBody& body,
                                  const PropertyOptions& options) {
  const std::string name = NameOf(property, options);
  for (const internal::KeptTape& kept : internal::ReadKept(options.source, name)) {
    if (kept.tape.input.empty()) continue;
    LoadInput(property, body, kept.tape.input, kept.path);
    std::optional<Failure> failure = internal::RunKept(body,
                                                       {.name = name,
                                                        .steps_max = options.steps_max,
                                                        .tasks_max = options.tasks_max,
                                                        .directory = options.directory,
                                                        .source = options.source,
                                                        .input = kept.tape.input,
                                                        .input_text = body.Text()},
                                                       kept);
    if (failure) return failure;
  }
  return std::nullopt;
}

}  // namespace

namespace internal {

rc::Gen<std::uint64_t> ScheduleSeeds() {
  return [](const rc::Random& random, int /*size*/) {
    constexpr std::uint64_t kShort = 0xffffffff;  // a person may have to read it
    return rc::shrinkable::just<std::uint64_t>(rc::Random(random).next() & kShort);
  };
}

PropertyResult FindCounterexample(const std::string& property, PropertyBody& body,
                                  const PropertyOptions& options) {
  return LookForCounterexample(property, body, options, ParamsOf(options));
}

PropertyResult CheckProperty(const std::string& property, PropertyBody& body,
                             const PropertyOptions& given, const char* source) {
  RejectMisspeltVariables();
  PropertyOptions options = given;
  if (options.source.empty()) options.source = source;
  if (ReplayIsAskedFor()) {
    ReplayProperty(property, body, options);
    CountPassed();
    return {.cases = 1, .shrinks = 0, .failure = std::nullopt, .report = {}};
  }
  Budget budget{.schedules = options.schedules};
  OverrideBudget(budget);
  // How many inputs there are is not a matter of time.
  if (budget.time_max.count() == 0) options.schedules = budget.schedules;
  rc::detail::TestParams params = OverrideParams(ParamsOf(options));
  OverrideNumber("HEDDLE_SEED", params.seed);
  PropertyResult result;
  SetThrownReader(&TextOfCaseResult);
  result.failure = RunAllKept(property, body, options);
  if (result.failure) {
    result.report = result.failure->report;
  } else {
    result = LookForCounterexample(property, body, options, params);
  }
  if (!result.ok()) {
    std::fputs(result.report.c_str(), stderr);
    std::fflush(stderr);
    ThrowFailure(property, result);
  }
  CountPassed();
  return result;
}

}  // namespace internal
}  // namespace heddle
