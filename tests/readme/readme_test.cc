// SPDX-License-Identifier: MIT
//
// The code that the README shows: its blocks are the regions marked here, and check.sh
// compares them. The second test fails on purpose; the README shows how.
#include <chrono>
#include <cstdint>
#include <numeric>
#include <set>
#include <stdexcept>
#include <vector>

#include "support/catch.h"

using namespace std::chrono_literals;

// [use
#include <heddle/catch.h>     // the matchers; after Catch2's own header, v2 or v3
#include <heddle/heddle.h>    // the rest
#include <heddle/property.h>  // only where there are properties

struct Order {
  int id = 17;
  int cents = 4999;
};

class Shop {
 public:
  heddle::Task<> Reserve(Order) { co_await heddle::SleepFor(5ms); }  // virtual: takes no real time

  heddle::Task<> Charge(Order order) {
    const bool charged = co_await IsCharged(order);
    if (charged) co_return;
    co_await heddle::SleepFor(30ms);  // the bank; meanwhile the answer may become wrong
    co_await Book(order);
  }

  heddle::Task<bool> IsCharged(Order order) {
    const heddle::MutexGuard guard = co_await till_.Lock();
    co_return charged_.count(order.id) > 0;
  }

  heddle::Task<> Book(Order order) {
    const heddle::MutexGuard guard = co_await till_.Lock();
    if (!charged_.insert(order.id).second) throw std::runtime_error("charged twice");
    taken_ += order.cents;
  }

  heddle::Task<> Ship(Order) { co_await heddle::SleepFor(20ms); }

  heddle::Task<> Checkout(Order order) {
    co_await Reserve(order);
    co_await heddle::All(Charge(order), Ship(order));
  }

  int taken() const { return taken_; }

 private:
  heddle::Mutex till_{"till"};
  std::set<int> charged_;
  int taken_ = 0;
};
// use]

// [order
TEST_CASE("checkout reserves before it ships") {  // the order of one run
  Shop shop;
  const heddle::RunResult run = heddle::Run([&] { return shop.Checkout(Order()); });
  REQUIRE(run.ok());
  CHECK_THAT(run.trace, heddle::InOrder("Reserve", "Charge", "Ship"));
  CHECK_THAT(run.trace, heddle::HappensBefore("Reserve", "Ship"));  // in every schedule
  CHECK_THAT(run.trace, !heddle::HappensBefore("Charge", "Ship"));  // these two go side by side
}
// order]

// [explore
heddle::Task<> AskAgain(Shop& shop, Order order) {  // a customer without patience
  co_await heddle::SleepFor(30ms);
  co_await shop.Checkout(order);
}

TEST_CASE("no schedule charges twice") {  // a search through many schedules
  heddle::Explore([]() -> heddle::Task<> {
    Shop shop;
    co_await heddle::All(shop.Checkout(Order()), AskAgain(shop, Order()));
    REQUIRE(shop.taken() == 4999);
  });
}
// explore]

TEST_CASE("first in, first out nobody is charged twice") {
  const heddle::RunResult run = heddle::Run([]() -> heddle::Task<> {
    Shop shop;
    co_await heddle::All(shop.Checkout(Order()), AskAgain(shop, Order()));
  });
  CHECK(run.ok());
}

// [property
TEST_CASE("what is charged is taken") {  // inputs and schedules
  heddle::Property("all is taken", [](std::vector<std::uint16_t> amounts) -> heddle::Task<> {
    Shop shop;
    heddle::TaskGroup customers;
    int id = 0;
    for (const int cents : amounts) customers.Spawn(shop.Checkout({.id = ++id, .cents = cents}));
    co_await customers.Join();
    RC_ASSERT(shop.taken() == std::accumulate(amounts.begin(), amounts.end(), 0));
  });
}
// property]
