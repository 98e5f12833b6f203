// SPDX-License-Identifier: MIT
#include "pipeline.h"

#include <cstddef>
#include <optional>
#include <string>

#include "heddle/channel.h"
#include "heddle/clock.h"
#include "heddle/mark.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "inventory.h"
#include "ledger.h"
#include "notify.h"
#include "parse.h"
#include "reserve.h"
#include "ship.h"
#include "validate.h"
#include "warehouse.h"

namespace order_pipeline {
namespace {

constexpr int kPackers = 4;

struct Shop {
  explicit Shop(Variant its_variant) : variant(its_variant) {}

  Variant variant;
  Inventory inventory;
  Ledger ledger;
  Belt belt{8, "belt"};
  heddle::Channel<Outcome> outcomes{16, "outcomes"};
};

heddle::Task<Outcome> RunStages(Shop& shop, const Arrival& arrival) {
  const Order order = co_await Parse(arrival);
  co_await Validate(order);
  const bool reserved = co_await Reserve(shop.inventory, order);
  if (!reserved) co_return Outcome::kOutOfStock;
  const bool charged = co_await Charge(shop.ledger, order, shop.variant);
  if (!charged) {
    co_await Release(shop.inventory, order, order.lines.size());
    co_return Outcome::kDeclined;
  }
  const std::string tracking = co_await Ship(shop.belt, order);
  co_await Notify(order, tracking);
  co_return Outcome::kShipped;
}

heddle::Task<void> HandleOrder(Shop& shop, const Arrival& arrival) {
  heddle::BeginFlow("order " + std::to_string(arrival.number));
  Outcome outcome = Outcome::kRejected;
  try {
    outcome = co_await RunStages(shop, arrival);
  } catch (const Rejected& rejected) {
    heddle::Mark("rejected", {{"reason", rejected.what()}});
  }
  co_await shop.outcomes.Send(outcome);
}

heddle::Task<void> TakeIn(heddle::World& world, Shop& shop, const std::vector<Arrival>& arrivals) {
  for (const Arrival& arrival : arrivals) {
    co_await heddle::SleepUntil(heddle::TimePoint(arrival.at));
    world.Spawn(HandleOrder(shop, arrival));
  }
}

void Count(Outcome outcome, Summary& summary) {
  switch (outcome) {
    case Outcome::kShipped:
      ++summary.shipped;
      break;
    case Outcome::kRejected:
      ++summary.rejected;
      break;
    case Outcome::kOutOfStock:
      ++summary.out_of_stock;
      break;
    case Outcome::kDeclined:
      ++summary.declined;
      break;
  }
}

}  // namespace

heddle::Task<Summary> HandleOrders(heddle::World& world, const std::vector<Arrival>& arrivals,
                                   Variant variant) {
  Shop shop(variant);
  heddle::TaskGroup packers("packers");
  for (int i = 0; i < kPackers; ++i) packers.Spawn(Pack(shop.belt));
  world.Spawn(TakeIn(world, shop, arrivals));

  Summary summary;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    const std::optional<Outcome> outcome = co_await shop.outcomes.Receive();
    Count(*outcome, summary);
  }
  shop.belt.Close();
  co_await packers.Join();
  co_return summary;
}

}  // namespace order_pipeline
