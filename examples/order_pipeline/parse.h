// SPDX-License-Identifier: MIT
//
// Stage 1: from a line of text to an Order.
#ifndef HEDDLE_EXAMPLES_ORDER_PIPELINE_PARSE_H_
#define HEDDLE_EXAMPLES_ORDER_PIPELINE_PARSE_H_

#include "arrivals.h"
#include "heddle/task.h"
#include "order.h"

namespace order_pipeline {

// Throws Rejected for what is not JSON, lacks a field, or has one of the wrong type.
heddle::Task<Order> Parse(const Arrival& arrival);

}  // namespace order_pipeline

#endif  // HEDDLE_EXAMPLES_ORDER_PIPELINE_PARSE_H_
