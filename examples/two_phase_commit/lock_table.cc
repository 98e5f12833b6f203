// SPDX-License-Identifier: MIT
//
// Wait-die. Who waits looks again whenever the holder changes: the lock that becomes free may go to
// an older one, and to wait on for that would close the circle after all.
#include "lock_table.h"

#include <string>

namespace two_phase_commit {

LockTable::LockTable(std::size_t accounts) {
  for (int account = 0; account < static_cast<int>(accounts); ++account) {
    holders_.try_emplace(account, std::nullopt, "account " + std::to_string(account));
  }
}

heddle::Task<bool> LockTable::Lock(int account, TransactionId id) {
  const auto need_not_wait = [id](const Holder& holder) {
    return !holder || holder->transfer <= id.transfer;
  };
  const auto take = [id](const Holder& holder) { return holder ? holder : Holder(id); };
  const Holder before = co_await holders_.at(account).UpdateWhen(need_not_wait, take);
  co_return !before;
}

}  // namespace two_phase_commit
