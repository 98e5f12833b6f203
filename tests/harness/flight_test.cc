// SPDX-License-Identifier: MIT
//
// RunOptions::flight: the last stretch of a run in bounded memory, as a value, as a file, and as
// what a process leaves that dies of a signal.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "heddle/channel.h"
#include "heddle/check.h"
#include "heddle/chooser.h"
#include "heddle/choosers/dpor.h"
#include "heddle/combinators.h"
#include "heddle/flight_recorder.h"
#include "heddle/gate.h"
#include "heddle/internal/shared_value.h"
#include "heddle/losses.h"
#include "heddle/mark.h"
#include "heddle/mutex.h"
#include "heddle/named.h"
#include "heddle/run.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_table.h"
#include "heddle/trace_io.h"
#include "heddle/trace_stream.h"
#include "heddle/trace_text.h"
#include "heddle/world.h"
#include "support/catch.h"
#include "support/law.h"
#include "support/temporary_path.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kEventBytes = 24;

Task<int> Price(int order) {
  Mutex own("price list");
  auto lock = co_await own.Lock();
  co_await SleepFor(milliseconds(order % 3));
  if (order % 2 == 0) NameTask("price of " + std::to_string(order));
  co_return order;
}

Task<void> Order(Mutex& ledger, int number) {
  BeginFlow("order " + std::to_string(number));
  const auto [first, second] = co_await All(Price(number), Price(number + 1));
  auto lock = co_await ledger.Lock();
  Mark("booked", {{"order", number}, {"sum", first + second}});
  co_await Yield();
}

Task<void> Shop(World& world, int orders) {
  Mutex ledger("ledger");
  Gate closing;
  for (int i = 0; i < orders; i += 2) {
    world.Spawn(Named("at the door: \"" + std::to_string(i) + "\"", Order(ledger, i)));
    co_await Order(ledger, i + 1);
  }
  co_await SleepFor(milliseconds(5));
}

RunResult RunShop(int orders, std::uint64_t seed, FlightRecorder* flight) {
  RandomChooser chooser(seed);
  return Run([&](World& world) { return Shop(world, orders); },
             {.chooser = &chooser, .flight = flight});
}

// The events of `part` are the last ones of `whole`, in the words of both.
void CheckIsEndOf(const Trace& part, const Trace& whole) {
  REQUIRE(part.events.size() <= whole.events.size());
  const std::size_t before = whole.events.size() - part.events.size();
  const TaskTable part_tasks(part);
  const TaskTable whole_tasks(whole);
  for (std::size_t i = 0; i < part.events.size(); ++i) {
    const Event& event = whole.events[before + i];
    RC_ASSERT(part.events[i].time == event.time);
    RC_ASSERT(EventText(part, part_tasks, i) == EventText(whole, whole_tasks, before + i));
    const FlowId flow = part_tasks.FlowOf(i);
    const FlowId whole_flow = whole_tasks.FlowOf(before + i);
    const std::string name = flow == 0 ? "" : part.flows[flow].name;
    RC_ASSERT(name == (whole_flow == 0 ? "" : whole.flows[whole_flow].name));
  }
}

// How far the tasks were that `part` begins with, and since when their requests were.
void CheckCarried(const Trace& part, const Trace& whole) {
  const std::size_t before = whole.events.size() - part.events.size();
  const TaskTable part_tasks(part);
  const TaskTable whole_tasks(whole);
  for (TaskId id = 0; id < part.losses.tasks.size(); ++id) {
    const CarriedTask& carried = part.losses.tasks[id];
    const auto task =
        std::find_if(whole_tasks.tasks().begin(), whole_tasks.tasks().end(),
                     [&](const TaskInfo& info) { return info.path == part_tasks.Path(id); });
    RC_ASSERT(task != whole_tasks.tasks().end());
    const bool has_started = task->started != kNoEvent && task->started < before;
    const bool has_ended = task->ended != kNoEvent && task->ended < before;
    RC_ASSERT(carried.state == (has_ended     ? CarriedState::kEnded
                                : has_started ? CarriedState::kStarted
                                              : CarriedState::kCreated));
    RC_ASSERT(part_tasks[id].began_before == (has_started && !has_ended));
    if (has_started) RC_ASSERT(carried.started == whole.events[task->started].time);
    if (carried.flow == 0) continue;
    std::size_t first = 0;
    while (whole.flows[whole_tasks.FlowOf(first)].name != part.flows[carried.flow].name) ++first;
    RC_ASSERT(carried.flow_since == whole.events[first].time);
  }
}

