// SPDX-License-Identifier: MIT
//
// Graph: the DOT of a whole picture is golden; single facts stand here.
#include "graph.h"

#include "recorder/arbitrary_trace.h"
#include "support/catch.h"
#include "support/golden.h"
#include "support/law.h"
#include "support/trace_builder.h"
#include "tools/shop_run.h"

namespace heddle::tools {
namespace {

TEST_CASE("the graph of the request that failed, with what another one did to it") {
  CheckGolden("graph_failed_request", GraphText(ShopRun(), {}).value());
}

TEST_CASE("the graph of the whole run") {
  CheckGolden("graph_whole_run", GraphText(ShopRun(), {.all = true}).value());
}

TEST_CASE("the same graph for Mermaid") {
  CheckGolden("graph_mermaid", GraphText(ShopRun(), {.mermaid = true}).value());
}

TEST_CASE("a picture that nobody could lay out is refused, with a way out") {
  const absl::Status status = GraphText(ShopRun(), {.steps_max = 3, .all = true}).status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK_THAT(std::string(status.message()), ContainsText("--flow NAME draws one request"));
}

TEST_CASE("a graph is of one request: where none failed, it must be named") {
  Trace trace = ShopRun();
  trace.header.ending = Ending::kFinished;
  const absl::Status status = GraphText(trace, {}).status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK_THAT(std::string(status.message()), ContainsText("which request?"));
  CHECK(GraphText(trace, {.flow = "order-18"}).ok());
}

TEST_CASE("a name that would turn the text around is spelled out, in both languages") {
  TraceBuilder run;
  run.Release(run.Main(), run.Object("Mutex", "\xe2\x80\xaeregdel"));
  CHECK_THAT(GraphText(run.Build(), {}).value(), ContainsText("unlocks Mutex \\\\xe2"));
  CHECK(GraphText(run.Build(), {.mermaid = true}).value().find('\xe2') == std::string::npos);
}

TEST_CASE("the steps whose order decides stand out, each with its number") {
  TraceBuilder run;
  const TaskId body = run.Main();
  for (int i = 0; i < 20; ++i) run.Await(body, Operation::kYield);
  run.header().explanation = {.steps = {{.number = 7, .text = "main"}}, .verdict = "It decides."};
  const Trace trace = run.Build();
  const std::string dot = GraphText(trace, {.all = true}).value();
  CHECK_THAT(dot, ContainsText("[label=\"0   (1)\\lyield") && ContainsText("color=\"#1a73e8\"") &&
                      ContainsText("It decides.\\l"));
  const std::string mermaid = GraphText(trace, {.mermaid = true, .all = true}).value();
  CHECK_THAT(mermaid, ContainsText("0   (1)") && ContainsText(":::decides"));
}

TEST_CASE("quotes and backslashes in a name do not end a label") {
  TraceBuilder run;
  run.Release(run.Main(), run.Object("Mutex", "\"a\" \\ b"));
  CHECK_THAT(GraphText(run.Build(), {}).value(), ContainsText(R"(unlocks Mutex \"a\" \\ b\l)"));
}

TEST_CASE("a hundred equal steps are one vertex") {
  TraceBuilder run;
  const TaskId body = run.Main();
  for (int i = 0; i < 100; ++i) run.Await(body, Operation::kYield, 0, "a.cc:1");
  const std::string text = GraphText(run.Finish(body).Build(), {}).value();
  CHECK_THAT(text, ContainsText("yield  a.cc:1  x 100"));
  CHECK(text.find("->") == std::string::npos);
}

TEST_CASE("what begins later stands lower, also in another task") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId early = run.Spawn(body, "Early");
  const TaskId late = run.Spawn(body, "Late");
  run.Mark(body, "spawned").Finish(body).Start(early, body).Start(late, body);
  run.Suspend(early, Operation::kSleep).Suspend(late, Operation::kSleep);
  run.JumpTo(2).Resume(early).Mark(early, "a").Finish(early);
  run.JumpTo(110).Resume(late).Mark(late, "b").Finish(late);
  const std::string dot = GraphText(run.Build(), {.all = true}).value();
  CHECK_THAT(dot, ContainsText("{rank=same; t1; s3}"));
  CHECK_THAT(dot, ContainsText("{t1 s3} -> t2;"));
  CHECK_THAT(dot, ContainsText("{rank=same; t2; s4}"));
  const std::string mermaid = GraphText(run.Build(), {.mermaid = true, .all = true}).value();
  CHECK_THAT(mermaid, ContainsText("s3 ~~~ n2"));
  CHECK_THAT(mermaid, ContainsText("n2 ~~~ s4"));
}

// Two requests that take two locks in different orders, and wait for each other.
Trace TwoTransfers() {
  TraceBuilder run;
  const ObjectId alice = run.Object("Mutex", "alice");
  const ObjectId bob = run.Object("Mutex", "bob");
  const TaskId body = run.Main();
  const TaskId there = run.Spawn(body, "Transfer");
  const TaskId back = run.Spawn(body, "Transfer");
  run.Suspend(body, Operation::kJoin, run.Object("All"), "bank.cc:30");
  run.Start(there, body).WorkFor(there, run.Flow("there")).Acquire(there, alice);
  run.Suspend(there, Operation::kSleep, 0, "bank.cc:11");
  run.Start(back, body).WorkFor(back, run.Flow("back"));
  run.Await(back, Operation::kLock, bob, "bank.cc:10");
  run.Suspend(back, Operation::kSleep, 0, "bank.cc:11").JumpTo(5'000'000);
  run.Wake(there).Resume(there).Suspend(there, Operation::kLock, bob, "bank.cc:12");
  run.Wake(back).Resume(back).Suspend(back, Operation::kLock, alice, "bank.cc:12");
  run.header().ending = Ending::kStuck;
  for (const TaskId task : {there, back}) run.header().waiting.emplace_back().task = task;
  return run.Build();
}

TEST_CASE("who waits for a lock leads to who has it, so that a deadlock is a circle") {
  CheckGolden("graph_deadlock", GraphText(TwoTransfers(), {.all = true}).value());
  const std::string mermaid = GraphText(TwoTransfers(), {.mermaid = true, .all = true}).value();
  CHECK_THAT(mermaid, ContainsText("==>|\"held by Transfer#35;1\"|"));
  CHECK_THAT(mermaid, ContainsText("==>|\"held by Transfer#35;0\"|"));
}

TEST_CASE("a circle of several requests is closed in the picture of one of them") {
  CheckGolden("graph_deadlock_of_two", GraphText(TwoTransfers(), {.flow = "there"}).value());
}

TEST_CASE("where a filter took events nobody is said to have a lock") {
  Trace trace = TwoTransfers();
  trace.losses.list = {{.reason = LossReason::kKind, .what = "release", .events = 1}};
  CHECK(GraphText(trace, {.all = true}).value().find("held by") == std::string::npos);
}

TEST_CASE("an empty trace has an empty graph") {
  CHECK_THAT(GraphText(Trace(), {}).value(), StartsWithText("digraph heddle {"));
}

TEST_CASE("a chain of ten thousand calls can be drawn") {
  TraceBuilder run;
  TaskId task = run.Main();
  for (int i = 0; i < 10'000; ++i) task = run.Call(task, "Deeper", "a.cc:1");
  CHECK(GraphText(run.Build(), {.steps_max = 100'000}).ok());
}

TEST_CASE("any trace has a graph, and always the same") {
  CheckLaw([] {
    const Trace trace = *AnyTrace();
    RC_ASSERT(GraphText(trace, {.all = true}).value() == GraphText(trace, {.all = true}).value());
  });
}

}  // namespace
}  // namespace heddle::tools
