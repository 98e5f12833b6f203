// SPDX-License-Identifier: MIT
//
// Show: whole texts are golden; single facts stand here.
#include "show.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "recorder/arbitrary_trace.h"
#include "support/catch.h"
#include "support/golden.h"
#include "support/law.h"
#include "support/trace_builder.h"
#include "tools/shop_run.h"

namespace heddle::tools {
namespace {

TEST_CASE("without options the request that failed is shown") {
  CheckGolden("show_failed_request", ShowText(ShopRun(), {}).value());
}

TEST_CASE("the whole run has every task") {
  CheckGolden("show_whole_run", ShowText(ShopRun(), {.all = true}).value());
}

TEST_CASE("requests are listed when there are several and none failed") {
  Trace trace = ShopRun();
  trace.header.ending = Ending::kFinished;
  trace.header.failed_task = kNoTask;
  trace.header.message.clear();
  const std::string text = ShowText(trace, {}).value();
  CHECK(text == ShowText(trace, {.list = true}).value());
  CheckGolden("show_list", text);
}

TEST_CASE("a long list of requests is summed up, and --full has all") {
  TraceBuilder run;
  const TaskId body = run.Main();
  for (int i = 0; i < 60; ++i) {
    const TaskId task = run.Spawn(body, "Serve");
    run.Start(task, body).WorkFor(task, run.Flow("order " + std::to_string(i)));
    run.Suspend(task, Operation::kSleep, 0, "shop.cc:5");
    run.JumpTo(1'000 * i).Resume(task);
    run.Finish(task, i == 7 ? Outcome::kException : Outcome::kValue);
  }
  const Trace trace = run.Finish(body).Build();
  CheckGolden("show_long_list", ShowText(trace, {.list = true}).value());
  const std::string full = ShowText(trace, {.list = true, .full = true}).value();
  CHECK_THAT(full, ContainsText("order 42"));
  CHECK(std::count(full.begin(), full.end(), '\n') > 60);
  CHECK(ShowText(trace, {.list = true, .json = true}).value() ==
        ShowText(trace, {.list = true, .full = true, .json = true}).value());
}

TEST_CASE("which steps' order decides stands above, and their numbers beside them") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const ObjectId gate = run.Object("Gate", "doors");
  const TaskId other = run.Spawn(body, "Other");
  run.Start(other, body).Await(other, Operation::kWait, gate, "a.cc:3").Finish(other);
  run.Await(body, Operation::kYield, 0, "a.cc:9").Finish(body, Outcome::kException);
  run.header().explanation = {
      .steps = {{.number = 2, .text = "Other#0, from a.cc:3 (Gate doors) to its end"},
                {.number = 3, .text = "main, from a.cc:9 (yield) to its end"}},
      .verdict =
          "The order of 1 and 2 decides. Of schedules that are random otherwise, all 50 "
          "failed with 1 before 2, and none of 50 failed with 2 before 1."};
  CheckGolden("show_why", ShowText(run.Build(), {}).value());
  const auto json = nlohmann::json::parse(ShowText(run.Build(), {.json = true}).value());
  CHECK(json["why"]["steps"][1] == "main, from a.cc:9 (yield) to its end");
  CHECK(json["why"]["verdict"].get<std::string>().starts_with("The order of 1 and 2"));
}

TEST_CASE("a run of no test has no line for its name") {
  Trace trace = ShopRun();
  trace.header.test.clear();
  CHECK(ShowText(trace, {}).value().starts_with("ending   threw"));
}

TEST_CASE("a task is shown with all below it, once") {
  const std::string text = ShowText(ShopRun(), {.task = "Reserve"}).value();
  CHECK_THAT(text, ContainsText("2 tasks called Reserve"));
  CHECK_THAT(text, ContainsText("  Checkout#0/Reserve#0"));
  CHECK_THAT(text, ContainsText("  Checkout#1/Reserve#0"));
  CHECK_THAT(ShowText(ShopRun(), {.task = "Checkout#0"}).value(), ContainsText("spawns Ship#0"));
}

TEST_CASE("a task can be sought in one request") {
  const std::string text = ShowText(ShopRun(), {.flow = "order-18", .task = "Reserve"}).value();
  CHECK(text.find("Checkout#0/Reserve#0") == std::string::npos);
  const absl::Status status = ShowText(ShopRun(), {.flow = "order-18", .task = "Ship"}).status();
  CHECK(absl::IsNotFound(status));
  CHECK_THAT(std::string(status.message()), ContainsText("worked for order-18"));
}

TEST_CASE("a task that is not there is answered with names nearly like it") {
  const absl::Status status = ShowText(ShopRun(), {.task = "Chrage"}).status();
  CHECK(absl::IsNotFound(status));
  CHECK_THAT(std::string(status.message()), ContainsText("did you mean \"Charge\""));
}

TEST_CASE("a task's own name stands in every view, and is no step of it") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId checkout = run.Spawn(body, "shop::Checkout");
  run.Mark(checkout, "heddle.label", {{"label", std::string("order 17")}}, "shop.cc:5");
  run.Start(checkout, body).Await(checkout, Operation::kSleep).Finish(checkout);
  const Trace trace = run.Build();
  const std::string tree = ShowText(trace, {.all = true}).value();
  CHECK_THAT(tree, ContainsText("Checkout#0 \"order 17\""));
  CHECK(tree.find("label") == std::string::npos);
  CHECK(tree.find("shop.cc:5") == std::string::npos);
  CHECK_THAT(ShowText(trace, {.task = "order 17"}).value(), ContainsText("1 task called order 17"));
  CHECK_THAT(ShowText(trace, {.around = "3"}).value(), ContainsText("is called \"order 17\""));
  CHECK_THAT(std::string(ShowText(trace, {.task = "order 71"}).status().message()),
             ContainsText("did you mean \"order 17\"?"));
}

TEST_CASE("a stuck run marks every await that never went on") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const ObjectId ledger = run.Object("Mutex", "ledger");
  const TaskId transfer = run.Call(body, "bank::Transfer", "bank_test.cc:9");
  run.Await(transfer, Operation::kLock, ledger, "bank.cc:20").JumpTo(5000);
  run.Suspend(transfer, Operation::kLock, ledger, "bank.cc:21");
  run.header().ending = Ending::kStuck;
  run.header().waiting = {{.task = transfer,
                           .name = "Transfer#0",
                           .operation = Operation::kLock,
                           .object = "Mutex ledger",
                           .site = "bank.cc:21",
                           .since = 5000}};
  CheckGolden("show_stuck", ShowText(run.Build(), {}).value());
}

