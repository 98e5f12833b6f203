// SPDX-License-Identifier: MIT
#include "exploration.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "crash_notice.h"
#include "heddle/check.h"
#include "heddle/failure_report.h"
#include "heddle/internal/environment.h"
#include "heddle/internal/file_stem.h"
#include "heddle/internal/run_summary.h"
#include "heddle/process_info.h"
#include "heddle/test_framework.h"
#include "heddle/trace_io.h"
#include "report_order.h"
#include "report_story.h"
#include "shrink_apart.h"
#include "workers.h"

namespace heddle::internal {
namespace {

// Where a worker found something, and this process is to come to the same.
class QuietWatch final : public BlockWatch {
 public:
  Wish BeginSchedule(std::uint64_t /*schedule*/) override { return Wish::kGoOn; }
  bool ExtraTimePassed() override { return false; }
  void Passed(std::uint64_t /*schedule*/, std::uint64_t /*run_class*/) override {}
};

}  // namespace

void WriteFailure(const ExploreOptions& options, Failure& failure, std::string& error) {
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

void TakeSimplest(ExploredBody& body, const ExploreOptions& options, const HeldChecks& held,
                  Failure& failure) {
  const Trace& found = failure.run.trace;
  const ShrinkOptions limits{.run_steps_max = options.steps_max,
                             .run_tasks_max = options.tasks_max};
  std::optional<ShrinkPlan> plan = ShrinkApart(found, body.ref(), limits);
  if (!plan || !plan->reproduced) return;
  const std::optional<TestNote> note = NoteOfRunAgain(
      "heddle: the same failure, in the simplest schedule that was found to have it");
  ShrinkResult shrunk = RunShrunk(found, std::move(*plan), body.ref(), limits);
  if (!FailureKind(found.header).Includes(shrunk.run.trace.header)) return;
  failure.run = std::exchange(shrunk.run, RunResult());
  if (!failure.checks.empty()) failure.checks = held.checks();
  failure.run.trace.header.explanation = Explain(Story(failure.run.trace), shrunk);
  failure.shrunk = std::move(shrunk);
}

bool EndedByCheck(const RunResult& run) {
  if (run.exception == nullptr) return false;
  try {
    std::rethrow_exception(run.exception);
  } catch (const FailedCheck&) {
    return true;
  } catch (...) {
    return false;
  }
}

std::string SummaryOf(const Failure& failure) {
  if (!failure.crash.empty()) {
    return "the program crashed in schedule " + std::to_string(failure.run.trace.header.schedule) +
           ": " + failure.crash;
  }
  if (failure.divergence && failure.run.exception == nullptr) {
    const std::string text = Describe(*failure.divergence);
    return "the body is not deterministic: " + text.substr(0, text.find('\n'));
  }
  return SummaryOf(failure.run);
}

// Counts as it goes, for the line on the terminal.
class Exploration::HereWatch final : public BlockWatch {
 public:
  HereWatch(const Exploration& exploration, ClassesSeen& classes, Progress* progress)
      : classes_(&classes),
        deadline_(&exploration.deadline_),
        progress_(progress),
        extra_time_(exploration.options_->search_to_end_max),
        crash_notice_(*exploration.options_, exploration.variables_.has_value()) {}

  void BeginBlock(std::uint64_t block) override {
    block_ = block;
    classified_ = 0;
  }
  Wish BeginSchedule(std::uint64_t schedule) override {
    const bool first = !std::exchange(begun_, true);  // however little time there is
    if (!first && deadline_->Passed()) return Wish::kTimeUp;
    crash_notice_.BeginSchedule(schedule);
    return Wish::kGoOn;
  }
  bool ExtraTimePassed() override { return extra_time_.Passed(); }
  void Passed(std::uint64_t /*schedule*/, std::uint64_t run_class) override {
    ++passed_;
    if (run_class != 0) {
      ++classified_;
      classes_->Add(run_class, block_);
    }
    if (progress_ != nullptr) progress_->Show(passed_, classes_->seen());
  }
  // Of the last block.
  std::uint64_t classified() const { return classified_; }

 private:
  ClassesSeen* classes_;
  const Deadline* deadline_;
  Progress* progress_;
  ExtraTime extra_time_;
  CrashNotice crash_notice_;
  bool begun_ = false;
  std::uint64_t block_ = 0;
  std::uint64_t classified_ = 0;
  std::uint64_t passed_ = 0;
};

Exploration::Exploration(ExploredBody& body, const ExploreOptions& options,
                         std::optional<std::string> variables)
    : body_(&body),
      options_(&options),
      variables_(std::move(variables)),
      runner_(body, options, BlockRunner::WatchedBy(orders_, options)),
      deadline_(options.time_max) {}

ExploreResult Exploration::Run(Progress* progress) {
  result_.workers = options_->workers > 1 && OneThreadOnly() ? options_->workers : 1;
  if (result_.workers > 1) {
    RunInWorkers(progress);
  } else {
    RunHere(progress);
  }
  const bool searched = !options_->chooser && IsSearch(options_->strategy);
  result_.coverage = CoverageOf(blocks_, classes_, searched);
  // Of one that failed, or saw everything, there is nothing to ask.
  if (result_.failure || result_.coverage.complete) result_.orders.clear();
  return std::move(result_);
}

ExplorationReport Exploration::Report(const ExploreResult& result) const {
  TraceHeader process;
  DescribeProcess(process);
  const std::string program = process.command.empty() ? "" : process.command.front();
  ExplorationReport report;
  report.subject = {.test = options_->name,
                    .program = std::filesystem::path(program).filename().string(),
                    .build_id = process.build_id,
                    .heddle_version = process.heddle_version,
                    .compiler = process.compiler,
                    .strategy = options_->chooser ? "" : options_->strategy,
                    .seed = options_->seed,
                    .schedules = options_->schedules,
                    .steps_max = options_->steps_max,
                    .tasks_max = options_->tasks_max,
                    .check_determinism = options_->check_determinism,
                    .shards = options_->shards};
  report.shards = {options_->shard};
  report.blocks = blocks_;
  report.classes = classes_.Sorted();
  report.orders = result.orders;
  if (result.failure) {
    report.failure = {.block = blocks_.back().block,
                      .schedule = result.failure->run.trace.header.schedule,
                      .summary = SummaryOf(*result.failure),
                      .text = result.failure->report,
                      .recording = result.failure->recording};
  }
  return report;
}

void Exploration::RunHere(Progress* progress) {
  if (LookHere(progress) == BlockEnd::kFailed) {
    result_.failure = MakeFailure(runner_.RunFailureAgain());
  }
  result_.orders = orders_.Take();
}

BlockEnd Exploration::LookHere(Progress* progress) {
  HereWatch watch(*this, classes_, progress);
  const Deal& deal = runner_.deal();
  BlockEnd end = BlockEnd::kPassed;
  for (std::uint64_t block = 0; block < deal.blocks() && end == BlockEnd::kPassed; ++block) {
    if (!deal.Mine(block)) continue;
    const BlockResult result = runner_.Run(block, watch);
    end = result.end;
    Take(block, result, watch.classified());
  }
  return end;
}

void Exploration::RunInWorkers(Progress* progress) {
  const std::optional<Crash> crash =
      internal::RunInWorkers(*body_, *options_, deadline_, [&](const BlockMessage& message) {
        Take(message.block, message.result, message.classes.size());
        for (const std::uint64_t run_class : message.classes) {
          classes_.Add(run_class, message.block);
        }
        AddOrders(message.orders, result_.orders);
        if (progress != nullptr) progress->Show(result_.schedules, classes_.seen());
      });
  if (crash) {
    result_.failure = MakeCrash(*crash);
  } else if (!blocks_.empty() && blocks_.back().result.end == BlockEnd::kFailed) {
    FindAgain(blocks_.back());
  }
}

void Exploration::Take(std::uint64_t block, const BlockResult& result, std::uint64_t classified) {
  result_.schedules += result.schedules;
  blocks_.push_back({.block = block,
                     .on_main_line = runner_.deal().OnMainLine(block),
                     .classified = classified,
                     .result = result});
}

// The exception of a test lives in the test's own process: what a worker found is run here.
void Exploration::FindAgain(const BlockReport& failed) {
  QuietWatch watch;
  if (runner_.Run(failed.block, watch).end == BlockEnd::kFailed) {
    result_.failure = MakeFailure(runner_.RunFailureAgain());
    return;
  }
  throw UsageError(
      "heddle: schedule " +
      std::to_string(runner_.deal().ScheduleAt(failed.block, failed.result.schedules - 1)) +
      " failed in a worker process, and passes in the test's own. Likely cause: the body goes by "
      "something that is left of the schedules before, such as a static variable or a file. Set "
      "it up inside the body. HEDDLE_WORKERS=1 looks through all schedules in one process.");
}

// What is kept, and said, of a schedule that was run a second time.
Failure Exploration::MakeFailure(ReplayResult again) {
  Failure failure;
  failure.run = std::move(again.run);
  failure.divergence = std::move(again.divergence);
  if (EndedByCheck(failure.run)) failure.checks = held_.checks();
  if (!failure.divergence) failure.state = runner_.DivergenceOfFirst();
  const bool is_function_of_choices = !failure.divergence && !failure.state;
  if (options_->shrink && is_function_of_choices) TakeSimplest(*body_, *options_, held_, failure);
  ReportContext context = WriteDown(failure);
  context.divergence = failure.divergence ? &*failure.divergence : nullptr;
  context.state = failure.state ? &*failure.state : nullptr;
  context.shrunk = failure.shrunk ? &*failure.shrunk : nullptr;
  failure.report = FailureReport(failure.run.trace, context);
  return failure;
}

Failure Exploration::MakeCrash(const Crash& crash) {
  // What passed before it in its block.
  const std::uint64_t begin = runner_.deal().ScheduleAt(crash.block, 0);
  const std::uint64_t before = crash.schedule < begin ? 0 : crash.schedule - begin;
  Take(crash.block, {.end = BlockEnd::kFailed, .schedules = before + 1}, 0);
  Failure failure;
  failure.crash = crash.how;
  failure.run.ending = Ending::kStopped;
  failure.run.trace = ChoicesOfCrash(*body_, *options_, crash);
  failure.run.message = failure.run.trace.header.message;
  ReportContext context = WriteDown(failure);
  context.crash = crash.how;
  failure.report = FailureReport(failure.run.trace, context);
  return failure;
}

ReportContext Exploration::WriteDown(Failure& failure) const {
  const bool counted = options_->schedules != kAsManyAsThereIsTimeFor;
  ReportContext context{.schedules = counted ? options_->schedules : 0,
                        .variables = variables_.value_or(""),
                        .reads_environment = variables_.has_value(),
                        .recording = {},
                        .recording_error = {}};
  WriteFailure(*options_, failure, context.recording_error);
  context.recording = failure.recording;
  return context;
}

}  // namespace heddle::internal
