// SPDX-License-Identifier: MIT
//
// A recording that is written while the run goes on, and what is left of it when the process is
// killed or the disk is full.
#include "heddle/trace_stream.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "heddle/check.h"
#include "heddle/trace_cursor.h"
#include "heddle/trace_io.h"
#include "support/catch.h"
#include "support/law.h"
#include "support/temporary_path.h"

namespace heddle {
namespace {

constexpr std::size_t kChunk = 100;

TraceHeader Header(Ending ending) {
  TraceHeader header;
  header.test = "a long run";
  header.seed = 42;
  header.ending = ending;
  return header;
}

// One event, of the kind and with the tables that belong to its number.
void AddEvent(Recorder& recorder, std::uint32_t i) {
  const auto here = std::source_location::current();
  switch (i % 8) {
    case 0:
      return recorder.Add(EventKind::kSpawn, i, 0, Operation::kNone, here);
    case 1:
      return recorder.AddStep<RecordMode::kEvents>(Pack(EventKind::kResume, Operation::kYield, 0),
                                                   i, 2, i + 1, 0);
    case 2:
      return recorder.Add(EventKind::kFlow, i, recorder.AddFlow("request " + std::to_string(i)));
    case 3:
      return recorder.AddMark(EventKind::kMark, i, here, {"mark", {{"number", std::int64_t{i}}}});
    case 4:
      return recorder.Add(EventKind::kSuspend, i, recorder.AddObject("Mutex", std::to_string(i)),
                          Operation::kLock, here);
    case 5:
      return recorder.AddDraw(i, here, 1, 3);
    case 6:
      return recorder.AdvanceTo(VirtualNanos{1000} * i);
    default:
      return recorder.Add(EventKind::kFinish, i);
  }
}

void AddEvents(Recorder& recorder, std::uint32_t from, std::uint32_t to) {
  for (std::uint32_t i = from; i < to; ++i) AddEvent(recorder, i);
}

Trace WholeTrace(std::uint32_t events) {
  Recorder recorder;
  recorder.Begin(RecordMode::kEvents);
  AddEvents(recorder, 0, events);
  return recorder.ToTrace();
}

Recording ReadBack(const std::string& path) {
  absl::StatusOr<Recording> recording = ReadRecording(path);
  INFO(recording.status().message());
  REQUIRE(recording.ok());
  return *std::move(recording);
}

// `start` holds the first events of `whole`, and the tables and choices that they need.
void CheckStart(const Trace& start, const Trace& whole) {
  const auto is_start = [](const auto& a, const auto& b) {
    return a.size() <= b.size() && std::equal(a.begin(), a.end(), b.begin());
  };
  CHECK(is_start(start.sites, whole.sites));
  CHECK(is_start(start.objects, whole.objects));
  CHECK(is_start(start.flows, whole.flows));
  CHECK(is_start(start.marks, whole.marks));
  CHECK(is_start(start.choices, whole.choices));
  CHECK(is_start(start.events, whole.events));
}

// Runs `body` in a process of its own; how that ended, as waitpid says it.
template <class Body>
int StatusOfChild(Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    body();
    ::_exit(0);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

TEST_CASE("a stream that is finished holds what a recording of the whole run holds") {
  const TemporaryPath path("heddle-stream");
  const std::uint32_t events = GENERATE(0u, 1u, 99u, 100u, 101u, 1999u, 5000u);
  Recorder recorder;
  TraceStream stream(path.string(), {.chunk_events = kChunk});
  stream.Begin(Header(Ending::kFinished), recorder);
  recorder.Begin(RecordMode::kEvents);
  AddEvents(recorder, 0, events);
  recorder.End();
  stream.Finish(Header(Ending::kStuck), recorder);
  REQUIRE(stream.status() == absl::OkStatus());

  const Recording recording = ReadBack(path.string());
  CHECK(recording.damage == absl::OkStatus());
  Trace whole = WholeTrace(events);
  whole.header = Header(Ending::kStuck);
  CHECK(recording.trace == whole);
  CHECK(stream.events() == events);
}

TEST_CASE("a stream needs no more memory than one of its chunks") {
  const TemporaryPath path("heddle-stream");
  constexpr std::uint32_t kEvents = 50'000;
  Recorder recorder;
  TraceStream stream(path.string(), {.chunk_events = kChunk});
  stream.Begin(Header(Ending::kFinished), recorder);
  recorder.Begin(RecordMode::kEvents);
  AddEvents(recorder, 0, 2 * kChunk);
  const std::size_t capacity = recorder.capacity();
  AddEvents(recorder, 2 * kChunk, kEvents);
  CHECK(recorder.capacity() == capacity);
  std::size_t held = 0;
  recorder.VisitEvents([&](const Recorder::EventView&) { ++held; });
  CHECK(held <= kChunk);
  recorder.End();
  stream.Finish(Header(Ending::kFinished), recorder);
  CHECK(ReadBack(path.string()).trace.events.size() == kEvents);
}

TEST_CASE("a stream that keeps its events leaves them in the recorder too") {
  const TemporaryPath path("heddle-stream");
  Recorder recorder;
  TraceStream stream(path.string(), {.chunk_events = kChunk, .keep = true});
  stream.Begin(Header(Ending::kFinished), recorder);
  recorder.Begin(RecordMode::kEvents);
  AddEvents(recorder, 0, 1234);
  recorder.End();
  stream.Finish(Header(Ending::kFinished), recorder);
  const Trace whole = WholeTrace(1234);
  CHECK(recorder.ToTrace() == whole);
  CHECK(ReadBack(path.string()).trace.events == whole.events);
}

TEST_CASE("a recorder that was used for a stream is as good as new for the next run") {
  const TemporaryPath path("heddle-stream");
  Recorder recorder;
  {
    TraceStream stream(path.string(), {.chunk_events = kChunk});
    stream.Begin(Header(Ending::kFinished), recorder);
    recorder.Begin(RecordMode::kEvents);
    AddEvents(recorder, 0, 1234);
    recorder.End();
    stream.Finish(Header(Ending::kFinished), recorder);
  }
  recorder.Begin(RecordMode::kEvents);
  AddEvents(recorder, 0, 777);
  CHECK(recorder.ToTrace() == WholeTrace(777));
}

TEST_CASE("a killed process loses no more than the last chunk of its run") {
  const TemporaryPath path("heddle-stream");
  constexpr std::uint32_t kEvents = 2345;
  const int status = StatusOfChild([&] {
    Recorder recorder;
    TraceStream stream(path.string(), {.chunk_events = kChunk});
    stream.Begin(Header(Ending::kFinished), recorder);
    recorder.Begin(RecordMode::kEvents);
    AddEvents(recorder, 0, kEvents);
    ::raise(SIGKILL);
  });
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(WTERMSIG(status) == SIGKILL);

  const Recording recording = ReadBack(path.string());
  CHECK(recording.trace.events.size() == 2300);
  CheckStart(recording.trace, WholeTrace(kEvents));
  CHECK(recording.damage.code() == absl::StatusCode::kDataLoss);
  CHECK_THAT(std::string(recording.damage.message()), ContainsText("is missing") &&
                                                          ContainsText("the program was killed") &&
                                                          ContainsText("2300 events"));
  CHECK(recording.trace.header.test == "a long run");
  CHECK(recording.trace.header.ending == Ending::kStopped);
  CHECK_THAT(recording.trace.header.message, ContainsText("before the run did"));
}

TEST_CASE("a process that may write no more keeps what it wrote, and its run goes on") {
  const TemporaryPath path("heddle-stream");
  constexpr std::uint32_t kEvents = 20'000;
  constexpr rlim_t kBytesMax = 20'000;
  const int status = StatusOfChild([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {.rlim_cur = kBytesMax, .rlim_max = kBytesMax};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    Recorder recorder;
    TraceStream stream(path.string(), {.chunk_events = kChunk});
    stream.Begin(Header(Ending::kFinished), recorder);
    recorder.Begin(RecordMode::kEvents);
    AddEvents(recorder, 0, kEvents);
    recorder.End();
    stream.Finish(Header(Ending::kFinished), recorder);
    const bool says_so = stream.status().message().find("ulimit -f") != std::string::npos;
    const bool went_on = stream.events() == kEvents;
    ::_exit(says_so && went_on ? 0 : 1);
  });
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);

  const Recording recording = ReadBack(path.string());
  CHECK_FALSE(recording.damage.ok());
  CHECK(recording.trace.events.size() > 1000);
  CheckStart(recording.trace, WholeTrace(kEvents));
}

TEST_CASE("a full disk is reported with its cause") {
  Recorder recorder;
  TraceStream stream("/dev/full");
  stream.Begin(Header(Ending::kFinished), recorder);
  recorder.Begin(RecordMode::kEvents);
  AddEvents(recorder, 0, 10);
  stream.Finish(Header(Ending::kFinished), recorder);
  CHECK(stream.status().code() == absl::StatusCode::kResourceExhausted);
  CHECK_THAT(std::string(stream.status().message()),
             ContainsText("cannot write /dev/full") && ContainsText("the disk is full"));
}

TEST_CASE("a stream into a directory that is not there says so") {
  const TraceStream stream("/no-such-directory/run.heddle");
  CHECK(stream.status().code() == absl::StatusCode::kNotFound);
  CHECK_THAT(std::string(stream.status().message()), ContainsText("the directory does not exist"));
}

TEST_CASE("a stream is of one run") {
  const TemporaryPath path("heddle-stream");
  Recorder recorder;
  TraceStream stream(path.string());
  stream.Begin(Header(Ending::kFinished), recorder);
  CHECK_THROWS_AS(stream.Begin(Header(Ending::kFinished), recorder), UsageError);
}

TEST_CASE("a run taken in pieces is the run taken whole, whether or not they are forgotten") {
  CheckLaw([](const std::vector<std::uint8_t>& pieces, bool forget) {
    Recorder recorder;
    recorder.Begin(RecordMode::kEvents);
    TraceCursor cursor;
    Trace trace;
    std::uint32_t next = 0;
    for (const std::uint8_t size : pieces) {
      AddEvents(recorder, next, next + size);
      next += size;
      cursor.AppendTo(recorder, trace);
      if (forget) recorder.Forget();
    }
    if (pieces.empty()) cursor.AppendTo(recorder, trace);
    RC_ASSERT(trace == WholeTrace(next));
  });
}

}  // namespace
}  // namespace heddle
