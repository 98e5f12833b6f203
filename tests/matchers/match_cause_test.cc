// SPDX-License-Identifier: MIT
//
// HappensBefore tells an order by cause from one by luck, and says which it was.
#include "heddle/match_cause.h"

#include <string>

#include "heddle/match_order.h"
#include "matchers/checkout_run.h"
#include "support/catch.h"

namespace heddle {
namespace {

TEST_CASE("a step that is awaited happens before what its caller does next") {
  const Trace trace = CheckoutRun();
  CHECK(MatchHappensBefore(trace, "Reserve", "Charge").matched);
  CHECK(MatchHappensBefore(trace, "Reserve", "Ship").matched);
}

TEST_CASE("steps that run side by side are not ordered, whatever this run did") {
  const Trace trace = CheckoutRun();
  REQUIRE(MatchBefore(trace, "Charge", "Ship").matched);
  CHECK_FALSE(MatchHappensBefore(trace, "Charge", "Ship").matched);
  CHECK_FALSE(MatchHappensBefore(trace, "charged", "Ship").matched);
}

TEST_CASE("a step that causes another while it runs need not end before it") {
  RunSketch run;
  const TaskId reserve = run.Call(RunSketch::kMain, "Reserve", 12);
  const TaskId ship = run.Create(reserve, "Ship");
  run.Finish(reserve);
  run.Start(ship, kNoTask);
  run.Finish(ship);
  const Trace trace = run.Finished();
  REQUIRE(MatchBefore(trace, "Reserve", "Ship").matched);
  CHECK_FALSE(MatchHappensBefore(trace, "Reserve", "Ship").matched);
}

TEST_CASE("an order by luck is called so, with the last event that both depend on") {
  CHECK(MatchHappensBefore(CheckoutRun(), "Charge", "Ship").explanation ==
        R"(Checkout#0/Charge#0 ended (event 15 at 2ms) before Checkout#0/Ship#0 began )"
        R"((event 16 at 3ms) in this run, but nothing makes it so: another schedule may turn )"
        R"(them round. To rely on this order, make one wait for the other.
The last that both depend on is event 12 at 2ms: Checkout#0  suspend  join All#1  shop.cc:14
   events  begin  place       step
   ...
   4..19   0      shop.cc:80  Checkout#0
   7..8    0      shop.cc:12  Checkout#0/Reserve#0
-> 13..15  2ms    shop.cc:14  Checkout#0/Charge#0
   14      2ms    shop.cc:31  charged {order: 17, to: "ann, bob"} in Checkout#0/Charge#0
-> 16..17  3ms    shop.cc:14  Checkout#0/Ship#0)");
}

TEST_CASE("a step that did not even come first in this run is explained as by Before") {
  const Trace trace = CheckoutRun();
  CHECK(MatchHappensBefore(trace, "Ship", "Charge").explanation ==
        MatchBefore(trace, "Ship", "Charge").explanation);
  CHECK(MatchHappensBefore(trace, "Checkout", "Ship").explanation ==
        MatchBefore(trace, "Checkout", "Ship").explanation);
}

TEST_CASE("a cause in another request does not count") {
  RunSketch run;
  run.WorkFor(RunSketch::kMain, "order 1");
  run.CallAndFinish(RunSketch::kMain, "Reserve", 12);
  run.WorkFor(RunSketch::kMain, "order 2");
  run.CallAndFinish(RunSketch::kMain, "Ship", 13);
  CHECK_THAT(MatchHappensBefore(run.Finished(), "Reserve", "Ship").explanation,
             ContainsText("It works for request order 2, and no Reserve does."));
}

TEST_CASE("an earlier step that is a cause counts, although a later one is not") {
  RunSketch run;
  run.CallAndFinish(RunSketch::kMain, "Reserve", 12);
  const TaskId aside = run.Create(RunSketch::kMain, "Reserve");
  const TaskId ship = run.Create(RunSketch::kMain, "Ship");
  run.Join(RunSketch::kMain, {aside, ship}, 14);
  run.Start(aside, RunSketch::kMain);
  run.Finish(aside);
  run.Start(ship, RunSketch::kMain);
  run.Finish(ship);
  run.Resume(RunSketch::kMain);
  CHECK_THAT(MatchHappensBefore(run.Finished(), "Reserve", "Ship").explanation,
             StartsWithText("It does: Reserve#0 ended"));
}

}  // namespace
}  // namespace heddle
