// SPDX-License-Identifier: MIT
//
// Stage 5: has the parcel packed.
#ifndef HEDDLE_EXAMPLES_ORDER_PIPELINE_SHIP_H_
#define HEDDLE_EXAMPLES_ORDER_PIPELINE_SHIP_H_

#include <string>

#include "heddle/task.h"
#include "order.h"
#include "warehouse.h"

namespace order_pipeline {

// Gives the tracking number.
heddle::Task<std::string> Ship(Belt& belt, const Order& order);

}  // namespace order_pipeline

#endif  // HEDDLE_EXAMPLES_ORDER_PIPELINE_SHIP_H_
