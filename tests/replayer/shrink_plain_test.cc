// SPDX-License-Identifier: MIT
//
// What fails first in, first out already: which two steps decide, where other schedules pass, and
// that none do, where none pass.
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "heddle/combinators.h"
#include "heddle/explore.h"
#include "heddle/failure_report.h"
#include "heddle/mutex.h"
#include "heddle/replay.h"
#include "heddle/shared.h"
#include "heddle/shrink.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "heddle/task_table.h"
#include "heddle/trace_text.h"
#include "heddle/world.h"
#include "support/catch.h"
#include "support/golden.h"

namespace heddle {
namespace {

// What Explore finds in its first schedule, which is first in, first out.
template <class Body>
Failure PlainFailure(Body body, ExploreOptions options = {}) {
  options.name = "plain";
  options.directory = "";
  ExploreResult found = FindFailure(body, options);
  REQUIRE(found.failure);
  REQUIRE(found.failure->shrunk);
  REQUIRE(found.failure->shrunk->fails_plain);
  for (const Choice& choice : found.failure->run.trace.choices) REQUIRE_FALSE(choice.deviates());
  return std::move(*found.failure);
}

std::vector<std::string> NamesOf(const Failure& failure) {
  const TaskTable tasks(failure.run.trace);
  std::vector<std::string> names;
  for (const OrderedStep& step : failure.shrunk->steps) names.push_back(tasks.Path(step.task));
  return names;
}

// The operation that a step begins with.
Operation OperationOf(const Failure& failure, const OrderedStep& step) {
  return failure.run.trace.events.at(step.event).op();
}

const std::string kThroughout = "a plain heddle::Run goes like this too.";
const std::string kNone = "schedules tried, too.";

Task<> AddOne(Shared<int>& total) {
  const int before = co_await total.Read();
  co_await total.Write(before + 1);
}

Task<> AddAll(int adders) {
  Shared<int> total(0, "total");
  TaskGroup group;
  for (int i = 0; i < adders; ++i) group.Spawn(AddOne(total));
  co_await group.Join();
  const int seen = co_await total.Read();
  if (seen != adders) throw std::runtime_error("an update was lost");
}

TEST_CASE("of a plain lost update a read and the write that it misses are named") {
  const Failure failure = PlainFailure([] { return AddAll(2); });
  const ShrinkResult& shrunk = *failure.shrunk;
  REQUIRE(shrunk.steps.size() == 2);
  REQUIRE(shrunk.pairs.size() == 1);
  const bool zero_first = NamesOf(failure) == std::vector<std::string>{"AddOne#0", "AddOne#1"};
  const bool one_first = NamesOf(failure) == std::vector<std::string>{"AddOne#1", "AddOne#0"};
  CHECK((zero_first || one_first));
  CHECK(OperationOf(failure, shrunk.steps[0]) == Operation::kRead);
  CHECK(OperationOf(failure, shrunk.steps[1]) == Operation::kWrite);
  const DecidingPair& pair = shrunk.pairs[0];
  CHECK(pair.passes_reversed);
  CHECK(pair.others_in_order == 0);
  CHECK(pair.in_order == 50);
  CHECK(pair.in_order_failed > 25);
  CHECK(pair.reversed == 50);
  CHECK(pair.reversed_failed == 0);
  CHECK(shrunk.others.tried > 0);
  CHECK(shrunk.others.passed > 0);
  CHECK(shrunk.others.passed < shrunk.others.tried);
  CHECK_THAT(failure.report, ContainsText(kThroughout));
  CHECK_THAT(failure.report, ContainsText("The order of 1 and 2 decides."));
  CHECK_THAT(failure.report, !ContainsText(kNone));
  Trace trace = failure.run.trace;
  trace.header.command = {"./bank_test", "totals"};
  CheckGolden("failure_report_plain", FailureReport(trace, {.schedules = 1000,
                                                            .recording = "totals.heddle",
                                                            .recording_error = {},
                                                            .shrunk = &shrunk}));
}

Task<> UseSeat(Shared<int>& free, int& taken) {
  const int seats = co_await free.Read();
  if (seats == 0) co_return;
  {
    Mutex journal;
    const MutexGuard guard = co_await journal.Lock();
    ++taken;
  }
  co_await free.Write(0);
}

TEST_CASE("of a check before an act the check and the act are named") {
  const Failure failure = PlainFailure([]() -> Task<> {
    Shared<int> free(1, "free");
    int taken = 0;
    co_await All(UseSeat(free, taken), UseSeat(free, taken));
    if (taken > 1) throw std::runtime_error("one seat, taken twice");
  });
  const ShrinkResult& shrunk = *failure.shrunk;
  REQUIRE(shrunk.steps.size() == 2);
  CHECK(OperationOf(failure, shrunk.steps[0]) == Operation::kRead);
  CHECK(OperationOf(failure, shrunk.steps[1]) == Operation::kWrite);
  REQUIRE(shrunk.pairs.size() == 1);
  CHECK(shrunk.pairs[0].reversed > 0);
  CHECK(shrunk.pairs[0].reversed_failed == 0);
}

TEST_CASE("where each of many spoils it for the others, the pair is said not to decide alone") {
  const int adders = GENERATE(3, 5);
  const Failure failure = PlainFailure([adders] { return AddAll(adders); });
  const ShrinkResult& shrunk = *failure.shrunk;
  REQUIRE(shrunk.steps.size() == 2);
  REQUIRE(shrunk.pairs.size() == 1);
  CHECK_FALSE(shrunk.pairs[0].passes_reversed);
  CHECK(shrunk.pairs[0].others_in_order > 0);
  CHECK(shrunk.pairs[0].in_order_failed == shrunk.pairs[0].in_order);
  CHECK(shrunk.pairs[0].reversed_failed == 0);
  CHECK_THAT(failure.report, ContainsText("The order of 1 and 2 decides, but not alone."));
  CHECK_THAT(failure.report, !ContainsText("it passes. "));
}

TEST_CASE("what fails in every schedule gets no pair, and is told so") {
  const Failure failure = PlainFailure([]() -> Task<> {
    Shared<int> total(0, "total");
    co_await All(AddOne(total), AddOne(total));
    const int seen = co_await total.Read();
    if (seen > 0) throw std::runtime_error("always");
  });
  const ShrinkResult& shrunk = *failure.shrunk;
  CHECK(shrunk.steps.empty());
  CHECK(shrunk.pairs.empty());
  CHECK(shrunk.others.tried > 5);
  CHECK(shrunk.others.passed == 0);
  CHECK(shrunk.others.failed_otherwise == 0);
  CHECK_FALSE(shrunk.others.cut_short);
  CHECK_THAT(failure.report, ContainsText(kThroughout));
  CHECK_THAT(failure.report,
             ContainsText("It failed in all " + std::to_string(shrunk.others.tried) +
                          " other schedules tried, too."));
}

TEST_CASE("a failure in another way is no pass") {
  const Failure failure = PlainFailure([]() -> Task<> {
    std::string order;
    const auto say = [](std::string& said, const char* what) -> Task<> {
      co_await Yield();
      said += what;
    };
    co_await All(say(order, "a"), say(order, "b"));
    throw std::runtime_error(order);
  });
  CHECK(failure.shrunk->pairs.empty());
  CHECK(failure.shrunk->others.passed == 0);
  CHECK(failure.shrunk->others.failed_otherwise > 0);
  CHECK_THAT(failure.report, ContainsText("in another way."));
}

TEST_CASE("where there is nothing to choose no other schedule is spoken of") {
  const Failure failure = PlainFailure([]() -> Task<> {
    co_await Yield();
    throw std::runtime_error("alone");
  });
  CHECK(failure.shrunk->others.tried == 0);
  CHECK(failure.shrunk->runs < 5);
  CHECK_THAT(failure.report, ContainsText("There was nothing to choose"));
  CHECK_THAT(failure.report, !ContainsText("other schedule"));
}

Task<> TakeBoth(Mutex& first, Mutex& second) {
  const MutexGuard outer = co_await first.Lock();
  const MutexGuard inner = co_await second.Lock();
}

TEST_CASE("of a deadlock first in, first out the lock that is never taken is one of the two") {
  const Failure failure = PlainFailure([]() -> Task<> {
    Mutex left("left");
    Mutex right("right");
    co_await All(TakeBoth(left, right), TakeBoth(right, left));
  });
  const ShrinkResult& shrunk = *failure.shrunk;
  CHECK(failure.run.ending == Ending::kStuck);
  REQUIRE(shrunk.steps.size() == 2);
  CHECK(shrunk.steps[0].event != kNoEvent);
  CHECK(shrunk.steps[1].event == kNoEvent);
  REQUIRE(shrunk.pairs.size() == 1);
  CHECK(shrunk.pairs[0].in_order_failed > shrunk.pairs[0].in_order / 2);
  CHECK(shrunk.pairs[0].reversed > 0);
  CHECK(shrunk.pairs[0].reversed_failed == 0);
  CHECK_THAT(failure.report, ContainsText("which never gets past"));
}

Task<> HoldsOn(Mutex& lock, MutexGuard& held) { held = co_await lock.Lock(); }
Task<> CallsToTakeBoth(Mutex& first, Mutex& second) {
  MutexGuard held;
  co_await HoldsOn(first, held);
  co_await HoldsOn(second, held);
}

TEST_CASE("a step that was not made any more is that of the call in which its task waits") {
  const Failure failure = PlainFailure([]() -> Task<> {
    Mutex left("left");
    Mutex right("right");
    co_await All(CallsToTakeBoth(left, right), CallsToTakeBoth(right, left));
  });
  REQUIRE(failure.shrunk->steps.size() == 2);
  CHECK(failure.shrunk->steps[1].event == kNoEvent);
  CHECK_THAT(failure.report,
             ContainsText("  2  CallsToTakeBoth#") &&
                 ContainsText("/HoldsOn#1, which never gets past shrink_plain_test"));
}

TEST_CASE("a reader that comes too early is named with a write that was not made any more") {
  const Failure failure = PlainFailure([]() -> Task<> {
    Shared<int> price(0, "price");
    const auto read = [](Shared<int>& of) -> Task<> {
      const int seen = co_await of.Read();
      if (seen == 0) throw std::runtime_error("no price");
    };
    const auto write = [](Shared<int>& of) -> Task<> { co_await of.Write(5); };
    co_await All(read(price), write(price));
  });
  const ShrinkResult& shrunk = *failure.shrunk;
  REQUIRE(shrunk.pairs.size() == 1);
  CHECK(shrunk.pairs[0].in_order_failed == shrunk.pairs[0].in_order);
  CHECK(shrunk.pairs[0].reversed_failed == 0);
}

TEST_CASE("what tasks share without declaring it has a pair, too") {
  const auto add = [](int& total) -> Task<> {
    Mutex own;
    const MutexGuard guard = co_await own.Lock();
    const int before = total;
    Mutex other;
    const MutexGuard other_guard = co_await other.Lock();
    total = before + 1;
  };
  const Failure failure = PlainFailure([add]() -> Task<> {
    int total = 0;
    co_await All(add(total), add(total));
    if (total != 2) throw std::runtime_error("an update was lost");
  });
  REQUIRE(failure.shrunk->pairs.size() == 1);
  CHECK(failure.shrunk->pairs[0].reversed_failed == 0);
}

TEST_CASE("draws that the failure needs stay, and are told beside the pair") {
  const auto body = [](World& world) -> Task<> {
    Shared<int> total(0, "total");
    const std::uint32_t wanted = world.Draw(4);
    co_await All(AddOne(total), AddOne(total));
    const int seen = co_await total.Read();
    if (wanted == 3 && seen != 2) throw std::runtime_error("an update was lost");
  };
  const ExploreResult found = FindFailure(body, {.name = "draws", .directory = ""});
  REQUIRE(found.failure);
  REQUIRE(found.failure->shrunk);
  REQUIRE(found.failure->shrunk->fails_plain);
  REQUIRE(found.failure->shrunk->pairs.size() == 1);
  CHECK_THAT(found.failure->report, ContainsText("drew 3, not 0 (of 4)"));
  CHECK_THAT(found.failure->report, ContainsText("The order of 1 and 2 decides."));
}

TEST_CASE("the two steps change nothing of the run, and it replays") {
  const auto body = [] { return AddAll(2); };
  const Failure failure = PlainFailure(body);
  const ExploreResult plain =
      FindFailure(body, {.strategy = "fifo", .shrink = false, .directory = ""});
  REQUIRE(plain.failure);
  const auto past_header = [](const Trace& trace) {
    const std::string text = CanonicalText(trace);
    return text.substr(text.find("\nchoices"));
  };
  CHECK(past_header(failure.run.trace) == past_header(plain.failure->run.trace));
  CHECK(Replay(failure.run.trace, body).reproduced());
}

TEST_CASE("the report of a plain failure is the same each time, and for any number of workers") {
  const auto body = [] { return AddAll(3); };
  const std::string report = PlainFailure(body).report;
  CHECK(PlainFailure(body).report == report);
  CHECK(PlainFailure(body, {.workers = 3}).report == report);
}

TEST_CASE("the search for a pair takes a few hundred runs at most, and none where it is left out") {
  const int adders = GENERATE(2, 3, 8, 30);
  const auto body = [adders] { return AddAll(adders); };
  const Failure failure = PlainFailure(body);
  CHECK(failure.shrunk->runs <= 510 + 750);  // and those that are looked at
  const ExploreResult unshrunk = FindFailure(body, {.shrink = false, .directory = ""});
  REQUIRE(unshrunk.failure);
  CHECK_FALSE(unshrunk.failure->shrunk);
}

TEST_CASE("a search for a pair that is cut short does not say that there is none") {
  const auto body = []() -> Task<> {
    Shared<int> total(0, "total");
    co_await All(AddOne(total), AddOne(total));
    throw std::runtime_error("always");
  };
  const ExploreResult found = FindFailure(body, {.shrink = false, .directory = ""});
  REQUIRE(found.failure);
  const ShrinkResult cut = Shrink(found.failure->run.trace, body, {.runs_max = 8});
  CHECK(cut.fails_plain);
  CHECK(cut.runs == 8);
  CHECK(cut.others.cut_short);
  const std::string report =
      FailureReport(cut.run.trace, {.recording = {}, .recording_error = {}, .shrunk = &cut});
  CHECK_THAT(report, ContainsText("There may be more to it: the search was cut short"));
}

Task<> WaitForTurn(Shared<int>& turn) {
  for (;;) {
    const int now = co_await turn.Read();
    if (now == 2) co_return;
    co_await Yield();
  }
}

TEST_CASE("of a plain run without end two steps are named") {
  const Failure failure = PlainFailure(
      []() -> Task<> {
        Shared<int> turn(0, "turn");
        const auto set = [](Shared<int>& of, int to) -> Task<> { co_await of.Write(to); };
        co_await All(set(turn, 2), set(turn, 1), WaitForTurn(turn));
      },
      {.steps_max = 100'000});
  CHECK(failure.run.ending == Ending::kStepLimit);
  CHECK(failure.run.trace.header.steps == 100'000);
  REQUIRE(failure.shrunk->pairs.size() == 1);
  CHECK(failure.shrunk->pairs[0].in_order_failed > failure.shrunk->pairs[0].reversed_failed);
}

}  // namespace
}  // namespace heddle
