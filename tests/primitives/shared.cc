// SPDX-License-Identifier: MIT
// What docs/primitives/shared.md shows.
#include "heddle/shared.h"

#include <stdexcept>

#include "heddle/atomic.h"
#include "heddle/combinators.h"
#include "primitives/page.h"

namespace heddle::shared_page {
namespace {

// [page
Task<> Sell(Shared<int>& stock) {
  co_await stock.Update([](int left) { return left - 1; });
}

Task<> Count(Atomic<int>& sales) { co_await sales.FetchAdd(1); }

Task<> Body() {
  Shared<int> stock(10, "stock");
  Atomic<int> sales(0, "sales");
  co_await All(Sell(stock), Sell(stock), Count(sales));
  if (co_await stock.Read() != 8) throw std::logic_error("an item was sold twice");
}
// page]

const Page kPage("shared", &Body);

}  // namespace
}  // namespace heddle::shared_page
