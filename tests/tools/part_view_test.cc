// SPDX-License-Identifier: MIT
//
// What the commands say of a trace that lacks a part of its run: of tasks that are older than a
// window, of requests that a filter did not keep, and in every verdict that something is missing.
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "diff.h"
#include "export.h"
#include "graph.h"
#include "heddle/trace_filter.h"
#include "red_flags.h"
#include "show.h"
#include "stats.h"
#include "support/catch.h"
#include "support/golden.h"
#include "support/trace_builder.h"
#include "task_span.h"

namespace heddle::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr VirtualNanos kSecond = 1'000'000'000;

// The last second of a request of a minute: Handle called Query, which sleeps; a Poll sleeps too,
// and an Idle waits all the time. `known`: whether the recording says since when they do.
Trace Window(bool known) {
  TraceBuilder run;
  const FlowId order = run.Flow("order 17");
  const ObjectId gate = run.Object("Gate", "door");
  constexpr TaskId kMain = 0;
  constexpr TaskId kHandle = 1;
  constexpr TaskId kQuery = 2;
  constexpr TaskId kIdle = 3;
  const auto sleep = static_cast<std::uint8_t>(Operation::kSleep);
  const auto call = static_cast<std::uint8_t>(Operation::kCall);
  run.JumpTo(59 * kSecond);
  run.Add({.task = kQuery, .kind = EventKind::kResume, .operation = sleep});
  run.Mark(kQuery, "asked");
  run.Suspend(kQuery, Operation::kSleep, 0, "db.cc:7").JumpTo(60 * kSecond).Resume(kQuery);
  run.Finish(kQuery);
  run.Add({.task = kHandle, .object = kQuery, .kind = EventKind::kResume, .operation = call});
  run.Finish(kHandle);
  Trace trace = run.Build();
  trace.losses.list.push_back({.reason = LossReason::kWindow, .events = 4711, .to = 58 * kSecond});
  const auto carry = [&](TaskId parent, const std::string& function, FlowId flow) -> CarriedTask& {
    CarriedTask& task = trace.losses.tasks.emplace_back();
    task.parent = parent;
    task.flow = flow;
    task.function = function;
    task.name = task.path = function + "#0";
    if (known) task.state = CarriedState::kStarted;
    return task;
  };
  carry(kNoTask, "main", 0);
  carry(kMain, "Handle", order);
  CarriedTask& query = carry(kHandle, "Query", order);
  carry(kMain, "Idle", 0);
  if (!known) return trace;
  trace.losses.tasks[kHandle].started = kSecond;
  trace.losses.tasks[kHandle].flow_since = kSecond;
  query.started = 2 * kSecond;
  query.flow_since = kSecond;
  query.is_called = true;
  trace.losses.tasks[kIdle].started = 3 * kSecond;
  static_cast<void>(gate);
  return trace;
}

TEST_CASE("a request that is older than the window is shown since it began") {
  CheckGolden("show_window_tree", ShowText(Window(true), {.all = true}).value());
  CheckGolden("show_window_table", ShowText(Window(true), {.all = true, .table = true}).value());
  CheckGolden("show_window_list", ShowText(Window(true), {.list = true}).value());
}

TEST_CASE("where nobody knows when it began, it took at least what the window has of it") {
  CheckGolden("show_old_window_tree", ShowText(Window(false), {.all = true}).value());
  CheckGolden("show_old_window_table",
              ShowText(Window(false), {.all = true, .table = true}).value());
  CheckGolden("show_old_window_list", ShowText(Window(false), {.list = true}).value());
}

TEST_CASE("JSON says what began before the window, and what is missing") {
  const Json list = Json::parse(ShowText(Window(true), {.list = true, .json = true}).value());
  CHECK(list["missing"] == Json({"4711 events before the window, up to 58s"}));
  CHECK(list["requests"][0]["took_ns"] == 59 * kSecond);
  CHECK(list["requests"][0]["began_before_window"] == true);
  CHECK(list["requests"][0]["at_least"] == false);
  const Json old = Json::parse(ShowText(Window(false), {.list = true, .json = true}).value());
  CHECK(old["requests"][0]["at_least"] == true);
  const Json tree = Json::parse(ShowText(Window(true), {.all = true, .json = true}).value());
  CHECK(tree["missing"].size() == 1);
  CHECK(tree["rows"][0]["began_before_window"] == true);
}

