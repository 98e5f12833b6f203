// SPDX-License-Identifier: MIT
//
// SurwChooser: what it finds. What it guarantees is tested in selective_walk_test.cc.
#include "heddle/choosers/surw.h"

#include "heddle/combinators.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "support/catch.h"

namespace heddle {
namespace {

TEST_CASE("surw finds a deadlock of two locks often") {
  const auto body = []() -> Task<> {
    Mutex left;
    Mutex right;
    const auto both = [](Mutex& first, Mutex& second) -> Task<> {
      const MutexGuard one = co_await first.Lock();
      const MutexGuard two = co_await second.Lock();
    };
    co_await All(both(left, right), both(right, left));
  };
  SurwChooser chooser(42);
  int stuck = 0;
  for (std::uint64_t n = 1; n <= 300; ++n) {
    if (Run(body, {.chooser = &chooser, .schedule = n}).ending == Ending::kStuck) ++stuck;
  }
  CHECK(stuck > 50);
  CHECK(chooser.name() == "surw");
}

}  // namespace
}  // namespace heddle
