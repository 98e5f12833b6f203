// SPDX-License-Identifier: MIT
//
// Stage 3: takes the articles of an order out of the inventory.
#ifndef HEDDLE_EXAMPLES_ORDER_PIPELINE_RESERVE_H_
#define HEDDLE_EXAMPLES_ORDER_PIPELINE_RESERVE_H_

#include <cstddef>

#include "heddle/task.h"
#include "inventory.h"
#include "order.h"

namespace order_pipeline {

// False, and nothing reserved, when an article has run out.
heddle::Task<bool> Reserve(Inventory& inventory, const Order& order);

// Puts the articles of the first `lines` lines back.
heddle::Task<void> Release(Inventory& inventory, const Order& order, std::size_t lines);

}  // namespace order_pipeline

#endif  // HEDDLE_EXAMPLES_ORDER_PIPELINE_RESERVE_H_
