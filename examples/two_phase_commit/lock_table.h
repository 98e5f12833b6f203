// SPDX-License-Identifier: MIT
//
// Locks on accounts, held from a branch's vote until it knows the decision. Wait-die (Rosenkrantz,
// Stearns and Lewis, 1978) keeps transactions from waiting for each other in a circle over several
// branches: an older one waits for a younger one, a younger one does not wait. A transfer keeps its
// age over all its attempts, so that one day it is the oldest.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_LOCK_TABLE_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_LOCK_TABLE_H_

#include <heddle/shared.h>
#include <heddle/task.h>

#include <cstddef>
#include <map>
#include <optional>

#include "transfer.h"

namespace two_phase_commit {

class LockTable {
 public:
  explicit LockTable(std::size_t accounts);

  // False: the holder is not younger, and `id` must not wait.
  heddle::Task<bool> Lock(int account, TransactionId id);
  // For a transaction that had the lock before a crash. Nobody has it yet.
  void TakeBack(int account, TransactionId id) { holders_.at(account).Set(id); }
  void Unlock(int account) { holders_.at(account).Set(std::nullopt); }

 private:
  using Holder = std::optional<TransactionId>;

  std::map<int, heddle::Shared<Holder>> holders_;
};

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_LOCK_TABLE_H_
