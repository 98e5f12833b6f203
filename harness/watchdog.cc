// SPDX-License-Identifier: MIT
//
// Implements internal/watchdog.h with a POSIX timer that signals the thread it watches: the signal
// arrives in the middle of the step, so what it reads there is not read by a second thread.
//
// Who asks for a limit gets a timer of its own for the run. The default limit has one timer for
// the thread, which the first run arms, and which stops by itself when it finds no run: so a run
// of half a microsecond pays one comparison, and a program that is done with its runs hears at
// most one signal more.
#include "heddle/internal/watchdog.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
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
  double seconds = 0;            // 0: for ever
  const char* source = nullptr;  // null: nobody, it is the default
};

constexpr double kMost = 1'000'000;
constexpr double kDefault = 60;

// In seconds; 0: for ever.
Limit ReadVariable() {
  const char* value = std::getenv(kVariable);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  const std::string text(value == nullptr ? "" : value);
  if (text.empty()) return {.seconds = kDefault, .source = nullptr};
  double seconds = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc() || stopped != end || !(seconds >= 0) || seconds > kMost) {
    throw UsageError("heddle: " + std::string(kVariable) + "='" + text +
                     "' is not a number of seconds. Give one like 5 or 0.5, or unset it.");
  }
  return {.seconds = seconds, .source = kVariable};
}

Limit LimitFor(const RunOptions& options) {
  static const Limit of_all_runs = ReadVariable();
  if (options.step_timeout.count() <= 0) return of_all_runs;
  const double own = std::chrono::duration<double>(options.step_timeout).count();
  return {.seconds = std::min(own, kMost), .source = kOption};
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
  Print("\nheddle: blocked: " + what +
        (limit.source != nullptr ? ", the limit in " + std::string(limit.source) + ".\n"
                                 : ". HEDDLE_STEP_TIMEOUT sets another limit, and 0 none.\n"));
  Executor::LeaveRun();  // the guard would take what is done here for the run's doing
  const Trace trace = TraceSoFar(executor, what);
  Print("  " + RunningText(executor, trace) +
        "\n  Likely cause: a loop that never awaits, or a call that blocks the thread: a lock of "
        "the\n    standard library, a sleep, input or output.\n");
  Print(KeepRecording(trace));
  std::abort();
}

// --- the timer ----------------------------------------------------------------------------

