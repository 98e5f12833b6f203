// SPDX-License-Identifier: MIT
#include "warehouse.h"

#include <chrono>
#include <optional>

#include "heddle/sleep.h"

namespace order_pipeline {
namespace {

using std::chrono_literals::operator""ms;

constexpr auto kFold = 120ms;
constexpr auto kPutIn = 40ms;

}  // namespace

heddle::Task<void> Pack(Belt& belt) {
  for (;;) {
    const std::optional<Parcel*> next = co_await belt.Receive();
    if (!next) co_return;
    Parcel& parcel = **next;
    co_await heddle::SleepFor(kFold + kPutIn * parcel.order->lines.size());
    parcel.tracking = parcel.order->country + "-" + std::to_string(100000 + parcel.order->id);
    parcel.packed.Open();
  }
}

}  // namespace order_pipeline
