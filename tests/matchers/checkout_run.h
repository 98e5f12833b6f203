// SPDX-License-Identifier: MIT
//
// The run that the tests of the matchers ask: Checkout reserves, then charges and ships at
// the same time. Reserve comes before Ship by cause; Charge only by luck.
#ifndef HEDDLE_TESTS_MATCHERS_CHECKOUT_RUN_H_
#define HEDDLE_TESTS_MATCHERS_CHECKOUT_RUN_H_

#include <cstdint>
#include <string>

#include "matchers/run_sketch.h"

namespace heddle {

inline Trace CheckoutRun() {
  RunSketch run;
  const TaskId checkout = run.Call(RunSketch::kMain, "Shop::Checkout", 80);  // 2, 3, 4
  run.CallAndFinish(checkout, "Shop::Reserve", 12);                          // 5 to 9
  run.SetTime(2);
  const TaskId charge = run.Create(checkout, "Shop::Charge");  // 10
  const TaskId ship = run.Create(checkout, "Shop::Ship");      // 11
  run.Join(checkout, {charge, ship}, 14);                      // 12
  run.Start(charge, checkout);                                 // 13
  run.Mark(charge, "charged",                                  // 14
           {{.key = "order", .value = std::int64_t{17}}, {.key = "to", .value = "ann, bob"}}, 31);
  run.Finish(charge);  // 15
  run.SetTime(3);
  run.Start(ship, checkout);  // 16
  run.Finish(ship);           // 17
  run.Resume(checkout);       // 18
  run.Finish(checkout);       // 19, 20
  return run.Finished();      // 21
}

}  // namespace heddle

#endif  // HEDDLE_TESTS_MATCHERS_CHECKOUT_RUN_H_
