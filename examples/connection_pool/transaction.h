// SPDX-License-Identifier: MIT
//
// A transaction on a leased connection. One that goes without a Commit or a Rollback breaks its
// connection: a destructor cannot wait for a rollback, and the next client must not go on in a
// transaction of somebody else's. The server rolls back when the pool hangs up.
#ifndef HEDDLE_EXAMPLES_CONNECTION_POOL_TRANSACTION_H_
#define HEDDLE_EXAMPLES_CONNECTION_POOL_TRANSACTION_H_

#include <heddle/task.h>

#include <string>
#include <utility>

#include "lease.h"

namespace connection_pool {

// The lease outlives it.
class [[nodiscard]] Transaction {
 public:
  static heddle::Task<Transaction> Begin(const Lease& lease) {
    Transaction transaction(*lease);
    co_await lease->Execute(Verb::kBegin);
    co_return transaction;
  }

  Transaction(Transaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() {
    if (connection_ != nullptr) connection_->Break();
  }

  heddle::Task<int> Get(std::string key) {
    return connection_->Execute({Verb::kGet, std::move(key)});
  }
  heddle::Task<int> Put(std::string key, int value) {
    return connection_->Execute({Verb::kPut, std::move(key), value});
  }
  heddle::Task<> Commit() { return End(Verb::kCommit); }
  heddle::Task<> Rollback() { return End(Verb::kRollback); }

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}

  heddle::Task<> End(Verb verb) {
    co_await connection_->Execute(verb);
    connection_ = nullptr;
  }

  Connection* connection_;  // null once it has ended
};

}  // namespace connection_pool

#endif  // HEDDLE_EXAMPLES_CONNECTION_POOL_TRANSACTION_H_
