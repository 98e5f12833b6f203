// SPDX-License-Identifier: MIT
//
// Warehouse: packers take parcels off a belt with limited room, and pack them.
#ifndef HEDDLE_EXAMPLES_ORDER_PIPELINE_WAREHOUSE_H_
#define HEDDLE_EXAMPLES_ORDER_PIPELINE_WAREHOUSE_H_

#include <string>

#include "heddle/channel.h"
#include "heddle/gate.h"
#include "heddle/task.h"
#include "order.h"

namespace order_pipeline {

struct Parcel {
  explicit Parcel(const Order& its_order) : order(&its_order) {}

  const Order* order;
  std::string tracking;  // once it is packed
  heddle::Gate packed{"parcel"};
};

// Whoever puts a parcel on it keeps the parcel until it is packed.
using Belt = heddle::Channel<Parcel*>;

// Packs until the belt is closed and empty.
heddle::Task<void> Pack(Belt& belt);

}  // namespace order_pipeline

#endif  // HEDDLE_EXAMPLES_ORDER_PIPELINE_WAREHOUSE_H_
