// SPDX-License-Identifier: MIT
//
// Bodies that go wrong, and some that do not, for the tests of Explore.
#ifndef HEDDLE_TESTS_REPLAYER_EXPLORE_BODIES_H_
#define HEDDLE_TESTS_REPLAYER_EXPLORE_BODIES_H_

#include <cstdint>
#include <stdexcept>
#include <string>

#include "heddle/combinators.h"
#include "heddle/explore.h"
#include "heddle/mark.h"
#include "heddle/mutex.h"
#include "heddle/task.h"
#include "heddle/world.h"
#include "support/catch.h"

namespace heddle {

struct LostDeposit {
  int balance;
};

struct Account {
  Mutex lock{"account"};
  int balance = 0;
};

// Reads and writes under the lock, and lets go of it between.
inline Task<> Deposit(Account& account, int amount) {
  int seen = 0;
  {
    const MutexGuard guard = co_await account.lock.Lock();
    seen = account.balance;
  }
  const MutexGuard guard = co_await account.lock.Lock();
  account.balance = seen + amount;
  Mark("deposited", {{"amount", amount}});
}

inline Task<> TwoDeposits() {
  Account account;
  co_await All(Deposit(account, 5), Deposit(account, 7));
  if (account.balance != 12) throw LostDeposit{account.balance};
}

// Goes wrong only if the first task makes six steps before the second makes its first.
inline Task<> Rare() {
  Mutex lock;
  int steps = 0;
  const auto climb = [&]() -> Task<> {
    for (int i = 0; i < 10; ++i) {
      {
        const MutexGuard guard = co_await lock.Lock();
      }
      ++steps;
    }
  };
  const auto look = [&]() -> Task<> {
    if (steps == 6) throw std::runtime_error("seen at 6");
    co_return;
  };
  co_await All(climb(), look());
}

// One draw in so many is bad.
inline auto RareIn(std::uint32_t sides) {
  return [sides](World& world) -> Task<> {
    if (world.Draw(sides) == 7) throw std::runtime_error("a bad draw");
    co_return;
  };
}

inline Task<> LockBoth(Mutex& first, Mutex& second) {
  const MutexGuard one = co_await first.Lock();
  const MutexGuard two = co_await second.Lock();
}

inline Task<> OppositeLocks() {
  Mutex left("left");
  Mutex right("right");
  co_await All(LockBoth(left, right), LockBoth(right, left));
}

inline Task<> Nothing() { co_return; }

inline Task<> Fine(World& world) {
  world.Spawn(Nothing());
  co_await All(Nothing(), Nothing());
}

// Without a file, for tests that are not about it.
inline const ExploreOptions kNoFile = {.name = "test", .strategy = "random", .directory = {}};

// The error that `call` throws; fails the test if it throws another or none.
template <class Error, class Call>
std::string ErrorOf(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  FAIL("nothing was thrown");
  return {};
}

}  // namespace heddle

#endif  // HEDDLE_TESTS_REPLAYER_EXPLORE_BODIES_H_
