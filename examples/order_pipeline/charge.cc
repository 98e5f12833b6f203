// SPDX-License-Identifier: MIT
#include "charge.h"

#include <chrono>
#include <cstdint>
#include <variant>

#include "gateway.h"
#include "heddle/clock.h"
#include "heddle/combinators.h"
#include "heddle/mark.h"
#include "heddle/mutex.h"
#include "heddle/sleep.h"

namespace order_pipeline {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::uint32_t kAttempts = 3;
constexpr heddle::Duration kTimeOut = 400ms;
constexpr heddle::Duration kBackOff = 100ms;

heddle::Task<void> TimeOut(heddle::Duration duration) { co_await heddle::SleepFor(duration); }

heddle::Task<bool> Pay(Payment payment) {
  for (payment.attempt = 1; payment.attempt <= kAttempts; ++payment.attempt) {
    if (payment.attempt > 1) co_await heddle::SleepFor(kBackOff * payment.attempt);
    const auto first = co_await heddle::Any(Authorise(payment), TimeOut(kTimeOut));
    const Answer* const answer = std::get_if<Answer>(&first);
    if (answer != nullptr && *answer != Answer::kBusy) co_return *answer == Answer::kApproved;
    heddle::Mark(answer != nullptr ? "gateway is busy" : "gateway timed out",
                 {{"attempt", payment.attempt}});
  }
  co_return false;
}

}  // namespace

heddle::Task<bool> Charge(Ledger& ledger, const Order& order, Variant variant) {
  heddle::MutexGuard account;
  if (variant == Variant::kFixed) account = co_await ledger.AccountLock(order.customer).Lock();

  // The bug of the other variant: while the gateway thinks, another order of the same
  // customer may be booked, and then `owed` is stale.
  const Cents owed = co_await ledger.Read(order.customer);
  const bool paid =
      co_await Pay({.order = order.id, .attempt = 0, .amount = order.total_cents, .owed = owed});
  if (!paid) co_return false;
  co_await ledger.Write(order, owed + order.total_cents);

  heddle::Mark("charged", {{"amount", order.total_cents}});
  co_return true;
}

}  // namespace order_pipeline
