// SPDX-License-Identifier: MIT
//
// Steps are found by name and counted, and a step that is not there is explained.
#include "heddle/match_step.h"

#include <string>

#include "heddle/check.h"
#include "matchers/checkout_run.h"
#include "support/catch.h"

namespace heddle {
namespace {

TEST_CASE("a task is found by function, by name and by path") {
  const Trace trace = CheckoutRun();
  CHECK(MatchHasStep(trace, "Charge").matched);
  CHECK(MatchHasStep(trace, "Shop::Charge").matched);
  CHECK(MatchHasStep(trace, "Charge#0").matched);
  CHECK(MatchHasStep(trace, "Checkout#0/Charge#0").matched);
  CHECK_FALSE(MatchHasStep(trace, "Charge#1").matched);
  CHECK_FALSE(MatchHasStep(trace, "Store::Charge").matched);
}

TEST_CASE("a mark is found by name and by any of its fields") {
  const Trace trace = CheckoutRun();
  CHECK(MatchHasStep(trace, "charged").matched);
  CHECK(MatchHasStep(trace, "charged{order: 17}").matched);
  CHECK(MatchHasStep(trace, "charged {to: \"ann, bob\", order: 17}").matched);
  CHECK_FALSE(MatchHasStep(trace, "charged{order: 17, to: ann}").matched);
  CHECK_FALSE(MatchHasStep(trace, "charged{amount: 17}").matched);
}

TEST_CASE("occurrences are counted") {
  const Trace trace = CheckoutRun();
  CHECK(MatchHasStep(trace, "Charge", 1).matched);
  CHECK_FALSE(MatchHasStep(trace, "Charge", 0).matched);
  CHECK_FALSE(MatchHasStep(trace, "Charge", 2).matched);
  CHECK(MatchHasStep(trace, "Refund", 0).matched);
  CHECK(MatchNever(trace, "Refund").matched);
  CHECK_FALSE(MatchNever(trace, "Charge").matched);
}

TEST_CASE("a mistyped step gets the near names and the list of steps") {
  CHECK(MatchHasStep(CheckoutRun(), "Chrage").explanation ==
        R"(No step of this run is called Chrage. Did you mean Charge?
Steps of this run: main, Shop::Checkout, Shop::Reserve, Shop::Charge, Shop::Ship; marks: charged.)");
}

TEST_CASE("a near name is given in the form in which the step was asked for") {
  const Trace trace = CheckoutRun();
  CHECK_THAT(MatchHasStep(trace, "Charge#7").explanation, ContainsText("Did you mean Charge#0?"));
  CHECK_THAT(MatchHasStep(trace, "Checkout#0/charge#0").explanation,
             ContainsText("Did you mean Checkout#0/Charge#0?"));
  CHECK_THAT(MatchHasStep(trace, "Shop::Shop").explanation,
             ContainsText("Did you mean Shop::Ship?"));
  CHECK_THAT(MatchHasStep(trace, "charges").explanation,
             ContainsText("Did you mean Charge or charged?"));
  CHECK_THAT(MatchHasStep(trace, "Refund").explanation, !ContainsText("Did you mean"));
}

TEST_CASE("a mark with other fields is shown as the nearest") {
  CHECK(MatchHasStep(CheckoutRun(), "charged{order: 18, to: \"ann, bob\"}").explanation ==
        R"(charged occurs 1 time, never with these fields. Nearest: )"
        R"(charged {order: 17, to: "ann, bob"} in Checkout#0/Charge#0 (event 14 at 2ms).
Steps of this run: main, Shop::Checkout, Shop::Reserve, Shop::Charge, Shop::Ship; marks: charged.)");
}

TEST_CASE("fields asked of a task are explained") {
  CHECK_THAT(MatchHasStep(CheckoutRun(), "Charge{order: 17}").explanation,
             StartsWithText("Charge is a task; only marks have fields.\n"));
}

TEST_CASE("a task that was created but never ran is no occurrence, and the text says so") {
  RunSketch run;
  run.Create(RunSketch::kMain, "Shop::Refund");
  const Trace trace = run.Finished();
  CHECK(MatchNever(trace, "Refund").matched);
  CHECK_THAT(MatchHasStep(trace, "Refund").explanation,
             ContainsText("Refund#0 was created (event 2 at 0) but never ran."));
}

TEST_CASE("a body that is a coroutine of its own is found by its name") {
  RunSketch run("Shop::Checkout");
  const Trace trace = run.Finished();
  CHECK(MatchHasStep(trace, "Checkout").matched);
  CHECK(MatchHasStep(trace, "main").matched);
  CHECK_THAT(MatchNever(trace, "Checkout").explanation, EndsWithText("main (Shop::Checkout)"));
  CHECK_THAT(MatchHasStep(trace, "Chekout").explanation,
             ContainsText("Did you mean Checkout?\nSteps of this run: Shop::Checkout."));
}

TEST_CASE("a wrong count shows the occurrences between their neighbours") {
  CHECK(MatchHasStep(CheckoutRun(), "Charge", 2).explanation ==
        R"(Charge occurs 1 time:
   events  begin  place       step
   ...
   4..19   0      shop.cc:80  Checkout#0
   7..8    0      shop.cc:12  Checkout#0/Reserve#0
-> 13..15  2ms    shop.cc:14  Checkout#0/Charge#0
   14      2ms    shop.cc:31  charged {order: 17, to: "ann, bob"} in Checkout#0/Charge#0
   16..17  3ms    shop.cc:14  Checkout#0/Ship#0)");
}

TEST_CASE("many occurrences are counted, and the first few shown") {
  RunSketch run;
  for (int i = 0; i < 9; ++i) run.CallAndFinish(RunSketch::kMain, "Shop::Reserve", 12);
  CHECK(MatchNever(run.Finished(), "Reserve").explanation ==
        R"(Reserve occurs 9 times; the first 3 are:
   events  begin  place       step
   1..47   0      shop.cc     main
-> 4..5    0      shop.cc:12  Reserve#0
-> 9..10   0      shop.cc:12  Reserve#1
-> 14..15  0      shop.cc:12  Reserve#2
   19..20  0      shop.cc:12  Reserve#3
   24..25  0      shop.cc:12  Reserve#4
   ...)");
}

TEST_CASE("a run that did not finish is named as a possible cause") {
  RunSketch run;
  const TaskId charge = run.Call(RunSketch::kMain, "Shop::Charge", 14);
  run.Finish(charge, Outcome::kException);
  const Trace trace = run.Ended(Ending::kThrew, "card declined");
  CHECK_THAT(MatchHasStep(trace, "Ship").explanation,
             EndsWithText("\nNote: the run did not finish. It ended: threw: card declined."));
  CHECK_THAT(MatchNever(trace, "Ship").explanation, !ContainsText("Note:"));
}

TEST_CASE("a trace without events cannot be asked, not even for what is absent") {
  Trace trace = CheckoutRun();
  trace.events.clear();
  trace.choices = {Choice{.picked = 1, .first = 0, .alternatives = 2}};
  CHECK_THROWS_AS(MatchNever(trace, "Refund"), UsageError);
  CHECK_THROWS_WITH(MatchHasStep(trace, "Charge"),
                    ContainsText("has no events") && ContainsText("Recording of events was off"));
}

TEST_CASE("a trace that lost its end or its beginning cannot be asked") {
  Trace no_end = CheckoutRun();
  no_end.events.pop_back();
  CHECK_THROWS_WITH(MatchNever(no_end, "Refund"),
                    ContainsText("the trace of \"checkout\" is not whole: the end of main"));

  Trace no_beginning = CheckoutRun();
  no_beginning.events.erase(no_beginning.events.begin(), no_beginning.events.begin() + 6);
  CHECK_THROWS_WITH(MatchNever(no_beginning, "Refund"), ContainsText("the spawn of task 0"));

  Trace no_marks = CheckoutRun();
  no_marks.marks.clear();
  CHECK_THROWS_WITH(MatchNever(no_marks, "Refund"), ContainsText("a mark is missing"));
}

}  // namespace
}  // namespace heddle
