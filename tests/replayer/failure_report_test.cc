// SPDX-License-Identifier: MIT
//
// What a person reads when a schedule fails. Read the golden texts, failure_report_*.txt in
// tests/golden/, as that person would.
#include "heddle/failure_report.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "heddle/combinators.h"
#include "heddle/explore.h"
#include "heddle/input.h"
#include "heddle/sleep.h"
#include "recorder/arbitrary_trace.h"
#include "support/catch.h"
#include "support/golden.h"
#include "support/law.h"
#include "support/trace_builder.h"

namespace heddle {
namespace {

constexpr VirtualNanos kMs = 1'000'000;

// A TraceBuilder that also knows which events were chosen.
class FailedRun : public TraceBuilder {
 public:
  FailedRun(Ending ending, const std::string& message = {}) {
    header().test = "no interleaving charges twice";
    header().chooser = "random";
    header().seed = 42;
    header().schedule = 17;
    header().ending = ending;
    header().message = message;
    header().command = {"./shop_test", header().test};
  }

  // The next event, a start or a resumption of `picked`, was a choice.
  FailedRun& Choose(TaskId picked, TaskId first, std::uint32_t alternatives = 2) {
    ChooseTask(picked, first, alternatives);
    chosen_.push_back(next());
    return *this;
  }

  Trace Build() const {
    Trace trace = TraceBuilder::Build();
    for (const std::size_t event : chosen_) trace.events[event].flags = kEventChosen;
    return trace;
  }