TEST_CASE("an await that never went on says who has the lock, and where it was taken") {
  TraceBuilder run;
  const ObjectId ledger = run.Object("Mutex", "ledger");
  const ObjectId pool = run.Object("Semaphore", "pool");
  const TaskId body = run.Main();
  const TaskId first = run.Spawn(body, "Charge");
  const TaskId second = run.Spawn(body, "Charge");
  const TaskId third = run.Spawn(body, "Refund");
  const TaskId fourth = run.Spawn(body, "Refund");
  run.WorkFor(first, run.Flow("order-17")).WorkFor(second, run.Flow("order-18"));
  run.Start(first, body).Start(second, body).Start(third, body).Start(fourth, body);
  run.Await(first, Operation::kLock, ledger, "bank.cc:10").Release(first, ledger);
  run.Await(second, Operation::kLock, ledger, "bank.cc:11");
  for (const TaskId task : {first, second, third}) run.Acquire(task, pool);
  run.Suspend(first, Operation::kLock, ledger, "bank.cc:12");
  run.Suspend(second, Operation::kLock, ledger, "bank.cc:13");
  run.Suspend(third, Operation::kLock, ledger, "bank.cc:14");
  run.Suspend(fourth, Operation::kLock, pool, "bank.cc:15");
  run.header().ending = Ending::kStuck;
  const std::string text = ShowText(run.Build(), {.all = true}).value();
  CHECK_THAT(text, ContainsText("never went on; held by Charge#1 of order-18 (bank.cc:11)"));
  CHECK_THAT(text, ContainsText("never went on; held by itself (bank.cc:11)"));
  CHECK_THAT(text, ContainsText("never went on; held by Charge#0 of order-17, by Charge#1 of "
                                "order-18 and by 1 more"));

  Trace filtered = run.Build();
  filtered.losses.list = {{.reason = LossReason::kKind, .what = "release", .events = 1}};
  CHECK(ShowText(filtered, {.all = true}).value().find("; held by") == std::string::npos);
}

