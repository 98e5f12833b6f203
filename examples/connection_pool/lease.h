// SPDX-License-Identifier: MIT
//
// A connection for a while: goes back to its pool when the lease goes, however that comes about,
// by a return, an exception or because the task that has it was cancelled.
#ifndef HEDDLE_EXAMPLES_CONNECTION_POOL_LEASE_H_
#define HEDDLE_EXAMPLES_CONNECTION_POOL_LEASE_H_

#include <utility>

#include "connection.h"

namespace connection_pool {

class Pool;

// The pool outlives its leases.
class [[nodiscard]] Lease {
 public:
  Lease(Pool& pool, ConnectionPtr connection) : pool_(&pool), connection_(std::move(connection)) {}
  Lease(Lease&& other) noexcept = default;
  Lease& operator=(Lease&& other) = delete;
  ~Lease() { Release(); }

  // Earlier than at the end of the scope.
  void Release();

  Connection& operator*() const { return *connection_; }
  Connection* operator->() const { return connection_.get(); }

 private:
  Pool* pool_;
  ConnectionPtr connection_;
};

}  // namespace connection_pool

#endif  // HEDDLE_EXAMPLES_CONNECTION_POOL_LEASE_H_
