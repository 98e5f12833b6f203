// SPDX-License-Identifier: MIT
//
// Stage 6: tells the customer.
#ifndef HEDDLE_EXAMPLES_ORDER_PIPELINE_NOTIFY_H_
#define HEDDLE_EXAMPLES_ORDER_PIPELINE_NOTIFY_H_

#include <string>

#include "heddle/task.h"
#include "order.h"

namespace order_pipeline {

heddle::Task<void> Notify(const Order& order, const std::string& tracking);

}  // namespace order_pipeline

#endif  // HEDDLE_EXAMPLES_ORDER_PIPELINE_NOTIFY_H_