TEST_CASE("a window has the values of what was read and written") {
  FlightRecorder flight;
  const RunResult run = Run(
      []() -> Task<> {
        Shared<int> stock(3, "stock");
        co_await stock.Read();
        stock.Set(4);
      },
      {.flight = &flight});
  CHECK(run.ok());
  std::string values;
  for (const Event& event : flight.ToTrace().events) values += internal::ValueText(event);
  CHECK(values == "34");
}

TEST_CASE("a flight recorder with room for a run has all of it") {
  FlightRecorder flight({.block_events = 16});
  CheckLaw([&](std::uint64_t seed, std::uint8_t orders) {
    const RunResult run = RunShop(orders % 8, seed, &flight);
    RC_ASSERT(run.trace == RunShop(orders % 8, seed, nullptr).trace);
    RC_ASSERT(flight.ToTrace() == run.trace);
  });
}

TEST_CASE("what a flight recorder has is the end of the run, with the names of the whole") {
  CheckLaw([](std::uint64_t seed, std::uint8_t orders, std::uint8_t block) {
    const std::size_t block_events = 1 + block % 64;
    FlightRecorder flight(
        {.bytes_max = 4 * block_events * kEventBytes, .block_events = block_events});
    const RunResult run = RunShop(orders % 8, seed, &flight);
    const Trace whole = RunShop(orders % 8, seed, nullptr).trace;
    RC_ASSERT(run.trace.events.size() + flight.lost_events() == whole.events.size());
    RC_ASSERT(run.trace.losses.events() == flight.lost_events());
    CheckIsEndOf(run.trace, whole);
    CheckCarried(run.trace, whole);
  });
}

