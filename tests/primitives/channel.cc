// SPDX-License-Identifier: MIT
// What docs/primitives/channel.md shows.
#include "heddle/channel.h"

#include <optional>

#include "heddle/combinators.h"
#include "heddle/mark.h"
#include "primitives/page.h"

namespace heddle::channel_page {
namespace {

// [page
Task<> Produce(Channel<int>& orders) {
  for (int order = 1; order <= 2; ++order) co_await orders.Send(order);
  orders.Close();
}

Task<> Consume(Channel<int>& orders) {
  while (const std::optional<int> order = co_await orders.Receive()) {
    Mark("handles", {{"order", *order}});
  }
}

Task<> Body() {
  Channel<int> orders(1, "orders");
  co_await All(Consume(orders), Produce(orders));
}
// page]

const Page kPage("channel", &Body);

}  // namespace
}  // namespace heddle::channel_page
