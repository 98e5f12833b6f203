// SPDX-License-Identifier: MIT
//
// Ledger: what each customer owes, kept twice: as a balance, and as a journal with one entry
// an order. Every write compares the two. Each call locks the ledger; what lies between two
// calls is the caller's business.
#ifndef HEDDLE_EXAMPLES_ORDER_PIPELINE_LEDGER_H_
#define HEDDLE_EXAMPLES_ORDER_PIPELINE_LEDGER_H_

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "heddle/mutex.h"
#include "heddle/task.h"
#include "order.h"

namespace order_pipeline {

class OutOfBalance : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Ledger {
 public:
  // What `customer` owes.
  heddle::Task<Cents> Read(const std::string& customer);
  // Books the order, after which its customer owes `balance`. Throws OutOfBalance.
  heddle::Task<void> Write(const Order& order, Cents balance);

  // To be held by who reads an account in order to write it.
  heddle::Mutex& AccountLock(const std::string& customer) { return Find(customer).mutex; }

 private:
  struct Entry {
    std::int64_t order = 0;
    Cents amount = 0;
  };
  struct Account {
    explicit Account(const std::string& customer) : mutex("account " + customer) {}

    heddle::Mutex mutex;
    Cents balance = 0;
    std::vector<Entry> journal;
  };

  Account& Find(const std::string& customer) {
    return accounts_.try_emplace(customer, customer).first->second;
  }

  heddle::Mutex mutex_{"ledger"};
  std::map<std::string, Account> accounts_;
};

}  // namespace order_pipeline

#endif  // HEDDLE_EXAMPLES_ORDER_PIPELINE_LEDGER_H_
