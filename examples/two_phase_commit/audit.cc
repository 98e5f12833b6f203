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
using WhoDid = std::map<TransactionId, std::string>;

// Who committed or aborted each transaction: the first branch of several.
WhoDid BranchesThat(Kind kind, const std::vector<BranchLog>& logs) {
  WhoDid who;
  for (std::size_t branch = 0; branch < logs.size(); ++branch) {
    for (const BranchRecord& record : logs[branch]) {
      if (record.kind == kind) who.try_emplace(record.id, "branch " + std::to_string(branch));
    }
  }
  return who;
}

void CheckAtomic(const WhoDid& committed, const WhoDid& aborted) {
  for (const auto& [id, branch] : committed) {
    const auto other = aborted.find(id);
    if (other == aborted.end()) continue;
    throw AuditFailed(ToString(id) + " was committed by " + branch + " and aborted by " +
                      other->second);
  }
}

void CheckDecided(const WhoDid& committed, const std::set<TransactionId>& decided) {
  for (const auto& [id, branch] : committed) {
    if (decided.contains(id)) continue;
    throw AuditFailed(ToString(id) + " was committed by " + branch +
                      ", and the coordinator knows nothing of it");
  }
}

void CheckOnce(const WhoDid& committed) {
  std::set<int> transfers;
  for (const auto& [id, branch] : committed) {
    if (!transfers.insert(id.transfer).second) {
      throw AuditFailed(ToString(id) + " was carried out before, in another attempt");
    }
  }
}

Cents Sum(const Balances& balances) {
  return std::accumulate(balances.begin(), balances.end(), Cents{0});
}

void CheckMoney(const Evidence& evidence, Cents now) {
  Cents at_first = 0;
  for (const Balances& balances : evidence.opening) at_first += Sum(balances);
  if (now == at_first) return;
  throw AuditFailed("money was made or lost: there was " + std::to_string(at_first) +
                    ", and there is " + std::to_string(now));
}

Books BooksByLog(const Evidence& evidence, std::size_t branch) {
  return Books::Replay(evidence.opening[branch], evidence.logs[branch]);
}

}  // namespace

void CheckLogs(const Evidence& evidence) {
  const WhoDid aborted = BranchesThat(Kind::kAborted, evidence.logs);
  const WhoDid committed = BranchesThat(Kind::kCommitted, evidence.logs);
  WhoDid decided;
  for (const TransactionId& id : evidence.decided) decided.emplace(id, "the coordinator");
  CheckAtomic(decided, aborted);
  CheckAtomic(committed, aborted);
  CheckDecided(committed, evidence.decided);
  CheckOnce(committed);
  Cents now = 0;
  for (std::size_t branch = 0; branch < evidence.logs.size(); ++branch) {
    const Books books = BooksByLog(evidence, branch);
    now += Sum(books.balances());
    for (const auto& [id, part] : books.prepared()) {
      if (committed.contains(id)) now += part.change;
    }
  }
  CheckMoney(evidence, now);
}

void CheckAtTheEnd(const Evidence& evidence, const std::vector<Books>& books) {
  CheckLogs(evidence);
  Cents now = 0;
  for (std::size_t branch = 0; branch < books.size(); ++branch) {
    now += Sum(books[branch].balances());
    if (books[branch].prepared().empty()) continue;
    throw AuditFailed("branch " + std::to_string(branch) + " is still in doubt");
  }
  CheckMoney(evidence, now);
  for (std::size_t branch = 0; branch < books.size(); ++branch) {
    if (books[branch].balances() == BooksByLog(evidence, branch).balances()) continue;
    throw AuditFailed("branch " + std::to_string(branch) + " has other books than its log");
  }
}

}  // namespace two_phase_commit
