// SPDX-License-Identifier: MIT
#include "validate.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "heddle/sleep.h"

namespace order_pipeline {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::array<std::string_view, 8> kCountries = {"AT", "BE", "CH", "DE",
                                                        "DK", "FR", "LU", "NL"};
constexpr auto kAddressLookup = 20ms;

void CheckLines(const Order& order) {
  if (order.lines.empty()) throw Rejected("it has no lines");
  Cents sum = 0;
  for (const OrderLine& line : order.lines) {
    if (line.quantity <= 0) throw Rejected("quantity of " + line.sku + " is not positive");
    if (line.unit_cents < 0) throw Rejected("price of " + line.sku + " is negative");
    sum += line.quantity * line.unit_cents;
  }
  if (sum != order.total_cents) {
    throw Rejected("the lines add up to " + std::to_string(sum) + ", not to " +
                   std::to_string(order.total_cents));
  }
}

heddle::Task<bool> DeliversTo(std::string_view country) {
  co_await heddle::SleepFor(kAddressLookup);
  co_return std::find(kCountries.begin(), kCountries.end(), country) != kCountries.end();
}

}  // namespace

heddle::Task<void> Validate(const Order& order) {
  if (order.customer.empty()) throw Rejected("field customer is empty");
  CheckLines(order);
  const bool deliverable = co_await DeliversTo(order.country);
  if (!deliverable) throw Rejected("no delivery to " + order.country);
}

}  // namespace order_pipeline
