// SPDX-License-Identifier: MIT
//
// Checks of Catch2 that fail in some schedules of a body, for checks_program_test.cc: a program of
// its own, because its tests fail.
#include <stdexcept>
#include <string>

#include "heddle/catch.h"
#include "heddle/combinators.h"
#include "heddle/explore.h"
#include "heddle/gate.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "support/catch.h"

namespace heddle {
namespace {

struct Account {
  int balance = 0;

  // Loses one of two deposits that meet.
  Task<> Deposit(int amount) {
    const int before = balance;
    co_await Yield();
    balance = before + amount;
  }
};

Task<> TwoDeposits(Account& account) { co_await All(account.Deposit(10), account.Deposit(2)); }

TEST_CASE("a CHECK") {
  Explore([]() -> Task<> {
    Account account;
    co_await TwoDeposits(account);
    INFO("the INFO of the body");
    CHECK(account.balance == 12);
    CHECK(account.balance > 11);
    co_await Yield();
    CHECK(account.balance < 0);  // of a later step: no longer looked at
  });
}

TEST_CASE("a CHECK_FALSE that workers see") {
  const auto body = []() -> Task<> {
    Account account;
    co_await TwoDeposits(account);
    const bool lost = account.balance != 12;
    CHECK_FALSE(lost);
  };
  Explore(body, {.workers = 2});
}

TEST_CASE("a REQUIRE that the body swallows") {
  const auto body = []() -> Task<> {
    Account account;
    co_await TwoDeposits(account);
    try {
      REQUIRE(account.balance == 12);
    } catch (...) {  // NOLINT(bugprone-empty-catch): that is the mistake
    }
  };
  Explore(body);
}

TEST_CASE("a FAIL") {
  Explore([]() -> Task<> {
    Account account;
    co_await TwoDeposits(account);
    if (account.balance != 12) FAIL("lost a deposit\nand a second line");
  });
}

TEST_CASE("a CHECK_NOTHROW") {
  Explore([]() -> Task<> {
    Account account;
    co_await TwoDeposits(account);
    CHECK_NOTHROW(account.balance == 12 ? 0 : throw std::runtime_error("lost a deposit"));
  });
}

TEST_CASE("a CHECK_THROWS") {
  Explore([]() -> Task<> {
    Account account;
    co_await TwoDeposits(account);
    CHECK_THROWS(account.balance != 12 ? 0 : throw std::runtime_error("none was lost"));
  });
}

TEST_CASE("in the middle of a CHECK when the run is stuck") {
  Explore([]() -> Task<> {
    Account account;
    co_await TwoDeposits(account);
    Gate never("never");
    if (account.balance == 12) never.Open();
    CHECK_NOTHROW(co_await never.Wait());
  });
}

TEST_CASE("a body without a check passes") {
  Explore([]() -> Task<> { co_await Yield(); });
}

TEST_CASE("a CHECK_NOFAIL says so and passes") {
  const auto body = []() -> Task<> {
    CHECK_NOFAIL(1 == 2);
    co_return;
  };
  Explore(body, {.schedules = 1, .check_determinism = false});
}

TEST_CASE("values are looked at and nothing is said") {
  const auto body = []() -> Task<> {
    Account account;
    co_await TwoDeposits(account);
    CHECK(account.balance == 12);
  };
  const ExploreResult result = FindFailure(body, {.directory = {}});
  REQUIRE(!result.ok());
  CHECK(result.failure->checks.size() == 1);
  CHECK_THAT(result.failure->run.message,
             StartsWithText("CHECK( account.balance == 12 ) did not hold: "));
  const Trace& trace = result.failure->run.trace;
  CHECK(Replay(trace, body).reproduced());
  CHECK(Shrink(trace, body).run.message == result.failure->run.message);
}

}  // namespace
}  // namespace heddle
