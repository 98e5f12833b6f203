// SPDX-License-Identifier: MIT
//
// What a user of Catch2 writes, and what a failed assertion prints.
#include "heddle/matchers.h"

#include <string>

#include "heddle/check.h"
#include "matchers/checkout_run.h"
#include "support/catch.h"

namespace heddle {
namespace {

// What Catch2 prints for CHECK_THAT(trace, matcher), less its own frame.
template <class Matcher>
std::string TextOf(const Trace& trace, const Matcher& matcher) {
  static_cast<void>(matcher.match(trace));
  return Catch::Detail::stringify(trace) + " " + matcher.toString();
}

TEST_CASE("matchers go into CHECK_THAT") {
  const Trace trace = CheckoutRun();
  CHECK_THAT(trace, InOrder("Reserve", "Charge", std::string("Ship")));
  CHECK_THAT(trace, Before("Reserve", "Ship"));
  CHECK_THAT(trace, HappensBefore("Reserve", "Ship"));
  CHECK_THAT(trace, HasStep("charged{order: 17}"));
  CHECK_THAT(trace, HasStep("Charge", Times(1)));
  CHECK_THAT(trace, Never("Refund"));
}

TEST_CASE("matchers combine") {
  const Trace trace = CheckoutRun();
  CHECK_THAT(trace, InOrder("Reserve", "Ship") && Never("Refund") && HasStep("Charge"));
  CHECK_THAT(trace, Never("Charge") || HasStep("charged"));
  CHECK_THAT(trace, !InOrder("Ship", "Charge"));
  CHECK_THAT(trace, Before("Charge", "Ship") && !HappensBefore("Charge", "Ship"));
}

TEST_CASE("a failure is one line about the trace, one sentence, and the explanation") {
  CHECK(TextOf(CheckoutRun(), InOrder("Ship", "Charge")) ==
        R"(trace of "checkout" (finished; 22 events, 5 tasks) begins Ship, then Charge
  Broke at Charge: none begins after Checkout#0/Ship#0 (event 16 at 3ms).
    found    Ship: event 16 at 3ms, Checkout#0/Ship#0, shop.cc:14
    missing  Charge
  Charge begins earlier: event 13 at 2ms, before Checkout#0/Ship#0 began (event 16).
     events  begin  place       step
     ...
     4..19   0      shop.cc:80  Checkout#0
     7..8    0      shop.cc:12  Checkout#0/Reserve#0
  -> 13..15  2ms    shop.cc:14  Checkout#0/Charge#0
     14      2ms    shop.cc:31  charged {order: 17, to: "ann, bob"} in Checkout#0/Charge#0
  -> 16..17  3ms    shop.cc:14  Checkout#0/Ship#0)");
}

TEST_CASE("a negated matcher that fails shows what it found") {
  CHECK(
      TextOf(CheckoutRun(), !Before("Reserve", "Ship")) ==
      R"(trace of "checkout" (finished; 22 events, 5 tasks) not ends a Reserve before each Ship begins
  It does: Checkout#0/Reserve#0 ended (event 8 at 0) before Checkout#0/Ship#0 began (event 16 at 3ms).)");
}

TEST_CASE("each matcher has its sentence") {
  CHECK(InOrder("A", "B", "C").describe() == "begins A, then B, then C");
  CHECK(Before("A", "B").describe() == "ends a A before each B begins");
  CHECK(HappensBefore("A", "B").describe() ==
        "ends a A before each B begins, in every schedule with these causes");
  CHECK(HasStep("A").describe() == "has the step A");
  CHECK(HasStep("A", Times(1)).describe() == "has the step A exactly 1 time");
  CHECK(HasStep("A", Times(2)).describe() == "has the step A exactly 2 times");
  CHECK(Never("A").describe() == "never has the step A");
}

TEST_CASE("a matcher that is used twice explains the trace it saw last") {
  const TraceMatcher has_refund = HasStep("Refund");
  CHECK_THAT(TextOf(CheckoutRun(), has_refund), ContainsText("Shop::Reserve"));
  RunSketch other;
  CHECK_THAT(TextOf(other.Finished(), has_refund), !ContainsText("Shop::Reserve"));
}

TEST_CASE("a trace that cannot be asked fails a negated matcher too") {
  CHECK_THROWS_AS((!HasStep("Refund")).match(Trace()), UsageError);
}

TEST_CASE("a trace without a test is printed without a name") {
  CHECK(Catch::Detail::stringify(Trace()) == "trace (finished; 0 events, 0 tasks)");
}

}  // namespace
}  // namespace heddle
