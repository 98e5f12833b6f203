// SPDX-License-Identifier: MIT
#include "ship.h"

#include "heddle/mark.h"

namespace order_pipeline {

heddle::Task<std::string> Ship(Belt& belt, const Order& order) {
  Parcel parcel(order);
  co_await belt.Send(&parcel);
  co_await parcel.packed.Wait();
  heddle::Mark("shipped", {{"tracking", parcel.tracking}});
  co_return parcel.tracking;
}

}  // namespace order_pipeline
