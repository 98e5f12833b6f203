// SPDX-License-Identifier: MIT
#include "heddle/orders.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "report_text.h"

namespace heddle {
namespace {

using internal::Grouped;
using internal::Printable;

auto KeyOf(const OrderSeen& order) { return std::tie(order.object, order.a, order.b); }

std::string Times(std::uint64_t schedules) {
  return schedules == 0
             ? "never"
             : "in " + Grouped(schedules) + (schedules == 1 ? " schedule" : " schedules");
}

// "Shared balance: Deposit reads (a.cc:3) before Withdraw writes (a.cc:9): in 312 schedules; the
// other way round: never"
std::string Line(const OrderSeen& order) {
  const bool swap = order.a_first < order.b_first;
  const std::string& first = swap ? order.b : order.a;
  const std::string& second = swap ? order.a : order.b;
  return "  " + Printable(order.object) + ": " + Printable(first) + " before " + Printable(second) +
         ": " + Times(std::max(order.a_first, order.b_first)) +
         "; the other way round: " + Times(std::min(order.a_first, order.b_first));
}

bool NeverOneWay(const OrderSeen& order) { return order.never_a_first() || order.never_b_first(); }

std::string Lines(const std::vector<OrderSeen>& orders, std::uint64_t lines_max) {
  std::string text;
  std::uint64_t lines = 0;
  std::uint64_t left_out = 0;
  for (const OrderSeen& order : orders) {
    if (lines_max > 0 && !NeverOneWay(order)) continue;
    if (lines_max > 0 && lines == lines_max) {
      ++left_out;
      continue;
    }
    ++lines;
    text += internal::Wrapped(Line(order), 6);
  }
  if (left_out > 0) {
    text +=
        "  and " + Grouped(left_out) + " more that came up one way only (HEDDLE_VERBOSE=full)\n";
  }
  return text;
}

}  // namespace

void AddOrders(const std::vector<OrderSeen>& from, std::vector<OrderSeen>& to) {
  std::vector<OrderSeen> both;
  both.reserve(from.size() + to.size());
  std::ranges::merge(from, to, std::back_inserter(both), {}, KeyOf, KeyOf);
  to.clear();
  for (OrderSeen& order : both) {
    if (!to.empty() && KeyOf(to.back()) == KeyOf(order)) {
      to.back().a_first += order.a_first;
      to.back().b_first += order.b_first;
      to.back().either = to.back().either || order.either;
    } else {
      to.push_back(std::move(order));
    }
  }
}

std::string Describe(const std::vector<OrderSeen>& all_orders, std::uint64_t lines_max) {
  std::vector<OrderSeen> orders;
  std::ranges::copy_if(all_orders, std::back_inserter(orders), &OrderSeen::either);
  if (orders.empty()) return {};
  const auto one_way = static_cast<std::uint64_t>(std::ranges::count_if(orders, NeverOneWay));
  const std::uint64_t all = 2 * static_cast<std::uint64_t>(orders.size());
  const std::string text =
      one_way == 0
          ? "each pair of conflicting steps came up both ways: " + Grouped(all) + " orders\n"
          : Grouped(all - one_way) + " of " + Grouped(all) +
                " orders of conflicting steps came up; never:\n";
  return text + Lines(orders, lines_max);
}

}  // namespace heddle
