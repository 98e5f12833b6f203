// SPDX-License-Identifier: MIT
//
// Workers: processes on this machine that share the blocks of an exploration (block_runner.h).
// They are forked from the test's own, so they need nothing but its memory, and a body that
// crashes takes only a worker with it.
//
// What comes out is what one process would have found. Blocks are handed on in their order; when
// one ends the exploration, what later ones found is thrown away. A block whose worker dies is
// run again in another. If that one dies in the same schedule, it is the schedule that does it.
#ifndef HEDDLE_REPLAYER_WORKERS_H_
#define HEDDLE_REPLAYER_WORKERS_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "block_message.h"
#include "crash.h"
#include "deadline.h"
#include "heddle/explore.h"

namespace heddle::internal {

inline constexpr std::uint64_t kWorkersMost = 64;

// How many workers "auto" is: as many as there are processors.
std::uint64_t WorkersOfMachine();

// Whether this process has one thread. Of several a fork copies only the one that calls it, and
// locks that others hold would never be free again.
bool OneThreadOnly();

// Runs all blocks of the shard in so many workers and gives them to `take`, in their order. Ends
// with the first that ends the exploration, with the schedule that crashes, or at the deadline.
// Throws UsageError.
std::optional<Crash> RunInWorkers(ExploredBody& body, const ExploreOptions& options,
                                  const Deadline& deadline,
                                  const std::function<void(const BlockMessage&)>& take);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_WORKERS_H_
