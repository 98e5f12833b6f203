// SPDX-License-Identifier: MIT
//
// RunOptions::stream: a run is written to a file while it goes on. What a killed process leaves
// is tested in tests/recorder/trace_stream_test.cc.
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "heddle/chooser.h"
#include "heddle/mark.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/trace_io.h"
#include "heddle/trace_stream.h"
#include "heddle/world.h"
#include "support/catch.h"

namespace heddle {
namespace {

class TemporaryPath {
 public:
  TemporaryPath()
      : path_(std::filesystem::temp_directory_path() /
              ("heddle-run-stream-" + std::to_string(::getpid()) + ".heddle")) {}
  TemporaryPath(const TemporaryPath&) = delete;
  TemporaryPath& operator=(const TemporaryPath&) = delete;
  ~TemporaryPath() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  std::string string() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

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
  const TemporaryPath path;
  RandomChooser chooser(42);
  TraceStream stream(path.string(), {.chunk_events = 64});
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

TEST_CASE("the outcome of a streamed run is that of the run") {
  const TemporaryPath path;
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
  const TemporaryPath path;
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
