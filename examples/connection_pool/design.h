// SPDX-License-Identifier: MIT
//
// The three decisions in which the first pool was wrong. Each is asked at one place, and across an
// await: in pool.cc, upkeep.cc and waiting_line.cc. All else is the same in both pools.
#ifndef HEDDLE_EXAMPLES_CONNECTION_POOL_DESIGN_H_
#define HEDDLE_EXAMPLES_CONNECTION_POOL_DESIGN_H_

namespace connection_pool {

// When a connection counts towards the size of the pool.
enum class Counting { kOnceOpen, kBeforeConnecting };
// Where a connection is while the health check waits for its answer.
enum class Pinging { kInIdleList, kTakenOut };
// What becomes of a connection that is handed to a client who gives up in the same instant.
enum class LateHandover { kForgotten, kPassedOn };

struct Design {
  Counting counting = Counting::kBeforeConnecting;
  Pinging pinging = Pinging::kTakenOut;
  LateHandover late_handover = LateHandover::kPassedOn;
};

inline constexpr Design kSecondDesign = {};

}  // namespace connection_pool

#endif  // HEDDLE_EXAMPLES_CONNECTION_POOL_DESIGN_H_
