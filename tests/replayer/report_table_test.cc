// SPDX-License-Identifier: MIT
//
// Which tasks the table of a report shows: all of them where they fit, and of more the culprits.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "heddle/channel.h"
#include "heddle/combinators.h"
#include "heddle/explore.h"
#include "heddle/mark.h"
#include "heddle/mutex.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_group.h"
#include "heddle/timeout.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

template <class Body>
std::string TableFor(const Body& body) {
  const ExploreResult found = FindFailure(body, {.name = "table", .directory = ""});
  REQUIRE(found.failure);
  const std::string& report = found.failure->report;
  const std::size_t steps = std::min(report.find("  The steps that led there"),
                                     report.find("  The last steps before it"));
  REQUIRE(steps != std::string::npos);
  return report.substr(steps, report.find("  No recording was written") - steps);
}

void Require(bool holds, const std::string& otherwise) {
  if (!holds) throw std::runtime_error(otherwise);
}

// --- all of few ---------------------------------------------------------------------------

Task<> WithdrawPlainly(int& balance, int amount) {
  const int before = balance;
  co_await SleepFor(milliseconds(5));
  balance = before - amount;
}

Task<> WithdrawTwice() {
  int balance = 100;
  co_await All(WithdrawPlainly(balance, 30), WithdrawPlainly(balance, 50));
  Require(balance == 20, "a withdrawal was lost");
}

TEST_CASE("tasks that touch no object of heddle's are in the table, where all of them fit") {
  const std::string table = TableFor(WithdrawTwice);
  CHECK_THAT(table, ContainsText("The steps that led there:\n"));
  CHECK_THAT(table, ContainsText("main              WithdrawPlainly#0  WithdrawPlainly#1"));
  CHECK_THAT(table, ContainsText("wakes up"));
}

// --- the culprits of many -----------------------------------------------------------------

Task<> MakeNoise(Mutex& metrics, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    const MutexGuard guard = co_await metrics.Lock();
    co_await Yield();
  }
}

Task<> AddApart(Shared<int>& points) {
  const int before = co_await points.Read();
  co_await points.Write(before + 1);
}

Task<> AddInNoise() {
  Mutex metrics("metrics");
  Shared<int> points(0, "points");
  TaskGroup group("all");
  group.Spawn(AddApart(points));
  for (int i = 0; i < 9; ++i) group.Spawn(MakeNoise(metrics, 5));
  group.Spawn(AddApart(points));
  co_await group.Join();
  Require(co_await points.Read() == 2, "points are missing");
}

TEST_CASE("once it is known which steps decide, who merely came before is left out") {
  const std::string table = TableFor(AddInNoise);
  CHECK_THAT(table, ContainsText("(9 other tasks left out)"));
  CHECK_THAT(table, ContainsText("AddApart#0"));
  CHECK_THAT(table, ContainsText("AddApart#1"));
  CHECK_THAT(table, !ContainsText("metrics"));
}

Task<> StoreNext(Channel<int>& inbox, std::vector<int>& stored) {
  const std::optional<int> message = co_await inbox.Receive();
  if (!message) co_return;
  co_await SleepFor(milliseconds(1));
  stored.push_back(*message);
}

Task<> PollInbox(Channel<int>& inbox, std::vector<int>& stored) {
  for (int i = 0; i < 4; ++i) (void)co_await WithTimeout(StoreNext(inbox, stored), milliseconds(2));
}

Task<> SendLater(Channel<int>& inbox) {
  co_await SleepFor(milliseconds(1));
  co_await inbox.Send(1);
}

Task<> LoseMessage() {
  Channel<int> inbox(1, "inbox");
  std::vector<int> stored;
  co_await All(PollInbox(inbox, stored), SendLater(inbox));
  Require(stored.size() == 1, "a message was lost");
}

TEST_CASE("who was cancelled by a step that decides is in the table") {
  const std::string table = TableFor(LoseMessage);
  CHECK_THAT(table, ContainsText("StoreNext#0"));
  CHECK_THAT(table, ContainsText("receives #0 from inbox"));
  CHECK_THAT(table, ContainsText("is cancelled"));
  CHECK_THAT(table, !ContainsText("timeout.h"));
}

struct Voter {
  int candidate = 0;
};

Task<> AskFor(Voter& voter, int candidate, int& votes) {
  if (voter.candidate != 0 && voter.candidate != candidate) co_return;
  co_await Yield();
  voter.candidate = candidate;
  ++votes;
}

Task<> RunFor(std::vector<Voter>& voters, int candidate, int& leaders) {
  int votes = 0;
  co_await All(AskFor(voters[0], candidate, votes), AskFor(voters[1], candidate, votes),
               AskFor(voters[2], candidate, votes));
  if (votes >= 2) ++leaders;
}

Task<> Elect() {
  std::vector<Voter> voters(3);
  int leaders = 0;
  co_await All(RunFor(voters, 1, leaders), RunFor(voters, 2, leaders));
  Require(leaders <= 1, "two leaders");
}

TEST_CASE("where a step decides, the table has who does the same on the other side") {
  const std::string table = TableFor(Elect);
  std::size_t asks = 0;
  for (std::size_t at = table.find("AskFor#"); at != table.npos;
       at = table.find("AskFor#", at + 1)) {
    ++asks;
  }
  CHECK(asks >= 2);
}

Task<> HandleOrder(int number, Mutex& ledger, int& open) {
  BeginFlow("order " + std::to_string(number));
  const MutexGuard guard = co_await ledger.Lock();
  co_await Yield();
  Mark("handled", {{"order", number}});
  if (number == 3) ++open;
}

Task<> HandleOrders() {
  Mutex ledger("ledger");
  int open = 0;
  TaskGroup orders("orders");
  for (int number = 1; number <= 30; ++number) orders.Spawn(HandleOrder(number, ledger, open));
  co_await orders.Join();
  Require(open == 0, "order 3 is open");
}

TEST_CASE("tasks of the request that the message names are in the table, and no request like it") {
  const std::string table = TableFor(HandleOrders);
  CHECK_THAT(table, ContainsText("order 3\n") || ContainsText("order 3 "));
  CHECK_THAT(table, ContainsText("mark handled {order: 3}"));
}

}  // namespace
}  // namespace heddle