 private:
  std::vector<std::size_t> chosen_;
};

ReportContext Recorded(const std::string& test = "no-interleaving-charges-twice") {
  return {.schedules = 10'000,
          .recording = "heddle-failures/" + test + ".heddle",
          .recording_error = {},
          .divergence = nullptr};
}

// Both look whether the order was charged, and then both charge it.
FailedRun ChargedTwice() {
  FailedRun run(Ending::kThrew, "charges() == 1 is 2");
  const ObjectId ledger = run.Object("Mutex", "ledger");
  const ObjectId events = run.Object("Channel", "events");
  const ObjectId both = run.Object("All");
  const FlowId order = run.Flow("order 17");

  const TaskId body = run.Main();
  const TaskId first = run.Spawn(body, "shop::Charge");
  const TaskId second = run.Spawn(body, "shop::Charge");
  const TaskId audit = run.Spawn(body, "shop::Audit");
  run.Suspend(body, Operation::kJoin, both, "shop_test.cc:60");

  run.Choose(second, first, 3).Start(second, body).WorkFor(second, order);
  const TaskId look = run.Call(second, "shop::IsCharged", "shop.cc:24");
  run.Suspend(look, Operation::kLock, ledger, "shop.cc:12");
  run.Choose(look, first, 3).Resume(look).Release(look, ledger).Return(look);
  run.Suspend(second, Operation::kSleep, 0, "shop.cc:25");
  run.Choose(first, first).Start(first, body).WorkFor(first, order);
  const TaskId look_too = run.Call(first, "shop::IsCharged", "shop.cc:24");
  run.Suspend(look_too, Operation::kLock, ledger, "shop.cc:12");
  run.Choose(audit, audit).Start(audit, body).Suspend(audit, Operation::kSleep, 0, "shop.cc:80");
  run.Resume(look_too).Release(look_too, ledger).Return(look_too);
  run.Suspend(first, Operation::kSleep, 0, "shop.cc:25");

  run.JumpTo(2 * kMs).Wake(second).Wake(first);
  run.Choose(first, second).Resume(first).Await(first, Operation::kLock, ledger, "shop.cc:26");
  run.Mark(first, "charged", {{"order", std::int64_t{17}}, {"amount", 12.5}}, "shop.cc:28");
  run.Suspend(first, Operation::kSend, events, "shop.cc:29", 4);
  run.Choose(second, second).Resume(second).Suspend(second, Operation::kLock, ledger, "shop.cc:26");
  run.Resume(first).Send(first, events, 0).Release(first, ledger);
  run.Finish(first, Outcome::kValue, both);
  run.Resume(second);
  run.Mark(second, "charged", {{"order", std::int64_t{17}}, {"amount", 12.5}}, "shop.cc:28");
  run.Await(second, Operation::kSend, events, "shop.cc:29").Send(second, events, 1);
  run.Release(second, ledger).Finish(second, Outcome::kException, both);
  run.Wake(body, second).Resume(body).Finish(body, Outcome::kException);
  run.header().failed_task = second;
  run.header().steps = 14;
  return run;
}

// Two transfers take two locks in opposite orders, beside a clerk that waits for them.
FailedRun Deadlock() {
  FailedRun run(Ending::kStuck);
  run.header().test = "transfers end";
  run.header().command = {"./shop_test", "transfers end"};
  const ObjectId alice = run.Object("Mutex", "alice");
  const ObjectId bob = run.Object("Mutex", "bob");
  const ObjectId all = run.Object("All");
  const TaskId body = run.Main();
  const TaskId there = run.Spawn(body, "Transfer");
  const TaskId back = run.Spawn(body, "Transfer");
  run.Suspend(body, Operation::kJoin, all, "bank_test.cc:60");
  run.Choose(back, there).Start(back, body);
  run.Suspend(back, Operation::kLock, bob, "bank.cc:30");
  run.Choose(back, there).Resume(back).Suspend(back, Operation::kSleep, 0, "bank.cc:31");
  run.Start(there, body).Await(there, Operation::kLock, alice, "bank.cc:30");
  run.Suspend(there, Operation::kSleep, 0, "bank.cc:31");
  run.JumpTo(5 * kMs).Wake(back).Wake(there);
  run.Choose(back, back).Resume(back).Suspend(back, Operation::kLock, alice, "bank.cc:32");
  run.Resume(there).Suspend(there, Operation::kLock, bob, "bank.cc:32");
  const auto waiting = [](TaskId task, const char* name, Operation operation, const char* object,
                          const char* site, VirtualNanos since) {
    return WaitingTask{.task = task,
                       .name = name,
                       .operation = operation,
                       .object = object,
                       .site = site,
                       .since = since};
  };
  run.header().waiting = {
      waiting(body, "main", Operation::kJoin, "All#1", "bank_test.cc:60", 0),
      waiting(there, "Transfer#0", Operation::kLock, "Mutex bob", "bank.cc:32", 5 * kMs),
      waiting(back, "Transfer#1", Operation::kLock, "Mutex alice", "bank.cc:32", 5 * kMs)};
  run.header().steps = 8;
  return run;
}

// A poller that lets others go first, when there is nobody else.
FailedRun EndlessLoop() {
  FailedRun run(Ending::kStepLimit);
  run.header().test = "the door opens";
  run.header().command = {"./shop_test", "the door opens"};
  const ObjectId door = run.Object("Gate", "door");
  const TaskId body = run.Main();
  const TaskId poll = run.Spawn(body, "Poll");
  run.Suspend(body, Operation::kWait, door, "door_test.cc:12");
  run.Start(poll, body).Mark(poll, "begins");
  for (int i = 0; i < 3'000; ++i) run.Await(poll, Operation::kYield, 0, "door.cc:8");
  run.header().steps = 3'002;
  run.header().waiting = {{.task = body,
                           .name = "main",
                           .operation = Operation::kWait,
                           .object = "Gate door",
                           .site = "door_test.cc:12"},
                          {.task = poll,
                           .name = "Poll#0",
                           .operation = Operation::kYield,
                           .object = {},
                           .site = "door.cc:8"}};
  return run;
}

// 200 workers; the one that fails lost an update to another.
FailedRun Crowd() {
  FailedRun run(Ending::kThrew, "counted 199 of 200");
  const ObjectId total = run.Object("Mutex", "total");
  const ObjectId log = run.Object("Channel", "a channel with a name that is much too long for it");
  const ObjectId all = run.Object("All");
  const TaskId body = run.Main();
  std::vector<TaskId> workers;
  workers.reserve(200);
  for (int i = 0; i < 200; ++i) workers.push_back(run.Spawn(body, "warehouse::inventory::Count"));
  run.Suspend(body, Operation::kJoin, all, "warehouse_inventory_counting_test.cc:1060");
  for (const TaskId worker : workers) {
    run.Choose(worker, workers.back(), 200).Start(worker, body);
    run.WorkFor(worker, run.Flow("request number " + std::to_string(worker)));
    run.Suspend(worker, Operation::kLock, total, "warehouse_inventory_counting.cc:1041");
  }
  std::uint32_t number = 0;
  for (const TaskId worker : workers) {
    run.JumpTo(worker * kMs / 7);
    run.Choose(worker, workers.back(), 200).Resume(worker);
    run.Mark(worker, "counted",
             {{"shelf", std::string(200, 'x')}, {"items", std::int64_t{1'000'000}}});
    run.Await(worker, Operation::kSend, log, "warehouse_inventory_counting.cc:1048");
    run.Send(worker, log, number++).Release(worker, total);
    run.Finish(worker, worker == workers[150] ? Outcome::kException : Outcome::kValue, all);
  }
  run.header().failed_task = workers[150];
  run.header().steps = 601;
  return run;
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// In code points.
std::size_t WidestLine(const std::string& text) {
  std::size_t widest = 0;
  for (const std::string& line : LinesOf(text)) {
    const auto width = std::count_if(line.begin(), line.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    });
    widest = std::max(widest, static_cast<std::size_t>(width));
  }
  return widest;
}

// --- golden texts -------------------------------------------------------------------------

TEST_CASE("an exception is reported with its task, its choices and its steps") {
  CheckGolden("failure_report_threw", FailureReport(ChargedTwice().Build(), Recorded()));
}

TEST_CASE("a deadlock is reported with who holds what") {
  CheckGolden("failure_report_stuck", FailureReport(Deadlock().Build(), Recorded("transfers-end")));
}

TEST_CASE("who waits for its call is not counted among those who still wait") {
  FailedRun run(Ending::kStuck);
  const TaskId body = run.Main();
  const TaskId callee = run.Spawn(body, "shop::Charge");
  run.Suspend(body, Operation::kCall, callee, "shop_test.cc:12").Start(callee, body);
  const ObjectId gate = run.Object("Gate", "ready");
  run.Suspend(callee, Operation::kWait, gate, "shop.cc:30");
  run.header().waiting = {{.task = body,
                           .name = "main",
                           .operation = Operation::kCall,
                           .object = "Charge#0",
                           .site = "shop_test.cc:12",
                           .since = 0},
                          {.task = callee,
                           .name = "Charge#0",
                           .operation = Operation::kWait,
                           .object = "Gate ready",
                           .site = "shop.cc:30",
                           .since = 0}};
  const std::string report = FailureReport(run.Build(), Recorded());
  CHECK_THAT(report, ContainsText("no timer is left, and 1 task still waits:"));
}

TEST_CASE("a generator hands values over, and does not yield") {
  FailedRun run(Ending::kThrew);
  const TaskId body = run.Main();
  const TaskId pages = run.Call(body, "shop::Pages", "shop_test.cc:9");
  run.Suspend(pages, Operation::kYield, 0, "shop.cc:3", 1).Resume(body);
  run.Await(body, Operation::kYield, 0, "shop_test.cc:10").Finish(body, Outcome::kException);
  run.header().failed_task = body;
  const std::string report = FailureReport(run.Build(), Recorded());
  CHECK_THAT(report, ContainsText("  hands over a value") && ContainsText("\n    yields"));
}

TEST_CASE("a step limit is reported with who made the steps") {
  CheckGolden("failure_report_step_limit",
              FailureReport(EndlessLoop().Build(), Recorded("the-door-opens")));
}

TEST_CASE("a forgotten task is reported with its creator") {
  FailedRun run(Ending::kAbandoned);
  const TaskId body = run.Main();
  run.Await(body, Operation::kYield, 0, "shop_test.cc:12");
  run.Abandon(run.Spawn(body, "shop::Ship")).Finish(body);
  run.header().steps = 2;
  CheckGolden("failure_report_abandoned", FailureReport(run.Build(), Recorded()));
}

TEST_CASE("a task that was kept is reported as leaked, and not as forgotten") {
  FailedRun run(Ending::kAbandoned);
  const TaskId body = run.Main();
  const TaskId kept = run.Spawn(body, "shop::Ship");
  run.Finish(body).Add({.task = kept, .value = 1, .kind = EventKind::kAbandon});
  const std::string report = FailureReport(run.Build(), Recorded());
  CHECK_THAT(report, ContainsText("1 task was never awaited, and is still there."));
  CHECK_THAT(report, ContainsText("leaks Ship#0, which never ran"));
  CHECK(report.find("forgotten co_await") == std::string::npos);
}

TEST_CASE("a recording that could not be written is reported with the seed that finds it again") {
  ReportContext context = Recorded();
  context.recording.clear();
  context.recording_error = "cannot make the directory 'heddle-failures': Permission denied";
  CheckGolden("failure_report_unwritten", FailureReport(ChargedTwice().Build(), context));
}

TEST_CASE("a second run that went otherwise is reported first") {
  FailedRun run = ChargedTwice();
  run.header().ending = Ending::kStopped;
  run.header().message.clear();
  run.header().failed_task = kNoTask;
  const Divergence divergence = {
      .kind = DivergenceKind::kChoice,
      .choice = 6,
      .event = 58,
      .expected = "Charge#0 of 3 ready tasks",
      .got = "Charge#0 of 2 ready tasks",
      .likely_causes = {"the body depends on something that is not recorded: the clock, random "
                        "numbers not drawn from the World, addresses, the order of a hash table, "
                        "uninitialised memory, another thread",
                        "something outlives a run: a global, a static, or an object made outside "
                        "the body and changed inside it"},
      .recorded_ending = "threw: charges() == 1 is 2"};
  ReportContext context = Recorded();
  context.divergence = &divergence;
  CheckGolden("failure_report_divergence", FailureReport(run.Build(), context));
}

TEST_CASE("a message of several lines keeps its shape") {
  FailedRun run(Ending::kThrew,
                "REQUIRE( shop.charges() == 1 )\nwith expansion:\n  2 == 1\n\nbecause every "
                "customer whose card is charged twice writes a long letter to the shop, and the "
                "shop has to answer it\n\ttabs, \x1b[31mcolours\x1b[0m and caf\xc3\xa9s");
  run.header().input_text = "orders: [17, 18]\nseats: 2";
  const TaskId body = run.Main();
  run.Finish(body, Outcome::kException);
  run.header().failed_task = body;
  CheckGolden("failure_report_message", FailureReport(run.Build(), Recorded()));
}

TEST_CASE("a crowd of 200 tasks fits on a page") {
  const std::string report = FailureReport(Crowd().Build(), Recorded());
  CheckGolden("failure_report_crowd", report);
  CHECK(WidestLine(report) <= 100);
  CHECK(LinesOf(report).size() <= 60);
}

// The table's part of a report.
std::string TableOf(const std::string& report) {
  const std::size_t begin = report.find("The last steps before it");
  const std::size_t end = report.find("  Replay it:");
  REQUIRE(begin < end);
  return report.substr(begin, end - begin);
}

TEST_CASE("the task that throws is in the table, however many steps have to come in an order") {
  FailedRun run(Ending::kThrew, "counted 2 of 3");
  const ObjectId total = run.Object("Mutex", "total");
  const TaskId body = run.Main();
  std::vector<TaskId> workers;
  for (const char* name : {"CountFirstFloor", "CountSecondFloor", "CountThirdFloor"}) {
    workers.push_back(run.Spawn(body, name));
  }
  ShrinkResult shrunk;
  for (const TaskId worker : workers) {
    run.Start(worker, body);
    run.Suspend(worker, Operation::kLock, total, "warehouse_inventory_counting.cc:1041");
  }
  for (const TaskId worker : workers) {
    run.JumpTo((worker + 1) * kMs * 100 / 7);
    shrunk.steps.push_back({.task = worker, .event = run.next()});
    run.Resume(worker).Mark(worker, "counted", {{"shelf", std::string(30, 'x')}});
    for (int i = 0; i < 10; ++i) run.Mark(worker, "item " + std::to_string(i));
    run.Release(worker, total);
    for (int i = 0; i < 9; ++i) {
      run.Await(worker, Operation::kLock, total, "warehouse_inventory_counting.cc:1048");
      run.Release(worker, total);
    }
    run.Finish(worker);
  }
  run.Mark(body, "adds up").Finish(body, Outcome::kException);
  run.header().failed_task = body;
  shrunk.pairs = {{.step = 1}};
  ReportContext context = Recorded();
  context.shrunk = &shrunk;
  const std::string report = FailureReport(run.Build(), context);
  CHECK(WidestLine(report) <= 100);
  const std::string table = TableOf(report);
  CHECK_THAT(table, ContainsText("main"));
  CHECK_THAT(table, ContainsText("throws"));
  for (const char* name : {"stFloor#0", "ndFloor#0", "rdFloor#0"}) {
    CHECK_THAT(table, ContainsText(name));
  }
  // The beginning of each step, too, where not all of it has room.
  const std::vector<std::string> lines = LinesOf(table);
  CHECK(std::ranges::count_if(lines, [](const std::string& line) {
          return line.find("mark counted") != std::string::npos;
        }) == 3);
}

TEST_CASE("a step whose order decides is in the table, however long ago it was") {
  FailedRun run(Ending::kThrew, "too late");
  const ObjectId door = run.Object("Gate", "door");
  const TaskId body = run.Main();
  const TaskId early = run.Spawn(body, "Early");
  ShrinkResult shrunk;
  shrunk.steps.push_back({.task = early, .event = run.next()});
  run.Start(early, body).Mark(early, "shuts the door").Suspend(early, Operation::kWait, door);
  shrunk.steps.push_back({.task = body, .event = run.next()});
  for (int i = 0; i < 11'000; ++i) run.Mark(body, "turn " + std::to_string(i % 9));
  run.Finish(body, Outcome::kException);
  run.header().failed_task = body;
  shrunk.pairs = {{.step = 0}};
  ReportContext context = Recorded();
  context.shrunk = &shrunk;
  const std::string table = TableOf(FailureReport(run.Build(), context));
  CHECK_THAT(table, ContainsText("mark shuts the door"));
  CHECK(table.find("mark shuts the door") < table.find("    ...\n"));
  CHECK(table.find("    ...\n") < table.find("throws"));
}

// --- single facts -------------------------------------------------------------------------

TEST_CASE("a report of any trace fits the width and has no control characters") {
  CheckLaw([] {
    Trace trace = *AnyTrace();
    trace.header.command.clear();  // lines to paste are never cut
    const std::string report = FailureReport(trace, {.schedules = *AnyNumber<std::uint64_t>(),
                                                     .recording = {},
                                                     .recording_error = *AnyBytes(),
                                                     .divergence = nullptr});
    RC_ASSERT(WidestLine(report) <= 100U);
    RC_ASSERT(report.ends_with('\n'));
    RC_ASSERT(std::none_of(report.begin(), report.end(), [](char c) {
      return c != '\n' && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f);
    }));
    for (const std::string& line : LinesOf(report)) RC_ASSERT(!line.ends_with(' '));
  });
}

TEST_CASE("marks of direction in a message are spelled out") {
  FailedRun run(Ending::kThrew, "paid by \xe2\x80\xaeyob, and not by \xd8\x9cher");
  run.Finish(run.Main(), Outcome::kException);
  const std::string report = FailureReport(run.Build(), Recorded());
  CHECK_THAT(report, ContainsText("paid by \\xe2\\x80\\xaeyob, and not by \\xd8\\x9cher"));
}

TEST_CASE("a trace without events is reported without a table") {
  Trace trace = ChargedTwice().Build();
  trace.events.clear();
  const std::string report = FailureReport(trace, Recorded());
  CHECK_THAT(report, ContainsText("It threw: charges() == 1 is 2"));
  CHECK_THAT(report, ContainsText("choice 0  task 2 went before task 1"));
  CHECK_THAT(report, !ContainsText("The steps that led there"));
  CHECK_THAT(report, !ContainsText("In task"));
}

TEST_CASE("a failed task that the trace does not know is not named") {
  FailedRun run = ChargedTwice();
  run.header().failed_task = 1'000;
  CHECK_THAT(FailureReport(run.Build(), Recorded()), !ContainsText("In "));
}

TEST_CASE("a trace of nothing is reported") {
  const std::string report = FailureReport(Trace{}, {});
  CHECK_THAT(report, StartsWithText("heddle: a test failed in a single run\n"));
  CHECK_THAT(report, ContainsText("There was nothing to choose"));
}

TEST_CASE("a single run is not called a schedule") {
  FailedRun run(Ending::kThrew, "no");
  run.header().schedule = 0;
  run.header().chooser = "fifo";
  const std::string report = FailureReport(run.Build(), {});
  CHECK_THAT(
      report,
      StartsWithText("heddle: \"no interleaving charges twice\" failed in a single run (fifo)"));
  CHECK_THAT(report, EndsWithText("Run it again: ./shop_test \"no interleaving charges twice\"\n"));
  CHECK_THAT(report, !ContainsText("HEDDLE_SEED"));
}

TEST_CASE("a run that kept to first-in-first-out is said to need no luck") {
  FailedRun run(Ending::kThrew, "no");
  run.ChooseTask(1, 1, 2).ChooseValue(0, 6);
  CHECK_THAT(FailureReport(run.Build(), Recorded()),
             ContainsText("First-in-first-out throughout (2 choices)"));
}

TEST_CASE("a draw is reported with the value and the task that drew it") {
  FailedRun run(Ending::kThrew, "no");
  const TaskId body = run.Main();
  run.Add({.task = body, .object = 1, .value = 0, .kind = EventKind::kDraw});  // no choice
  run.ChooseValue(4, 6);
  run.Add({.task = body, .object = 6, .value = 4, .kind = EventKind::kDraw});
  const std::string report = FailureReport(run.Build(), Recorded());
  CHECK_THAT(report, ContainsText("choice 0  main drew 4, not 0 (of 6)"));
  CHECK_THAT(report, ContainsText("draws 4"));
}

Task<> WriteLog(std::vector<int>& log, int number) {
  co_await Yield();
  log.push_back(number);
}

Task<> SaveLog(bool& lost) {
  co_await Yield();
  lost = Buggify("disk is full", 0.1);
}

TEST_CASE("a failure that takes an order and a fault is reported with both") {
  const ExploreResult result = FindFailure(
      []() -> Task<> {
        std::vector<int> log;
        bool lost = false;
        co_await All(WriteLog(log, 1), WriteLog(log, 2), SaveLog(lost));
        if (lost && log.front() == 2) throw std::runtime_error("2 came first, and it was lost");
      },
      {.name = "test", .directory = {}});
  REQUIRE_FALSE(result.ok());
  CHECK_THAT(result.failure->report, ContainsText("it fails where 2 steps come in this order"));
  CHECK_THAT(result.failure->report, ContainsText("And these draws belong to it:\n    choice "));
  CHECK_THAT(result.failure->report, ContainsText(": fault \"disk is full\"\n"));
}

TEST_CASE("a task that locks twice is said to wait for itself") {
  FailedRun run(Ending::kStuck);
  const ObjectId ledger = run.Object("Mutex", "ledger");
  const TaskId body = run.Main();
  run.Await(body, Operation::kLock, ledger, "shop.cc:4");
  run.Suspend(body, Operation::kLock, ledger, "shop.cc:5");
  run.header().waiting = {{.task = body,
                           .name = "main",
                           .operation = Operation::kLock,
                           .object = "Mutex ledger",
                           .site = "shop.cc:5"}};
  CHECK_THAT(FailureReport(run.Build(), Recorded()),
             ContainsText("main  awaits lock ledger, held by itself  shop.cc:5"));
}

TEST_CASE("of many choices those for the shown tasks are reported") {
  FailedRun run = ChargedTwice();
  for (int i = 0; i < 20; ++i) run.ChooseTask(900, 901, 2);
  const std::string report = FailureReport(run.Build(), Recorded());
  CHECK_THAT(report, ContainsText("Not first-in-first-out in 23 of 26 choices. The last of them "
                                  "for the tasks below:"));
  CHECK_THAT(report, ContainsText("choice 4  Charge#0"));
  CHECK_THAT(report, ContainsText("and 20 more"));
}

TEST_CASE("the lines to paste quote what a shell would read otherwise") {
  FailedRun run(Ending::kThrew, "no");
  const auto word_of = [&run](const std::string& argument) {
    run.header().command = {"./shop_test", argument};
    const std::string report = FailureReport(run.Build(), Recorded("x"));
    const std::size_t start = report.find("./shop_test") + 12;
    return report.substr(start, report.find('\n', start) - start);
  };
  CHECK(word_of("plain") == "plain");
  CHECK(word_of("two words") == "\"two words\"");
  CHECK(word_of("costs $5") == "'costs $5'");
  CHECK(word_of("it's $5") == R"('it'\''s $5')");
  CHECK(word_of(R"(first\, \[second])") == R"('first\, \[second]')");
}

TEST_CASE("a program is run again with the recorded arguments and no others") {
  FailedRun run(Ending::kThrew, "no");
  run.header().command = {"./shop_test", "[shop]", "--order=rand"};
  CHECK_THAT(FailureReport(run.Build(), Recorded()),
             ContainsText("./shop_test \"[shop]\" --order=rand\n"));
  run.header().command = {"./shop_test"};
  CHECK_THAT(FailureReport(run.Build(), Recorded()), ContainsText(" ./shop_test\n"));
}

TEST_CASE("a command that is too long goes on in the next line") {
  FailedRun run(Ending::kThrew, "no");
  run.header().command = {"/a/place/deep/in/the/tree/shop_test"};
  const std::string report = FailureReport(run.Build(), Recorded());
  CHECK(WidestLine(report) <= 100);
  CHECK_THAT(report, ContainsText(".heddle \\\n                 /a/place"));
}

TEST_CASE("a recording that does not know its command says what to do") {
  FailedRun run(Ending::kThrew, "no");
  run.header().command.clear();
  CHECK_THAT(FailureReport(run.Build(), Recorded()),
             ContainsText("(set in the environment when the test runs)"));
}

}  // namespace
}  // namespace heddle
