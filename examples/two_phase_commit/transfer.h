// SPDX-License-Identifier: MIT
//
// The words of the program: a transfer is what a customer orders. Each attempt to carry it out is a
// transaction of its own, with two parts, one at each of two branches of the bank. An attempt that
// was aborted is over; what is said of it later is not meant for the next one.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_TRANSFER_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_TRANSFER_H_

#include <array>
#include <compare>
#include <cstdint>
#include <string>

namespace two_phase_commit {

using Cents = std::int64_t;

struct Account {
  int branch = 0;
  int number = 0;
};

// Between two branches.
struct Transfer {
  int number = 0;  // the lower, the older
  Account from;
  Account to;
  Cents amount = 0;
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

// What one branch has to do in a transaction.
struct Part {
  Account account;
  Cents change = 0;
};

inline std::array<Part, 2> PartsOf(const Transfer& transfer) {
  return {Part{.account = transfer.from, .change = -transfer.amount},
          Part{.account = transfer.to, .change = transfer.amount}};
}

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_TRANSFER_H_
