// SPDX-License-Identifier: MIT
//
// The arithmetic of the audit. Its messages are what a failing test shows first, so they name the
// transaction, the branches and the sums.
#include "audit.h"

#include <cstddef>
#include <map>
#include <string>

namespace two_phase_commit {
namespace {

using WhoDid = std::map<TransactionId, std::string>;

// Who committed or aborted each transaction: the first branch of several.
WhoDid BranchesThat(BranchRecord::Kind kind, const Evidence& evidence) {
  WhoDid who;
  for (std::size_t branch = 0; branch < evidence.logs.size(); ++branch) {
    for (const BranchRecord& record : evidence.logs[branch]) {
      if (record.kind == kind) who.try_emplace(record.id, "branch " + std::to_string(branch));
    }
  }
  return who;
}

void CheckAtomic(const WhoDid& committed, const WhoDid& aborted) {
  for (const auto& [id, who] : committed) {
    const auto other = aborted.find(id);
    if (other == aborted.end()) continue;
    throw AuditFailed(ToString(id) + " was committed by " + who + " and aborted by " +
                      other->second);
  }
}

void CheckDecided(const WhoDid& committed, const WhoDid& decided) {
  for (const auto& [id, who] : committed) {
    if (decided.contains(id)) continue;
    throw AuditFailed(ToString(id) + " was committed by " + who +
                      ", and the coordinator knows nothing of it");
  }
}

void CheckOnce(const WhoDid& decided) {
  std::set<int> transfers;
  for (const auto& [id, who] : decided) {
    if (transfers.insert(id.transfer).second) continue;
    throw AuditFailed(ToString(id) + " was carried out before, in another attempt");
  }
}

}  // namespace

void CheckLogs(const Evidence& evidence) {
  const WhoDid aborted = BranchesThat(BranchRecord::Kind::kAborted, evidence);
  const WhoDid committed = BranchesThat(BranchRecord::Kind::kCommitted, evidence);
  WhoDid decided;
  for (const TransactionId& id : evidence.decided) decided.emplace(id, "the coordinator");
  CheckAtomic(decided, aborted);
  CheckAtomic(committed, aborted);
  CheckDecided(committed, decided);
  CheckOnce(decided);
}

void CheckBooks(Cents at_first, const std::vector<Books>& branches) {
  Cents now = 0;
  for (const Books& books : branches) {
    now += books.Total();
    for (const auto& [id, part] : books.prepared()) {
      throw AuditFailed(ToString(id) + " is still in doubt");
    }
    for (const Cents balance : books.balances()) {
      if (balance < 0) throw AuditFailed("an account is in debt: " + std::to_string(balance));
    }
  }
  if (now == at_first) return;
  throw AuditFailed("money was made or lost: there was " + std::to_string(at_first) +
                    ", and there is " + std::to_string(now));
}

}  // namespace two_phase_commit
