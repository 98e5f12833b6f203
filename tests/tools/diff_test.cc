// SPDX-License-Identifier: MIT
//
// Diff: one whole text is golden; single facts stand here.
#include "diff.h"

#include "recorder/arbitrary_trace.h"
#include "support/catch.h"
#include "support/golden.h"
#include "support/law.h"
#include "support/trace_builder.h"
#include "tools/shop_run.h"

namespace heddle::tools {
namespace {

// Two tasks that lock the same thing, one after the other.
Trace TwoDeposits(bool second_is_first) {
  TraceBuilder run;
  const ObjectId ledger = run.Object("Mutex", "ledger");
  const TaskId body = run.Main();
  const TaskId a = run.Spawn(body, "Deposit");
  const TaskId b = run.Spawn(body, "Deposit");
  run.Suspend(body, Operation::kJoin, run.Object("All"), "bank.cc:9");
  const auto deposit = [&](TaskId task) {
    run.Add({.task = task, .object = body, .kind = EventKind::kStart, .flags = kEventChosen});
    run.Await(task, Operation::kLock, ledger, "bank.cc:20");
    run.Mark(task, "deposited").Release(task, ledger).Finish(task);
  };
  run.ChooseTask(second_is_first ? b : a, a, 2);
  run.ChooseTask(second_is_first ? a : b, second_is_first ? a : b, 2);
  deposit(second_is_first ? b : a);
  deposit(second_is_first ? a : b);
  return run.Build();
}

std::string Text(const Trace& a, const Trace& b) { return DiffText(a, b, Compare(a, b), {}); }

TEST_CASE("a run is the same as itself") {
  CHECK(Compare(ShopRun(), ShopRun()).same);
  CHECK_THAT(Text(ShopRun(), ShopRun()), StartsWithText("the same "));
}

TEST_CASE("two schedules of one program, and the choice behind the difference") {
  CheckGolden("diff_two_schedules", Text(TwoDeposits(false), TwoDeposits(true)));
}

TEST_CASE("what only one run did is listed, and what is the same is not") {
  TraceBuilder first;
  TraceBuilder second;
  for (TraceBuilder* const run : {&first, &second}) {
    const TaskId body = run->Main();
    run->Mark(body, "parsed");
    if (run == &first) run->Mark(body, "charged");
    run->Mark(body, "shipped");
    if (run == &second) run->Mark(body, "refunded").Mark(body, "refunded");
    run->Finish(body);
  }
  const RunDiff diff = Compare(first.Build(), second.Build());
  CHECK(diff.first_a == 3);
  CHECK(diff.only_a == std::vector<std::size_t>{3});
  CHECK(diff.only_b == std::vector<std::size_t>{4, 5});
  CHECK(diff.moved.empty());
}

TEST_CASE("where no choice lies behind a difference, that is said") {
  TraceBuilder first;
  TraceBuilder second;
  first.Mark(first.Main(), "one");
  second.Mark(second.Main(), "two");
  CHECK_THAT(Text(first.Build(), second.Build()), ContainsText("no choice lies behind it"));
}

TEST_CASE("any two traces have a difference of which both ways tell the same") {
  CheckLaw([] {
    const Trace a = *AnyTrace();
    const Trace b = *AnyTrace();
    const RunDiff there = Compare(a, b);
    const RunDiff back = Compare(b, a);
    RC_ASSERT(there.same == back.same);
    RC_ASSERT(there.only_a == back.only_b);
    RC_ASSERT(there.only_b == back.only_a);
    RC_ASSERT(there.moved.size() == back.moved.size());
    RC_ASSERT(!DiffText(a, b, there, {.json = true}).empty());
    RC_ASSERT(!Text(a, b).empty());
  });
}

}  // namespace
}  // namespace heddle::tools
