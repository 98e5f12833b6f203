// SPDX-License-Identifier: MIT
//
// A test program as a user of Catch2 writes one; its first test fails. What it prints and
// leaves behind is looked at by explore_program_test.cc.
#include "heddle/catch.h"
#include "heddle/heddle.h"
#include "support/catch.h"

namespace {

struct Account {
  heddle::Mutex lock{"account"};
  int balance = 0;
};

heddle::Task<int> Read(Account& account) {
  const heddle::MutexGuard guard = co_await account.lock.Lock();
  co_return account.balance;
}

heddle::Task<> Write(Account& account, int balance) {
  const heddle::MutexGuard guard = co_await account.lock.Lock();
  account.balance = balance;
}

heddle::Task<> Deposit(Account& account, int amount) {
  const int balance = co_await Read(account);
  co_await Write(account, balance + amount);
}

heddle::Task<> TwoDeposits() {
  Account account;
  co_await heddle::All(Deposit(account, 5), Deposit(account, 7));
  REQUIRE(account.balance == 12);
}

TEST_CASE("no deposit is lost, ever") { heddle::Explore(TwoDeposits); }

TEST_CASE("nothing is explored") {
  CHECK(heddle::Run([]() -> heddle::Task<> { co_return; }).ok());
}

TEST_CASE("nothing happens") {
  heddle::Explore([]() -> heddle::Task<> { co_return; });
}

}  // namespace
