// SPDX-License-Identifier: MIT
//
// The audit: what has to hold of the logs at every moment, and of the books in the end. It looks at
// what was written and at nothing that the protocol believes.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_AUDIT_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_AUDIT_H_

#include <set>
#include <stdexcept>
#include <vector>

#include "books.h"
#include "transfer.h"

namespace two_phase_commit {

using Balances = std::vector<Cents>;  // of one branch, by account
using BranchLog = std::vector<BranchRecord>;

struct Evidence {
  std::vector<Balances> opening;    // by branch
  std::set<TransactionId> decided;  // the commits in the coordinator's log
  std::vector<BranchLog> logs;      // by branch
};

class AuditFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// No transaction is committed here and aborted there, none is committed that was not decided, no
// transfer is carried out twice, and once what is committed somewhere is so everywhere, no money is
// made or lost.
void CheckLogs(const Evidence& evidence);

// The same, and nothing is in doubt any more, and the books are what the logs say.
void CheckAtTheEnd(const Evidence& evidence, const std::vector<Books>& books);

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_AUDIT_H_
