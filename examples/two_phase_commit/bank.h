// SPDX-License-Identifier: MIT
//
// The bank as a whole: a coordinator, its branches and the network between them, from the first
// order until all is settled. Everything of it is made anew for each run.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_BANK_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_BANK_H_

#include <heddle/task.h>

#include <set>
#include <vector>

#include "books.h"
#include "faults.h"
#include "message.h"
#include "version.h"

namespace two_phase_commit {

struct Setup {
  std::vector<Balances> opening;  // by branch
  std::vector<Transfer> orders;   // numbered from 0, in this order
  FaultPlan faults;
  Version version;
};

struct Outcome {
  std::vector<Balances> balances;  // by branch
  std::set<int> committed;         // transfers; the others were refused
};

// The audit looks at the logs whenever a machine has recovered, and at the books in the end;
// throws AuditFailed.
heddle::Task<Outcome> RunBank(Setup setup);

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_BANK_H_
