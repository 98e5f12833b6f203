// SPDX-License-Identifier: MIT
//
// Books: what a branch knows of its money. It is a function of the log, and of the balances that it
// opened with: whoever replays the log has the same books. Nothing here waits.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_BOOKS_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_BOOKS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "transfer.h"

namespace two_phase_commit {

struct BranchRecord {
  enum class Kind : std::uint8_t { kPrepared, kCommitted, kAborted };

  Kind kind;
  TransactionId id;
  Part part;
};

class Books {
 public:
  explicit Books(std::vector<Cents> opening) : balances_(std::move(opening)) {}

  static Books Replay(std::vector<Cents> opening, const std::vector<BranchRecord>& log);

  // Whether the account stays out of debt.
  bool CanPay(const Part& part) const { return Balance(part.account) + part.change >= 0; }

  void Prepare(TransactionId id, const Part& part) { prepared_.try_emplace(id, part); }
  // Of one that is prepared and not yet decided.
  std::optional<Part> PreparedPart(TransactionId id) const;
  void Commit(TransactionId id, const Part& part);
  void Abort(TransactionId id) { prepared_.erase(id); }

  const std::map<TransactionId, Part>& prepared() const { return prepared_; }
  const std::vector<Cents>& balances() const { return balances_; }

 private:
  Cents Balance(Account account) const {
    return balances_.at(static_cast<std::size_t>(account.number));
  }

  std::vector<Cents> balances_;
  std::map<TransactionId, Part> prepared_;
};

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_BOOKS_H_
