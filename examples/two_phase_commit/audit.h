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
#include "message.h"

namespace two_phase_commit {

struct Evidence {
  std::set<TransactionId> decided;  // the commits in the coordinator's log
  std::vector<std::vector<BranchRecord>> logs;
};

class AuditFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// No transaction is committed here and aborted there, none is committed that was not decided, and
// no transfer is carried out twice.
void CheckLogs(const Evidence& evidence);

// Nothing is in doubt any more, no account is in debt, and no money was made or lost.
void CheckBooks(Cents at_first, const std::vector<Books>& branches);

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_AUDIT_H_
