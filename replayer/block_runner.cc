// SPDX-License-Identifier: MIT
#include "block_runner.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "heddle/check.h"
#include "heddle/internal/held_checks.h"
#include "heddle/run.h"
#include "heddle/test_framework.h"
#include "order_counter.h"
#include "subject.h"

namespace heddle::internal {
namespace {

// 1, 10, 100, ...
bool IsPowerOfTen(std::uint64_t number) {
  while (number % 10 == 0 && number > 0) number /= 10;
  return number == 1;
}

// A chooser that answered out of range: that is nobody's schedule, and cannot be replayed.
void ThrowUsageError(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const UsageError&) {
    throw;
  } catch (...) {
    return;  // the body's own
  }
}

}  // namespace

Deal::Deal(const ExploreOptions& options)
    : shard_(options.shard),
      shards_(options.shards),
      schedules_(options.schedules),
      in_budget_(schedules_ / kBlockSize + (schedules_ % kBlockSize != 0 ? 1 : 0)),
      main_line_every_(MainLineEvery(options)),
      goes_beyond_(options.search_to_end_max.count() > 0 && schedules_ >= kDefaultSchedules &&
                   MaySearchToEnd(options)) {}

std::uint64_t Deal::blocks() const {
  if (main_line_every_ == 1 && shard_ != 1) return 0;
  return in_budget_ + (goes_beyond_ ? 1 : 0);
}

bool Deal::OnMainLine(std::uint64_t block) const {
  return block == 0 || BeyondBudget(block) ||
         (main_line_every_ > 0 && block % main_line_every_ == 0);
}

std::uint64_t Deal::NextOnMainLine(std::uint64_t block) const {
  if (block == 0) return 0;
  const std::uint64_t every = main_line_every_;
  const std::uint64_t next = every == 0 ? kNoBlock : (block + every - 1) / every * every;
  return goes_beyond_ && block <= in_budget_ ? std::min(next, in_budget_) : next;
}

std::uint64_t Deal::ShardOf(std::uint64_t block) const {
  if (shards_ == 1 || OnMainLine(block)) return 1;
  if (main_line_every_ == 0) return block % shards_ + 1;
  // In so many blocks of the main line as there are shards, the first shard gets of the others
  // what makes its blocks as many as everybody's.
  const std::uint64_t every = main_line_every_;
  const std::uint64_t place = block - block / every - 1;  // among the others
  if (shards_ >= every) return 2 + place % (shards_ - 1);
  const std::uint64_t firsts = every - shards_;
  const std::uint64_t in_turn = place % ((every - 1) * shards_);
  return in_turn < firsts ? 1 : 2 + (in_turn - firsts) % (shards_ - 1);
}

std::uint64_t Deal::ScheduleAt(std::uint64_t block, std::uint64_t index) const {
  return (BeyondBudget(block) ? schedules_ : block * kBlockSize) + index + 1;
}

std::uint64_t Deal::size(std::uint64_t block) const {
  return BeyondBudget(block) ? 0 : std::min(kBlockSize, schedules_ - block * kBlockSize);
}

BlockRunner::Wrap BlockRunner::WatchedBy(OrderCounter& counter, const ExploreOptions& options) {
  if (!options.count_orders) return nullptr;
  return [&counter](std::unique_ptr<Chooser> chooser) { return counter.Watch(std::move(chooser)); };
}

BlockRunner::BlockRunner(ExploredBody& body, const ExploreOptions& options, Wrap wrap)
    : body_(&body),
      options_(&options),
      wrap_(std::move(wrap)),
      deal_(options),
      main_line_(Wrapped(MakeStrategy(options))) {}

Strategy BlockRunner::Wrapped(Strategy strategy) const {
  if (wrap_) strategy.chooser = wrap_(std::move(strategy.chooser));
  return strategy;
}

BlockResult BlockRunner::Run(std::uint64_t block, BlockWatch& watch) {
  if (!deal_.OnMainLine(block)) {
    elsewhere_ = Wrapped(MakeStrategyElsewhere(*options_));
    return RunWith(elsewhere_, block, watch);
  }
  BlockResult result;
  while (main_line_next_ <= block && result.end == BlockEnd::kPassed) {
    const std::uint64_t next = main_line_next_++;
    if (deal_.OnMainLine(next)) result = RunWith(main_line_, next, watch);
  }
  return result;
}