// Whether a debugger holds the process: there a step takes as long as a person looks at it. Not by
// what opens files in C: the guard answers those.
bool IsTraced() {
  const auto file = static_cast<int>(syscall(SYS_openat, AT_FDCWD, "/proc/self/status", O_RDONLY));
  if (file < 0) return false;
  char text[1024];
  const ssize_t size = read(file, text, sizeof(text));
  close(file);
  const std::string_view status(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  constexpr std::string_view kKey = "TracerPid:\t";
  const std::size_t at = status.find(kKey);
  return at != std::string_view::npos && status.substr(at + kKey.size(), 1) != "0";
}

// What the last tick saw. Written by the thread that it is about, and by no other.
struct Seen {
  std::uint64_t run = 0;
  std::uint64_t steps = 0;
  int ticks = 0;
};
constinit thread_local Seen seen;

// Which timer a tick is of.
enum class TickOf : std::uint8_t { kThread = 1, kRun };

// Of the default limit, which has no timer of its own in a run: whether the thread's is armed.
constinit thread_local bool thread_timer_is_armed = false;
constinit thread_local timer_t thread_timer = {};
constinit thread_local bool has_thread_timer = false;

void SetTimer(timer_t timer, double period_seconds) {
  constexpr double kNanos = 1e9;
  const auto period = static_cast<std::int64_t>(period_seconds * kNanos);
  struct itimerspec times = {};
  times.it_interval.tv_sec = period / static_cast<std::int64_t>(kNanos);
  times.it_interval.tv_nsec = period % static_cast<std::int64_t>(kNanos);
  times.it_value = times.it_interval;
  timer_settime(timer, 0, &times, nullptr);
}

void OnTick(int /*signal*/, siginfo_t* info, void* /*context*/) {
  if (info->si_code != SI_TIMER) return;
  const bool of_thread = info->si_value.sival_int == static_cast<int>(TickOf::kThread);
  const Executor* executor = Executor::Current();
  if (of_thread && executor == nullptr) {
    SetTimer(thread_timer, 0);
    thread_timer_is_armed = false;
    return;
  }
  if (executor == nullptr || of_thread != (limit.source == nullptr)) return;
  if (executor->run_number() != seen.run || executor->steps() != seen.steps) {
    seen = {.run = executor->run_number(), .steps = executor->steps(), .ticks = 0};
    return;
  }
  if (++seen.ticks < kTicks) return;
  if (of_thread && IsTraced()) {
    seen.ticks = 0;
    return;
  }
  // A step that holds what the report needs, the heap for example, must not keep the process.
  static_cast<void>(std::signal(SIGALRM, SIG_DFL));
  alarm(kSecondsToReport);
  Report(*executor);
}

// False: the program has a use of its own for the signal.
bool ListenForTicks(bool by_force) {
  struct sigaction now = {};
  sigaction(SignalNumber(), nullptr, &now);
  const bool is_ours = (now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == OnTick;
  if (is_ours) return true;
  const bool is_free = (now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_DFL;
  if (!is_free && !by_force) return false;
  struct sigaction action = {};
  action.sa_sigaction = OnTick;
  action.sa_flags = SA_RESTART | SA_SIGINFO;
  sigaction(SignalNumber(), &action, nullptr);
  return true;
}

// False: there is none to be had.
bool CreateTimer(TickOf of, timer_t* timer) {
  struct sigevent event = {};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SignalNumber();
  event.sigev_value.sival_int = static_cast<int>(of);
  event.sigev_notify_thread_id = static_cast<pid_t>(syscall(SYS_gettid));
  return timer_create(CLOCK_MONOTONIC, &event, timer) == 0;
}

// A copy of the process has no timers.
void ForgetThreadTimer() { thread_timer_is_armed = has_thread_timer = false; }

// Goes with its thread.
struct ThreadTimerOwner {
  ThreadTimerOwner() = default;
  ThreadTimerOwner(const ThreadTimerOwner&) = delete;
  ThreadTimerOwner& operator=(const ThreadTimerOwner&) = delete;
  ~ThreadTimerOwner() {
    if (has_thread_timer) timer_delete(thread_timer);
    ForgetThreadTimer();
  }
};

// A default is no promise: where there is no timer, or no signal, nobody looks.
[[gnu::cold]] [[gnu::noinline]] void ArmThreadTimer() {
  thread_timer_is_armed = true;  // or not to be had: it is not asked for again
  static const bool in_copies = pthread_atfork(nullptr, nullptr, ForgetThreadTimer) == 0;
  if (!in_copies || !ListenForTicks(false)) return;
  static thread_local const ThreadTimerOwner owner;
  if (!has_thread_timer) has_thread_timer = CreateTimer(TickOf::kThread, &thread_timer);
  if (has_thread_timer) SetTimer(thread_timer, kDefault / kTicks);
}

}  // namespace

class StepTimer {
 public:
  explicit StepTimer(double timeout) {
    ListenForTicks(true);
    if (!CreateTimer(TickOf::kRun, &timer_)) {
      throw UsageError("heddle: no timer for " + std::string(kVariable) + ": " +
                       std::generic_category().message(errno) + ". Unset it to do without.");
    }
    constexpr double kLeast = 1e-9;
    SetTimer(timer_, timeout / kTicks + kLeast);
  }
  StepTimer(const StepTimer&) = delete;
  StepTimer& operator=(const StepTimer&) = delete;
  ~StepTimer() { timer_delete(timer_); }

 private:
  timer_t timer_ = {};
};

Watchdog::Watchdog(const RunOptions& options) {
  const Limit own = LimitFor(options);
  limit = own;
  if (own.seconds <= 0) return;
  if (own.source != nullptr) {
    timer_ = std::make_unique<StepTimer>(own.seconds);
  } else if (!thread_timer_is_armed) {
    ArmThreadTimer();
  }
}

Watchdog::~Watchdog() = default;

}  // namespace heddle::internal::inline HEDDLE_VARIANT
