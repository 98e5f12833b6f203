// SPDX-License-Identifier: MIT
// What docs/primitives/combinators.md shows.
#include "heddle/combinators.h"

#include <chrono>
#include <stdexcept>
#include <variant>

#include "heddle/mark.h"
#include "heddle/sleep.h"
#include "primitives/page.h"

namespace heddle::combinators_page {
namespace {

// [page
Task<int> Stock() { co_return 3; }
Task<int> Price() { co_return 5; }

Task<int> Ask(int milliseconds) {
  co_await SleepFor(std::chrono::milliseconds(milliseconds));
  co_return milliseconds;
}

Task<> Body() {
  const auto [stock, price] = co_await All(Stock(), Price());
  if (stock * price != 15) throw std::logic_error("not what it is worth");
  const auto first = co_await Any(Ask(20), Ask(10));
  if (first.index() != 1) throw std::logic_error("the slow one was first");
}
// page]

const Page kPage("combinators", &Body);

}  // namespace
}  // namespace heddle::combinators_page
