// SPDX-License-Identifier: MIT
//
// The payment gateway, on the other side of a network. It answers after a while, says now
// and then that it is busy, and sometimes does not answer in time. What it does depends on
// the payment only.
#ifndef HEDDLE_EXAMPLES_ORDER_PIPELINE_GATEWAY_H_
#define HEDDLE_EXAMPLES_ORDER_PIPELINE_GATEWAY_H_

#include <cstdint>

#include "heddle/task.h"
#include "order.h"

namespace order_pipeline {

struct Payment {
  std::int64_t order = 0;
  std::uint32_t attempt = 0;
  Cents amount = 0;
  Cents owed = 0;  // what the customer owes already; there is a limit
};

enum class Answer { kApproved, kDeclined, kBusy };

heddle::Task<Answer> Authorise(Payment payment);

}  // namespace order_pipeline

#endif  // HEDDLE_EXAMPLES_ORDER_PIPELINE_GATEWAY_H_
