// SPDX-License-Identifier: MIT
//
// What the commands say of a snapshot of a program in production: real times, no choices.
#include <algorithm>
#include <sstream>

#include "absl/status/status.h"
#include "red_flags.h"
#include "replay.h"
#include "show.h"
#include "stats.h"
#include "support/catch.h"
#include "support/golden.h"
#include "support/trace_builder.h"

namespace heddle::tools {
namespace {

// One request that waits for its database, while another one is served.
Trace Snapshot() {
  TraceBuilder run;
  const ObjectId delay = run.Object("Pool::DelayAwaiter");
  run.JumpTo(100);
  const TaskId slow = run.Spawn(kNoTask, "Serve");
  run.Start(slow).WorkFor(slow, run.Flow("request 13"));
  run.JumpTo(300);
  const TaskId query = run.Call(slow, "Query", "main.cc:10");
  run.JumpTo(350).Suspend(query, Operation::kForeign, delay, "main.cc:20");
  const TaskId other = run.Spawn(kNoTask, "Serve");
  run.Start(other).WorkFor(other, run.Flow("request 14"));
  run.JumpTo(400).Finish(other);
  run.JumpTo(30'000).Resume(query).JumpTo(30'010).Return(query).JumpTo(30'050).Finish(slow);
  Trace trace = run.Build();
  // Each event has its own time there, and nothing jumps.
  std::erase_if(trace.events, [](const Event& event) { return event.kind == EventKind::kTime; });
  trace.header = {};
  trace.header.chooser = kLiveChooser;
  trace.header.ending = Ending::kStopped;
  trace.header.steps = 5;
  return trace;
}

// The same, of whose first request the beginning is gone, and which hangs.
Trace Hung() {
  Trace trace = Snapshot();
  const auto is_gone = [&](const Event& event) {
    return event.kind == EventKind::kSpawn || event.kind == EventKind::kStart ||
           event.kind == EventKind::kFlow || event.kind == EventKind::kResume ||
           event.kind == EventKind::kFinish;
  };
  std::erase_if(trace.events, [&](const Event& event) { return event.task < 2 && is_gone(event); });
  trace.events.back().time = 30'000;
  trace.losses.list.push_back({.reason = LossReason::kWindow, .events = 1000, .to = 360});
  trace.losses.tasks.push_back(
      {.flow = 1, .function = "Serve", .name = "Serve#0", .path = "Serve#0"});
  trace.losses.tasks.push_back(
      {.parent = 0, .flow = 1, .function = "Query", .name = "Query#0", .path = "Serve#0/Query#0"});
  trace.losses.ordinals.push_back({.parent = kNoTask, .word = "Serve", .count = 1});
  trace.header.waiting.push_back({.task = 1,
                                  .name = "Serve#0/Query#0",
                                  .operation = Operation::kForeign,
                                  .object = "Pool::DelayAwaiter",
                                  .site = "main.cc:20",
                                  .since = 350});
  return trace;
}

TEST_CASE("a request that hangs since before the window is shown, as far as it is known") {
  CheckGolden("show_live_hung", ShowText(Hung(), {.flow = "request 13"}).value());
  CheckGolden("show_live_hung_table",
              ShowText(Hung(), {.flow = "request 13", .table = true}).value());
}

TEST_CASE("a request of a snapshot is shown with its real times, and without choices") {
  CheckGolden("show_live_request", ShowText(Snapshot(), {.flow = "request 13"}).value());
}

TEST_CASE("the table of a snapshot says how long each task ran") {
  CheckGolden("show_live_table",
              ShowText(Snapshot(), {.flow = "request 13", .table = true}).value());
}

TEST_CASE("how long a request in production was ready is not known") {
  CheckGolden("show_live_list", ShowText(Snapshot(), {.list = true}).value());
  CHECK_THAT(ShowText(Snapshot(), {.list = true, .json = true}).value(),
             ContainsText("\"ready_ns\": null"));
}

// One that blocks its thread, with an await in front of it.
Trace Blocked() {
  TraceBuilder run;
  const ObjectId delay = run.Object("Pool::DelayAwaiter");
  const TaskId serve = run.Spawn(kNoTask, "Serve");
  run.Start(serve);
  const TaskId blocks = run.Call(serve, "Blocks", "main.cc:10");
  run.Suspend(blocks, Operation::kForeign, delay, "main.cc:20").JumpTo(1'000'000'000);
  run.Resume(blocks).JumpTo(1'700'000'000).Return(blocks).Finish(serve);
  Trace trace = run.Build();
  std::erase_if(trace.events, [](const Event& event) { return event.kind == EventKind::kTime; });
  trace.header.chooser = kLiveChooser;
  trace.header.ending = Ending::kStopped;
  return trace;
}

TEST_CASE(
    "a step in production that takes long is named, from how long on is for the user to say") {
  const auto flags = [](const CheckOptions& options) {
    return RedFlagsText(Blocked(), FindRedFlags(Blocked(), options), options);
  };
  CheckGolden("check_live_step", flags({}));
  CHECK_THAT(flags({.long_live_step = 700'000'001}), StartsWithText("no red flags"));
  // One that goes on at the end.
  Trace open = Blocked();
  open.events.resize(open.events.size() - 3);
  open.events.push_back({.time = 1'500'000'000, .task = 0, .kind = EventKind::kMark});
  open.marks.emplace_back();
  CHECK_THAT(RedFlagsText(open, FindRedFlags(open, {}), {}),
             ContainsText("ran for 500ms without an await, after the one at main.cc:20"));
}

TEST_CASE("the places of a snapshot have no steps of other tasks") {
  CheckGolden("stats_live", StatsText(Snapshot(), {}));
}

TEST_CASE("a snapshot cannot be replayed, and says why") {
  std::ostringstream out;
  std::ostringstream err;
  const absl::Status status = Replay(Snapshot(), {.file = "slow.heddle"}, out, err).status();
  CHECK(absl::IsFailedPrecondition(status));
  CHECK_THAT(std::string(status.message()),
             ContainsText("slow.heddle: is a snapshot of a program in production"));
}

}  // namespace
}  // namespace heddle::tools
