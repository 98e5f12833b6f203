// SPDX-License-Identifier: MIT
#include "ledger.h"

#include "heddle/mark.h"

namespace order_pipeline {

heddle::Task<Cents> Ledger::Read(const std::string& customer) {
  const heddle::MutexGuard guard = co_await mutex_.Lock();
  const Cents balance = Find(customer).balance;
  heddle::Mark("read balance", {{"customer", customer}, {"balance", balance}});
  co_return balance;
}

heddle::Task<void> Ledger::Write(const Order& order, Cents balance) {
  const heddle::MutexGuard guard = co_await mutex_.Lock();
  Account& account = Find(order.customer);
  account.balance = balance;
  account.journal.push_back({.order = order.id, .amount = order.total_cents});
  heddle::Mark("wrote balance", {{"customer", order.customer}, {"balance", balance}});

  Cents sum = 0;
  for (const Entry& entry : account.journal) sum += entry.amount;
  if (sum != balance) {
    throw OutOfBalance("ledger out of balance for customer " + order.customer + " after order " +
                       std::to_string(order.id) + ": balance " + std::to_string(balance) +
                       ", journal says " + std::to_string(sum));
  }
}

}  // namespace order_pipeline
