// SPDX-License-Identifier: MIT
//
// A pool of connections to a database, and a health check that replaces those that have died.
// Twice: the first version looks right and closes a connection that a client has just been given;
// a search through the schedules finds it. The second version is what came of the report.
#include <heddle/catch.h>
#include <heddle/heddle.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>  // Catch2 v3
#else
#include <catch2/catch.hpp>  // Catch2 v2
#endif

namespace {

using heddle::Task;
using std::chrono_literals::operator""ms;

// The other side: connections are opened, die, and are closed.
class Database {
 public:
  int Open() {
    open_.insert(++last_);
    return last_;
  }
  void Close(int connection) { open_.erase(connection); }
  std::size_t open() const { return open_.size(); }

  Task<bool> Ping(int connection) {
    co_await heddle::SleepFor(1ms);
    co_return open_.contains(connection) && !heddle::Buggify("connection died", 0.25);
  }
  Task<> Query(int connection) {
    for (int row = 0; row < 2; ++row) {
      co_await heddle::SleepFor(1ms);
      if (!open_.contains(connection)) {
        throw std::runtime_error("query on connection " + std::to_string(connection) +
                                 ", which somebody has closed");
      }
    }
  }

 private:
  int last_ = 0;
  std::set<int> open_;
};

// What both versions have in common: clients take a connection, use it and give it back.
class Pool {
 public:
  Pool(Database& database, std::size_t size) : database_(database), free_(size, "connections") {
    for (std::size_t i = 0; i < size; ++i) idle_.push_back(database.Open());
  }

  Task<> Query() {
    const heddle::Permit permit = co_await free_.Acquire();
    const int connection = Take();
    co_await database_.Query(connection);
    idle_.push_back(connection);
  }

 protected:
  int Take() {
    const int connection = idle_.front();
    idle_.pop_front();
    return connection;
  }
  void Replace(int connection) {
    database_.Close(connection);
    idle_.push_back(database_.Open());
  }

  Database& database_;
  heddle::Semaphore free_;
  std::deque<int> idle_;
};

// Looks at the first idle connection, and replaces it if it does not answer. But while it waits
// for the answer a client may take that connection.
class FirstPool : public Pool {
 public:
  using Pool::Pool;

  Task<> CheckOne() {
    if (idle_.empty()) co_return;
    const int connection = idle_.front();
    const bool alive = co_await database_.Ping(connection);
    if (alive) co_return;
    idle_.erase(std::remove(idle_.begin(), idle_.end(), connection), idle_.end());
    Replace(connection);
  }
};

// Takes the connection that it looks at out of the pool, as a client does.
class SecondPool : public Pool {
 public:
  using Pool::Pool;

  Task<> CheckOne() {
    const heddle::Permit permit = co_await free_.Acquire();
    const int connection = Take();
    const bool alive = co_await database_.Ping(connection);
    alive ? idle_.push_back(connection) : Replace(connection);
  }
};

template <class AnyPool>
Task<> CheckHealth(AnyPool& pool, std::stop_token stop) {
  for (;;) {
    const auto next = co_await heddle::Select(heddle::After(3ms), heddle::WhenStopped(stop));
    if (next.index() == 1) co_return;
    co_await pool.CheckOne();
  }
}

// Two clients, two connections, and the health check beside them.
template <class AnyPool>
Task<> Day() {
  constexpr std::size_t kConnections = 2;
  Database database;
  AnyPool pool(database, kConnections);
  heddle::CancelScope checks("health checks");
  checks.Spawn(CheckHealth(pool, checks.token()));
  heddle::TaskGroup clients("clients");
  const auto client = [&]() -> Task<> {
    for (int i = 0; i < 3; ++i) {
      co_await pool.Query();
      co_await heddle::SleepFor(1ms);
    }
  };
  for (int i = 0; i < 2; ++i) clients.Spawn(client());
  co_await clients.Join();
  checks.RequestStop();
  co_await checks.Join();
  if (database.open() != kConnections) throw std::runtime_error("the pool has lost or made some");
}

TEST_CASE("the first pool closes a connection that is in use: a search finds it") {
  const heddle::ExploreResult result = heddle::FindFailure(Day<FirstPool>, {.directory = {}});
  REQUIRE_FALSE(result.ok());
  CHECK(result.failure->run.message.find("which somebody has closed") != std::string::npos);
  // The fault alone does not do it: without one, and in the usual order, all is well.
  CHECK(heddle::Run(Day<FirstPool>).ok());
}

TEST_CASE("the second pool takes what it checks: no schedule fails") {
  heddle::Explore(Day<SecondPool>);
}

}  // namespace
