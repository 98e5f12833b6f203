// SPDX-License-Identifier: MIT
//
// Stage 2: may the shop take this order?
#ifndef HEDDLE_EXAMPLES_ORDER_PIPELINE_VALIDATE_H_
#define HEDDLE_EXAMPLES_ORDER_PIPELINE_VALIDATE_H_

#include "heddle/task.h"
#include "order.h"

namespace order_pipeline {

// Throws Rejected when it may not. Asks the address service, which takes its time.
heddle::Task<void> Validate(const Order& order);

}  // namespace order_pipeline

#endif  // HEDDLE_EXAMPLES_ORDER_PIPELINE_VALIDATE_H_
