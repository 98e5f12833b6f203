// SPDX-License-Identifier: MIT
#include "reserve.h"

#include "heddle/mark.h"

namespace order_pipeline {

heddle::Task<bool> Reserve(Inventory& inventory, const Order& order) {
  for (std::size_t i = 0; i < order.lines.size(); ++i) {
    const bool taken = co_await inventory.Take(order.lines[i]);
    if (taken) continue;
    heddle::Mark("out of stock", {{"sku", order.lines[i].sku}});
    co_await Release(inventory, order, i);
    co_return false;
  }
  heddle::Mark("reserved", {{"lines", order.lines.size()}});
  co_return true;
}

heddle::Task<void> Release(Inventory& inventory, const Order& order, std::size_t lines) {
  for (std::size_t i = 0; i < lines; ++i) co_await inventory.PutBack(order.lines[i]);
}

}  // namespace order_pipeline
