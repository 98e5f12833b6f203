// SPDX-License-Identifier: MIT
//
// Processes, threads, sockets and files in a run with the guard.
#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "heddle/guard.h"
#include "heddle/run.h"
#include "support/catch.h"

// A sanitizer needs pipe() itself, and gets it (guard/system.cc).
#if defined(__SANITIZE_ADDRESS__)
#define HEDDLE_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEDDLE_SANITIZED
#endif
#endif

namespace heddle {
namespace {

using guard::Answer;
using guard::Category;
using guard::Escape;

bool CloseIfOpen(int file) { return file >= 0 && close(file) == 0; }
bool CloseIfOpen(std::FILE* file) { return file != nullptr && std::fclose(file) == 0; }

bool StartThread() {
  try {
    std::thread([] {}).join();
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

bool CloseBoth(int result, const int* ends) {
  return result == 0 && close(ends[0]) == 0 && close(ends[1]) == 0;
}

#ifndef HEDDLE_SANITIZED
bool MakePipe() {
  int ends[2] = {};
  return CloseBoth(pipe(ends), ends);
}
#endif

bool MakePipeWithFlags() {
  int ends[2] = {};
  return CloseBoth(pipe2(ends, O_CLOEXEC), ends);
}

bool MakeSocketPair() {
  int ends[2] = {};
  return CloseBoth(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ends);
}

bool MakeFile() {
  char path[] = "guard_test_XXXXXX";
  return CloseIfOpen(mkstemp(path)) && unlink(path) == 0;
}

bool OpenFolder() {
  DIR* folder = opendir(".");
  return folder != nullptr && closedir(folder) == 0;
}

bool StartProcess() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  return child > 0 && waitpid(child, nullptr, 0) == child;
}

bool LooksForFile() {
  std::error_code error;
  return std::filesystem::exists("/dev/null", error);
}

struct Call {
  std::string function;
  Category category;
  std::function<bool()> succeeds;
};

// One for each function that has no virtual answer.
std::vector<Call> Calls() {
  const auto here = [] { return "/dev/null"; };
  return {
      {"pthread_create", Category::kThread, [] { return StartThread(); }},
      {"socket", Category::kSocket, [] { return CloseIfOpen(socket(AF_UNIX, SOCK_STREAM, 0)); }},
      {"open", Category::kFile, [=] { return CloseIfOpen(open(here(), O_RDONLY)); }},
      {"open64", Category::kFile, [=] { return CloseIfOpen(open64(here(), O_RDONLY)); }},
      {"openat", Category::kFile, [=] { return CloseIfOpen(openat(AT_FDCWD, here(), O_RDONLY)); }},
      {"openat64", Category::kFile,
       [=] { return CloseIfOpen(openat64(AT_FDCWD, here(), O_RDONLY)); }},
      {"fopen", Category::kFile, [=] { return CloseIfOpen(std::fopen(here(), "r")); }},
      {"fopen64", Category::kFile, [=] { return CloseIfOpen(fopen64(here(), "r")); }},
      {"creat", Category::kFile, [=] { return CloseIfOpen(creat(here(), 0600)); }},
      {"tmpfile", Category::kFile, [] { return CloseIfOpen(std::tmpfile()); }},
      {"mkstemp", Category::kFile, [] { return MakeFile(); }},
      {"opendir", Category::kFile, [] { return OpenFolder(); }},
      {"stat", Category::kFile, [] { return LooksForFile(); }},
      {"socketpair", Category::kSocket, [] { return MakeSocketPair(); }},
      {"pipe2", Category::kSocket, [] { return MakePipeWithFlags(); }},
#ifndef HEDDLE_SANITIZED
      {"pipe", Category::kSocket, [] { return MakePipe(); }},
#endif
      {"fork", Category::kThread, [] { return StartProcess(); }},
  };
}

RunResult RunCall(const Call& call, bool& succeeded) {
  return Run([&]() -> Task<> {
    succeeded = call.succeeds();
    co_return;
  });
}

TEST_CASE("a run has a process number of its own") {
  const pid_t outside = getpid();
  pid_t first = 0;
  pid_t second = 0;
  for (pid_t* number : {&first, &second}) {
    CHECK(Run([&]() -> Task<> {
            *number = getpid();
            co_return;
          }).ok());
  }
  CHECK(first == second);
  CHECK(first != outside);
  CHECK(getpid() == outside);
}

TEST_CASE("a run has numbers of its own for its thread and its parent") {
  const pid_t outside = gettid();
  CHECK(Run([&]() -> Task<> {
          CHECK(gettid() == getpid());
          CHECK(gettid() != outside);
          CHECK(getppid() == 1);
          co_return;
        }).ok());
  CHECK(gettid() == outside);
}

TEST_CASE("what is reported takes place, and its place is kept") {
  for (const Call& call : Calls()) {
    INFO(call.function);
    guard::ForgetEscapes();
    bool succeeded = false;
    CHECK(RunCall(call, succeeded).ok());
    CHECK(succeeded);
    const std::vector<Escape> escapes = guard::Escapes();
    REQUIRE(escapes.size() == 1);
    CHECK(escapes[0].category == call.category);
    CHECK_THAT(escapes[0].function, StartsWithText(call.function.substr(0, 4)));
    CHECK_THAT(escapes[0].caller, ContainsText("guard_test+0x"));
  }
  guard::ForgetEscapes();
}

TEST_CASE("what fails a run does not take place, and the run's message names it") {
  const guard::ScopedPolicy strict(
      {.thread = Answer::kFail, .socket = Answer::kFail, .file = Answer::kFail});
  for (const Call& call : Calls()) {
    INFO(call.function);
    bool succeeded = true;
    const RunResult run = RunCall(call, succeeded);
    CHECK_FALSE(succeeded);
    CHECK(run.ending == Ending::kThrew);
    CHECK_THROWS_AS(std::rethrow_exception(run.exception), guard::EscapeError);
    CHECK_THAT(run.message, ContainsText("(" + std::string(Name(call.category)) + ")"));
    CHECK_THAT(run.message, ContainsText("guard_test+0x"));
  }
  guard::ForgetEscapes();
}

TEST_CASE("what is allowed takes place, and so does everything outside a run") {
  const guard::ScopedPolicy easy(
      {.thread = Answer::kAllow, .socket = Answer::kAllow, .file = Answer::kAllow});
  guard::ForgetEscapes();
  for (const Call& call : Calls()) {
    INFO(call.function);
    bool succeeded = false;
    CHECK(RunCall(call, succeeded).ok());
    CHECK(succeeded);
    CHECK(call.succeeds());
  }
  CHECK(guard::Escapes().empty());
}

TEST_CASE("a file that is made gets the mode that was asked for") {
  const std::string path = "guard_test_made_file";
  const mode_t mask = umask(0);
  CHECK(Run([&]() -> Task<> {
          CHECK(CloseIfOpen(open(path.c_str(), O_CREAT | O_WRONLY, 0640)));
          co_return;
        }).ok());
  umask(mask);
  struct stat made{};
  CHECK(stat(path.c_str(), &made) == 0);
  CHECK((made.st_mode & 0777) == 0640);
  CHECK(unlink(path.c_str()) == 0);
  guard::ForgetEscapes();
}

}  // namespace
}  // namespace heddle
