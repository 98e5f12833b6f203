// SPDX-License-Identifier: MIT
#include "gateway.h"

#include <chrono>

#include "heddle/clock.h"
#include "heddle/random.h"
#include "heddle/sleep.h"

namespace order_pipeline {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr Cents kLimit = 300'000;

}  // namespace

heddle::Task<Answer> Authorise(Payment payment) {
  // The network's moods are the same in every run: a number of its own for each attempt.
  heddle::Random mood(static_cast<std::uint64_t>(payment.order) * 16 + payment.attempt);
  const heddle::Duration latency = 60ms + 5ms * mood.Below(30);
  const bool lost = mood.Below(40) == 0;
  const bool busy = mood.Below(25) == 0;
  co_await heddle::SleepFor(lost ? heddle::Duration(30s) : latency);
  if (busy) co_return Answer::kBusy;
  co_return payment.owed + payment.amount <= kLimit ? Answer::kApproved : Answer::kDeclined;
}

}  // namespace order_pipeline
