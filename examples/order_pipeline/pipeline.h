// SPDX-License-Identifier: MIT
//
// The pipeline: every order goes through the six stages on its own, beside the others.
#ifndef HEDDLE_EXAMPLES_ORDER_PIPELINE_PIPELINE_H_
#define HEDDLE_EXAMPLES_ORDER_PIPELINE_PIPELINE_H_

#include <cstdint>
#include <vector>

#include "arrivals.h"
#include "charge.h"
#include "heddle/task.h"
#include "heddle/world.h"
#include "order.h"

namespace order_pipeline {

// How many orders came to which end.
struct Summary {
  std::int64_t shipped = 0;
  std::int64_t rejected = 0;
  std::int64_t out_of_stock = 0;
  std::int64_t declined = 0;
};

// From the first arrival to the last parcel. Ends with OutOfBalance when the ledger is not
// what it should be.
heddle::Task<Summary> HandleOrders(heddle::World& world, const std::vector<Arrival>& arrivals,
                                   Variant variant);

}  // namespace order_pipeline

#endif  // HEDDLE_EXAMPLES_ORDER_PIPELINE_PIPELINE_H_
