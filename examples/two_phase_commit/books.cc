// SPDX-License-Identifier: MIT
//
// The arithmetic of a branch. Replay goes by ids, so a commit that is in the log twice counts once.
// Commit does what it is told: whether it is the first time is for its caller to know.
#include "books.h"

#include <utility>

namespace two_phase_commit {

Books Books::Replay(std::vector<Cents> opening, const std::vector<BranchRecord>& log) {
  Books books(std::move(opening));
  for (const BranchRecord& record : log) {
    if (record.kind == BranchRecord::Kind::kPrepared) {
      books.Prepare(record.id, record.part);
    } else if (record.kind == BranchRecord::Kind::kAborted) {
      books.Abort(record.id);
    } else if (books.PreparedPart(record.id)) {
      books.Commit(record.id, record.part);
    }
  }
  return books;
}

std::optional<Part> Books::PreparedPart(TransactionId id) const {
  const auto found = prepared_.find(id);
  if (found == prepared_.end()) return std::nullopt;
  return found->second;
}

void Books::Commit(TransactionId id, const Part& part) {
  balances_.at(static_cast<std::size_t>(part.account.number)) += part.change;
  prepared_.erase(id);
}

}  // namespace two_phase_commit
