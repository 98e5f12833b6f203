// SPDX-License-Identifier: MIT
//
// Order: what the stages hand on, and how an order can end. The stages, one file each:
// parse.h, validate.h, reserve.h, charge.h, ship.h, notify.h; pipeline.h puts them together.
#ifndef HEDDLE_EXAMPLES_ORDER_PIPELINE_ORDER_H_
#define HEDDLE_EXAMPLES_ORDER_PIPELINE_ORDER_H_

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace order_pipeline {

using Cents = std::int64_t;

struct OrderLine {
  std::string sku;
  std::int64_t quantity = 0;
  Cents unit_cents = 0;
};

struct Order {
  std::int64_t id = 0;
  std::string customer;
  std::string country;
  std::vector<OrderLine> lines;
  Cents total_cents = 0;
};

enum class Outcome { kShipped, kRejected, kOutOfStock, kDeclined };

// The order is not one that the shop can take. what() is the reason.
class Rejected : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace order_pipeline

#endif  // HEDDLE_EXAMPLES_ORDER_PIPELINE_ORDER_H_