TEST_CASE("the coroutines of a window are counted with those that are older") {
  const Json stats = Json::parse(StatsText(Window(true), {.json = true}));
  CHECK(stats["missing"].size() == 1);
  CHECK(stats["tasks"].size() == 4);
  for (const Json& line : stats["tasks"]) {
    CHECK(line["began_before_window"] == 1);
    if (line["what"] == "Handle") CHECK(line["total_ns"] == 59 * kSecond);
    if (line["what"] == "Query") CHECK(line["waiting_ns"] == 2 * kSecond);
  }
}

TEST_CASE("OpenTelemetry gets a span for each task that is older than the window") {
  const Json spans =
      Json::parse(OtlpText(Window(true)))["resourceSpans"][0]["scopeSpans"][0]["spans"];
  REQUIRE(spans.size() == 4);
  CHECK(spans[2]["startTimeUnixNano"] == std::to_string(2 * kSecond));
  CHECK(spans[2]["parentSpanId"] == spans[1]["spanId"]);
  CHECK_THAT(spans[2].dump(), ContainsText("heddle.began_before_window"));
  CHECK_THAT(OtlpText(Window(true)), ContainsText("heddle.missing"));
  CHECK_THAT(OtlpText(Window(false)), ContainsText("heddle.at_least"));
}

TEST_CASE("Perfetto gets a slice for each, those that were called in their caller's lane") {
  const Json chrome = Json::parse(ChromeText(Window(true)));
  CHECK(chrome["missing"].size() == 1);
  std::map<std::string, Json> slices;
  for (const Json& event : chrome["traceEvents"]) {
    if (event["ph"] == "X") slices[event["name"]] = event;
  }
  REQUIRE(slices.count("Query#0") == 1);
  CHECK(slices["Query#0"]["tid"] == slices["Handle#0"]["tid"]);
  CHECK(slices["Idle#0"]["tid"] != slices["Handle#0"]["tid"]);
  CHECK(slices["Query#0"]["ts"] == 2e6);
  CHECK(slices["Query#0"]["args"]["began_before_window"] == true);
}

TEST_CASE("of a window that lost all of its events the tasks are shown that lived when it began") {
  Trace trace = Window(true);
  trace.events.clear();
  CHECK_THAT(ShowText(trace, {.all = true}).value(), ContainsText("Query#0"));
  CHECK_THAT(ShowText(trace, {.list = true}).value(), ContainsText("order 17"));
  CHECK(ShowText(trace, {.all = true, .table = true}).ok());
  CHECK(!StatsText(trace, {}).empty());
  CHECK(Json::accept(ChromeText(trace)));
  CHECK(Json::accept(OtlpText(trace)));
}

TEST_CASE("a chain of ten thousand calls that is older than the window can be shown") {
  Trace trace = Window(true);
  for (TaskId task = 4; task < 10'000; ++task) {
    CarriedTask& carried = trace.losses.tasks.emplace_back(trace.losses.tasks[2]);
    carried.parent = task - 1;
  }
  CHECK_THAT(ShowText(trace, {.all = true}).value(), ContainsText("what is below it is left out"));
}

// Three requests, of which the second failed.
Trace Filtered() {
  TraceBuilder run;
  const TaskId body = run.Main();
  for (int i = 0; i < 3; ++i) {
    const TaskId task = run.Spawn(body, "Serve");
    run.Start(task, body).WorkFor(task, run.Flow("order " + std::to_string(i)));
    run.Suspend(task, Operation::kSleep, 0, "shop.cc:5");
    run.JumpTo((i + 1) * kSecond).Wake(task).Resume(task);
    run.Finish(task, i == 1 ? Outcome::kException : Outcome::kValue);
  }
  run.Finish(body);
  return Filter(run.Build(), {.requests = {.all = false}});
}

