// SPDX-License-Identifier: MIT
//
// How the schedules of an exploration are dealt, and the running of a part of them. What is found
// must not depend on how many processes share the work, so everything here is a function of the
// options and of a block's number: exploration.cc runs one block after the other, workers.cc
// several at a time.
#ifndef HEDDLE_REPLAYER_BLOCK_RUNNER_H_
#define HEDDLE_REPLAYER_BLOCK_RUNNER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "heddle/executor.h"
#include "heddle/explore.h"
#include "heddle/internal/exploration_report.h"
#include "heddle/replay.h"
#include "strategies.h"

namespace heddle::internal {

// The schedules of an exploration in blocks of 1 024, which count from 0. Some blocks are the main
// line: one chooser makes them one after the other, and goes by what it learned. Each of the others
// has a chooser of its own, which begins anew. Shards share the blocks; the main line is the
// first's. Where the options allow it there is one block more, beyond the budget: with it the main
// line goes on to the end of its search. Its schedules are numbered from the budget on.
class Deal {
 public:
  static constexpr std::uint64_t kBlockSize = 1024;

  explicit Deal(const ExploreOptions& options);

  // 0: none is this shard's.
  std::uint64_t blocks() const;
  bool OnMainLine(std::uint64_t block) const;
  // That block or the next one that is on the main line; kNoBlock: there is none.
  std::uint64_t NextOnMainLine(std::uint64_t block) const;
  // Whether it is this shard's to run. About as many blocks are each shard's.
  bool Mine(std::uint64_t block) const { return ShardOf(block) == shard_; }
  // The number of the block's `index`-th schedule, from 0.
  std::uint64_t ScheduleAt(std::uint64_t block, std::uint64_t index) const;
  // 0: as long as the search goes on.
  std::uint64_t size(std::uint64_t block) const;
  bool BeyondBudget(std::uint64_t block) const { return goes_beyond_ && block == in_budget_; }

 private:
  std::uint64_t ShardOf(std::uint64_t block) const;

  std::uint64_t shard_;
  std::uint64_t shards_;
  std::uint64_t schedules_;
  std::uint64_t in_budget_;  // blocks
  std::uint64_t main_line_every_;
  bool goes_beyond_;
};

// Is told of each schedule of a block.
class BlockWatch {
 public:
  enum class Wish : std::uint8_t {
    kGoOn,
    kDrop,    // the rest of the block is of no interest
    kTimeUp,  // what was run counts
  };

  virtual ~BlockWatch() = default;
  virtual void BeginBlock(std::uint64_t block) { static_cast<void>(block); }
  virtual Wish BeginSchedule(std::uint64_t schedule) = 0;
  // Before each schedule beyond the budget: whether there is no time for it.
  virtual bool ExtraTimePassed() = 0;
  // 0: the chooser does not know the class.
  virtual void Passed(std::uint64_t schedule, std::uint64_t run_class) = 0;
};

class OrderCounter;

class BlockRunner {
 public:
  // Puts something around each chooser.
  using Wrap = std::function<std::unique_ptr<Chooser>(std::unique_ptr<Chooser>)>;

  // Where the options want orders counted: by whom. The counter outlives the runner.
  static Wrap WatchedBy(OrderCounter& counter, const ExploreOptions& options);

  // Keeps pointers to body and options.
  BlockRunner(ExploredBody& body, const ExploreOptions& options, Wrap wrap = nullptr);

  const Deal& deal() const { return deal_; }

  // Blocks of the main line that come before it and were not run yet are run first.
  BlockResult Run(std::uint64_t block, BlockWatch& watch);

  // After kFailed: the failing schedule once more, recorded in full.
  ReplayResult RunFailureAgain();
  // After kFailed: where the first schedule that passed, run again now with the same choices, goes
  // otherwise: the body keeps something from run to run. Nothing: it does not, or none passed here.
  std::optional<Divergence> DivergenceOfFirst();

 private:
  bool GoesOn(const Strategy& strategy, std::uint64_t block, BlockWatch& watch) const;
  Strategy Wrapped(Strategy strategy) const;
  BlockResult RunWith(const Strategy& strategy, std::uint64_t block, BlockWatch& watch);
  bool Passes(Chooser& chooser, bool twice);
  Trace TakeTrace();
  ReplayResult RunAgain(const Trace& trace);

  ExploredBody* body_;
  const ExploreOptions* options_;
  Wrap wrap_;
  Deal deal_;
  Strategy main_line_;
  std::uint64_t main_line_next_ = 0;  // no block of the main line before it is left to run
  Strategy elsewhere_;
  Executor executor_;
  RunOptions run_options_;  // of the last schedule
  std::optional<ReplayResult> unlike_;
  std::optional<Trace> first_;  // that passed, and was run twice
};

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_BLOCK_RUNNER_H_