TEST_CASE("of a semaphore that is a signal nobody is said to have it") {
  TraceBuilder run;
  const ObjectId signal = run.Object("Semaphore", "signal");
  const TaskId body = run.Main();
  const TaskId waiter = run.Spawn(body, "Wait");
  run.Release(body, signal).Start(waiter, body).Acquire(waiter, signal);
  run.Suspend(body, Operation::kLock, signal, "bank.cc:40");
  run.header().ending = Ending::kStuck;
  const std::string text = ShowText(run.Build(), {.all = true}).value();
  CHECK_THAT(text, ContainsText("never went on\n"));
  CHECK(text.find("held by") == std::string::npos);
}

TEST_CASE("of a run that was killed the steps are counted, since its header does not know them") {
  TraceBuilder run;
  const TaskId body = run.Main();
  run.Await(body, Operation::kSleep, 0, "a.cc:1").Await(body, Operation::kSleep, 0, "a.cc:1");
  run.header().ending = Ending::kStopped;
  CHECK_THAT(ShowText(run.Build(), {}).value(), ContainsText("length   3 steps, 1 task"));
  run.header().steps = 130;
  CHECK_THAT(ShowText(run.Build(), {}).value(), ContainsText("length   130 steps, 1 task"));
}

TEST_CASE("what was created and destroyed before it ran is marked when that ended the run") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId lost = run.Spawn(body, "Notify");
  run.Finish(body).Abandon(lost);
  run.header().ending = Ending::kAbandoned;
  const std::string text = ShowText(run.Build(), {}).value();
  CHECK_THAT(text, ContainsText("✗     0  ╰─ creates Notify#0"));
  CHECK_THAT(text, ContainsText("destroyed before it ran"));
}

TEST_CASE("what was created and kept is not said to be spawned, or destroyed") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId kept = run.Spawn(body, "Notify");
  run.Finish(body).Add({.task = kept, .value = 1, .kind = EventKind::kAbandon});
  run.header().ending = Ending::kAbandoned;
  const std::string text = ShowText(run.Build(), {}).value();
  CHECK_THAT(text, ContainsText("creates Notify#0"));
  CHECK_THAT(text, ContainsText("never awaited, and still there"));
}

TEST_CASE("what was read and written is said with its value, where it was recorded") {
  const auto flags = [](ValueKind kind) {
    return static_cast<std::uint8_t>(static_cast<unsigned>(kind) << kValueKindShift);
  };
  TraceBuilder run;
  const ObjectId stock = run.Object("Shared", "stock");
  const TaskId body = run.Main();
  run.Suspend(body, Operation::kRead, stock, "shop.cc:3");
  run.Add({.task = body,
           .object = stock,
           .value = 100,
           .kind = EventKind::kResume,
           .operation = static_cast<std::uint8_t>(Operation::kRead),
           .flags = flags(ValueKind::kNatural)});
  run.Add({.task = body,
           .object = stock,
           .value = 0xfffffffb,
           .kind = EventKind::kAccess,
           .operation = static_cast<std::uint8_t>(Operation::kWrite),
           .flags = flags(ValueKind::kNegative)});
  run.Add({.task = body,
           .object = stock,
           .value = 1,
           .kind = EventKind::kAccess,
           .operation = static_cast<std::uint8_t>(Operation::kRead),
           .flags = static_cast<std::uint8_t>(flags(ValueKind::kBool) | kEventDiffered)});
  run.Await(body, Operation::kRead, stock, "shop.cc:8").Finish(body);
  const std::string text = ShowText(run.Build(), {}).value();
  CHECK_THAT(text, ContainsText("read Shared stock: 100 ") &&
                       ContainsText("writes Shared stock: -5") &&
                       ContainsText("compares Shared stock with true, unchanged") &&
                       ContainsText("read Shared stock   "));
}

