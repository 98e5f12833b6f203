// SPDX-License-Identifier: MIT
#include "parse.h"

#include <nlohmann/json.hpp>

#include "heddle/mark.h"

namespace order_pipeline {
namespace {

template <class T>
T Get(const nlohmann::json& object, const char* field) {
  const auto value = object.find(field);
  if (value == object.end()) throw Rejected("field " + std::string(field) + " is missing");
  try {
    return value->get<T>();
  } catch (const nlohmann::json::type_error&) {
    throw Rejected("field " + std::string(field) + " has the wrong type");
  }
}

}  // namespace

heddle::Task<Order> Parse(const Arrival& arrival) {
  const nlohmann::json json =
      nlohmann::json::parse(arrival.text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) throw Rejected("not a JSON object");
  Order order{.id = Get<std::int64_t>(json, "id"),
              .customer = Get<std::string>(json, "customer"),
              .country = Get<std::string>(json, "country"),
              .lines = {},
              .total_cents = Get<Cents>(json, "total_cents")};
  for (const nlohmann::json& line : Get<nlohmann::json::array_t>(json, "lines")) {
    if (!line.is_object()) throw Rejected("field lines has the wrong type");
    order.lines.push_back({.sku = Get<std::string>(line, "sku"),
                           .quantity = Get<std::int64_t>(line, "quantity"),
                           .unit_cents = Get<Cents>(line, "unit_cents")});
  }
  heddle::Mark("parsed", {{"customer", order.customer}, {"lines", order.lines.size()}});
  co_return order;
}

}  // namespace order_pipeline
