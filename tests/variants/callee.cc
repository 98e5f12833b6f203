// SPDX-License-Identifier: MIT
#include <utility>

#include "checkout.h"

heddle::Task<int> Price(int amount) { co_return 21 * amount; }

heddle::Task<int> Checkout(heddle::Task<int> price) { co_return co_await std::move(price); }
