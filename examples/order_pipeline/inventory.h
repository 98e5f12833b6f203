// SPDX-License-Identifier: MIT
//
// Inventory: how many pieces of each article are left. One lock for all of it, held for one
// article at a time.
#ifndef HEDDLE_EXAMPLES_ORDER_PIPELINE_INVENTORY_H_
#define HEDDLE_EXAMPLES_ORDER_PIPELINE_INVENTORY_H_

#include <cstdint>
#include <map>
#include <string>

#include "heddle/mutex.h"
#include "heddle/task.h"
#include "order.h"

namespace order_pipeline {

class Inventory {
 public:
  // False, and nothing taken, when there are not enough.
  heddle::Task<bool> Take(const OrderLine& line);
  heddle::Task<void> PutBack(const OrderLine& line);

 private:
  std::int64_t& Pieces(const std::string& sku);

  heddle::Mutex mutex_{"inventory"};
  std::map<std::string, std::int64_t> pieces_;  // of the articles asked for so far
};

}  // namespace order_pipeline

#endif  // HEDDLE_EXAMPLES_ORDER_PIPELINE_INVENTORY_H_
