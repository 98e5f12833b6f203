// SPDX-License-Identifier: MIT
//
// What docs/matchers.md shows.
#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>

#include "docs/doc_page.h"
#include "heddle/catch.h"
#include "heddle/check.h"
#include "heddle/heddle.h"
#include "support/catch.h"

// What it prints has this name in it.
namespace shop {
namespace {

using namespace heddle;
using namespace std::chrono_literals;

// [program
Task<> Reserve(int order) {
  Mark("reserved", {{"order", order}, {"lines", 2}});
  co_await SleepFor(5ms);
}

Task<> Charge(int order) {
  co_await SleepFor(30ms);
  Mark("charged", {{"order", order}, {"fee", 12.5}, {"to", "ann, bob"}, {"again", false}});
}

Task<> Ship() { co_await SleepFor(20ms); }

Task<> Checkout(int order) {
  BeginFlow("order " + std::to_string(order));
  co_await Reserve(order);
  co_await All(Charge(order), Ship());
}

Task<> Body() { co_await All(Checkout(17), Named("the second", Checkout(18))); }
// program]

// [checks
TEST_CASE("an order is reserved, charged and shipped") {
  const RunResult run = Run(Body);
  REQUIRE(run.ok());
  CHECK_THAT(run.trace, HasStep("Ship"));
  CHECK_THAT(run.trace, HasStep("Ship", Times(2)));
  CHECK_THAT(run.trace, Never("Refund"));
  CHECK_THAT(run.trace, InOrder("Reserve", "Charge", "charged"));
  CHECK_THAT(run.trace, Before("Ship", "charged"));          // in this run
  CHECK_THAT(run.trace, HappensBefore("Reserve", "Ship"));   // because of what they wait for
  CHECK_THAT(run.trace, !HappensBefore("Ship", "charged"));  // these two go side by side
}
// checks]

// [patterns
TEST_CASE("what a step may be called") {
  const Trace trace = Run(Body).trace;
  CHECK_THAT(trace, HasStep("Reserve", Times(2)));    // tasks, by function; also Shop::Reserve
  CHECK_THAT(trace, HasStep("Reserve#0", Times(2)));  // by name: the first Reserve of its caller
  CHECK_THAT(trace, HasStep("Checkout#1/Charge#0", Times(1)));  // by the end of their path
  CHECK_THAT(trace, HasStep("the second", Times(1)));           // by what Named called it
  CHECK_THAT(trace, HasStep("main", Times(1)));                 // the body of the run
  CHECK_THAT(trace, HasStep("charged", Times(2)));              // marks, by name
  CHECK_THAT(trace, HasStep("charged{order: 17}", Times(1)));   // those with this field
  CHECK_THAT(trace, HasStep("charged {fee: 12.5, again: false, order: 18}", Times(1)));
  CHECK_THAT(trace, HasStep("charged{to: \"ann, bob\"}", Times(2)));
}
// patterns]

// [combined
TEST_CASE("an order is shipped once it is reserved, and is not sent back") {
  const Trace trace = Run(Body).trace;
  CHECK_THAT(trace, HappensBefore("Reserve", "Ship") && !HasStep("TakeBack"));
  CHECK_THAT(trace, HasStep("charged{again: true}") || HasStep("charged", Times(2)));
}
// combined]

// [misspelt
constexpr const char* kRefund = "Refund";  // one name for both

Task<> Refund(int order) {
  Mark("refunded", {{"order", order}});
  co_return;
}

Task<> CancelledOrder() {
  co_await Checkout(17);
  co_await Refund(17);
}

TEST_CASE("who cancels is refunded, and nobody else") {
  CHECK_THAT(Run(CancelledOrder).trace, HasStep(kRefund));
  CHECK_THAT(Run(Body).trace, Never(kRefund));
}
// misspelt]

// [schedules
TEST_CASE("in a hundred schedules nothing is shipped before it is reserved") {
  RandomChooser chooser(42);
  for (std::uint64_t schedule = 1; schedule <= 100; ++schedule) {
    const RunResult run = Run(Body, {.chooser = &chooser, .schedule = schedule});
    REQUIRE(run.ok());
    REQUIRE_THAT(run.trace, Before("Reserve", "Ship"));
  }
}
// schedules]

// [plain
bool ReservesFirst(const Trace& trace) {
  const MatchResult answer = MatchBefore(trace, "Reserve", "Ship");
  if (!answer.matched) std::cerr << answer.explanation << '\n';
  return answer.matched;
}
// plain]

// [sections
TEST_CASE("each number of orders, in every schedule") {
  const int orders = GENERATE(1, 2, 3);
  Explore([=]() -> Task<> {
    TaskGroup group;
    for (int order = 0; order < orders; ++order) group.Spawn(Reserve(order));
    co_await group.Join();
  });
}
// sections]

// What Catch2 prints for CHECK_THAT(trace, matcher) behind "with expansion:".
template <class Matcher>
std::string ExpansionOf(const Trace& trace, const Matcher& matcher) {
  CHECK_FALSE(matcher.match(trace));
  return Catch::Detail::stringify(trace) + " " + matcher.toString();
}

TEST_CASE("docs/matchers.md tells the truth") {
  DocPage page("matchers.md", "checkout.cc");
  page.CheckCode();
  Trace trace = Run(Body).trace;
  trace.header.test.clear();  // that of the page has another name
  CHECK(ReservesFirst(trace));
  const auto shown = [&](const auto& matcher) {
    return page.WithLinesOf("program", ExpansionOf(trace, matcher));
  };
  page.CheckText("order", shown(InOrder("Ship", "Reserve")));
  page.CheckText("luck", shown(HappensBefore("Ship", "charged")));
  page.CheckText("name", shown(HasStep("Chrage")));
  page.CheckText("field", shown(HasStep("charged{order: 19}")));
  page.CheckText("negated", shown(!Before("Ship", "charged")));
}

TEST_CASE("the code of docs/exploring.md about sections is that which is tested") {
  DocPage("exploring.md", "checkout.cc").CheckCode("sections");
}

TEST_CASE("what docs/matchers.md says of traces that cannot be asked is so") {
  RunResult run = Run(Body, {.record = RecordMode::kChoices});
  CHECK_THROWS_AS((!HasStep("Refund")).match(run.trace), UsageError);
  run = Run(Body);
  CHECK_THAT(run.trace, Never("Jion"));
  CHECK_THROWS_AS(HasStep("charged{order}").match(run.trace), UsageError);
  CHECK_THROWS_AS(HasStep("").match(run.trace), UsageError);
}

Task<> MarkUnderLock(Mutex& lock, std::string name) {
  const MutexGuard guard = co_await lock.Lock();
  Mark(name);
}

TEST_CASE("what docs/matchers.md says of causes is so") {
  const RunResult run = Run([]() -> Task<> {
    Mutex lock("lock");
    co_await All(MarkUnderLock(lock, "first"), MarkUnderLock(lock, "second"));
  });
  CHECK_THAT(run.trace, HappensBefore("first", "second"));
  // Not marks, and no request.
  const RunResult one = Run([]() -> Task<> {
    co_await Reserve(1);
    co_await All(Ship(), Ship());
  });
  CHECK_THAT(one.trace, Before("Reserve", "Ship") && !HasStep("Reserve", Times(2)));
}

}  // namespace
}  // namespace shop
