// SPDX-License-Identifier: MIT
//
// The watchdog, in child processes: one that it ends, and others that it leaves alone.
#include "heddle/internal/watchdog.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/test_framework.h"
#include "heddle/trace_io.h"
#include "support/catch.h"
#include "support/child_process.h"

namespace heddle {
namespace {

// A directory of the test's own, gone at its end.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "watchdog-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Runs `work` in a process of its own with that timeout.
template <class Work>
ChildEnd RunChild(const Folder& folder, const char* timeout, Work work) {
  return RunInChild([&] {
    setenv("HEDDLE_STEP_TIMEOUT", timeout, 1);
    std::filesystem::current_path(folder.path());
    try {
      return work();
    } catch (const UsageError& error) {
      static_cast<void>(write(STDERR_FILENO, error.what(), std::string(error.what()).size()));
      return 3;
    }
  });
}

Task<> SpinForEver() {
  co_await Yield();
  for (volatile int turns = 0;;) turns = turns ^ 1;
}

int Spin() {
  return Run([]() -> Task<> { co_await SpinForEver(); }).ok() ? 0 : 1;
}

int ManySteps() {
  const RunResult run = Run([]() -> Task<> {
    for (int i = 0; i < 10'000; ++i) co_await Yield();
  });
  return run.ok() ? 0 : 1;
}

Task<> DoNothing() { co_return; }

int DropTasksForEver() {
  return Run([]() -> Task<> {
           for (;;) {
             try {
               const Task<> dropped = DoNothing();
             } catch (...) {
             }
           }
           co_return;
         }).ok()
             ? 0
             : 1;
}

TEST_CASE("a step that writes events without end ends the process before memory does") {
  const Folder folder;
  const ChildEnd child = RunChild(folder, "0", DropTasksForEver);
  REQUIRE(WIFSIGNALED(child.status));
  CHECK(WTERMSIG(child.status) == SIGABRT);
  CHECK_THAT(child.err, ContainsText("one step has written 16777216 events and does not end"));
  CHECK_THAT(child.err, ContainsText("Its last events are about watchdog_test.cc:"));
}

TEST_CASE("a step without end is named, recorded, and ends the process") {
  const Folder folder;
  const ChildEnd child = RunChild(folder, "0.1", Spin);
  REQUIRE(WIFSIGNALED(child.status));
  CHECK(WTERMSIG(child.status) == SIGABRT);
  CHECK_THAT(child.err, ContainsText("heddle: blocked: step 3 has taken more than 0.1 seconds of "
                                     "real time, the limit in HEDDLE_STEP_TIMEOUT.\n"));
  CHECK_THAT(child.err, ContainsText("SpinForEver#0 is running; it went on after its await at "
                                     "watchdog_test.cc:"));
  CHECK_THAT(child.err, ContainsText("HEDDLE_REPLAY=heddle-failures/blocked-step.heddle"));

  const auto recording = ReadRecording(folder.path() + "/heddle-failures/blocked-step.heddle");
  REQUIRE(recording.ok());
  CHECK(recording->damage.ok());
  CHECK(recording->trace.header.message == "step 3 has taken more than 0.1 seconds of real time");
  CHECK(recording->trace.events.back().kind == EventKind::kResume);
}

int SpinWithOption() {
  const RunOptions options = {.step_timeout = std::chrono::milliseconds(100)};
  return Run([]() -> Task<> { co_await SpinForEver(); }, options).ok() ? 0 : 1;
}

TEST_CASE("a run may have a timeout of its own, and its test a file of its own") {
  const Folder folder;
  const ChildEnd child = RunChild(folder, "", [] {
    static constexpr TestFramework kFramework = {
        .current_test = [] { return std::string("Spins, once"); }};
    SetTestFramework(&kFramework);
    return SpinWithOption();
  });
  REQUIRE(WIFSIGNALED(child.status));
  CHECK_THAT(child.err, ContainsText("has taken more than 0.1 seconds of real time, the limit in "
                                     "RunOptions::step_timeout.\n"));
  CHECK(std::filesystem::exists(folder.path() + "/heddle-failures/blocked-step-spins-once.heddle"));
}

TEST_CASE("many short steps are left alone") {
  const Folder folder;
  const ChildEnd child = RunChild(folder, "60", ManySteps);
  CHECK(child.status == 0);
  CHECK(child.err.empty());
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a timeout of nothing is none") {
  const Folder folder;
  CHECK(RunChild(folder, "", ManySteps).status == 0);
  CHECK(RunChild(folder, "0", ManySteps).status == 0);
}

// How many timers the process has.
int Timers() {
  std::ifstream file("/proc/self/timers");
  int timers = 0;
  for (std::string line; std::getline(file, line);) timers += line.starts_with("ID:") ? 1 : 0;
  return timers;
}

TEST_CASE("a thread has one timer for all its runs, and a copy of the process has its own") {
  const Folder folder;
  const ChildEnd child = RunChild(folder, "", [] {
    for (int i = 0; i < 3; ++i) ManySteps();
    const int timers = Timers();
    const pid_t copy = fork();
    if (copy == 0) {
      ManySteps();
      _exit(Timers());
    }
    int status = 0;
    waitpid(copy, &status, 0);
    return timers * 10 + WEXITSTATUS(status);
  });
  CHECK(WEXITSTATUS(child.status) == 11);
}

TEST_CASE("without a limit nobody looks, and no timer is made") {
  const Folder folder;
  const ChildEnd child = RunChild(folder, "0", [] {
    ManySteps();
    return Timers();
  });
  CHECK(WEXITSTATUS(child.status) == 0);
}

TEST_CASE("a program that uses the signal keeps it") {
  const Folder folder;
  const ChildEnd child = RunChild(folder, "", [] {
    static_cast<void>(std::signal(SIGRTMAX - 1, SIG_IGN));
    ManySteps();
    const bool kept = std::signal(SIGRTMAX - 1, SIG_DFL) == SIG_IGN;
    return kept && Timers() == 0 ? 0 : 1;
  });
  CHECK(child.status == 0);
}

TEST_CASE("a timeout that is no number says so") {
  const Folder folder;
  const ChildEnd child = RunChild(folder, "soon", ManySteps);
  CHECK(WEXITSTATUS(child.status) == 3);
  CHECK_THAT(child.err, ContainsText("HEDDLE_STEP_TIMEOUT='soon' is not a number of seconds"));
}

}  // namespace
}  // namespace heddle
