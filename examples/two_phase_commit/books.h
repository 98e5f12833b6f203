// SPDX-License-Identifier: MIT
//
// Books: what a branch knows of its money. It is a function of the log, and of the balances that it
// opened with: whoever replays the log has the same books. Nothing here waits, and Commit does what
// it is told: whether it is the first time is for its caller to know.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_BOOKS_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_BOOKS_H_

#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "message.h"

namespace two_phase_commit {

using Balances = std::vector<Cents>;  // of one branch, by account

struct BranchRecord {
  enum class Kind : std::uint8_t { kPrepared, kCommitted, kAborted };

  Kind kind;
  TransactionId id;
  Part part;
};

class Books {
 public:
  explicit Books(Balances opening) : balances_(std::move(opening)) {}

  // A commit that is in the log twice counts once.
  static Books Replay(Balances opening, const std::vector<BranchRecord>& log) {
    Books books(std::move(opening));
    for (const auto& [kind, id, part] : log) {
      if (kind == BranchRecord::Kind::kPrepared) books.Prepare(id, part);
      if (kind == BranchRecord::Kind::kAborted) books.Abort(id);
      if (kind == BranchRecord::Kind::kCommitted && books.PreparedPart(id)) books.Commit(id, part);
    }
    return books;
  }

  // Whether the account stays out of debt.
  bool CanPay(const Part& part) const { return balances_.at(part.account) + part.change >= 0; }

  void Prepare(TransactionId id, const Part& part) { prepared_.try_emplace(id, part); }
  // Of one that is prepared and not yet decided.
  std::optional<Part> PreparedPart(TransactionId id) const {
    const auto found = prepared_.find(id);
    if (found == prepared_.end()) return std::nullopt;
    return found->second;
  }
  void Commit(TransactionId id, const Part& part) {
    balances_.at(part.account) += part.change;
    prepared_.erase(id);
  }
  void Abort(TransactionId id) { prepared_.erase(id); }

  const std::map<TransactionId, Part>& prepared() const { return prepared_; }
  const Balances& balances() const { return balances_; }
  Cents Total() const { return std::accumulate(balances_.begin(), balances_.end(), Cents{0}); }

 private:
  Balances balances_;
  std::map<TransactionId, Part> prepared_;
};

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_BOOKS_H_
