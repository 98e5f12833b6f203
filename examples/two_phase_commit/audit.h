// SPDX-License-Identifier: MIT
//
// The audit: what has to hold of the branches' logs at every moment, and of their books in the end.
// It looks at what they wrote and at nothing that the protocol believes.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_AUDIT_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_AUDIT_H_

#include <stdexcept>
#include <vector>

#include "books.h"
#include "transfer.h"

namespace two_phase_commit {

using Balances = std::vector<Cents>;  // of one branch, by account
using BranchLog = std::vector<BranchRecord>;

class AuditFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// By branch. No transaction is committed here and aborted there, no transfer is carried out twice,
// and once those that are committed somewhere are so everywhere, no money is made or lost.
void CheckLogs(const std::vector<Balances>& opening, const std::vector<BranchLog>& logs);

// The same, and nothing is in doubt any more, and the books are what the logs say.
void CheckAtTheEnd(const std::vector<Balances>& opening, const std::vector<BranchLog>& logs,
                   const std::vector<Books>& books);

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_AUDIT_H_
