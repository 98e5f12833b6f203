// SPDX-License-Identifier: MIT
//
// Exploration: looks for a schedule that fails, and keeps what is found.
#ifndef HEDDLE_REPLAYER_EXPLORATION_H_
#define HEDDLE_REPLAYER_EXPLORATION_H_

#include <cstdint>
#include <string>

#include "block_runner.h"
#include "crash.h"
#include "heddle/explore.h"
#include "heddle/internal/class_counts.h"
#include "progress.h"

namespace heddle::internal {

class Exploration {
 public:
  // `variables`: what of the environment leads to these schedules. Keeps pointers to body and
  // options.
  Exploration(ExploredBody& body, const ExploreOptions& options, std::string variables);

  // `progress` may be null.
  ExploreResult Run(Progress* progress);

 private:
  class HereWatch;

  void RunHere(Progress* progress);
  void RunInWorkers(Progress* progress);
  // Adds a block to what is known. After the last of them, what failed there is run again.
  void Tally(std::uint64_t block, const BlockResult& result);
  void FindAgain(std::uint64_t block);
  ExploreResult Result();

  Failure MakeFailure(ReplayResult again) const;
  Failure MakeCrash(const Crash& crash);

  ExploredBody* body_;
  const ExploreOptions* options_;
  std::string variables_;
  BlockRunner runner_;
  ClassCounts classes_;
  ExploreResult result_;
  BlockEnd end_ = BlockEnd::kPassed;
  double missed_on_main_line_ = 1;
  double missed_elsewhere_ = 1;
};

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_EXPLORATION_H_
