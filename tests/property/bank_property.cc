// SPDX-License-Identifier: MIT
//
// A test program whose property fails, for replay.sh: it records in one process and replays in
// another.
#include <vector>

#include "heddle/catch.h"
#include "property/bank.h"
#include "support/catch.h"

TEST_CASE("money is conserved, [always]") {
  heddle::Property("transfers conserve money",
                   [](std::vector<Transfer> transfers) -> heddle::Task<void> {
                     Bank bank;
                     co_await bank.Carry(std::move(transfers));
                     RC_ASSERT(bank.total() == Bank::kTotal);
                   });
}

TEST_CASE("another test") {
  heddle::Property("nothing in particular", [](int) -> heddle::Task<void> { co_return; });
}
