// SPDX-License-Identifier: MIT
//
// Orders: which of two steps that touch the same object came first, in how many schedules. An order
// that never came up, although it could have, is what a search did not try, whatever its figures
// say.
#ifndef HEDDLE_ORDERS_H_
#define HEDDLE_ORDERS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace heddle {

// Two steps of different tasks that depend on each other.
struct OrderSeen {
  std::string object;  // "Shared balance"
  std::string a;       // "Deposit reads (shop.cc:12)"
  std::string b;
  std::uint64_t a_first = 0;  // in so many schedules some `a` came before some `b`
  std::uint64_t b_first = 0;
  // In one schedule at least both were ready at one moment: so either could have been first.
  bool either = false;

  bool never_a_first() const { return a_first == 0; }
  bool never_b_first() const { return b_first == 0; }
  friend bool operator==(const OrderSeen&, const OrderSeen&) = default;
};

// Adds the counts of one list to another. Both are in the order of object, a, b, and stay so.
void AddOrders(const std::vector<OrderSeen>& from, std::vector<OrderSeen>& to);

// "31 of 32 orders of conflicting steps came up" and below it those that did not: `lines_max` lines
// of them, 0: all orders, with their counts. Of pairs that were not ready at one moment nothing is
// said: in most of them one step leads to the other. Empty where no steps conflict.
std::string Describe(const std::vector<OrderSeen>& orders, std::uint64_t lines_max);

}  // namespace heddle

#endif  // HEDDLE_ORDERS_H_
