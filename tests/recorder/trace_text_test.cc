// SPDX-License-Identifier: MIT
#include "heddle/trace_text.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "heddle/task_table.h"
#include "heddle/trace.h"
#include "support/catch.h"
#include "support/golden.h"
#include "support/law.h"
#include "support/trace_builder.h"

namespace heddle {
namespace {

// A run that has every kind of event.
Trace Checkout() {
  TraceBuilder run;
  run.header().test = "no interleaving charges twice";
  run.header().chooser = "random";
  run.header().seed = 42;
  run.header().schedule = 17;
  run.header().input_text = "[{order: 17, amount: 12.5}]";
  run.header().ending = Ending::kThrew;
  run.header().message = "charged twice:\n  order 17\n  order 17";
  run.header().steps = 9;

  const ObjectId all = run.Object("All");
  const ObjectId ledger = run.Object("Mutex", "ledger");
  const ObjectId events = run.Object("Channel");
  const TaskId main = run.Main("lambda");
  run.WorkFor(main, run.Flow("order 17"));
  run.Mark(main, "order", {{"id", std::int64_t{17}}}, "shop.cc:10", EventKind::kInput);
  const TaskId reserve = run.Call(main, "shop::Reserve", "shop.cc:12");
  run.Await(reserve, Operation::kYield, 0, "shop.cc:31").Return(reserve);
  const TaskId charge = run.Spawn(main, "shop::Charge");
  const TaskId refund = run.Spawn(main, "shop::Refund");
  run.Suspend(main, Operation::kJoin, all, "shop.cc:14");

  run.ChooseTask(refund, charge, 2);
  run.Start(refund, main);
  run.Await(refund, Operation::kLock, ledger, "shop.cc:58");
  run.ChooseValue(3, 10).Draw(refund, 3);
  run.Suspend(refund, Operation::kSleep, 0, "shop.cc:59");
  run.Start(charge, main).Suspend(charge, Operation::kLock, ledger, "shop.cc:41");
  run.JumpTo(2'500'000);
  run.Wake(refund).Resume(refund);
  run.Mark(refund, "bank is down", {}, "shop.cc:60", EventKind::kFault);
  run.Suspend(refund, Operation::kSend, events, "shop.cc:61", 4).Resume(refund);
  run.Send(refund, events, 0).Release(refund, ledger).Finish(refund, Outcome::kValue, all);
  run.ChooseTask(charge, charge, 2).Resume(charge).Acquire(charge, events);
  run.Await(charge, Operation::kReceive, events).Receive(charge, events, 0);
  run.Mark(charge, "charged", {{"amount", 12.5}, {"again", true}, {"by", std::string("card")}});
  run.Add({.task = charge, .kind = EventKind::kContextLost});
  run.header().failed_task = charge;
  run.Finish(charge, Outcome::kException, all).Wake(main, charge).Resume(main);
  run.Abandon(run.Spawn(main, "shop::Notify")).Finish(main, Outcome::kException);
  Trace trace = run.Build();
  trace.events[1].flags = kEventChosen;
  return trace;
}

}  // namespace

TEST_CASE("the canonical text shows every kind of event") {
  CheckGolden("canonical_text", CanonicalText(Checkout()));
}

TEST_CASE(
    "a co_yield is told from a Yield, but in the canonical text, as earlier versions had it") {
  TraceBuilder run;
  const TaskId main = run.Main();
  run.Suspend(main, Operation::kYield, 0, "shop.cc:3", 1);
  const Trace trace = run.Build();
  const std::size_t last = trace.events.size() - 1;
  CHECK(EventText(trace, TaskTable(trace), last) == "main  suspend  co_yield  shop.cc:3");
  CHECK_THAT(CanonicalText(trace), ContainsText("main  suspend  yield  shop.cc"));
}

TEST_CASE("the canonical text of a run that got stuck says who waits for what") {
  TraceBuilder run;
  run.header().ending = Ending::kStuck;
  run.header().waiting = {{.task = 1,
                           .name = "Checkout#0",
                           .operation = Operation::kLock,
                           .object = "Mutex ledger",
                           .site = "shop.cc:41",
                           .since = 2'500'000}};
  CHECK(CanonicalText(run.Build()) ==
        "test      a test\n"
        "chooser   fifo\n"
        "seed      0\n"
        "ending    stuck\n"
        "steps     0\n"
        "waiting   Checkout#0 waits for Mutex ledger (lock) at shop.cc since 2.5ms\n");
}

TEST_CASE("a trace of choices alone has a text") {
  Trace trace;
  trace.choices = {{.picked = 4, .first = 2, .alternatives = 3},
                   {.picked = 0, .first = 0, .alternatives = 9, .kind = ChoiceKind::kValue}};
  CHECK_THAT(CanonicalText(trace),
             EndsWithText("\nchoices\n     0  task 4 of 3, not task 2\n     1  value 0 of 9\n"));
}

TEST_CASE("an event's text names its task, its object and its place") {
  TraceBuilder run;
  const TaskId charge = run.Spawn(kNoTask, "Charge");
  run.Suspend(charge, Operation::kLock, run.Object("Mutex", "ledger"), "shop.cc:41");
  const Trace trace = run.Build();
  CHECK(EventText(trace, TaskTable(trace), 1) ==
        "Charge#0  suspend  lock Mutex ledger  shop.cc:41");
}

TEST_CASE("two runs are the same run whoever built and started them") {
  const Trace here = Checkout();
  Trace there = here;
  there.header.heddle_version = "9.9";
  there.header.build_id = "b1d";
  there.header.compiler = "another";
  there.header.command = {"/elsewhere/shop_test"};
  there.header.directory = "/elsewhere";
  for (Site& site : there.sites) {
    if (!site.file.empty()) site.file = "/elsewhere/" + std::string(FileName(site.file));
    site.line += 5;  // compilers disagree, and so do builds
  }
  CHECK(SameRun(here, there));
  CHECK(Digest(here) == Digest(there));
}

TEST_CASE("runs that differ in an event, a choice or an ending are different runs") {
  const Trace run = Checkout();
  std::vector<Trace> others(6, run);
  others[0].events.pop_back();
  others[1].choices[0].picked = others[1].choices[0].first;
  others[2].header.message += "!";
  others[3].events[3].time += 1;
  others[4].sites[2].file = "store.cc";
  others[5].marks[0].fields[0].value = std::string("17");
  for (const Trace& other : others) {
    CHECK_FALSE(SameRun(run, other));
    CHECK(Digest(run) != Digest(other));
  }
}

TEST_CASE("a mark's text keeps the types of its fields apart") {
  CHECK(MarkText({.name = "charged", .fields = {}}) == "charged");
  CHECK(MarkText({.name = "charged",
                  .fields = {{"order", std::int64_t{17}},
                             {"amount", 12.5},
                             {"rate", 2.0},
                             {"again", false},
                             {"by", std::string("17")}}}) ==
        R"(charged {order: 17, amount: 12.5, rate: 2.0, again: false, by: "17"})");
}

TEST_CASE("a mark's text is one line, whatever is in it") {
  CHECK(MarkText({.name = "two\nlines", .fields = {{"text", std::string("\"a\\b\"\t\x1b")}}}) ==
        R"(two\nlines {text: "\"a\\b\"\t\x1b"})");
}

