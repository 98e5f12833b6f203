// SPDX-License-Identifier: MIT
#include <cstdlib>

#include "checkout.h"
#include "heddle/run.h"

int main() {
  const int paid = heddle::RunToEnd([]() -> heddle::Task<int> { return Checkout(Price(2)); });
  return paid == 42 ? EXIT_SUCCESS : EXIT_FAILURE;
}
