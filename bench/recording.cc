// SPDX-License-Identifier: MIT
//
// Recordings: how long it takes to write one, to read it back, to find the causes in it, and to
// look at it with the command. The trace is the order pipeline's (pipeline_trace.h).
//
// The floor writes of each event what it is, how much time has passed and which task it is of, as
// two varints, into a buffer of 1 MiB that goes to a file when it is full.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "child_process.h"
#include "heddle/causality.h"
#include "heddle/check.h"
#include "heddle/random.h"
#include "heddle/trace_io.h"
#include "pipeline_trace.h"
#include "workload.h"

namespace heddle::bench {
namespace {

namespace fs = std::filesystem;

// A folder for one workload's files; gone with it.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "heddle-bench-XXXXXX").string();
    HEDDLE_CHECK(mkdtemp(name.data()) != nullptr, "cannot make a temporary folder");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  std::string operator/(const char* name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

void MustWrite(const std::string& path, const Trace& trace) {
  const absl::Status status = WriteRecording(path, trace);
  HEDDLE_CHECK(status.ok(), "cannot write a recording: is the disk full?");
}

class FloorWriter {
 public:
  explicit FloorWriter(const std::string& path)
      : file_(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)),
        buffer_(std::make_unique<char[]>(kBuffer + kEventMax)) {
    HEDDLE_CHECK(file_ >= 0, "cannot write into the temporary folder");
  }
  FloorWriter(const FloorWriter&) = delete;
  FloorWriter& operator=(const FloorWriter&) = delete;
  ~FloorWriter() { close(file_); }

  void Write(const std::vector<Event>& events) {
    VirtualNanos time = 0;
    TaskId task = 0;
    char* next = buffer_.get();
    for (const Event& event : events) {
      if (next >= buffer_.get() + kBuffer) next = Flush(next);
      const auto passed = static_cast<std::uint64_t>(event.time - time);
      const auto further = static_cast<std::int32_t>(event.task - task);
      next = PutVarint(next, passed << 5 | static_cast<std::uint64_t>(event.kind));
      next = PutVarint(next, static_cast<std::uint32_t>(further << 1 ^ further >> 31));
      time = event.time;
      task = event.task;
    }
    Flush(next);
  }

 private:
  static constexpr std::size_t kBuffer = 1 << 20;
  static constexpr std::size_t kEventMax = 20;

  static char* PutVarint(char* out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) *out++ = static_cast<char>(value | 0x80);
    *out++ = static_cast<char>(value);
    return out;
  }

  char* Flush(const char* end) {
    const auto size = static_cast<std::size_t>(end - buffer_.get());
    HEDDLE_CHECK(write(file_, buffer_.get(), size) == static_cast<ssize_t>(size),
                 "cannot write into the temporary folder");
    return buffer_.get();
  }

  int file_;
  std::unique_ptr<char[]> buffer_;
};

double BytesOf(const std::string& path) { return static_cast<double>(fs::file_size(path)); }

// What the workloads on one run share; made when the first of them begins.
struct OneRun {
  Folder folder;
  Trace trace = PipelineTrace(1);
  Trace events;  // without its tables
  std::string path = folder / "run.heddle";
  std::string events_path = folder / "events.heddle";
  std::string floor_path = folder / "floor";

  OneRun() {
    events.events = trace.events;
    MustWrite(path, trace);
    MustWrite(events_path, events);
    FloorWriter(floor_path).Write(trace.events);
  }
  double count() const { return static_cast<double>(trace.events.size()); }
};

const OneRun& TheRun() {
  static const OneRun run;
  return run;
}

// The same of a million events.
struct LongRun {
  Trace trace = Repeated(TheRun().trace, 1'000'000);
  Causality causality{trace};
};

const LongRun& TheLongRun() {
  static const LongRun run;
  return run;
}

constexpr std::size_t kQueries = 100'000;

void AskHappensBefore() {
  const Causality& causality = TheLongRun().causality;
  const auto events = static_cast<std::uint32_t>(TheLongRun().trace.events.size());
  Random random(1);
  std::size_t count = 0;
  for (std::size_t i = 0; i < kQueries; ++i) {
    const std::uint32_t a = random.Below(events);
    const std::uint32_t b = random.Below(events);
    count += causality.HappensBefore(a, b) || causality.HappensBefore(b, a) ? 1 : 0;
  }
  HEDDLE_CHECK(count > 0, "of all those events, no two are ordered");
}

void ReadBack() {
  const absl::StatusOr<Recording> recording = ReadRecording(TheRun().path);
  HEDDLE_CHECK(recording.ok() && recording->damage.ok() &&
                   recording->trace.events.size() == TheRun().trace.events.size(),
               "a recording was not read back");
}

constexpr int kSame = 0;
constexpr int kDifferent = 1;

std::vector<Measured> ShowOneRequest() {
  const Folder folder;
  const std::string path = folder / "long.heddle";
  InCopy([&path] { MustWrite(path, Repeated(PipelineTrace(1), 10'000'000)); });
  const Cost cost = CostOf({HEDDLE_COMMAND, "show", path, "--flow", "#36000"}, kSame);
  return {{"show", cost.seconds * 1e9}, {"megabytes", cost.megabytes}};
}

std::vector<Measured> DiffTwoRuns() {
  const Folder folder;
  const std::array paths = {folder / "a.heddle", folder / "b.heddle"};
  InCopy([&paths] {
    for (std::size_t i = 0; i < paths.size(); ++i) {
      MustWrite(paths[i], Repeated(PipelineTrace(i + 1), 1'000'000));
    }
  });
  const Cost cost = CostOf({HEDDLE_COMMAND, "diff", paths[0], paths[1]}, kDifferent);
  return {{"diff", cost.seconds * 1e9}};
}

std::vector<Measured> Sizes() {
  const double count = TheRun().count();
  return {{"heddle", BytesOf(TheRun().events_path) / count},
          {"whole", BytesOf(TheRun().path) / count},
          {"floor", BytesOf(TheRun().floor_path) / count}};
}

}  // namespace

std::vector<Trial> RecordingTrials() {
  return {{.name = "Show10M", .run = ShowOneRequest},
          {.name = "Diff1M", .run = DiffTwoRuns},
          {.name = "EventBytes", .run = Sizes}};
}

std::vector<Workload> RecordingWorkloads() {
  const auto one_run = [] { return TheRun().count(); };
  const auto long_run = [] { return static_cast<double>(TheLongRun().trace.events.size()); };
  const auto queries = [] {
    TheLongRun();
    return static_cast<double>(kQueries);
  };
  const auto write_events = [] { MustWrite(TheRun().events_path, TheRun().events); };
  const auto write_whole = [] { MustWrite(TheRun().path, TheRun().trace); };
  const auto write_floor = [] { FloorWriter(TheRun().floor_path).Write(TheRun().trace.events); };
  const auto build = [] { const Causality causality(TheLongRun().trace); };
  return {{.name = "EventToFile",
           .contenders = {{"heddle", write_events}, {"whole", write_whole}, {"floor", write_floor}},
           .prepare = one_run},
          {.name = "ReadBack", .contenders = {{"heddle", ReadBack}}, .prepare = one_run},
          {.name = "HbBuild", .contenders = {{"heddle", build}}, .prepare = long_run},
          {.name = "HbQuery", .contenders = {{"heddle", AskHappensBefore}}, .prepare = queries}};
}

}  // namespace heddle::bench
