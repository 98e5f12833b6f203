// SPDX-License-Identifier: MIT
//
// Stage 4: lets the payment gateway authorise the amount, and books it.
#ifndef HEDDLE_EXAMPLES_ORDER_PIPELINE_CHARGE_H_
#define HEDDLE_EXAMPLES_ORDER_PIPELINE_CHARGE_H_

#include "heddle/task.h"
#include "ledger.h"
#include "order.h"

namespace order_pipeline {

enum class Variant { kBuggy, kFixed };

// False when the gateway declines, or does not answer after three attempts.
heddle::Task<bool> Charge(Ledger& ledger, const Order& order, Variant variant);

}  // namespace order_pipeline

#endif  // HEDDLE_EXAMPLES_ORDER_PIPELINE_CHARGE_H_