TEST_CASE("a flight recorder keeps to its memory, however long the run") {
  FlightRecorder flight({.bytes_max = 64 * 1024, .block_events = 256});
  RunShop(2000, 1, &flight);
  CHECK(flight.lost_events() > 10'000);
  CHECK(flight.bytes() <= 64 * 1024);
  CHECK(flight.events() * kEventBytes > 16 * 1024);
}

TEST_CASE("a flight recorder goes back no further than it was asked to, by whole blocks") {
  FlightRecorder flight({.time_max = milliseconds(20), .block_events = 8});
  const RunResult run = Run(
      []() -> Task<void> {
        for (int i = 0; i < 1000; ++i) co_await SleepFor(milliseconds(1));
      },
      {.flight = &flight});
  const VirtualNanos first = run.trace.events.front().time;
  CHECK(first <= 980'000'000);
  CHECK(first >= 970'000'000);
  CHECK_THAT(LossText(run.trace.losses), ContainsText("before the window, up to "));
}

TEST_CASE("a snapshot is a recording that says what is missing") {
  const TemporaryPath path("heddle-flight");
  FlightRecorder flight({.bytes_max = 0, .block_events = 32});
  bool is_written = false;
  const RunResult run = Run(
      [&](World& world) -> Task<void> {
        co_await Shop(world, 20);
        is_written = flight.Snapshot(path.string()).ok();
        co_await Yield();
      },
      {.flight = &flight});
  REQUIRE(is_written);
  const absl::StatusOr<Recording> recording = ReadRecording(path.string());
  REQUIRE(recording.ok());
  CHECK(recording->damage == absl::OkStatus());
  const Trace& trace = recording->trace;
  CHECK(trace.header.ending == Ending::kStopped);
  CHECK_THAT(trace.header.message, ContainsText("snapshot"));
  REQUIRE(trace.losses.list.size() == 1);
  CHECK(trace.losses.list[0].reason == LossReason::kWindow);
  CHECK(trace.losses.list[0].events > 100);
  CHECK_THAT(CanonicalText(trace), ContainsText("missing") && ContainsText("before the window"));
}

TEST_CASE("a run that is stuck names who waits, although the beginning is gone") {
  const auto body = [](World& world) -> Task<void> {
    Gate gate("never opened");
    co_await Shop(world, 20);
    co_await gate.Wait();
  };
  FlightRecorder flight({.bytes_max = 0, .block_events = 32});
  const RunResult run = Run(body, {.flight = &flight});
  const RunResult whole = Run(body);
  REQUIRE(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK(ToString(run.waiting[0]) == ToString(whole.waiting[0]));
  CHECK_THAT(Describe(run), ContainsText("This rests on a part of the run"));
}

TEST_CASE("a flight recorder begins anew with each run") {
  FlightRecorder flight({.block_events = 16});
  RunShop(10, 1, &flight);
  CHECK(RunShop(4, 2, &flight).trace == RunShop(4, 2, nullptr).trace);
}

TEST_CASE("a flight recorder does not share a run with who keeps the events otherwise") {
  FlightRecorder flight;
  DporChooser chooser;
  const auto body = []() -> Task<void> { co_return; };
  CHECK_THROWS_AS(Run(body, {.chooser = &chooser, .flight = &flight}), UsageError);
  TraceStream stream("/dev/null");
  CHECK_THROWS_AS(Run(body, {.stream = &stream, .flight = &flight}), UsageError);
}

TEST_CASE("a failed check takes the snapshots that were asked for") {
  const TemporaryPath path("heddle-flight");
  FlightRecorder flight({.block_events = 16});
  flight.SnapshotOnFailure(path.string());
  Run(
      []() -> Task<void> {
        Mark("before");
        co_await Yield();
        NoteFailedCheck();
      },
      {.flight = &flight});
  const absl::StatusOr<Recording> recording = ReadRecording(path.string());
  REQUIRE(recording.ok());
  REQUIRE(recording->trace.marks.size() == 1);
  CHECK(recording->trace.marks[0].name == "before");
}

TEST_CASE("a run that fails takes the snapshot that was asked for, and one that finishes none") {
  const TemporaryPath path("heddle-flight");
  FlightRecorder flight({.block_events = 16});
  flight.SnapshotOnFailure(path.string());
  RunShop(4, 1, &flight);
  CHECK(ReadRecording(path.string()).status().code() == absl::StatusCode::kNotFound);
  const RunResult run = Run(
      []() -> Task<void> {
        co_await Yield();
        throw std::runtime_error("out of balance");
      },
      {.flight = &flight});
  const absl::StatusOr<Recording> recording = ReadRecording(path.string());
  REQUIRE(recording.ok());
  CHECK(recording->trace == run.trace);
  CHECK(recording->trace.header.message == "out of balance");
}

// --- what a crash leaves ------------------------------------------------------------------

// As a program that has no handlers of its own; and without a core file.
void BeOrdinary() {
  const rlimit no_core = {.rlim_cur = 0, .rlim_max = 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) ::signal(signal, SIG_DFL);
}

// In a process of its own: `crash` is called in the middle of a run. How that process ended.
template <class Crash>
int StatusAfter(const std::string& path, Crash crash, void (*prepare)() = BeOrdinary) {
  const pid_t child = ::fork();
  if (child == 0) {
    prepare();
    FlightRecorder flight({.bytes_max = 0, .block_events = 64});
    if (!flight.SnapshotOnCrash(path).ok()) ::_exit(2);
    Run(
        [&](World& world) -> Task<void> {
          co_await Shop(world, 20);
          Mark("the last thing", {{"number", 42}, {"text", "said"}});
          crash();
        },
        {.flight = &flight});
    ::_exit(1);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

// The file is whole, and goes up to the last thing that the run did.
void CheckWindow(const std::string& path, const std::string& signal) {
  const absl::StatusOr<Recording> recording = ReadRecording(path);
  INFO(recording.status().message());
  REQUIRE(recording.ok());
  CHECK(recording->damage == absl::OkStatus());
  const Trace& trace = recording->trace;
  CHECK(trace.header.ending == Ending::kStopped);
  CHECK_THAT(trace.header.message, ContainsText("died of " + signal));
  CHECK_THAT(LossText(trace.losses), ContainsText("before the window"));
  REQUIRE(!trace.events.empty());
  REQUIRE(trace.events.back().kind == EventKind::kMark);
  CHECK(MarkText(trace.marks.back()) == "the last thing {number: 42, text: \"said\"}");
  const TaskTable tasks(trace);
  CHECK(tasks.Path(trace.events.back().task) == "main");
}

TEST_CASE("a program that aborts leaves the window of its flight recorder, and dies of it") {
  const TemporaryPath path("heddle-flight");
  const int status = StatusAfter(path.string(), [] { std::abort(); });
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
  CheckWindow(path.string(), "SIGABRT");
}

TEST_CASE("a program that uses memory that is not its own leaves its window") {
  const TemporaryPath path("heddle-flight");
  const int status = StatusAfter(path.string(), [] { ::raise(SIGSEGV); });
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGSEGV);
  CheckWindow(path.string(), "SIGSEGV");
}

[[gnu::noinline]] void StoreAt(volatile int* address) { *address = 1; }

TEST_CASE("a fault of the processor leaves the window, and is met again by who comes next") {
  const TemporaryPath path("heddle-flight");
  const int status = StatusAfter(path.string(), [] {
    volatile std::uintptr_t nowhere = 16;
    StoreAt(reinterpret_cast<volatile int*>(nowhere));
  });
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGSEGV);
  CheckWindow(path.string(), "SIGSEGV");
}

// Ends when `depth` is negative, which it never gets.
[[gnu::noinline]] int GoDeeper(volatile int* depth) {
  volatile char room[4096];
  room[0] = 1;
  *depth = *depth + 1;
  return *depth < 0 ? 0 : GoDeeper(depth) + room[0];
}

TEST_CASE("a program whose stack overflows leaves its window") {
  const TemporaryPath path("heddle-flight");
  const int status = StatusAfter(
      path.string(),
      [] {
        volatile int depth = 0;
        GoDeeper(&depth);
      },
      [] {
        const rlimit small = {.rlim_cur = 1 << 20, .rlim_max = 1 << 20};
        ::setrlimit(RLIMIT_STACK, &small);
        BeOrdinary();
      });
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGSEGV);
  CheckWindow(path.string(), "SIGSEGV");
}

TEST_CASE("whoever handled a fatal signal before is told after the window is written") {
  const TemporaryPath path("heddle-flight");
  const int status = StatusAfter(
      path.string(), [] { std::abort(); },
      [] {
        BeOrdinary();
        ::signal(SIGABRT, [](int) { ::_exit(77); });
      });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 77);
  CheckWindow(path.string(), "SIGABRT");
}

TEST_CASE("a path that cannot be written does not keep a program from dying") {
  const int status = StatusAfter("/no-such-directory/crash.heddle", [] { std::abort(); });
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
}

TEST_CASE("at most eight flight recorders listen for a crash, and the ninth says so") {
  const TemporaryPath path("heddle-flight");
  std::vector<std::unique_ptr<FlightRecorder>> recorders;
  for (int i = 0; i < 8; ++i) {
    recorders.push_back(std::make_unique<FlightRecorder>(FlightRecorderOptions{.bytes_max = 0}));
    CHECK(recorders.back()->SnapshotOnCrash(path.string()).ok());
  }
  FlightRecorder ninth({.bytes_max = 0});
  const absl::Status status = ninth.SnapshotOnCrash(path.string());
  CHECK(status.code() == absl::StatusCode::kResourceExhausted);
  recorders.pop_back();
  CHECK(ninth.SnapshotOnCrash(path.string()).ok());
}

}  // namespace
}  // namespace heddle