BlockResult BlockRunner::RunWith(const Strategy& strategy, std::uint64_t block, BlockWatch& watch) {
  Chooser& chooser = *strategy.chooser;
  BlockResult result;
  watch.BeginBlock(block);
  const std::uint64_t size = deal_.size(block);
  for (std::uint64_t i = 0; result.end == BlockEnd::kPassed; ++i) {
    if (i >= size && !GoesOn(strategy, block, watch)) break;
    const std::uint64_t schedule = deal_.ScheduleAt(block, i);
    if (chooser.exhausted()) {
      result.end = BlockEnd::kExhausted;
    } else if (const auto wish = watch.BeginSchedule(schedule); wish != BlockWatch::Wish::kGoOn) {
      result.end = wish == BlockWatch::Wish::kDrop ? BlockEnd::kDropped : BlockEnd::kTimeUp;
    } else {
      ++result.schedules;
      run_options_ = {.chooser = &chooser,
                      .steps_max = options_->steps_max,
                      .tasks_max = options_->tasks_max,
                      .record = RecordMode::kChoices,
                      .schedule = schedule};
      if (Passes(chooser, options_->check_determinism && IsPowerOfTen(schedule))) {
        watch.Passed(schedule, chooser.run_class());
      } else {
        result.end = BlockEnd::kFailed;
      }
    }
  }
  if (result.end == BlockEnd::kPassed && chooser.exhausted()) result.end = BlockEnd::kExhausted;
  result.interleavings = strategy.interleavings ? strategy.interleavings() : 0;
  result.missed_of_depth_2 = chooser.miss_probability(2);
  return result;
}

bool BlockRunner::GoesOn(const Strategy& strategy, std::uint64_t block, BlockWatch& watch) const {
  return deal_.BeyondBudget(block) && strategy.searches_to_end() && !watch.ExtraTimePassed();
}

// `twice`: the same choices must then lead to the same events.
bool BlockRunner::Passes(Chooser& chooser, bool twice) {
  if (twice || chooser.wants_events()) run_options_.record = RecordMode::kEvents;
  const Ending ending = executor_.Execute(body_->ref(), run_options_);
  const bool in_a_task = executor_.failed_task() != kNoTask;
  if (ending == Ending::kThrew && !in_a_task) ThrowUsageError(executor_.exception());
  if (ending != Ending::kFinished) return false;
  if (!twice) return true;
  const std::optional<TestNote> note =
      NoteOfRunAgain("heddle: the same schedule again, to see whether the body is deterministic");
  Trace trace = TakeTrace();
  ReplayResult again = RunAgain(trace);
  if (again.reproduced()) {
    if (!first_) first_ = std::move(trace);
    return true;
  }
  unlike_ = std::move(again);
  return false;
}

std::optional<Divergence> BlockRunner::DivergenceOfFirst() {
  if (!first_) return std::nullopt;
  const std::optional<TestNote> note =
      NoteOfRunAgain("heddle: the first schedule again, to see whether the body keeps state");
  return RunAgain(*first_).divergence;
}

ReplayResult BlockRunner::RunFailureAgain() {
  if (unlike_) return *std::exchange(unlike_, std::nullopt);
  const Trace choices = TakeTrace();
  const std::optional<TestNote> note =
      NoteOfRunAgain("heddle: the same schedule again, recorded in full this time");
  return RunAgain(choices);
}

// What the last run was. What its tasks hold is gone then: it must not be there when it is run
// again.
Trace BlockRunner::TakeTrace() {
  Trace trace = ResultOf(executor_, run_options_).trace;
  executor_.TearDown();
  SetSubject(trace.header, *options_);
  return trace;
}

ReplayResult BlockRunner::RunAgain(const Trace& trace) {
  RunOptions run_options = run_options_;
  run_options.chooser = nullptr;
  run_options.record = RecordMode::kEvents;
  return Follow(trace, body_->ref(), run_options);
}

}  // namespace heddle::internal
