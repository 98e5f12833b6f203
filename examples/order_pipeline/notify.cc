// SPDX-License-Identifier: MIT
#include "notify.h"

#include <chrono>

#include "heddle/mark.h"
#include "heddle/sleep.h"

namespace order_pipeline {
namespace {

using std::chrono_literals::operator""ms;

constexpr auto kMail = 35ms;

}  // namespace

heddle::Task<void> Notify(const Order& order, const std::string& tracking) {
  co_await heddle::SleepFor(kMail);
  heddle::Mark("notified", {{"customer", order.customer}, {"tracking", tracking}});
}

}  // namespace order_pipeline
