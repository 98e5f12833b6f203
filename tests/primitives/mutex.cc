// SPDX-License-Identifier: MIT
// What docs/primitives/mutex.md shows.
#include "heddle/mutex.h"

#include <chrono>
#include <stdexcept>

#include "heddle/combinators.h"
#include "heddle/mark.h"
#include "heddle/sleep.h"
#include "primitives/page.h"

namespace heddle::mutex_page {
namespace {

// [page
Task<> Deposit(Mutex& ledger, int& balance, int amount) {
  const MutexGuard guard = co_await ledger.Lock();
  const int before = balance;
  co_await SleepFor(std::chrono::milliseconds(2));  // a slow database
  balance = before + amount;
}

Task<> Body() {
  Mutex ledger("ledger");
  int balance = 0;
  co_await All(Deposit(ledger, balance, 5), Deposit(ledger, balance, 7));
  if (balance != 12) throw std::logic_error("a deposit was lost");
}
// page]

const Page kPage("mutex", &Body);

}  // namespace
}  // namespace heddle::mutex_page
