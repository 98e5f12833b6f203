// SPDX-License-Identifier: MIT
#include "exploration.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "heddle/check.h"
#include "heddle/failure_report.h"
#include "heddle/trace_io.h"
#include "workers.h"

namespace heddle::internal {
namespace {

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

// Where a worker found something, and this process is to come to the same.
class QuietWatch final : public BlockWatch {
 public:
  bool BeginSchedule(std::uint64_t /*schedule*/) override { return true; }
  void Passed(std::uint64_t /*schedule*/, std::uint64_t /*run_class*/) override {}
};

}  // namespace

// Counts as it goes, for the line on the terminal.
class Exploration::HereWatch final : public BlockWatch {
 public:
  HereWatch(ClassCounts& classes, Progress* progress) : classes_(&classes), progress_(progress) {}

  bool BeginSchedule(std::uint64_t /*schedule*/) override { return true; }
  void Passed(std::uint64_t schedule, std::uint64_t run_class) override {
    if (run_class != 0) classes_->Add(run_class);
    if (progress_ != nullptr) progress_->Show(schedule, classes_->seen());
  }

 private:
  ClassCounts* classes_;
  Progress* progress_;
};

Exploration::Exploration(ExploredBody& body, const ExploreOptions& options, std::string variables)
    : body_(&body), options_(&options), variables_(std::move(variables)), runner_(body, options) {}

ExploreResult Exploration::Run(Progress* progress) {
  result_.workers = options_->workers > 1 && OneThreadOnly() ? options_->workers : 1;
  if (result_.workers > 1) {
    RunInWorkers(progress);
  } else {
    RunHere(progress);
  }
  return Result();
}

void Exploration::RunHere(Progress* progress) {
  HereWatch watch(classes_, progress);
  const std::uint64_t blocks = runner_.deal().blocks();
  for (std::uint64_t block = 0; block < blocks && end_ == BlockEnd::kPassed; ++block) {
    Tally(block, runner_.Run(block, watch));
    if (end_ == BlockEnd::kFailed) result_.failure = MakeFailure(runner_.RunFailureAgain());
  }
}

void Exploration::RunInWorkers(Progress* progress) {
  std::uint64_t last = 0;
  const std::optional<Crash> crash =
      internal::RunInWorkers(*body_, *options_, [&](const BlockMessage& message) {
        last = message.block;
        Tally(message.block, message.result);
        for (const std::uint64_t run_class : message.classes) classes_.Add(run_class);
        if (progress != nullptr) progress->Show(result_.schedules, classes_.seen());
      });
  if (crash) {
    result_.failure = MakeCrash(*crash);
  } else if (end_ == BlockEnd::kFailed) {
    FindAgain(last);
  }
}

void Exploration::Tally(std::uint64_t block, const BlockResult& result) {
  end_ = result.end;
  result_.schedules += result.schedules;
  if (runner_.deal().OnMainLine(block)) {
    missed_on_main_line_ = result.missed_of_depth_2;
    result_.coverage.interleavings = result.interleavings;
  } else {
    missed_elsewhere_ *= result.missed_of_depth_2;
  }
}

// The exception of a test lives in the test's own process: what a worker found is run here.
void Exploration::FindAgain(std::uint64_t block) {
  QuietWatch watch;
  if (runner_.Run(block, watch).end == BlockEnd::kFailed) {
    result_.failure = MakeFailure(runner_.RunFailureAgain());
    return;
  }
  throw UsageError(
      "heddle: schedule " +
      std::to_string(runner_.deal().ScheduleAt(block, 0) +
                     (result_.schedules - 1) % Deal::kBlockSize * options_->shards) +
      " failed in a worker process, and passes in the test's own. Likely cause: the body goes by "
      "something that is left of the schedules before, such as a static variable or a file. Set "
      "it up inside the body. HEDDLE_WORKERS=1 looks through all schedules in one process.");
}

ExploreResult Exploration::Result() {
  Coverage& coverage = result_.coverage;
  coverage.schedules = result_.schedules - (end_ == BlockEnd::kFailed ? 1 : 0);
  coverage.complete = !result_.failure && result_.schedules > 0 && end_ == BlockEnd::kExhausted;
  if (!coverage.complete) coverage.interleavings = 0;
  coverage.classes = classes_.seen();
  coverage.unseen = coverage.complete ? 0 : classes_.unseen();
  coverage.missed_of_depth_2 = coverage.complete ? 0 : missed_on_main_line_ * missed_elsewhere_;
  return std::move(result_);
}

// What is kept, and said, of a schedule that was run a second time.
Failure Exploration::MakeFailure(ReplayResult again) const {
  Failure failure;
  failure.run = std::move(again.run);
  failure.divergence = std::move(again.divergence);
  std::string error;
  KeepRecording(*options_, failure, error);
  failure.report = FailureReport(
      failure.run.trace, {.schedules = options_->schedules,
                          .variables = variables_,
                          .recording = failure.recording,
                          .recording_error = error,
                          .divergence = failure.divergence ? &*failure.divergence : nullptr});
  return failure;
}

Failure Exploration::MakeCrash(const Crash& crash) {
  // What passed before it in its block.
  const std::uint64_t begin = runner_.deal().ScheduleAt(crash.block, 0);
  const std::uint64_t before =
      crash.schedule < begin ? 0 : (crash.schedule - begin) / options_->shards;
  result_.schedules += before + 1;
  end_ = BlockEnd::kFailed;
  Failure failure;
  failure.crash = crash.how;
  failure.run.ending = Ending::kStopped;
  failure.run.trace = ChoicesOfCrash(*body_, *options_, crash);
  failure.run.message = failure.run.trace.header.message;
  std::string error;
  KeepRecording(*options_, failure, error);
  failure.report = FailureReport(failure.run.trace, {.schedules = options_->schedules,
                                                     .variables = variables_,
                                                     .recording = failure.recording,
                                                     .recording_error = error,
                                                     .crash = crash.how});
  return failure;
}

}  // namespace heddle::internal
