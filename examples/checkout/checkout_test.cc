// SPDX-License-Identifier: MIT
//
// A small shop, and two tests of it: one asserts the order of the steps of one run, the
// other looks through many schedules. Nothing in the shop knows that it is traced.
#include <heddle/catch.h>
#include <heddle/heddle.h>

#include <chrono>
#include <set>

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>  // Catch2 v3
#else
#include <catch2/catch.hpp>  // Catch2 v2
#endif

namespace {

using heddle::HappensBefore;
using heddle::InOrder;
using std::chrono_literals::operator""ms;

struct Order {
  int id = 17;
  int cents = 4999;
};
struct Stock {
  int order = 0;
};
struct Parcel {
  int order = 0;
};
struct Receipt {
  int cents = 0;
};

class Shop {
 public:
  heddle::Task<Stock> Reserve(Order order) {
    co_await heddle::SleepFor(5ms);  // virtual: costs no real time
    co_return Stock{order.id};
  }

  // Charges an order once, however often it is asked to.
  heddle::Task<Receipt> Charge(Order order) {
    const heddle::MutexGuard guard = co_await till_.Lock();
    if (paid_.count(order.id) == 0) {
      co_await heddle::SleepFor(30ms);
      paid_.insert(order.id);
      ++charges_;
    }
    co_return Receipt{order.cents};
  }

  heddle::Task<Parcel> Ship(Stock stock) {
    co_await heddle::SleepFor(20ms);
    co_return Parcel{stock.order};
  }

  int charges() const { return charges_; }

 private:
  heddle::Mutex till_{"till"};
  std::set<int> paid_;
  int charges_ = 0;
};

heddle::Task<Receipt> Checkout(Shop& shop, Order order) {
  const Stock stock = co_await shop.Reserve(order);
  const auto [receipt, parcel] = co_await heddle::All(shop.Charge(order), shop.Ship(stock));
  co_return receipt;
}

TEST_CASE("checkout reserves before it charges") {
  Shop shop;
  const heddle::RunResult run = heddle::Run([&] { return Checkout(shop, Order()); });
  REQUIRE(run.ok());
  CHECK_THAT(run.trace, InOrder("Reserve", "Charge"));
  CHECK_THAT(run.trace, HappensBefore("Reserve", "Ship"));  // in every schedule
  CHECK_THAT(run.trace, !HappensBefore("Charge", "Ship"));  // these go side by side
}

TEST_CASE("no interleaving charges twice") {
  heddle::Explore([]() -> heddle::Task<void> {
    Shop shop;
    co_await heddle::All(Checkout(shop, Order()), Checkout(shop, Order()));
    REQUIRE(shop.charges() == 1);
  });
}

}  // namespace