TEST_CASE("a double is written with the digits that read back as itself") {
  const auto text = [](double value) {
    const std::string mark = MarkText({.name = "m", .fields = {{"v", value}}});
    return mark.substr(6, mark.size() - 7);
  };
  CHECK(text(0.1) == "0.1");
  CHECK(text(-3.0) == "-3.0");
  CHECK(text(1e300) == "1e+300");
  CHECK(text(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(text(std::nan("")) == "nan");
  CHECK(text(std::copysign(std::nan(""), -1.0)) == "nan");
  CheckLaw([&](double value) { RC_ASSERT(std::stod(text(value)) == value); });
}

TEST_CASE("an object is called by its name, or by its type and number") {
  TraceBuilder run;
  const ObjectId first = run.Object("Channel");
  const ObjectId ledger = run.Object("Mutex", "ledger");
  const ObjectId second = run.Object("Channel");
  const Trace trace = run.Build();

  CHECK(ObjectName(trace, first) == "Channel#1");
  CHECK(ObjectName(trace, ledger) == "Mutex ledger");
  CHECK(ObjectName(trace, second) == "Channel#2");
  CHECK(ObjectName(trace, 0) == "none");
  CHECK(ObjectName(trace, 4) == "?");
  CHECK(ObjectNames(trace) ==
        std::vector<std::string>{"none", "Channel#1", "Mutex ledger", "Channel#2"});
  CHECK(ObjectNames(Trace()).empty());
}

TEST_CASE("a trace of any content has a text with a line for each event") {
  CheckLaw([](const std::vector<std::uint32_t>& numbers) {
    Trace trace;
    for (std::size_t i = 0; i + 4 < numbers.size(); i += 5) {
      trace.events.push_back({.task = numbers[i],
                              .site = numbers[i + 1],
                              .object = numbers[i + 2],
                              .kind = static_cast<EventKind>(numbers[i + 3] % 20),
                              .operation = static_cast<std::uint8_t>(numbers[i + 4] % 13)});
    }
    const std::string text = CanonicalText(trace);
    const auto lines = std::count(text.begin(), text.end(), '\n');
    const std::size_t around = trace.events.empty() ? 3 : 5;
    RC_ASSERT(static_cast<std::size_t>(lines) == trace.events.size() + around);
  });
}

}  // namespace heddle
