// SPDX-License-Identifier: MIT
//
// A failed run of a small shop, written by hand: two checkouts that fight for one lock, an
// audit that polls, a charge that throws. What the tests of tools/ show, draw and replay.
#ifndef HEDDLE_TESTS_TOOLS_SHOP_RUN_H_
#define HEDDLE_TESTS_TOOLS_SHOP_RUN_H_

#include "heddle/trace.h"

namespace heddle {

Trace ShopRun();

}  // namespace heddle

#endif  // HEDDLE_TESTS_TOOLS_SHOP_RUN_H_