TEST_CASE("a co_yield is called so, and waits for nobody") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId pages = run.Call(body, "Pages", "shop.cc:9");
  run.Suspend(pages, Operation::kYield, 0, "shop.cc:3", 1).Resume(body);
  run.Suspend(body, Operation::kCall, pages, "shop.cc:9").Wake(pages, body).Resume(pages);
  run.Suspend(pages, Operation::kYield, 0, "shop.cc:4", 1).Resume(body);
  const std::string text = ShowText(run.Finish(body).Build(), {}).value();
  CHECK_THAT(text, ContainsText("co_yield  shop.cc:3") && ContainsText("asked by main"));
  CHECK_THAT(text, ContainsText("co_yield  shop.cc:4") && ContainsText("never asked again"));
}

TEST_CASE("a generator that went unused is not said to be spawned") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId pages = run.Spawn(body, "Pages");
  run.Add({.task = pages,
           .kind = EventKind::kAbandon,
           .operation = static_cast<std::uint8_t>(Operation::kYield)});
  const std::string text = ShowText(run.Finish(body).Build(), {}).value();
  CHECK_THAT(text, ContainsText("creates Pages#0"));
  CHECK_THAT(text, ContainsText("never asked for a value"));
}

TEST_CASE("what was spawned and cancelled before its turn was spawned") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId late = run.Spawn(body, "Notify");
  run.Finish(body).Add({.task = late,
                        .kind = EventKind::kAbandon,
                        .operation = static_cast<std::uint8_t>(Operation::kStart)});
  const std::string text = ShowText(run.Build(), {}).value();
  CHECK_THAT(text, ContainsText("spawns Notify#0"));
  CHECK_THAT(text, ContainsText("destroyed before it ran"));
}

TEST_CASE("of a worker that serves many, only its part for the request is shown") {
  TraceBuilder run;
  const TaskId body = run.Main();
  const TaskId worker = run.Spawn(body, "Worker");
  run.Start(worker, body);
  run.WorkFor(worker, run.Flow("a")).Mark(worker, "served a").JumpTo(10);
  run.WorkFor(worker, run.Flow("b")).Mark(worker, "served b").Finish(worker);
  const std::string text = ShowText(run.Build(), {.flow = "a"}).value();
  CHECK_THAT(text, ContainsText("Worker#0 (a part of it)"));
  CHECK_THAT(text, ContainsText("served a"));
  CHECK(text.find("served b") == std::string::npos);
}

TEST_CASE("who only spawns for a request is left out of its tree") {
  TraceBuilder run;
  const TaskId body = run.Main();
  for (const char* const name : {"a", "b"}) {
    run.WorkFor(body, run.Flow(name));
    const TaskId order = run.Spawn(body, "Order");
    run.Start(order, body).Finish(order);
  }
  run.WorkFor(body, 0);
  run.Finish(body);
  const std::string text = ShowText(run.Build(), {.flow = "b"}).value();
  CHECK_THAT(text, ContainsText("  Order#1"));
  CHECK(text.find("main") == std::string::npos);
}

TEST_CASE("an empty trace is shown as such") {
  CHECK_THAT(ShowText(Trace(), {}).value(), ContainsText("no events"));
  CHECK_THAT(ShowText(Trace(), {.list = true}).value(), ContainsText("no requests"));
}

