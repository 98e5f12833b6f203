// SPDX-License-Identifier: MIT
//
// Pairs that decide and cannot be shown by exchanging two steps: they are found among schedules
// that were drawn at random. And that a pair is the steps that it is called by.
#include <chrono>
#include <stdexcept>
#include <string>

#include "heddle/combinators.h"
#include "heddle/condition.h"
#include "heddle/explore.h"
#include "heddle/mutex.h"
#include "heddle/semaphore.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_table.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono_literals::operator""ms;

ExploreResult Find(Task<> (*body)(), std::uint64_t seed = 42) {
  return FindFailure([body](World& world) { world.Spawn(body()); },
                     {.name = "observed", .seed = seed, .directory = {}});
}

// "Refund#0 (lock)": who makes the step, and the await that it comes back from.
std::string NameOf(const Failure& failure, std::size_t step) {
  const Trace& trace = failure.run.trace;
  const OrderedStep& ordered = failure.shrunk->steps.at(step);
  const TaskTable tasks(trace);
  const Event& event = trace.events.at(ordered.event);
  const std::string& path = tasks.Path(ordered.task);
  return path.substr(path.rfind('/') + 1) + " (" + std::string(Name(event.op())) + ")";
}

std::string PairOf(const Failure& failure) {
  const DecidingPair& pair = failure.shrunk->pairs.at(0);
  return NameOf(failure, pair.step) + " before " + NameOf(failure, pair.step + pair.distance);
}

struct Shop {
  Semaphore gate{1, "gate"};
  Mutex ledger{"ledger"};
  bool committed = false;
};

Task<> Work(Shop& shop, bool commits) {
  {
    const Permit permit = co_await shop.gate.Acquire();
    co_await SleepFor(2ms);
  }
  const MutexGuard guard = co_await shop.ledger.Lock();
  if (commits) shop.committed = true;
}

Task<> Refund(Shop& shop) {
  co_await SleepFor(2ms);
  const MutexGuard guard = co_await shop.ledger.Lock();
  if (shop.committed) throw std::runtime_error("refund after commit");
}

Task<> TimeBetween() {
  Shop shop;
  co_await All(Work(shop, false), Work(shop, false), Work(shop, true), Refund(shop));
}

// Who is first at the gate is so by other steps than those at the ledger, and no order of those two
// alone brings it about.
TEST_CASE("the two steps that meet are found, whatever brings them together") {
  for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{42}}) {
    INFO("seed " << seed);
    const ExploreResult result = Find(TimeBetween, seed);
    REQUIRE(!result.ok());
    const Failure& failure = *result.failure;
    INFO(failure.report);
    REQUIRE(failure.shrunk->pairs.size() == 1);
    CHECK(PairOf(failure) == "Work#2 (lock) before Refund#0 (lock)");
    const DecidingPair& pair = failure.shrunk->pairs[0];
    CHECK(pair.in_order_failed == pair.in_order);
    CHECK(pair.reversed_failed == 0);
    CHECK_THAT(failure.report, ContainsText(" decides. Of schedules that "));
  }
}

// Two tasks that do the same: in other schedules the one that waits is the other one.
struct Round {
  Mutex lock{"barrier"};
  Condition all{"all"};
  int arrived = 0;
};

Task<> Arrive(Round& round) {
  MutexGuard guard = co_await round.lock.Lock();
  if (++round.arrived == 2) {
    round.arrived = 0;
    round.all.NotifyAll();
    co_return;
  }
  while (round.arrived != 0) co_await round.all.Wait(guard);
}

Task<> TwoRounds(Round& round) {
  co_await Arrive(round);
  co_await Arrive(round);
}

Task<> BarrierReused() {
  Round round;
  co_await All(TwoRounds(round), TwoRounds(round));
}

TEST_CASE("a pair is sampled by the steps that it is called by") {
  const ExploreResult result = Find(BarrierReused);
  REQUIRE(!result.ok());
  const Failure& failure = *result.failure;
  INFO(failure.report);
  REQUIRE(!failure.shrunk->pairs.empty());
  const DecidingPair& pair = failure.shrunk->pairs[0];
  CHECK(pair.in_order_failed == pair.in_order);
  CHECK(pair.reversed_failed == 0);
}

// A swap of the starts and a swap of the locks make up for each other.
struct Ledger {
  Mutex lock{"ledger"};
  int next = 0;
  int last = 0;
};

Task<> Number(Ledger& ledger) {
  const int mine = ++ledger.next;
  const MutexGuard guard = co_await ledger.lock.Lock();
  if (mine < ledger.last) throw std::runtime_error("out of order");
  ledger.last = mine;
}

Task<> TwoNumbers() {
  Ledger ledger;
  co_await All(Number(ledger), Number(ledger));
}

TEST_CASE("two steps are enough where two exchanges make up for each other") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    INFO("seed " << seed);
    const ExploreResult result = Find(TwoNumbers, seed);
    REQUIRE(!result.ok());
    INFO(result.failure->report);
    CHECK(result.failure->shrunk->steps.size() == 2);
  }
}

Task<> Answer(Shared<int>& state) {
  const int seen = co_await state.Read();
  if (seen == 1) throw std::runtime_error("HTTP 404");
  if (seen == 2) throw std::runtime_error("HTTP 500");
}

Task<> Change(Shared<int>& state) {
  co_await state.Write(1);
  co_await state.Write(2);
  co_await state.Write(3);
}

Task<> TwoCodes() {
  Shared<int> state(0, "state");
  co_await All(Answer(state), Change(state));
}

TEST_CASE("where the simple schedule fails with another number, the first one is said") {
  bool differed = false;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const ExploreResult result =
        FindFailure([](World& world) { world.Spawn(TwoCodes()); },
                    {.name = "codes", .seed = seed, .strategy = "random", .directory = {}});
    REQUIRE(!result.ok());
    const ExploreResult found = FindFailure(
        [](World& world) { world.Spawn(TwoCodes()); },
        {.name = "codes", .seed = seed, .strategy = "random", .shrink = false, .directory = {}});
    const std::string& message = found.failure->run.message;
    if (message == result.failure->run.message) {
      CHECK(result.failure->shrunk->found_message.empty());
      continue;
    }
    differed = true;
    CHECK(result.failure->shrunk->found_message == message);
    CHECK_THAT(result.failure->report, ContainsText("It was found with another text: " + message));
  }
  CHECK(differed);
}

}  // namespace
}  // namespace heddle