TEST_CASE("a request that was not kept is marked, and nothing is said of where its time went") {
  CheckGolden("show_filtered_list", ShowText(Filtered(), {.list = true}).value());
  const Json list = Json::parse(ShowText(Filtered(), {.list = true, .json = true}).value());
  const Json& dropped = list["requests"][0];
  CHECK(dropped["kept"] == false);
  CHECK(dropped["running_ns"].is_null());
  CHECK(dropped["waiting_ns"].is_null());
  CHECK(list["requests"][1]["waiting_ns"] == kSecond);
  CHECK_THAT(ShowText(Filtered(), {.flow = "order 0"}).value(),
             ContainsText("not kept: its steps are missing"));
  CHECK_THAT(ShowText(Filtered(), {.all = true}).value(), ContainsText("returned, not kept"));
}

TEST_CASE("a request of which only a worker took up a message that was kept was not kept") {
  TraceBuilder run;
  const ObjectId jobs = run.Object("Channel", "jobs");
  const TaskId body = run.Main();
  const TaskId worker = run.Spawn(body, "Work");
  run.Start(worker, body);
  for (std::uint32_t i = 0; i < 2; ++i) {
    const TaskId client = run.Spawn(body, "Ask");
    run.Start(client, body).WorkFor(client, run.Flow("order " + std::to_string(i)));
    run.Send(client, jobs, i).Finish(client, i == 1 ? Outcome::kException : Outcome::kValue);
    run.Receive(worker, jobs, i).TakeUp(worker, run.Flow("order " + std::to_string(i)));
    run.Suspend(worker, Operation::kSleep, 0, "shop.cc:8").JumpTo((i + 1) * kSecond);
    run.Wake(worker).Resume(worker).TakeUp(worker, 0);
  }
  run.Finish(worker).Finish(body);
  const Trace trace = Filter(run.Build(), {.requests = {.all = false}});
  const Json list = Json::parse(ShowText(trace, {.list = true, .json = true}).value());
  REQUIRE(list["requests"].size() == 2);
  CHECK(list["requests"][0]["name"] == "order 0");
  CHECK(list["requests"][0]["kept"] == false);
  CHECK(list["requests"][0]["waiting_ns"].is_null());
  CHECK(list["requests"][0]["took_ns"] == kSecond);
  CHECK(!list["requests"][1].contains("kept"));
  CHECK(list["requests"][1]["waiting_ns"] == kSecond);
}

TEST_CASE("stats leave requests that were not kept out, and count them") {
  const Json stats = Json::parse(StatsText(Filtered(), {.json = true}));
  CHECK(stats["requests_not_kept"] == 2);
  for (const Json& line : stats["tasks"]) {
    if (line["what"] == "Serve") CHECK(line["count"] == 1);
  }
  CHECK_THAT(StatsText(Filtered(), {}), ContainsText("2 requests that were not kept: left out"));
}

TEST_CASE("every verdict over a lossy trace says so") {
  const Trace trace = Filtered();
  const std::string lost = "6 events of 2 requests that were not kept: they did not fail";
  CHECK(RedFlagsText(trace, {}, {}) == "no red flags in " + std::to_string(trace.events.size()) +
                                           " events of a trace that is not whole, without " + lost +
                                           "\n");
  const Json flags = Json::parse(RedFlagsText(trace, {}, {.json = true}));
  REQUIRE(flags.size() == 1);
  CHECK(flags[0]["kind"] == "missing");
  CHECK(flags[0]["event"].is_null());
  CHECK(flags[0]["text"] == lost);

  const RunDiff same = Compare(trace, trace);
  CHECK_THAT(DiffText(trace, trace, same, {}), ContainsText("of traces that are not whole"));
  const Json diff = Json::parse(DiffText(trace, trace, same, {.json = true}));
  CHECK(diff["same"] == true);
  CHECK(diff["missing"].size() == 2);
  Trace other = trace;
  other.events.pop_back();
  CHECK(Json::parse(DiffText(trace, other, Compare(trace, other), {.json = true}))["missing"]
            .size() == 2);
  CHECK_THAT(DiffText(trace, other, Compare(trace, other), {}),
             ContainsText("- not all of the run is in its trace"));

  CHECK_THAT(GraphText(trace, {.all = true}).value(), StartsWithText("// missing: " + lost));
  CHECK_THAT(GraphText(trace, {.mermaid = true, .all = true}).value(),
             StartsWithText("%% missing: " + lost));
}

}  // namespace
}  // namespace heddle::tools
