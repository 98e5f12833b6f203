// SPDX-License-Identifier: MIT
//
// The examples of docs/recording.md, as they stand there.
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "heddle/flight_recorder.h"
#include "heddle/losses.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/trace_filter.h"
#include "heddle/trace_io.h"
#include "heddle/trace_stream.h"
#include "support/catch.h"

namespace heddle {
namespace {

// The examples name files without a directory.
class InDirectoryOfItsOwn {
 public:
  InDirectoryOfItsOwn()
      : before_(std::filesystem::current_path()),
        own_(std::filesystem::temp_directory_path() /
             ("heddle-recording-doc-" + std::to_string(::getpid()))) {
    std::filesystem::create_directory(own_);
    std::filesystem::current_path(own_);
  }
  InDirectoryOfItsOwn(const InDirectoryOfItsOwn&) = delete;
  InDirectoryOfItsOwn& operator=(const InDirectoryOfItsOwn&) = delete;
  ~InDirectoryOfItsOwn() {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(own_);
  }

 private:
  std::filesystem::path before_;
  std::filesystem::path own_;
};

Task<void> body() {
  for (int i = 0; i < 10; ++i) co_await Yield();
}

void Stream() {
  TraceStream stream("run.heddle");
  const RunResult run = Run(body, {.stream = &stream});
  if (!stream.status().ok()) std::cerr << stream.status().message() << '\n';
  const Trace trace = ReadRecording("run.heddle")->trace;
  CHECK(trace == Run(body).trace);
}

void Flight() {
  FlightRecorder flight({.bytes_max = 4 << 20, .time_max = std::chrono::seconds(30)});
  flight.SnapshotOnFailure("last-seconds.heddle");
  const absl::Status armed = flight.SnapshotOnCrash("crash.heddle");
  const RunResult run = Run(body, {.flight = &flight});
  const absl::Status written = flight.Snapshot("window.heddle");
  CHECK(armed.ok());
  CHECK(written.ok());
  CHECK(ReadRecording("window.heddle")->trace == run.trace);
}

void Filtered() {
  const TraceFilter filter = {
      .without = kAccessEvents | kLockEvents,
      .without_sites = {"*/third_party/*", "Cache::*"},
      .requests = {.all = false, .slower_than = std::chrono::milliseconds(50), .one_in = 100},
      .rate = {.events_per_second_max = 1'000'000}};
  const RunResult run = Run(body, {.filter = &filter});
  CHECK(run.trace.losses.empty());
}

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Without the blanks, which differ by how deep it stands.
std::string Words(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

TEST_CASE("the examples of the page about recording work") {
  const InDirectoryOfItsOwn directory;
  Stream();
  Flight();
  Filtered();
}

TEST_CASE("the examples of the page about recording are those that are tested") {
  const std::string page = TextOf(HEDDLE_SOURCE_DIR "/docs/recording.md");
  const std::string tests = Words(TextOf(__FILE__));
  constexpr std::string_view kFence = "```cpp\n";
  std::size_t examples = 0;
  for (std::size_t at = page.find(kFence); at != std::string::npos; at = page.find(kFence, at)) {
    at += kFence.size();
    const std::size_t end = page.find("```", at);
    REQUIRE(end != std::string::npos);
    CAPTURE(page.substr(at, end - at));
    CHECK(tests.find(Words(page.substr(at, end - at))) != std::string::npos);
    ++examples;
  }
  CHECK(examples == 3);
}

}  // namespace
}  // namespace heddle
