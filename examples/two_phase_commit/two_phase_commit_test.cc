// SPDX-License-Identifier: MIT
//
// What the parts do, one by one and in runs whose faults are given; then the three mistakes of the
// first version, each found by a search; then the version that came of the reports, which the same
// search finds nothing in.
#include <heddle/catch.h>
#include <heddle/heddle.h>

#include <functional>
#include <vector>

#include "audit.h"
#include "bank.h"
#include "books.h"
#include "branch.h"
#include "coordinator.h"
#include "lock_table.h"
#include "log.h"
#include "machine.h"
#include "message.h"
#include "network.h"

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>  // Catch2 v3
#else
#include <catch2/catch.hpp>  // Catch2 v2
#endif

namespace two_phase_commit {
namespace {

using heddle::Task;

constexpr FaultPlan kBadDay = {
    .losses = 2, .delays = 2, .doubles = 2, .crashes = 2, .slow_syncs = 2};

// One transfer between two branches with an account each.
Setup SmallBank(FaultPlan faults = {}, Version version = {}) {
  return {.opening = {{100}, {50}},
          .orders = {{.number = 0, .from = {0, 0, -30}, .to = {1, 0, 30}}},
          .faults = faults,
          .version = version};
}

// Transfers that want the same accounts, in opposite directions.
Setup BusyBank(FaultPlan faults = {}, Version version = {}) {
  return {.opening = {{100, 40}, {50}, {70, 10}},
          .orders = {{.number = 0, .from = {0, 0, -30}, .to = {1, 0, 30}},
                     {.number = 1, .from = {1, 0, -20}, .to = {0, 0, 20}},
                     {.number = 2, .from = {2, 0, -10}, .to = {0, 0, 10}}},
          .faults = faults,
          .version = version};
}

// The first faults that can happen do happen.
FaultPlan ForSure(FaultPlan plan) {
  plan.probability = 1;
  return plan;
}

auto BodyOf(Setup setup) {
  return [setup]() -> Task<> { co_await RunBank(setup); };
}

// --- parts --------------------------------------------------------------------------------

constexpr TransactionId kOld = {.transfer = 1, .attempt = 101};
constexpr TransactionId kYoung = {.transfer = 2, .attempt = 101};
constexpr Part kDeposit = {.branch = 0, .account = 0, .change = 30};

TEST_CASE("a commit that is in the log twice counts once") {
  const std::vector<BranchRecord> log = {{BranchRecord::Kind::kPrepared, kOld, kDeposit},
                                         {BranchRecord::Kind::kCommitted, kOld, kDeposit},
                                         {BranchRecord::Kind::kCommitted, kOld, kDeposit},
                                         {BranchRecord::Kind::kPrepared, kYoung, kDeposit}};
  const Books books = Books::Replay({100}, log);
  CHECK(books.balances() == Balances{130});
  CHECK(books.prepared().size() == 1);
  CHECK_FALSE(books.CanPay({.branch = 0, .account = 0, .change = -131}));
}

TEST_CASE("the audit names who committed and who aborted") {
  using Kind = BranchRecord::Kind;
  Evidence evidence = {.decided = {kOld}, .logs = {{{Kind::kCommitted, kOld, kDeposit}}, {}}};
  CHECK_NOTHROW(CheckLogs(evidence));
  evidence.logs[1] = {{Kind::kAborted, kOld, kDeposit}};
  CHECK_THROWS_WITH(
      CheckLogs(evidence),
      "transfer 1 (attempt 101) was committed by the coordinator and aborted by branch 1");
  evidence = {.decided = {kOld, {1, 201}}, .logs = {}};
  CHECK_THROWS_WITH(CheckLogs(evidence),
                    "transfer 1 (attempt 201) was carried out before, in another attempt");
  CHECK_THROWS_WITH(CheckBooks(150, {Books({100}), Books({80})}),
                    "money was made or lost: there was 150, and there is 180");
}

TEST_CASE("a crash takes what was appended and not synced") {
  const std::vector<int> left = heddle::RunToEnd([]() -> Task<std::vector<int>> {
    Faults faults({});
    Machine machine("machine", faults);
    Log<int> log(machine);
    log.Append(1);
    heddle::TaskGroup group;
    group.Spawn(log.Sync());
    co_await heddle::Yield();  // the sync has begun
    log.Append(2);
    co_await group.Join();
    log.LoseTail();
    co_return log.records();
  });
  CHECK(left == std::vector<int>{1});
}

Task<> HoldFor(LockTable& locks, TransactionId id, heddle::Duration time) {
  const bool locked = co_await locks.Lock(0, id);
  heddle::Mark(locked ? "locks" : "dies", {{"transfer", id.transfer}});
  if (!locked) co_return;
  co_await heddle::SleepFor(time);
  locks.Unlock(0);
}

TEST_CASE("an older transaction waits for a lock, and a younger one does not") {
  const heddle::RunResult run = heddle::Run([]() -> Task<> {
    LockTable locks(1);
    co_await heddle::All(HoldFor(locks, kYoung, 5ms), HoldFor(locks, kOld, 5ms),
                         HoldFor(locks, kYoung, 5ms));
  });
  REQUIRE(run.ok());
  CHECK_THAT(run.trace,
             heddle::InOrder("locks{transfer: 2}", "dies{transfer: 2}", "locks{transfer: 1}"));
  CHECK(run.elapsed == 10ms);
}

TEST_CASE("nobody waits for an older transaction, whoever gets a lock first") {
  const heddle::ExploreResult result = heddle::Explore([]() -> Task<> {
    LockTable locks(1);
    co_await heddle::All(HoldFor(locks, {0, 1}, 1ms), HoldFor(locks, {1, 1}, 1ms),
                         HoldFor(locks, {2, 1}, 1ms));
  });
  CHECK(result.coverage.complete);
  CHECK(result.coverage.interleavings == 69);
}

// --- runs whose faults are given ----------------------------------------------------------

TEST_CASE("without faults the first attempt of each transfer commits") {
  const Outcome outcome = heddle::RunToEnd([] { return RunBank(SmallBank()); });
  CHECK(outcome.balances == std::vector<Balances>{{70}, {80}});
  const heddle::RunResult run = heddle::Run(BodyOf(SmallBank()));
  CHECK_THAT(run.trace, heddle::HappensBefore("prepared", "decides to commit") &&
                            heddle::HappensBefore("commit is safe", "books"));
  CHECK_THAT(run.trace, heddle::Never("asks") && heddle::HasStep("books", heddle::Times(2)));
}

TEST_CASE("a transfer that its account cannot pay is refused, and nothing is booked") {
  Setup setup = SmallBank();
  setup.orders[0].from.change = -101;
  const Outcome outcome = heddle::RunToEnd([&] { return RunBank(setup); });
  CHECK(outcome.committed.empty());
  CHECK(outcome.balances == setup.opening);
}

TEST_CASE("transfers in opposite directions all come to their end") {
  const Outcome outcome = heddle::RunToEnd([] { return RunBank(BusyBank()); });
  CHECK(outcome.committed.size() == 3);
  CHECK(outcome.balances == std::vector<Balances>{{100, 40}, {60}, {60, 10}});
}

TEST_CASE("a lost message costs an attempt, and nothing else") {
  const heddle::RunResult run = heddle::Run(BodyOf(SmallBank(ForSure({.losses = 1}))));
  REQUIRE(run.ok());
  CHECK_THAT(run.trace, heddle::Never("decides to commit{attempt: 101}") &&
                            heddle::InOrder("decides to commit{attempt: 102}", "books"));
}

// While the second attempt is under way, for both branches to the first, and for one of them,
// twice, to the second.
Task<> VoteLate(Machine& coordinator) {
  co_await heddle::SleepFor(27ms);
  for (const int branch : {0, 1}) {
    co_await coordinator.inbox().Send(Voted{{0, 101}, branch, true});
    co_await coordinator.inbox().Send(Voted{{0, 102}, 0, true});
  }
  co_await heddle::SleepFor(1000ms);
  coordinator.inbox().Close();
}

TEST_CASE("neither a vote on another attempt nor a vote that comes twice is counted") {
  const heddle::RunResult run = heddle::Run([]() -> Task<> {
    Faults faults({});
    Network network(faults);
    Coordinator coordinator(SmallBank().orders, network, faults, {});
    Machine branch("branch", faults);  // is down
    coordinator.Connect({&branch, &branch});
    const std::function<void()> no_audit = [] {};
    co_await heddle::All(coordinator.machine().KeepRunning(coordinator, no_audit),
                         VoteLate(coordinator.machine()));
  });
  REQUIRE(run.ok());
  CHECK_THAT(run.trace, heddle::HasStep("Attempt", heddle::Times(8)));
  CHECK_THAT(run.trace, heddle::Never("decides to commit") && heddle::HasStep("refuses"));
}

TEST_CASE("after a crash the coordinator goes on, with attempts that nobody has heard of") {
  const heddle::RunResult run = heddle::Run(BodyOf(SmallBank(ForSure({.crashes = 1}))));
  REQUIRE(run.ok());
  CHECK_THAT(run.trace, heddle::InOrder("crashes{machine: \"coordinator\"}",
                                        "decides to commit{attempt: 101}", "books"));
}

TEST_CASE("who asks before it is decided has to ask again") {
  const heddle::RunResult run = heddle::Run(BodyOf(SmallBank(ForSure({.slow_syncs = 4}))));
  REQUIRE(run.ok());
  CHECK_THAT(run.trace, heddle::InOrder("decides to commit", "asks", "commit is safe", "books") &&
                            heddle::Never("answers{commit: false}"));
}

// --- the first version --------------------------------------------------------------------

// Each mistake is found on a bad day of a busy bank. What is given here is the simplest that there
// is to see: the failure of one transfer with the one fault that it takes.
heddle::RunResult FailureOf(Version version, FaultPlan fault) {
  CHECK(heddle::Run(BodyOf(BusyBank({}, version))).ok());  // it works, as long as all goes well
  CHECK_FALSE(heddle::FindFailure(BodyOf(BusyBank(kBadDay, version)), {.directory = {}}).ok());
  const auto result = heddle::FindFailure(BodyOf(SmallBank(fault, version)), {.directory = {}});
  REQUIRE_FALSE(result.ok());
  REQUIRE_FALSE(result.failure->divergence.has_value());
  return result.failure->run;
}

TEST_CASE("a poll that is closed before the decision is safe leaves a gap to ask in") {
  const heddle::RunResult run = FailureOf({.closing = Closing::kWhenVotesAreIn}, {.slow_syncs = 1});
  CHECK(run.message ==
        "transfer 0 (attempt 101) was committed by the coordinator and aborted by branch 0");
  CHECK_THAT(run.trace, heddle::InOrder("decides to commit", "asks", "answers{commit: false}",
                                        "aborts{branch: 0}", "commit is safe"));
}

TEST_CASE("a decision that is told before it is safe is forgotten by half of those it is for") {
  const heddle::RunResult run = FailureOf({.telling = Telling::kWhileWriting}, {.crashes = 1});
  CHECK(run.message ==
        "transfer 0 (attempt 101) was committed by branch 0, "
        "and the coordinator knows nothing of it");
  CHECK_THAT(run.trace, heddle::InOrder("decides to commit", "crashes{machine: \"coordinator\"}"));
  CHECK_THAT(run.trace, heddle::HasStep("books{branch: 0}") && heddle::Never("commit is safe"));
}

TEST_CASE("a commit that comes twice is booked twice where the books wait for the disk") {
  const heddle::RunResult run = FailureOf({.booking = Booking::kWhenWritten}, {.doubles = 1});
  CHECK(run.message == "money was made or lost: there was 150, and there is 120");
  CHECK_THAT(run.trace, heddle::HasStep("books{branch: 0, attempt: 101}", heddle::Times(2)));
  CHECK_THAT(run.trace, heddle::Before("commit is safe", "books"));
}

// --- the second version -------------------------------------------------------------------

// A branch alone, and a coordinator of which it only hears.
Task<> CommitTwice(Machine& branch) {
  co_await branch.inbox().Send(Prepare{.id = kOld, .part = kDeposit});
  co_await heddle::SleepFor(3ms);
  co_await branch.inbox().Send(Decided{.id = kOld, .commit = true});
  co_await branch.inbox().Send(Decided{.id = kOld, .commit = true});
  co_await heddle::SleepFor(20ms);
  branch.inbox().Close();
}

TEST_CASE("a commit that comes twice is booked once, in all interleavings") {
  const heddle::ExploreResult result = heddle::Explore([]() -> Task<> {
    Faults faults({});
    Network network(faults);
    Machine coordinator("coordinator", faults);
    Branch branch(0, {100}, coordinator, network, faults, {});
    const std::function<void()> no_audit = [] {};
    co_await heddle::All(branch.machine().KeepRunning(branch, no_audit),
                         CommitTwice(branch.machine()));
    REQUIRE(branch.books().balances() == Balances{130});
  });
  CHECK(result.coverage.complete);
  CHECK(result.coverage.interleavings == 504);
}

TEST_CASE("no crash, no lost message and no order of steps makes or loses money") {
  heddle::Explore(BodyOf(BusyBank(kBadDay)));
}

TEST_CASE("whatever is ordered, it is carried out at every branch or at none") {
  heddle::Explore([]() -> Task<> {
    Setup setup = BusyBank({.losses = 1, .delays = 1, .doubles = 1, .crashes = 2});
    for (Transfer& order : setup.orders) {
      order.from.branch = heddle::Input("from", 0, 2);
      order.to.branch = (order.from.branch + heddle::Input("to", 1, 2)) % 3;
      order.to.change = heddle::Input<Cents>("amount", {10, 60, 110});
      order.from.change = -order.to.change;
    }
    co_await RunBank(setup);
  });
}

}  // namespace
}  // namespace two_phase_commit
