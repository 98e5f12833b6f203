// SPDX-License-Identifier: MIT
//
// What goes on in the background: at every period connections that are idle for too long or too old
// are closed, the others are asked whether they still answer, and the pool is filled up to its
// least size.
#ifndef HEDDLE_EXAMPLES_CONNECTION_POOL_UPKEEP_H_
#define HEDDLE_EXAMPLES_CONNECTION_POOL_UPKEEP_H_

#include <heddle/task.h>

#include <stop_token>

namespace connection_pool {

class Pool;

// Both outlive the task.
heddle::Task<> KeepUp(Pool& pool, std::stop_token stop);

}  // namespace connection_pool

#endif  // HEDDLE_EXAMPLES_CONNECTION_POOL_UPKEEP_H_
