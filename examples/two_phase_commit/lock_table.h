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
#include <deque>
#include <optional>
#include <string>

#include "message.h"

namespace two_phase_commit {

class LockTable {
 public:
  explicit LockTable(std::size_t accounts) {
    for (std::size_t account = 0; account < accounts; ++account) {
      holders_.emplace_back(std::nullopt, "account " + std::to_string(account));
    }
  }

  // False: the holder is not younger, and `id` must not wait. Who waits looks again whenever the
  // holder changes: to wait on for an older one that came first would close the circle after all.
  heddle::Task<bool> Lock(std::size_t account, TransactionId id) {
    const auto need_not_wait = [id](const Holder& holder) {
      return !holder || holder->transfer <= id.transfer;
    };
    const auto take = [id](const Holder& holder) { return holder ? holder : Holder(id); };
    const Holder before = co_await holders_.at(account).UpdateWhen(need_not_wait, take);
    co_return !before;
  }

  // For a transaction that had the lock before a crash. Nobody has it yet.
  void TakeBack(std::size_t account, TransactionId id) { holders_.at(account).Set(id); }
  void Unlock(std::size_t account) { holders_.at(account).Set(std::nullopt); }

 private:
  using Holder = std::optional<TransactionId>;

  std::deque<heddle::Shared<Holder>> holders_;
};

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_LOCK_TABLE_H_
