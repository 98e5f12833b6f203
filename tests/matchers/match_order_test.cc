// SPDX-License-Identifier: MIT
//
// InOrder and Before look at one run; where it breaks, the text shows the nearest match.
#include "heddle/match_order.h"

#include <cstddef>
#include <string>
#include <vector>

#include "matchers/checkout_run.h"
#include "support/catch.h"
#include "support/law.h"

namespace heddle {
namespace {

// main calls tasks that return at once, in this order.
Trace RunOf(const std::vector<std::string>& functions) {
  RunSketch run;
  for (const std::string& function : functions) {
    run.CallAndFinish(RunSketch::kMain, function, 12);
  }
  return run.Finished();
}

// Two requests, one after the other; only the first reserves before it ships.
Trace TwoRequests() {
  RunSketch run;
  run.WorkFor(RunSketch::kMain, "order 1");
  run.CallAndFinish(RunSketch::kMain, "Reserve", 12);
  run.CallAndFinish(RunSketch::kMain, "Ship", 13);
  run.WorkFor(RunSketch::kMain, "order 2");
  run.CallAndFinish(RunSketch::kMain, "Ship", 13);
  return run.Finished();
}

TEST_CASE("InOrder finds steps that begin in this order, with others between them") {
  const Trace trace = CheckoutRun();
  CHECK(MatchInOrder(trace, {"Reserve", "Charge", "Ship"}).matched);
  CHECK(MatchInOrder(trace, {"Reserve", "Ship"}).matched);
  CHECK(MatchInOrder(trace, {"main", "Checkout", "Reserve", "charged"}).matched);
  CHECK_FALSE(MatchInOrder(trace, {"Charge", "Reserve"}).matched);
}

TEST_CASE("InOrder uses each step once") {
  CHECK(MatchInOrder(RunOf({"A", "A"}), {"A", "A"}).matched);
  CHECK_FALSE(MatchInOrder(RunOf({"A"}), {"A", "A"}).matched);
}

TEST_CASE("InOrder finds exactly the subsequences of a run") {
  CheckLaw([](const std::vector<bool>& run, const std::vector<bool>& wanted) {
    const auto names = [](const std::vector<bool>& letters) {
      std::vector<std::string> text(letters.size());
      for (std::size_t i = 0; i < text.size(); ++i) text[i] = letters[i] ? "A" : "B";
      return text;
    };
    std::size_t found = 0;
    for (const bool letter : run) {
      if (found < wanted.size() && letter == wanted[found]) ++found;
    }
    return MatchInOrder(RunOf(names(run)), names(wanted)).matched == (found == wanted.size());
  });
}

TEST_CASE("InOrder shows where each step was found when it matches") {
  CHECK(MatchInOrder(CheckoutRun(), {"Reserve", "Charge"}).explanation ==
        R"(It does:
  found    Reserve: event 7 at 0, Checkout#0/Reserve#0, shop.cc:12
  found    Charge: event 13 at 2ms, Checkout#0/Charge#0, shop.cc:14)");
}

TEST_CASE("InOrder shows how far it came, and that the missing step comes earlier") {
  CHECK(MatchInOrder(CheckoutRun(), {"Reserve", "Ship", "Charge", "charged"}).explanation ==
        R"(Broke at Charge: none begins after Checkout#0/Ship#0 (event 16 at 3ms).
  found    Reserve: event 7 at 0, Checkout#0/Reserve#0, shop.cc:12
  found    Ship: event 16 at 3ms, Checkout#0/Ship#0, shop.cc:14
  missing  Charge
  then     charged
Charge begins earlier: event 13 at 2ms, before Checkout#0/Ship#0 began (event 16).
   events  begin  place       step
   ...
   4..19   0      shop.cc:80  Checkout#0
   7..8    0      shop.cc:12  Checkout#0/Reserve#0
-> 13..15  2ms    shop.cc:14  Checkout#0/Charge#0
   14      2ms    shop.cc:31  charged {order: 17, to: "ann, bob"} in Checkout#0/Charge#0
-> 16..17  3ms    shop.cc:14  Checkout#0/Ship#0)");
}

TEST_CASE("the place of a task is the await that it answers, not another of its creator") {
  RunSketch run;
  const TaskId early = run.Create(RunSketch::kMain, "Early");
  const TaskId late = run.Create(RunSketch::kMain, "Late");
  run.Join(RunSketch::kMain, {late}, 14);
  run.Start(late, RunSketch::kMain);
  run.Finish(late);
  run.Resume(RunSketch::kMain);
  run.Join(RunSketch::kMain, {early}, 15);
  run.Start(early, RunSketch::kMain);
  run.Finish(early);
  run.Resume(RunSketch::kMain);
  CHECK(MatchInOrder(run.Finished(), {"Late", "Early"}).explanation == R"(It does:
  found    Late: event 5 at 0, Late#0, shop.cc:14
  found    Early: event 9 at 0, Early#0, shop.cc:15)");
}

TEST_CASE("InOrder says when the missing step is nowhere") {
  CHECK(MatchInOrder(CheckoutRun(), {"Reserve", "Chrage"}).explanation ==
        R"(Broke at Chrage: none begins at all.
  found    Reserve: event 7 at 0, Checkout#0/Reserve#0, shop.cc:12
  missing  Chrage
No step of this run is called Chrage. Did you mean Charge?
Steps of this run: main, Shop::Checkout, Shop::Reserve, Shop::Charge, Shop::Ship; marks: charged.
   events  begin  place       step
   1..21   0      shop.cc     main
   4..19   0      shop.cc:80  Checkout#0
-> 7..8    0      shop.cc:12  Checkout#0/Reserve#0
   13..15  2ms    shop.cc:14  Checkout#0/Charge#0
   14      2ms    shop.cc:31  charged {order: 17, to: "ann, bob"} in Checkout#0/Charge#0
   ...)");
}

TEST_CASE("InOrder says when one step would have to be two") {
  CHECK_THAT(MatchInOrder(CheckoutRun(), {"Reserve", "Shop::Reserve"}).explanation,
             ContainsText("Shop::Reserve begins there, but one step cannot be two of the "
                          "sequence."));
}

TEST_CASE("InOrder names the last of several steps that come too early") {
  CHECK_THAT(MatchInOrder(RunOf({"A", "A", "B"}), {"B", "A"}).explanation,
             ContainsText("A begins only earlier, the last time: event 9 at 0, before B#0 began "
                          "(event 14)."));
  CHECK_THAT(MatchInOrder(RunOf({"A", "B"}), {"A", "B", "A"}).explanation,
             ContainsText("A begins earlier: event 4 at 0 (found above), before B#0 began"));
}

TEST_CASE("Before wants the first to have ended, not only to have begun") {
  const Trace trace = CheckoutRun();
  CHECK(MatchBefore(trace, "Reserve", "Ship").matched);
  CHECK(MatchBefore(trace, "Charge", "Ship").matched);
  CHECK(MatchBefore(trace, "charged", "Ship").matched);
  CHECK_FALSE(MatchBefore(trace, "Checkout", "Ship").matched);
  CHECK_FALSE(MatchBefore(trace, "Ship", "Charge").matched);
}

TEST_CASE("Before wants both steps to occur") {
  CHECK_THAT(MatchBefore(CheckoutRun(), "Reserve", "Shipp").explanation,
             StartsWithText("No step of this run is called Shipp. Did you mean Ship?\n"));
  CHECK_THAT(MatchBefore(CheckoutRun(), "Reserved", "Ship").explanation,
             StartsWithText("No step of this run is called Reserved. Did you mean Reserve?\n"));
}

TEST_CASE("Before asks each occurrence of the later step") {
  CHECK(MatchBefore(RunOf({"A", "B", "B"}), "A", "B").matched);
  CHECK_FALSE(MatchBefore(RunOf({"B", "A", "B"}), "A", "B").matched);
}

TEST_CASE("Before shows a step that was under way") {
  CHECK(MatchBefore(CheckoutRun(), "Checkout", "Ship").explanation ==
        R"(Broke at Checkout#0/Ship#0: when it began (event 16 at 3ms), no Checkout had ended.
Nearest: Checkout#0 had begun (event 4 at 0), but ended only later (event 19 at 3ms).
   events  begin  place       step
   1..21   0      shop.cc     main
-> 4..19   0      shop.cc:80  Checkout#0
   7..8    0      shop.cc:12  Checkout#0/Reserve#0
   13..15  2ms    shop.cc:14  Checkout#0/Charge#0
   14      2ms    shop.cc:31  charged {order: 17, to: "ann, bob"} in Checkout#0/Charge#0
-> 16..17  3ms    shop.cc:14  Checkout#0/Ship#0)");
}

TEST_CASE("Before shows a step that began too late, and one that never ended") {
  CHECK_THAT(MatchBefore(CheckoutRun(), "Ship", "Charge").explanation,
             ContainsText("Nearest: Checkout#0/Ship#0 began only later (event 16 at 3ms)."));
  CHECK_THAT(MatchBefore(RunOf({"B", "A", "A"}), "A", "B").explanation,
             ContainsText("Nearest: A#0 began only later (event 9 at 0)."));

  RunSketch run;
  const TaskId reserve = run.Create(RunSketch::kMain, "Reserve");
  run.Start(reserve, RunSketch::kMain);
  run.Suspend(reserve, Operation::kLock, 41);
  run.CallAndFinish(RunSketch::kMain, "Ship", 13);
  const std::string text =
      MatchBefore(run.Ended(Ending::kStuck, ""), "Reserve", "Ship").explanation;
  CHECK_THAT(text, ContainsText("had begun (event 3 at 0), but did not get to its end"));
  CHECK_THAT(text, ContainsText("-> 3..     0      shop.cc     Reserve#0\n"));
  CHECK_THAT(text, EndsWithText("\nNote: the run did not finish. It ended: stuck."));
}

TEST_CASE("Before pairs steps of the same request") {
  CHECK(MatchBefore(TwoRequests(), "Reserve", "Ship").explanation ==
        R"(Broke at Ship#1: when it began (event 16 at 0), no Reserve had ended for its request.
It works for request order 2, and no Reserve does. Nearest: Reserve#0 (event 5 at 0) works for )"
        R"(request order 1.
   events  begin  place       step
   1..19   0      shop.cc     main
-> 5..6    0      shop.cc:12  Reserve#0
   10..11  0      shop.cc:13  Ship#0
-> 16..17  0      shop.cc:13  Ship#1)");
}

TEST_CASE("Before takes any first for a step that works for no request") {
  RunSketch run;
  run.WorkFor(RunSketch::kMain, "order 1");
  run.CallAndFinish(RunSketch::kMain, "Reserve", 12);
  run.WorkFor(RunSketch::kMain, "");
  run.CallAndFinish(RunSketch::kMain, "Ship", 13);
  CHECK(MatchBefore(run.Finished(), "Reserve", "Ship").matched);
}

TEST_CASE("Before takes a step that learnt its request on the way") {
  RunSketch run;
  const TaskId parse = run.Call(RunSketch::kMain, "Parse", 11);
  run.WorkFor(parse, "order 1");
  run.Finish(parse);
  run.WorkFor(RunSketch::kMain, "order 1");
  run.CallAndFinish(RunSketch::kMain, "Ship", 13);
  CHECK(MatchBefore(run.Finished(), "Parse", "Ship").matched);
}

TEST_CASE("Before does not take a step for its own predecessor") {
  CHECK_THAT(MatchBefore(CheckoutRun(), "Ship", "Ship").explanation,
             ContainsText("no Ship had ended: it is the first itself."));
}

TEST_CASE("Before shows a pair when it matches") {
  CHECK(MatchBefore(CheckoutRun(), "Reserve", "Ship").explanation ==
        "It does: Checkout#0/Reserve#0 ended (event 8 at 0) before Checkout#0/Ship#0 began "
        "(event 16 at 3ms).");
  CHECK_THAT(MatchBefore(RunOf({"A", "B", "B", "B"}), "A", "B").explanation,
             EndsWithText("began (event 9 at 0), and so for 2 more."));
}

}  // namespace
}  // namespace heddle
