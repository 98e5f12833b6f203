// SPDX-License-Identifier: MIT
//
// The arithmetic of the audit. Its messages are what a failing test shows first, so they name the
// transaction, the branches and the sums.
#include "audit.h"

#include <cstddef>
#include <map>
#include <numeric>
#include <string>

namespace two_phase_commit {
namespace {

using Kind = BranchRecord::Kind;

// The branch that committed or aborted each transaction, the first of several.
std::map<TransactionId, std::size_t> BranchesThat(Kind kind, const std::vector<BranchLog>& logs) {
  std::map<TransactionId, std::size_t> found;
  for (std::size_t branch = 0; branch < logs.size(); ++branch) {
    for (const BranchRecord& record : logs[branch]) {
      if (record.kind == kind) found.try_emplace(record.id, branch);
    }
  }
  return found;
}

void CheckAtomic(const std::map<TransactionId, std::size_t>& committed,
                 const std::map<TransactionId, std::size_t>& aborted) {
  for (const auto& [id, branch] : committed) {
    const auto other = aborted.find(id);
    if (other == aborted.end()) continue;
    throw AuditFailed(ToString(id) + " was committed by branch " + std::to_string(branch) +
                      " and aborted by branch " + std::to_string(other->second));
  }
}

void CheckOnce(const std::map<TransactionId, std::size_t>& committed) {
  TransactionId before = {.transfer = -1, .attempt = 0};
  for (const auto& [id, branch] : committed) {
    if (id.transfer == before.transfer) throw AuditFailed(ToString(id) + " is not the first");
    before = id;
  }
}

Cents Sum(const Balances& balances) {
  return std::accumulate(balances.begin(), balances.end(), Cents{0});
}

Cents Sum(const std::vector<Balances>& branches) {
  Cents sum = 0;
  for (const Balances& balances : branches) sum += Sum(balances);
  return sum;
}

void CheckMoney(Cents opened_with, Cents now) {
  if (opened_with == now) return;
  throw AuditFailed("money was made or lost: " + std::to_string(now) + " of " +
                    std::to_string(opened_with));
}

}  // namespace

void CheckLogs(const std::vector<Balances>& opening, const std::vector<BranchLog>& logs) {
  const auto committed = BranchesThat(Kind::kCommitted, logs);
  CheckAtomic(committed, BranchesThat(Kind::kAborted, logs));
  CheckOnce(committed);
  Cents now = 0;
  for (std::size_t branch = 0; branch < logs.size(); ++branch) {
    const Books books = Books::Replay(opening[branch], logs[branch]);
    now += Sum(books.balances());
    for (const auto& [id, part] : books.prepared()) {
      if (committed.contains(id)) now += part.change;
    }
  }
  CheckMoney(Sum(opening), now);
}

void CheckAtTheEnd(const std::vector<Balances>& opening, const std::vector<BranchLog>& logs,
                   const std::vector<Books>& books) {
  CheckLogs(opening, logs);
  Cents now = 0;
  for (std::size_t branch = 0; branch < books.size(); ++branch) {
    now += Sum(books[branch].balances());
    for (const auto& [id, part] : books[branch].prepared()) {
      throw AuditFailed(ToString(id) + " is still in doubt at branch " + std::to_string(branch));
    }
  }
  CheckMoney(Sum(opening), now);
  for (std::size_t branch = 0; branch < books.size(); ++branch) {
    if (books[branch].balances() == Books::Replay(opening[branch], logs[branch]).balances())
      continue;
    throw AuditFailed("the books of branch " + std::to_string(branch) +
                      " are not what its log says");
  }
}

}  // namespace two_phase_commit
