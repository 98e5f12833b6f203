// SPDX-License-Identifier: MIT
//
// Implements shop_run.h, in the order in which things happen.
#include "tools/shop_run.h"

#include <cstdint>
#include <string>

#include "support/trace_builder.h"

namespace heddle {

Trace ShopRun() {
  constexpr VirtualNanos kMillisecond = 1'000'000;
  TraceBuilder run;
  const ObjectId stock = run.Object("Mutex", "stock");
  const ObjectId events = run.Object("Channel", "events");
  const ObjectId doors = run.Object("Gate", "doors");
  const ObjectId everyone = run.Object("TaskGroup");
  const ObjectId both = run.Object("All");

  // The body spawns all, and waits.
  const TaskId body = run.Main();
  const TaskId first = run.Spawn(body, "shop::Checkout");
  const TaskId second = run.Spawn(body, "shop::Checkout");
  const TaskId audit = run.Spawn(body, "shop::Audit");
  run.Suspend(body, Operation::kJoin, everyone, "shop_test.cc:60");

  // Two requests: the second one is quicker and takes the lock.
  run.Start(first, body).WorkFor(first, run.Flow("order-17"));
  run.Mark(first, "parsed", {{"order", std::int64_t{17}}, {"customer", std::string("ann")}},
           "shop.cc:12");
  run.Start(second, body).WorkFor(second, run.Flow("order-18"));
  const TaskId second_reserve = run.Call(second, "shop::Stock::Reserve", "shop.cc:14");
  run.Await(second_reserve, Operation::kLock, stock, "shop.cc:31");
  run.Suspend(second_reserve, Operation::kSleep, 0, "shop.cc:33");
  const TaskId first_reserve = run.Call(first, "shop::Stock::Reserve", "shop.cc:14");
  run.Suspend(first_reserve, Operation::kLock, stock, "shop.cc:31");

  // Belongs to no request, and does the same a hundred times.
  run.Start(audit, body);
  for (int i = 0; i < 100; ++i) run.Await(audit, Operation::kYield, 0, "shop.cc:80");
  for (int i = 0; i < 5; ++i) {
    run.Await(audit, Operation::kWait, doors, "shop.cc:82");
    run.Await(audit, Operation::kYield, 0, "shop.cc:83");
  }
  run.Suspend(audit, Operation::kReceive, events, "shop.cc:85");

  run.JumpTo(2 * kMillisecond).Wake(second_reserve).Resume(second_reserve);
  run.Release(second_reserve, stock).Return(second_reserve);
  run.Resume(first_reserve).Suspend(first_reserve, Operation::kSleep, 0, "shop.cc:33");
  for (int i = 0; i < 4; ++i) {
    const TaskId poll = run.Call(second, "shop::Poll", "shop.cc:20");
    run.Await(poll, Operation::kYield, 0, "shop.cc:70").Return(poll);
  }
  run.Finish(second, Outcome::kValue, everyone);
  run.JumpTo(3'500'000).Wake(first_reserve).Resume(first_reserve);
  run.Release(first_reserve, stock).Return(first_reserve);

  // The first one charges and ships side by side.
  const TaskId charge = run.Spawn(first, "shop::Charge");
  const TaskId ship = run.Spawn(first, "shop::Ship");
  run.Suspend(first, Operation::kJoin, both, "shop.cc:16");
  run.Start(charge, first).Mark(charge, "charged", {{"amount", 12.5}}, "shop.cc:41");
  run.Start(ship, first).Suspend(ship, Operation::kSleep, 0, "shop.cc:52");
  run.Await(charge, Operation::kSend, events, "shop.cc:43").Send(charge, events, 0);
  run.Suspend(charge, Operation::kSleep, 0, "shop.cc:44");
  run.Resume(audit).Receive(audit, events, 0);
  run.Suspend(audit, Operation::kWait, doors, "shop.cc:86");
  run.JumpTo(6'500'000).Wake(charge).Resume(charge);
  run.Mark(charge, "charged", {{"amount", 12.5}}, "shop.cc:41");
  run.Finish(charge, Outcome::kException, both).Finish(ship, Outcome::kCancelled, both);
  run.Wake(first, charge).Resume(first).Finish(first, Outcome::kException, everyone);
  run.Wake(body, first).Resume(body).Finish(body, Outcome::kException);

  run.ChooseTask(second, first, 3).ChooseTask(charge, charge, 2);
  run.header().test = "no interleaving charges twice";
  run.header().chooser = "random";
  run.header().seed = 42;
  run.header().schedule = 17;
  run.header().ending = Ending::kThrew;
  run.header().message = "REQUIRE( shop.charges() == 1 )\nwith expansion:\n  2 == 1";
  run.header().failed_task = charge;
  run.header().steps = 130;
  return run.Build();
}

}  // namespace heddle
