// SPDX-License-Identifier: MIT
//
// What the coordinator and the branches say to each other. Any of it may be lost, late, doubled or
// overtaken, so each message names the transaction that it is about, and none says "the last one".
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_MESSAGE_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_MESSAGE_H_

#include <cstdint>
#include <string_view>
#include <variant>

#include "transfer.h"

namespace two_phase_commit {

enum class Vote : std::uint8_t {
  kYes,
  kBusy,     // another transaction has the account: try again
  kNoFunds,  // and no other attempt would help
};

enum class Decision : std::uint8_t { kCommit, kAbort };

constexpr std::string_view Name(Decision decision) {
  return decision == Decision::kCommit ? "commit" : "abort";
}

// From the coordinator.
struct Prepare {
  TransactionId id;
  Part part;
};
struct Decided {
  TransactionId id;
  Decision decision;
};

// From a branch.
struct Voted {
  TransactionId id;
  int branch;
  Vote vote;
};
struct Committed {
  TransactionId id;
  int branch;
};
struct InDoubt {
  TransactionId id;
  int branch;
};

using Message = std::variant<Prepare, Decided, Voted, Committed, InDoubt>;

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_MESSAGE_H_
