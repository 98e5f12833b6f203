// SPDX-License-Identifier: MIT
#include <cstdlib>

#include "checkout.h"
#include "heddle/run.h"

#if defined(CHECKOUT_TAKES_TASK)
heddle::Task<int> Price() { co_return 42; }
#else
int Price() { return 42; }
#endif

int main() {
  const int paid = heddle::RunToEnd([]() -> heddle::Task<int> { return Checkout(Price()); });
  return paid == 42 ? EXIT_SUCCESS : EXIT_FAILURE;
}
