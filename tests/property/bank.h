// SPDX-License-Identifier: MIT
//
// A bank that loses money for some inputs under some schedules: what property_test.cc and
// bank_property.cc look through.
#ifndef HEDDLE_TESTS_PROPERTY_BANK_H_
#define HEDDLE_TESTS_PROPERTY_BANK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <utility>
#include <vector>

#include "heddle/combinators.h"
#include "heddle/property.h"
#include "heddle/sleep.h"
#include "heddle/task.h"

struct Transfer {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::int32_t amount = 0;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(from, to, amount);
  }
  friend bool operator==(const Transfer&, const Transfer&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Transfer& transfer) {
    return out << transfer.from << "->" << transfer.to << ": " << transfer.amount;
  }
};

template <>
struct rc::Arbitrary<Transfer> {
  static Gen<Transfer> arbitrary() {
    return gen::build<Transfer>(gen::set(&Transfer::from, gen::inRange(0U, 3U)),
                                gen::set(&Transfer::to, gen::inRange(0U, 3U)),
                                gen::set(&Transfer::amount, gen::inRange(1, 100)));
  }
};

class Bank {
 public:
  static constexpr std::int32_t kTotal = 300;
  // Above it a transfer waits for an audit, with the balance that it has read before.
  static constexpr std::int32_t kAudited = 10;

  heddle::Task<void> Carry(std::vector<Transfer> transfers) {
    std::vector<heddle::Task<void>> tasks;
    for (const Transfer& transfer : transfers) tasks.push_back(Move(transfer));
    co_await heddle::All(std::move(tasks));
  }

  std::int32_t total() const { return balances_[0] + balances_[1] + balances_[2]; }

 private:
  heddle::Task<void> Move(Transfer transfer) {
    const std::int32_t balance = balances_[transfer.from];
    if (transfer.amount > kAudited) co_await heddle::Yield();
    balances_[transfer.from] = balance - transfer.amount;
    balances_[transfer.to] += transfer.amount;
  }

  std::array<std::int32_t, 3> balances_ = {100, 100, 100};
};

#endif  // HEDDLE_TESTS_PROPERTY_BANK_H_
