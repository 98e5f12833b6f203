// SPDX-License-Identifier: MIT
//
// An interface between two files that may be compiled with different HEDDLE_TRACING: if so,
// they must not link. A function that takes a task, and one that only returns one.
#ifndef HEDDLE_TESTS_VARIANTS_CHECKOUT_H_
#define HEDDLE_TESTS_VARIANTS_CHECKOUT_H_

#include "heddle/task.h"

heddle::Task<int> Price(int amount);
heddle::Task<int> Checkout(heddle::Task<int> price);

#endif  // HEDDLE_TESTS_VARIANTS_CHECKOUT_H_
