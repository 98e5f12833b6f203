// SPDX-License-Identifier: MIT
//
// The words of the program, and what the coordinator and the branches say to each other. A transfer
// is what a customer orders; each attempt to carry it out is a transaction of its own. A message
// may be lost, late, doubled or overtaken, so each names the transaction that it is about.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_MESSAGE_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_MESSAGE_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

namespace two_phase_commit {

using Cents = std::int64_t;

// What one branch has to do in a transaction.
struct Part {
  int branch = 0;
  std::size_t account = 0;  // of that branch
  Cents change = 0;
};

struct Transfer {
  int number = 0;  // the lower, the older
  Part from;
  Part to;  // at another branch
};

struct TransactionId {
  int transfer = 0;
  int attempt = 0;  // never used twice, also not after a crash

  friend auto operator<=>(const TransactionId&, const TransactionId&) = default;
};

inline std::string ToString(TransactionId id) {
  return "transfer " + std::to_string(id.transfer) + " (attempt " + std::to_string(id.attempt) +
         ")";
}

// From the coordinator.
struct Prepare {
  TransactionId id;
  Part part;
};
struct Decided {
  TransactionId id;
  bool commit;
};

// From a branch.
struct Voted {
  TransactionId id;
  int branch;
  bool yes;
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
