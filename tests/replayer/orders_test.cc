// SPDX-License-Identifier: MIT
//
// Which orders of conflicting steps an exploration saw, and how that is told.
#include "heddle/orders.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "heddle/combinators.h"
#include "heddle/coverage.h"
#include "heddle/explore.h"
#include "heddle/mutex.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "support/catch.h"

namespace heddle {
namespace {

Task<> Deposit(Shared<int>& balance) { co_await balance.Write(1); }
Task<> Withdraw(Shared<int>& balance) { co_await balance.Read(); }
Task<> Audit(Shared<int>& balance) { co_await balance.Read(); }

Task<> Bank() {
  Shared<int> balance(0, "balance");
  co_await All(Deposit(balance), Withdraw(balance), Audit(balance));
}

ExploreOptions Counting(const std::string& strategy) {
  return {.name = "bank",
          .schedules = 200,
          .strategy = strategy,
          .count_orders = true,
          .directory = {}};
}

const OrderSeen* Find(const std::vector<OrderSeen>& orders, const std::string& a,
                      const std::string& b) {
  const auto found = std::ranges::find_if(orders, [&](const OrderSeen& order) {
    return order.a.starts_with(a) && order.b.starts_with(b);
  });
  return found != orders.end() ? &*found : nullptr;
}

TEST_CASE("both orders of a write and a read are counted, and two reads are none") {
  const std::vector<OrderSeen> orders = FindFailure(Bank, Counting("random")).orders;
  CHECK(orders.size() == 2);
  const OrderSeen* order = Find(orders, "Deposit writes (orders_test.cc:", "Withdraw reads (");
  REQUIRE(order != nullptr);
  CHECK(order->object == "Shared balance");
  CHECK(order->either);
  CHECK(order->a_first > 50);
  CHECK(order->b_first > 50);
  CHECK(order->a_first + order->b_first == 200);
  CHECK(Find(orders, "Audit", "Deposit") != nullptr);
  CHECK(Find(orders, "Audit", "Withdraw") == nullptr);
}

TEST_CASE("an order that a strategy never tries is known never to have come up") {
  const std::vector<OrderSeen> orders = FindFailure(Bank, Counting("fifo")).orders;
  const OrderSeen* order = Find(orders, "Deposit", "Withdraw");
  REQUIRE(order != nullptr);
  CHECK(order->a_first == 200);
  CHECK(order->never_b_first());
}

TEST_CASE("where one step leads to the other, there is no order to ask for") {
  const auto body = []() -> Task<> {
    Shared<int> value(0);
    co_await All([&]() -> Task<> { co_await value.Write(1); }(),
                 [&]() -> Task<> {
                   co_await SleepFor(std::chrono::seconds(1));
                   co_await value.Read();
                 }());
  };
  const std::vector<OrderSeen> orders = FindFailure(body, Counting("random")).orders;
  CHECK(std::ranges::none_of(orders, &OrderSeen::either));
  CHECK(Describe(orders, 0).empty());
}

TEST_CASE("what is found does not depend on whether orders are counted") {
  const auto body = []() -> Task<> {
    Shared<int> value(0);
    co_await All(Deposit(value), Withdraw(value), Deposit(value), Audit(value));
    if (co_await value.Read() != 1) throw 1;
  };
  for (const std::string strategy :
       {"random", "pct3", "pos", "surw", "urw", "auto", "portfolio", "sticky", "feedback"}) {
    INFO(strategy);
    ExploreOptions options = Counting(strategy);
    const ExploreResult with = FindFailure(body, options);
    options.count_orders = false;
    const ExploreResult without = FindFailure(body, options);
    CHECK(without.orders.empty());
    CHECK(with.schedules == without.schedules);
    CHECK(with.coverage.classes == without.coverage.classes);
    CHECK(with.coverage.unseen == without.coverage.unseen);
    CHECK(with.coverage.missed_of_depth_2 == without.coverage.missed_of_depth_2);
    CHECK(with.coverage.interleavings == without.coverage.interleavings);
  }
}

TEST_CASE("any number of workers counts the same orders") {
  ExploreOptions options = Counting("pos");
  options.schedules = 2100;
  const std::vector<OrderSeen> alone = FindFailure(Bank, options).orders;
  options.workers = 2;
  CHECK(FindFailure(Bank, options).orders == alone);
  CHECK(!alone.empty());
}

TEST_CASE("of an exploration that saw everything, or failed, no orders are told") {
  CHECK(FindFailure(Bank, Counting("exhaustive")).orders.empty());
  const auto fails = []() -> Task<> {
    co_await Bank();
    throw 1;
  };
  CHECK(FindFailure(fails, Counting("random")).orders.empty());
}

TEST_CASE("orders are added up by object and steps") {
  std::vector<OrderSeen> orders = {{.object = "m", .a = "a", .b = "b", .a_first = 1},
                                   {.object = "n", .a = "a", .b = "b", .a_first = 5}};
  AddOrders({{.object = "m", .a = "a", .b = "b", .b_first = 2, .either = true},
             {.object = "m", .a = "a", .b = "c", .b_first = 3}},
            orders);
  CHECK(orders ==
        std::vector<OrderSeen>{
            {.object = "m", .a = "a", .b = "b", .a_first = 1, .b_first = 2, .either = true},
            {.object = "m", .a = "a", .b = "c", .b_first = 3},
            {.object = "n", .a = "a", .b = "b", .a_first = 5}});
}

const std::vector<OrderSeen> kOrders = {
    {.object = "Mutex m",
     .a = "A locks (x.cc:1)",
     .b = "B locks (x.cc:2)",
     .a_first = 312,
     .b_first = 0,
     .either = true},
    {.object = "Mutex m",
     .a = "A locks (x.cc:1)",
     .b = "C locks (x.cc:3)",
     .a_first = 1,
     .b_first = 1'311,
     .either = true},
    {.object = "Shared s",
     .a = "A reads (x.cc:4)",
     .b = "C writes (x.cc:5)",
     .a_first = 0,
     .b_first = 9,
     .either = true},
};

TEST_CASE("the orders that never came up are told first of all") {
  CHECK(
      Describe(kOrders, 9) ==
      "4 of 6 orders of conflicting steps came up; never:\n"
      "  Mutex m: A locks (x.cc:1) before B locks (x.cc:2): in 312 schedules; the other way "
      "round: never\n"
      "  Shared s: C writes (x.cc:5) before A reads (x.cc:4): in 9 schedules; the other way round: "
      "never\n");
  CHECK_THAT(Describe(kOrders, 1), EndsWithText("  and 1 more that came up one way only "
                                                "(HEDDLE_VERBOSE=full)\n"));
  CHECK_THAT(
      Describe(kOrders, 0),
      ContainsText("  Mutex m: C locks (x.cc:3) before A locks (x.cc:1): in 1 311 schedules; "
                   "the other way round: in 1\n      schedule\n"));
  CHECK(Describe(std::vector<OrderSeen>{kOrders[1]}, 9) ==
        "each pair of conflicting steps came up both ways: 2 orders\n");
}

TEST_CASE("the closing text says what it means that all was explored") {
  CHECK(ClosingText({.schedules = 252, .complete = true, .interleavings = 252}, {}, false) ==
        "all 252 interleavings explored\n"
        "  That is every order of steps in virtual time: a sleep ends when its time comes and not "
        "later,\n"
        "  and who yields lets another go first. A step is what a task does between two awaits: "
        "nothing\n"
        "  was put in between there, so what threads could do to data without an await is not "
        "covered.\n");
  CHECK(ClosingText({.schedules = 1, .complete = true, .interleavings = 1}, {}, false) ==
        "the only interleaving explored\n");
  CHECK_THAT(
      ClosingText({.schedules = 9, .complete = true, .classes = 9}, {}, false),
      ContainsText("Data that\n  they share without saying so was taken to be independent.\n"));
  const std::string text = ClosingText({.schedules = 9, .classes = 9}, kOrders, false);
  CHECK_THAT(text,
             ContainsText("(estimated)\n  Classes differ in the order of what tasks share by"));
  CHECK_THAT(text,
             ContainsText("makes none.\n4 of 6 orders of conflicting steps came up; never:\n"));
}

}  // namespace
}  // namespace heddle
