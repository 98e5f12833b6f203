// SPDX-License-Identifier: MIT
//
// RunOptions::stream: a run is written to a file while it goes on. What a killed process leaves
// is tested in tests/recorder/trace_stream_test.cc.
#include <stdexcept>
#include <string>
#include <utility>

#include "heddle/chooser.h"
#include "heddle/choosers/dpor.h"
#include "heddle/gate.h"
#include "heddle/losses.h"
#include "heddle/mark.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/trace_io.h"
#include "heddle/trace_stream.h"
#include "heddle/world.h"
#include "support/catch.h"
#include "support/temporary_path.h"

namespace heddle {
namespace {

Task<void> Worker(int number) {
  for (int i = 0; i < 20; ++i) {
    Mark("turn", {{"worker", number}});
    co_await Yield();
  }
}

Task<void> Work(World& world) {
  for (int i = 0; i < 5; ++i) world.Spawn(Worker(i));
  co_await Yield();
}

Recording ReadBack(const std::string& path) {
  absl::StatusOr<Recording> recording = ReadRecording(path);
  REQUIRE(recording.ok());
  return *std::move(recording);
}

TEST_CASE("a run that is streamed gives the file and the trace that it gives otherwise") {
  const TemporaryPath path("heddle-run-stream");
  RandomChooser chooser(42);
  TraceStream stream(path.string(), {.chunk_events = 64, .keep = true});
  const RunResult run =
      Run([](World& world) { return Work(world); }, {.chooser = &chooser, .stream = &stream});
  REQUIRE(stream.status() == absl::OkStatus());
  CHECK(run.trace.events.size() > 64);
  const Recording recording = ReadBack(path.string());
  CHECK(recording.damage == absl::OkStatus());
  CHECK(recording.trace == run.trace);

  RandomChooser same(42);
  CHECK(
      SameRun(run.trace, Run([](World& world) { return Work(world); }, {.chooser = &same}).trace));
}

TEST_CASE("the trace of a streamed run says in which file its events are") {
  const TemporaryPath path("heddle-run-stream");
  RandomChooser chooser(42);
  TraceStream stream(path.string(), {.chunk_events = 64});
  const RunResult run =
      Run([](World& world) { return Work(world); }, {.chooser = &chooser, .stream = &stream});
  RandomChooser same(42);
  const RunResult whole = Run([](World& world) { return Work(world); }, {.chooser = &same});
  CHECK(run.trace.events.empty());
  CHECK(run.trace.header == whole.trace.header);
  REQUIRE(run.trace.losses.list.size() == 1);
  CHECK(run.trace.losses.list[0].reason == LossReason::kElsewhere);
  CHECK(run.trace.losses.events() == whole.trace.events.size());
  CHECK_THAT(LossText(run.trace.losses), ContainsText(path.string()));
  const Recording recording = ReadBack(path.string());
  CHECK(recording.damage == absl::OkStatus());
  CHECK(recording.trace == whole.trace);
}

TEST_CASE("a streamed run that is stuck names who waits, in its result and in its file") {
  const TemporaryPath path("heddle-run-stream");
  TraceStream stream(path.string(), {.chunk_events = 8});
  const auto body = [](World& world) -> Task<void> {
    Gate gate("never opened");
    world.Spawn(Worker(1));
    co_await gate.Wait();
  };
  const RunResult run = Run(body, {.stream = &stream});
  REQUIRE(run.ending == Ending::kStuck);
  CHECK(run.waiting == Run(body).waiting);
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].object == "Gate never opened");
  CHECK_THAT(Describe(run), ContainsText("are in the file " + path.string()));
  CHECK(ReadBack(path.string()).trace.header.waiting == run.waiting);
}

TEST_CASE("a chooser that learns from the events keeps them in a streamed run") {
  const TemporaryPath path("heddle-run-stream");
  DporChooser chooser;
  TraceStream stream(path.string(), {.chunk_events = 8});
  const RunResult run =
      Run([](World& world) { return Work(world); }, {.chooser = &chooser, .stream = &stream});
  CHECK(run.trace.losses.empty());
  CHECK(run.trace == ReadBack(path.string()).trace);
}

TEST_CASE("the outcome of a streamed run is that of the run") {
  const TemporaryPath path("heddle-run-stream");
  TraceStream stream(path.string());
  const RunResult run = Run(
      []() -> Task<void> {
        co_await Yield();
        throw std::runtime_error("out of balance");
      },
      {.stream = &stream});
  CHECK(run.ending == Ending::kThrew);
  const Recording recording = ReadBack(path.string());
  CHECK(recording.damage == absl::OkStatus());
  CHECK(recording.trace.header.ending == Ending::kThrew);
  CHECK(recording.trace.header.message == "out of balance");
}

TEST_CASE("before a streamed run is over its file says who runs it") {
  const TemporaryPath path("heddle-run-stream");
  RandomChooser chooser(42);
  TraceStream stream(path.string(), {.chunk_events = 1});
  Recording during;
  Run(
      [&]() -> Task<void> {
        co_await Yield();
        during = ReadBack(path.string());
      },
      {.chooser = &chooser, .stream = &stream});
  CHECK_FALSE(during.damage.ok());
  CHECK(during.trace.header.chooser == "random");
  CHECK(during.trace.header.seed == 42);
  CHECK(during.trace.header.ending == Ending::kStopped);
  CHECK_FALSE(during.trace.events.empty());
}

}  // namespace
}  // namespace heddle
