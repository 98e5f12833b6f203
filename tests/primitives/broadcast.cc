// SPDX-License-Identifier: MIT
// What docs/primitives/broadcast.md shows.
#include "heddle/broadcast.h"

#include <optional>

#include "heddle/combinators.h"
#include "heddle/mark.h"
#include "primitives/page.h"

namespace heddle::broadcast_page {
namespace {

// [page
Task<> Quote(Broadcast<int>& prices) {
  co_await prices.Send(5);
  prices.Close();
}

Task<> Follow(Broadcast<int>::Subscription& mine) {
  while (const std::optional<int> price = co_await mine.Receive()) {
    Mark("hears", {{"price", *price}});
  }
}

Task<> Body() {
  Broadcast<int> prices(1, "prices");
  auto first = prices.Subscribe();
  auto second = prices.Subscribe();
  co_await All(Follow(first), Follow(second), Quote(prices));
}
// page]

const Page kPage("broadcast", &Body);

}  // namespace
}  // namespace heddle::broadcast_page
