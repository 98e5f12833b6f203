// SPDX-License-Identifier: MIT
//
// That the steps which decide are causes: neither a bystander who merely comes late, nor what
// follows from the failure, nor what only tells whether a fault struck.
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "heddle/channel.h"
#include "heddle/combinators.h"
#include "heddle/explore.h"
#include "heddle/input.h"
#include "heddle/mutex.h"
#include "heddle/semaphore.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_table.h"
#include "heddle/timeout.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono_literals::operator""ms;

Failure FailureOf(Task<> (*body)()) {
  ExploreResult result =
      FindFailure([body] { return body(); }, {.name = "causes", .directory = {}});
  REQUIRE(result.failure);
  REQUIRE(result.failure->shrunk);
  return std::move(*result.failure);
}

std::vector<std::string> TasksOf(const Failure& failure) {
  const TaskTable tasks(failure.run.trace);
  std::vector<std::string> names;
  for (const OrderedStep& step : failure.shrunk->steps) names.push_back(tasks.Path(step.task));
  return names;
}

using Names = std::vector<std::string>;

// --- who comes late -----------------------------------------------------------------------------

Task<> Ship(Mutex& orders, Mutex& ledger) {
  const MutexGuard order = co_await orders.Lock();
  const MutexGuard entry = co_await ledger.Lock();
}

Task<> Refund(Mutex& orders, Mutex& ledger) {
  co_await Yield();
  const MutexGuard entry = co_await ledger.Lock();
  const MutexGuard order = co_await orders.Lock();
}

Task<> KeepHouse() {
  for (int i = 0; i < 3; ++i) co_await SleepFor(100ms);
}

Task<> DeadlockBesideTimer() {
  Mutex orders("orders");
  Mutex ledger("ledger");
  co_await All(Ship(orders, ledger), Refund(orders, ledger), KeepHouse());
}

// To hold Ship back until a task of 100ms later has gone on makes the deadlock, too.
TEST_CASE("in a deadlock the step that takes the lock decides, and none that comes long after it") {
  const Failure failure = FailureOf(DeadlockBesideTimer);
  INFO(failure.report);
  CHECK(failure.run.ending == Ending::kStuck);
  CHECK(TasksOf(failure) == Names{"Refund#0", "Ship#0"});
  CHECK(failure.shrunk->steps.at(1).event == kNoEvent);
  const Event& first = failure.run.trace.events.at(failure.shrunk->steps.at(0).event);
  CHECK(first.op() == Operation::kLock);
  CHECK(failure.run.trace.objects.at(first.object).name == "ledger");
  CHECK_THAT(failure.report, ContainsText("Ship#0, which never gets past "));
}

// --- what a timeout cancels ---------------------------------------------------------------------

Task<> Query() { co_await SleepFor(10ms); }

// It forgets the permit where the answer does not come.
Task<> AskOrGiveUp(Semaphore& permits) {
  Permit permit = co_await permits.Acquire();
  permit.Consume();
  const auto answer = co_await WithTimeout(Query(), 10ms);
  if (answer) permits.Release();
}

Task<> TimeoutAgainstAnswer() {
  Semaphore permits(1, "permits");
  co_await AskOrGiveUp(permits);
  const Permit permit = co_await permits.Acquire();
}

TEST_CASE("where a timeout decides, the step that it cancels is the other one") {
  const Failure failure = FailureOf(TimeoutAgainstAnswer);
  INFO(failure.report);
  CHECK(failure.run.ending == Ending::kStuck);
  const Names names = TasksOf(failure);
  REQUIRE(names.size() == 2);
  CHECK(names[0].ends_with("/TimeOut#0"));
  CHECK(names[1].ends_with("/Query#0"));
  REQUIRE(failure.shrunk->pairs.size() == 1);
  CHECK(failure.shrunk->pairs[0].in_order_failed == failure.shrunk->pairs[0].in_order);
  CHECK(failure.shrunk->pairs[0].reversed_failed == 0);
  CHECK_THAT(failure.report, ContainsText("Query#0, which is cancelled at "));
  CHECK_THAT(failure.report, ContainsText("AskOrGiveUp#0 took a permit"));
}

// --- what follows -------------------------------------------------------------------------------

struct Payments {
  Shared<int> seen{0, "seen"};
  int made = 0;
};

Task<> Pay(Payments& payments) {
  const int before = co_await payments.seen.Read();
  if (before != 0) co_return;
  co_await SleepFor(1ms);
  ++payments.made;
  co_await payments.seen.Write(1);
}

Task<> Work(Payments& payments, Channel<int>& inbox) {
  for (;;) {
    const std::optional<int> next = co_await inbox.Receive();
    if (!next) co_return;
    co_await Pay(payments);
  }
}

Task<> Deliver(Channel<int>& inbox) {
  co_await inbox.Send(1);
  co_await SleepFor(1ms);
  co_await inbox.Send(2);
  inbox.Close();
}

Task<> LookOn() {
  for (int i = 0; i < 2; ++i) co_await SleepFor(1ms);
}

Task<> PaidTwice() {
  Payments payments;
  Channel<int> inbox(2, "inbox");
  co_await All(Deliver(inbox), Work(payments, inbox), Work(payments, inbox), LookOn());
  if (payments.made > 1) throw std::runtime_error("paid twice");
}

TEST_CASE("a step that comes late because of the failure is no cause of it") {
  const Failure failure = FailureOf(PaidTwice);
  INFO(failure.report);
  const Names names = TasksOf(failure);
  CHECK_FALSE(names.empty());
  for (const std::string& name : names) CHECK(name.find("Work#") == 0);
}

// --- faults -------------------------------------------------------------------------------------

Task<> Call(int& failed) {
  for (int i = 0; i < 3; ++i) {
    co_await SleepFor(1ms);
    failed += Buggify("lost", 0.5) ? 1 : 0;
  }
}

Task<> TwoFaults() {
  int failed = 0;
  co_await All(Call(failed), LookOn());
  if (failed >= 2) throw std::runtime_error("two were lost");
}

TEST_CASE("where several faults decide, no order of two steps is claimed beside them") {
  const Failure failure = FailureOf(TwoFaults);
  INFO(failure.report);
  CHECK(failure.shrunk->draws_decide);
  CHECK(failure.shrunk->pairs.empty());
  CHECK_THAT(failure.report, ContainsText("These draws decide"));
  CHECK(failure.report.find("no two steps were found") == std::string::npos);
}

}  // namespace
}  // namespace heddle
