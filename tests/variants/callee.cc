// SPDX-License-Identifier: MIT
#include <utility>

#include "checkout.h"

#if defined(CHECKOUT_TAKES_TASK)
heddle::Task<int> Checkout(heddle::Task<int> price) { co_return co_await std::move(price); }
#else
heddle::Task<int> Checkout(int price) { co_return price; }
#endif
