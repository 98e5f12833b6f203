// SPDX-License-Identifier: MIT
//
// Implements internal/watchdog.h with a POSIX timer that signals the thread it watches: the signal
// arrives in the middle of the step, so what it reads there is not read by a second thread.
#include "heddle/internal/watchdog.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>

#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/internal/file_stem.h"
#include "heddle/process_info.h"
#include "heddle/task_table.h"
#include "heddle/test_framework.h"
#include "heddle/trace_io.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

namespace heddle::internal::inline HEDDLE_VARIANT {
namespace {

constexpr const char* kVariable = "HEDDLE_STEP_TIMEOUT";
constexpr const char* kOption = "RunOptions::step_timeout";
constexpr const char* kDirectory = "heddle-failures";

// A step that is seen by so many ticks of the timer has lasted for the whole timeout.
constexpr int kTicks = 4;
constexpr unsigned kSecondsToReport = 10;

int SignalNumber() { return SIGRTMAX - 1; }

// How long a step may take, in seconds, and who says so.
struct Limit {
  double seconds = 0;  // 0: for ever
  const char* source = kOption;
};

constexpr double kMost = 1'000'000;

// In seconds; 0: for ever.
double ReadVariable() {
  const char* value = std::getenv(kVariable);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  const std::string text(value == nullptr ? "" : value);
  if (text.empty()) return 0;
  double seconds = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc() || stopped != end || !(seconds >= 0) || seconds > kMost) {
    throw UsageError("heddle: " + std::string(kVariable) + "='" + text +
                     "' is not a number of seconds. Give one like 5 or 0.5, or unset it.");
  }
  return seconds;
}

Limit LimitFor(const RunOptions& options) {
  static const double of_all_runs = ReadVariable();
  const double own = std::chrono::duration<double>(options.step_timeout).count();
  if (own > 0) return {.seconds = std::min(own, kMost), .source = kOption};
  return {.seconds = of_all_runs, .source = kVariable};
}

// Of the run that the thread is in.
constinit thread_local Limit limit;

// "0.1", "5"
std::string SecondsText(double seconds) {
  char text[32];
  const auto [end, error] = std::to_chars(std::begin(text), std::end(text), seconds);
  return {std::begin(text), end};
}

// --- the report ---------------------------------------------------------------------------

void Print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string PlaceOf(SiteRef site) {
  if (!site) return {};
  const std::source_location place = site.location();
  return ToString(Site{.file = place.file_name(), .line = place.line(), .function = {}});
}

// "Charge#0 is running; it went on after its await at shop.cc:41 (lock)."
std::string RunningText(const Executor& executor, const Trace& trace) {
  const TaskState* task = executor.running();
  if (task == nullptr) return "The body is running, outside of any task.";
  std::string text = trace.events.empty() ? DisplayName(task->function.location().function_name())
                                          : TaskTable(trace).Path(task->id);
  text += " is running; it ";
  const std::string place = PlaceOf(task->site);
  if (place.empty()) return text + "has not awaited anything yet.";
  return text + "went on after its await at " + place + " (" +
         std::string(Name(task->operation())) + ").";
}

Trace TraceSoFar(const Executor& executor, const std::string& message) {
  Trace trace = executor.recorder().ToTrace();
  TraceHeader& header = trace.header;
  header.test = CurrentTestName();
  header.chooser = executor.chooser().name();
  header.seed = executor.chooser().seed();
  header.ending = Ending::kStopped;
  header.message = message;
  header.steps = executor.steps();
  DescribeProcess(header);
  return trace;
}

// A file for each test, beside that of a failure.
std::string PathOfRecording(const TraceHeader& header) {
  const std::string test = header.test.empty() ? "" : "-" + FileStem(header.test);
  return std::string(kDirectory) + "/blocked-step" + test + ".heddle";
}

std::string KeepRecording(const Trace& trace) {
  std::error_code code;
  std::filesystem::create_directories(kDirectory, code);
  const std::string path = PathOfRecording(trace.header);
  const absl::Status status = WriteRecording(path, trace);
  if (!status.ok()) return "  No recording was written: " + std::string(status.message()) + "\n";
  std::string text = "  Replay it, in a debugger:  HEDDLE_REPLAY=" + path;
  for (const std::string& word : trace.header.command) text += " '" + word + "'";
  return text + "\n  Look at it:  heddle show " + path + "\n";
}

[[noreturn]] void Report(const Executor& executor) {
  const std::string what = "step " + std::to_string(executor.steps()) + " has taken more than " +
                           SecondsText(limit.seconds) + " seconds of real time";
  Print("\nheddle: blocked: " + what + ", the limit in " + limit.source + ".\n");
  const Trace trace = TraceSoFar(executor, what);
  Print("  " + RunningText(executor, trace) +
        "\n  Likely cause: a loop that never awaits, or a call that blocks the thread: a lock of "
        "the\n    standard library, a sleep, input or output.\n");
  Executor::LeaveRun();  // the guard would give the run's answer to the file that is opened
  Print(KeepRecording(trace));
  std::abort();
}

// --- the timer ----------------------------------------------------------------------------

// What the last tick saw. Written by the thread that it is about, and by no other.
struct Seen {
  std::uint64_t run = 0;
  std::uint64_t steps = 0;
  int ticks = 0;
};
constinit thread_local Seen seen;

void OnTick(int /*signal*/) {
  const Executor* executor = Executor::Current();
  if (executor == nullptr) return;
  if (executor->run_number() != seen.run || executor->steps() != seen.steps) {
    seen = {.run = executor->run_number(), .steps = executor->steps(), .ticks = 0};
    return;
  }
  if (++seen.ticks < kTicks) return;
  // A step that holds what the report needs, the heap for example, must not keep the process.
  static_cast<void>(std::signal(SIGALRM, SIG_DFL));
  alarm(kSecondsToReport);
  Report(*executor);
}

void ListenForTicks() {
  struct sigaction action = {};
  action.sa_handler = OnTick;
  action.sa_flags = SA_RESTART;
  sigaction(SignalNumber(), &action, nullptr);
}

}  // namespace

class StepTimer {
 public:
  explicit StepTimer(double timeout) {
    static const bool listens = (ListenForTicks(), true);
    static_cast<void>(listens);
    struct sigevent event = {};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SignalNumber();
    event.sigev_notify_thread_id = gettid();
    if (timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0) {
      throw UsageError("heddle: no timer for " + std::string(kVariable) + ": " +
                       std::generic_category().message(errno) + ". Unset it to do without.");
    }
    constexpr double kNanos = 1e9;
    const auto period = static_cast<std::int64_t>(timeout / kTicks * kNanos) + 1;
    struct itimerspec times = {};
    times.it_interval.tv_sec = period / static_cast<std::int64_t>(kNanos);
    times.it_interval.tv_nsec = period % static_cast<std::int64_t>(kNanos);
    times.it_value = times.it_interval;
    timer_settime(timer_, 0, &times, nullptr);
  }
  StepTimer(const StepTimer&) = delete;
  StepTimer& operator=(const StepTimer&) = delete;
  ~StepTimer() { timer_delete(timer_); }

 private:
  timer_t timer_ = {};
};

Watchdog::Watchdog(const RunOptions& options) {
  const Limit own = LimitFor(options);
  if (own.seconds <= 0) return;
  limit = own;
  timer_ = std::make_unique<StepTimer>(own.seconds);
}

Watchdog::~Watchdog() = default;

}  // namespace heddle::internal::inline HEDDLE_VARIANT