TEST_CASE("a loop that sends or receives is told once, whatever the messages' numbers") {
  TraceBuilder run;
  const ObjectId jobs = run.Object("Channel", "jobs");
  const TaskId body = run.Main();
  for (std::uint32_t i = 0; i < 100; ++i) {
    run.Send(body, jobs, i).Await(body, Operation::kYield, 0, "shop.cc:3").Receive(body, jobs, i);
  }
  for (std::uint32_t i = 100; i < 200; ++i) run.Send(body, jobs, i);
  const std::string text = ShowText(run.Finish(body).Build(), {}).value();
  CHECK_THAT(text, ContainsText("sends message 0 on Channel jobs"));
  CHECK_THAT(text, ContainsText("... these 3 lines 99 times more"));
  CHECK_THAT(text, ContainsText("sends on Channel jobs x 100"));
}

TEST_CASE("a chain of a hundred thousand calls is cut off, not crashed on") {
  TraceBuilder run;
  TaskId task = run.Main();
  for (int i = 0; i < 100'000; ++i) task = run.Call(task, "Deeper", "a.cc:1");
  const std::string text = ShowText(run.Build(), {}).value();
  CHECK_THAT(text, ContainsText("left out"));
  CHECK(text.size() < 20'000);
}

TEST_CASE("around an event stands what happened there, in all tasks") {
  CheckGolden("show_around", ShowText(ShopRun(), {.around = "2ms", .context = 12}).value());
}

TEST_CASE("a stretch holds the events from one place to another, both included") {
  const std::string text = ShowText(ShopRun(), {.between = {"2ms", "3.5ms"}}).value();
  CHECK_THAT(text, ContainsText("unlocks Mutex stock") && ContainsText("is ready"));
  CHECK(text.find("parsed") == std::string::npos);
  CHECK(absl::IsInvalidArgument(ShowText(ShopRun(), {.between = {"2ms", "0ns"}}).status()));
  CHECK(absl::IsNotFound(ShowText(ShopRun(), {.around = "100000"}).status()));
}

TEST_CASE("a stretch is there as JSON too, event by event") {
  const auto parse = [](ShowOptions options) {
    options.json = true;
    return nlohmann::json::parse(ShowText(ShopRun(), options).value());
  };
  const nlohmann::json around = parse({.around = "20", .context = 2});
  CHECK(around["around"] == 20);
  CHECK(around["request"].is_null());
  REQUIRE(!around["events"].empty());
  for (const nlohmann::json& event : around["events"]) {
    CHECK(event["event"] >= 18);
    CHECK(event["event"] <= 22);
  }
  // What the text tells in one line with a count.
  const nlohmann::json audit = parse({.task = "Audit", .between = {"0", "9s"}});
  CHECK(audit["around"].is_null());
  CHECK(audit["events"].size() > 100);
  CHECK(audit["events"][1]["task"] == "Audit#0");
  const nlohmann::json one = parse({.flow = "order-18", .between = {"0", "9s"}});
  CHECK(one["request"] == "order-18");
  for (const nlohmann::json& event : one["events"]) CHECK(event["request"] == "order-18");
  CHECK(absl::IsNotFound(
      ShowText(ShopRun(), {.task = "Ship", .around = "0", .json = true}).status()));
}

TEST_CASE("a stretch can be narrowed to one request and to one task") {
  const std::string text =
      ShowText(ShopRun(), {.flow = "order-18", .between = {"0", "9s"}}).value();
  CHECK_THAT(text, ContainsText("only those of order-18"));
  CHECK(text.find("order-17") == std::string::npos);
  const std::string audit = ShowText(ShopRun(), {.task = "Audit", .between = {"0", "9s"}}).value();
  CHECK_THAT(audit, ContainsText("awaits: yield, goes on at once x 100"));
  CHECK(audit.find("Reserve") == std::string::npos);
  CHECK(absl::IsNotFound(ShowText(ShopRun(), {.task = "Ship", .around = "0"}).status()));
}

TEST_CASE("the place that was asked for is marked, also where a line tells of two events") {
  TraceBuilder run;
  const TaskId body = run.Main();
  run.Await(body, Operation::kYield, 0, "a.cc:1").Finish(body);
  CHECK_THAT(ShowText(run.Build(), {.around = "3"}).value(), ContainsText(">      3     0  main"));
  CHECK_THAT(ShowText(run.Build(), {.around = "2"}).value(),
             ContainsText(">      2     0  main  awaits: yield, goes on at once"));
}

TEST_CASE("a request as a table says where the time of each task went") {
  CheckGolden("show_table", ShowText(ShopRun(), {.flow = "order-17", .table = true}).value());
}

TEST_CASE("a tree is cut at a depth, and says how much is below and where the failure is") {
  const std::string text = ShowText(ShopRun(), {.flow = "order-17", .depth = 1}).value();
  CHECK_THAT(text, ContainsText("✗     0  Checkout#0") && ContainsText("lines below"));
  CHECK(text.find("Charge") == text.rfind("Charge"));
  CHECK(ShowText(ShopRun(), {.depth = 99}).value() == ShowText(ShopRun(), {}).value());
}

TEST_CASE("any trace can be shown, and always in the same words") {
  CheckLaw([] {
    const Trace trace = *AnyTrace();
    RC_ASSERT(ShowText(trace, {}).value() == ShowText(trace, {}).value());
    RC_ASSERT(ShowText(trace, {.all = true}).ok());
    RC_ASSERT(ShowText(trace, {.all = true, .table = true}).ok());
    const absl::StatusOr<std::string> all = ShowText(trace, {.between = {"0", "9000s"}});
    RC_ASSERT(all.ok() || absl::IsNotFound(all.status()));
  });
}

TEST_CASE("a request is shown with what a worker did for it, and with whom a step also works for") {
  TraceBuilder run;
  const ObjectId channel = run.Object("Channel", "belt");
  const FlowId order = run.Flow("order-17");
  const FlowId other = run.Flow("order-18");
  const TaskId body = run.Main();
  const TaskId client = run.Spawn(body, "Client");
  const TaskId worker = run.Spawn(body, "Worker");
  run.Start(client).WorkFor(client, order).Send(client, channel, 0).Finish(client);
  run.Start(worker).Await(worker, Operation::kReceive, channel);
  run.Receive(worker, channel, 0).TakeUp(worker, order).Mark(worker, "packs");
  run.AlsoFor(worker, order, other).TakeUp(worker, 0);
  run.Suspend(worker, Operation::kReceive, channel).Finish(body);
  const std::string text = ShowText(run.Build(), {.flow = "order-17"}).value();
  CHECK_THAT(text, ContainsText("Worker#0 (a part of it)") && ContainsText("packs") &&
                       ContainsText("also for order-18") && ContainsText("message 0"));
  CHECK(text.find("never went on") == std::string::npos);
  const std::string all = ShowText(run.Build(), {.all = true}).value();
  CHECK_THAT(all, ContainsText("works for order-17") && ContainsText("also for order-18"));
  CHECK(all.find("no request") == std::string::npos);
}

TEST_CASE("a lost context is in the summary") {
  TraceBuilder run;
  const TaskId body = run.Main();
  CHECK(ShowText(run.Build(), {}).value().find("lost") == std::string::npos);
  run.Add({.task = body, .kind = EventKind::kContextLost}).Finish(body);
  CHECK_THAT(ShowText(run.Build(), {}).value(), ContainsText("lost     1 time the request"));
}

TEST_CASE("reads, writes and cancellations are told, and who is cancelled is named") {
  TraceBuilder run;
  const ObjectId stock = run.Object("Shared", "stock");
  const TaskId body = run.Main();
  const TaskId charge = run.Spawn(body, "Charge");
  run.Start(charge).Await(charge, Operation::kUpdate, stock, "shop.cc:3");
  run.Add({.task = charge,
           .object = stock,
           .kind = EventKind::kAccess,
           .operation = static_cast<std::uint8_t>(Operation::kWrite)});
  run.Add({.task = body, .object = charge, .kind = EventKind::kCancel});
  run.Finish(charge, Outcome::kCancelled).Finish(body);
  const std::string text = ShowText(run.Build(), {}).value();
  CHECK_THAT(text, ContainsText("update Shared stock") && ContainsText("writes Shared stock") &&
                       ContainsText("cancels Charge#0"));
}

}  // namespace
}  // namespace heddle::tools
