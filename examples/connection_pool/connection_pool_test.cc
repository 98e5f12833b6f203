// SPDX-License-Identifier: MIT
//
// Tests of the pool: of its pure parts, of what it does in one run, of three mistakes of its first
// version, which a search through the schedules finds, and of the second version in all schedules.
#include <heddle/catch.h>
#include <heddle/heddle.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "backoff.h"
#include "pool.h"
#include "transaction.h"

namespace connection_pool {
namespace {

using heddle::Task;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// Takes a connection and uses it for so many commands.
Task<> Use(Pool& pool, int commands = 1) {
  const Lease lease = co_await pool.Checkout();
  for (int i = 0; i < commands; ++i) co_await lease->Execute({Verb::kPut, "a"});
  heddle::Mark("done");
}

// The same of a client that can do without.
Task<> TryToUse(Pool& pool) {
  try {
    co_await Use(pool);
  } catch (const std::runtime_error&) {  // a CheckoutTimeout, or PoolClosed
    heddle::Mark("gave up");
  }
}

Task<> UseAt(Pool& pool, heddle::Duration when) {
  co_await heddle::SleepFor(when);
  co_await Use(pool);
}

TEST_CASE("the pause doubles with each failure up to the longest, and a success ends it") {
  using At = heddle::TimePoint;
  Backoff backoff(10ms, 35ms);
  backoff.Failed(At(0ms));
  CHECK(backoff.not_before() == At(10ms));
  backoff.Failed(At(9ms));  // another connect that began before the pause: the same failure
  CHECK(backoff.not_before() == At(10ms));
  backoff.Failed(At(10ms));
  CHECK(backoff.not_before() == At(30ms));
  backoff.Failed(At(30ms));
  CHECK(backoff.not_before() == At(65ms));
  backoff.Succeeded();
  CHECK(backoff.not_before() == At(0ms));
}

TEST_CASE("options that no pool can keep to are refused") {
  CHECK_THROWS_AS(Checked({.max_size = 0}), std::invalid_argument);
  CHECK_THROWS_AS(Checked({.min_size = 5, .max_size = 4}), std::invalid_argument);
}

TEST_CASE("connections are opened when they are needed, side by side, and lent again") {
  const heddle::RunResult run = heddle::Run([]() -> Task<> {
    Server server;
    Pool pool(server, {.max_size = 3});
    co_await heddle::All(Use(pool), Use(pool), Use(pool), Use(pool), Use(pool));
    CHECK(server.sessions_max() == 3);
  });
  CHECK(run.elapsed == 4ms);  // a connect, and two commands after each other
}

TEST_CASE("who has waited longest is served first") {
  heddle::RunToEnd([]() -> Task<> {
    Server server;
    Pool pool(server, {.max_size = 1});
    std::vector<int> served;
    const auto client = [&](int number) -> Task<> {
      co_await heddle::SleepFor(number * 1ms);
      const Lease lease = co_await pool.Checkout();
      served.push_back(number);
      co_await heddle::SleepFor(10ms);
    };
    co_await heddle::All(client(2), client(0), client(3), client(1));
    CHECK(served == std::vector<int>{0, 1, 2, 3});
  });
}

TEST_CASE("while the server is down it is asked more and more rarely, and then clients go on") {
  const heddle::RunResult run = heddle::Run([]() -> Task<> {
    Server server;
    server.Crash();
    Pool pool(server, {.backoff_max = 80ms});
    const auto start = [&]() -> Task<> {
      co_await heddle::SleepFor(200ms);
      server.Start();
    };
    co_await heddle::All(Use(pool), start());
    CHECK(pool.stats().open_failures == 5);  // at 2, 14, 36, 78 and 160ms
  });
  CHECK(run.elapsed == 243ms);
}

TEST_CASE("a server that hangs is given up, and the client is told how the pool stands") {
  const heddle::RunResult run = heddle::Run([]() -> Task<> {
    Server server;
    server.Hang();
    Pool pool(server, {.checkout_timeout = 100ms, .connect_timeout = 20ms});
    co_await Use(pool);
  });
  CHECK(run.message ==
        "no connection in time: 1 of 4 connections, 0 idle, 0 leased, 0 waiting; the server does "
        "not answer");
}

TEST_CASE("a connection that was silent for long is pinged before it is lent, and replaced") {
  const heddle::RunResult run = heddle::Run([]() -> Task<> {
    Server server({.idle_max = 1s});
    Pool pool(server, {.validate_after = 500ms});
    co_await Use(pool);
    co_await heddle::SleepFor(2s);
    co_await Use(pool);
  });
  REQUIRE(run.ok());
  CHECK_THAT(run.trace, heddle::InOrder("lent{connection: 1}", "IsAlive", "lent{connection: 2}"));
}

TEST_CASE("the upkeep replaces what a restart broke, reaps what is idle, retires what is old") {
  heddle::RunToEnd([]() -> Task<> {
    Server server;
    Pool pool(server, {.min_size = 1, .check_every = 1s, .idle_max = 5s, .lifetime_max = 20s});
    pool.Start();
    co_await heddle::SleepFor(10ms);
    co_await heddle::All(Use(pool), Use(pool));
    server.Crash();
    server.Start();
    co_await heddle::SleepFor(2s);
    CHECK(pool.stats().broken == 2);
    CHECK(server.sessions() == 1);  // it was filled up again
    co_await heddle::All(Use(pool), Use(pool));
    co_await heddle::SleepFor(8s);
    CHECK(pool.stats().reaped == 1);
    co_await heddle::SleepFor(20s);
    CHECK(pool.stats().retired == 1);
  });
}

TEST_CASE("a client that is cancelled gives its connection back, a broken one in mid-command") {
  heddle::RunToEnd([]() -> Task<> {
    Server server({.command_takes = 20ms});
    Pool pool(server, {.max_size = 1, .checkout_timeout = 50ms});
    const auto dream = [&]() -> Task<> {
      const Lease lease = co_await pool.Checkout();
      co_await heddle::SleepFor(1s);
    };
    co_await heddle::WithTimeout(dream(), 10ms);
    CHECK(pool.stats().idle == 1);
    co_await heddle::All(heddle::WithTimeout(Use(pool), 10ms), UseAt(pool, 1ms));
    CHECK(pool.stats().broken == 1);
    CHECK(pool.stats().opened == 2);  // one for who waited
  });
}

TEST_CASE("a shutdown does not wait for ever: what is still out is closed when it comes back") {
  heddle::RunToEnd([]() -> Task<> {
    Server server;
    Pool pool(server, {});
    Lease lease = co_await pool.Checkout();
    const bool all_back = co_await pool.Shutdown(50ms);
    CHECK_FALSE(all_back);
    CHECK(server.sessions() == 1);
    lease.Release();
    CHECK(server.sessions() == 0);
  });
}

// --- the mistakes of the first pool, and the second pool in the same place

// The failure that a search finds of a body in which all is well in the usual order.
template <class Body>
heddle::Failure FindHidden(Body body) {
  CHECK(heddle::Run(body).ok());
  heddle::ExploreResult result = heddle::FindFailure(body, {.directory = {}});
  REQUIRE_FALSE(result.ok());
  return *std::move(result.failure);
}

// Three clients, of which no more than two have a connection. Some answers are slow.
Task<> ThreeClients(Design design) {
  Server server({.slow = 0.25});
  Pool pool(server, {.max_size = 2}, design);
  co_await heddle::All(UseAt(pool, 0ms), UseAt(pool, 3ms), UseAt(pool, 6ms));
  if (server.sessions_max() > 2) throw std::runtime_error("a pool for 2 had 3 connections");
}

TEST_CASE("first mistake: what is being opened is not counted, and the pool becomes too large") {
  const heddle::Failure failure =
      FindHidden([] { return ThreeClients({.counting = Counting::kOnceOpen}); });
  CHECK(failure.run.message == "a pool for 2 had 3 connections");
  // The last connect begins while two are on their way or there, and only one is counted.
  CHECK_THAT(failure.run.trace,
             heddle::InOrder("connects{size: 1}", "opened{size: 2}", "opened{size: 3}"));
  heddle::Explore([] { return ThreeClients(kSecondDesign); });
}

Task<> ClientAndUpkeep(Design design) {
  Server server;
  Pool pool(server, {.max_size = 1, .check_every = 6ms}, design);
  pool.Start();
  for (int i = 0; i < 4; ++i) {
    co_await Use(pool);
    co_await heddle::SleepFor(1ms);
  }
}

TEST_CASE("second mistake: a connection is pinged while it is idle, and a client takes it") {
  const heddle::Failure failure =
      FindHidden([] { return ClientAndUpkeep({.pinging = Pinging::kInIdleList}); });
  CHECK(failure.run.message == "connection 1: put while a ping is on its way");
  // The client gets the connection after the ping was sent and before its answer has come.
  CHECK_THAT(failure.run.trace,
             heddle::InOrder("IsAlive", "lent{connection: 1}") && heddle::Never("checked"));
  heddle::Explore([] { return ClientAndUpkeep(kSecondDesign); });
}

// One connection. Who waits for it gives up when it comes back; who comes then must find it.
Task<> GivingUp(Design design) {
  Server server;
  Pool pool(server, {.max_size = 1, .checkout_timeout = 5ms}, design);
  co_await heddle::All(Use(pool, 3), TryToUse(pool));
  co_await Use(pool);
}

TEST_CASE("third mistake: what is handed to a client that gives up is lost for ever") {
  const heddle::Failure failure =
      FindHidden([] { return GivingUp({.late_handover = LateHandover::kForgotten}); });
  CHECK(failure.run.message ==
        "no connection in time: 1 of 1 connections, 0 idle, 1 leased, 0 waiting");
  // The connection was given back first, and in the same instant the client gave up.
  CHECK_THAT(failure.run.trace, heddle::Before("done", "gave up"));
  // So small a body is searched to its end, which proves that the second pool loses none.
  const heddle::ExploreResult second = heddle::FindFailure([] { return GivingUp(kSecondDesign); });
  CHECK(second.coverage.complete);
}

Task<> Transfer(Pool& pool, std::string from, std::string to, bool commits) {
  const Lease lease = co_await pool.Checkout();
  Transaction transaction = co_await Transaction::Begin(lease);
  const Rows changes = {{from, -5}, {to, 5}};
  for (const auto& [account, change] : changes) {
    const int balance = co_await transaction.Get(account);
    co_await transaction.Put(account, balance + change);
  }
  if (commits) co_await transaction.Commit();
}

TEST_CASE("no transfer is lost or half done, whatever the server does, and no session is left") {
  heddle::Explore([]() -> Task<> {
    Server server({.slow = 0.25, .refuses = 0.25, .loses = 0.125});
    Pool pool(server, {.min_size = 1, .max_size = 2, .checkout_timeout = 30ms, .check_every = 4ms});
    pool.Start();
    const auto transfer = [&](std::string from, std::string to, bool commits = true) -> Task<> {
      co_await heddle::Retry({.attempts_max = 20, .delay = 5ms, .delay_max = 20ms},
                             [&] { return Transfer(pool, from, to, commits); });
    };
    const auto restart = [&]() -> Task<> {
      co_await heddle::SleepFor(heddle::Input("restart after", 1, 10) * 1ms);
      server.Crash();
      co_await heddle::SleepFor(5ms);
      server.Start();
    };
    co_await heddle::All(transfer("a", "b"), transfer("c", "d"), transfer("e", "f", false),
                         restart());
    co_await pool.Shutdown(50ms);
    REQUIRE(server.sessions() == 0);
    REQUIRE(server.sessions_max() <= 2);
    REQUIRE(server.rows() == Rows{{"a", -5}, {"b", 5}, {"c", -5}, {"d", 5}});
  });
}

TEST_CASE("a shutdown leaves nothing of what is lent, waited for or being opened") {
  heddle::Explore([]() -> Task<> {
    Server server;
    Pool pool(server, {.max_size = 1});
    const auto shutdown = [&]() -> Task<> {
      co_await heddle::SleepFor(2ms);  // when the connection is about to be open
      const bool all_back = co_await pool.Shutdown(10ms);
      REQUIRE(all_back);
      REQUIRE(heddle::VirtualClock::now() < heddle::TimePoint(10ms));  // no longer than needed
      REQUIRE(server.sessions() == 0);
    };
    co_await heddle::All(TryToUse(pool), TryToUse(pool), shutdown());
  });
}

}  // namespace
}  // namespace connection_pool
