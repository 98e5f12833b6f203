// SPDX-License-Identifier: MIT
//
// Exploration: looks for a schedule that fails, and keeps what is found.
#ifndef HEDDLE_REPLAYER_EXPLORATION_H_
#define HEDDLE_REPLAYER_EXPLORATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "block_runner.h"
#include "crash.h"
#include "deadline.h"
#include "heddle/explore.h"
#include "heddle/failure_report.h"
#include "heddle/internal/classes_seen.h"
#include "heddle/internal/exploration_report.h"
#include "heddle/internal/held_checks.h"
#include "order_counter.h"
#include "progress.h"

namespace heddle::internal {

// Writes the recording of a failure. Sets its path, or says why there is none.
void WriteFailure(const ExploreOptions& options, Failure& failure, std::string& error);

// Puts the simplest schedule that has the same failure in its place, and says why it fails. `held`:
// the checks of both.
void TakeSimplest(ExploredBody& body, const ExploreOptions& options, const HeldChecks& held,
                  Failure& failure);

// Whether it is a failed check of the test framework that ended the run.
bool EndedByCheck(const RunResult& run);

// One line: how it failed.
std::string SummaryOf(const Failure& failure);

class Exploration {
 public:
  // `variables`: what of the environment leads to these schedules; nullopt: who explores does not
  // read it. Keeps pointers to body and options.
  Exploration(ExploredBody& body, const ExploreOptions& options,
              std::optional<std::string> variables);

  // `progress` may be null.
  ExploreResult Run(Progress* progress);
  // Once it has run, with what Run gave.
  ExplorationReport Report(const ExploreResult& result) const;

 private:
  class HereWatch;

  void RunHere(Progress* progress);
  BlockEnd LookHere(Progress* progress);
  void RunInWorkers(Progress* progress);
  // Adds a block to what is known.
  void Take(std::uint64_t block, const BlockResult& result, std::uint64_t classified);
  void FindAgain(const BlockReport& failed);

  Failure MakeFailure(ReplayResult again);
  Failure MakeCrash(const Crash& crash);
  // Writes the recording, and of the context what any failure has.
  ReportContext WriteDown(Failure& failure) const;

  HeldChecks held_;  // first: it outlives the runs
  ExploredBody* body_;
  const ExploreOptions* options_;
  std::optional<std::string> variables_;
  OrderCounter orders_;
  BlockRunner runner_;
  Deadline deadline_;
  std::vector<BlockReport> blocks_;
  ClassesSeen classes_;
  ExploreResult result_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_EXPLORATION_H_
