// SPDX-License-Identifier: MIT
//
// Processes, threads, sockets and files, as a run sees them. A file that gives random numbers
// counts as those (entropy.cc).
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "ambient_call.h"
#include "entropy.h"

namespace heddle::guard {
namespace {

constexpr pid_t kProcessNumber = 2;
constexpr pid_t kParentNumber = 1;

bool IsEntropy(const char* path) {
  const std::string_view name = path;
  return name == "/dev/urandom" || name == "/dev/random";
}

// Of open's last argument, which is there where the flags say so.
bool HasMode(int flags) { return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE; }

// What a call gives that opens `path`: `pass` makes it.
template <class Pass>
int Open(const char* path, const char* function, const void* caller, Pass pass) {
  if (IsEntropy(path)) {
    Executor* run = RunThatAnswers(Category::kEntropy, function, caller);
    return run != nullptr ? OpenEntropy(*run) : pass();
  }
  if (!IsRefused(Category::kFile, function, caller)) return pass();
  errno = EACCES;
  return -1;
}

template <class Pass>
std::FILE* OpenStream(const char* path, const char* function, const void* caller, Pass pass) {
  if (IsEntropy(path)) {
    Executor* run = RunThatAnswers(Category::kEntropy, function, caller);
    return run != nullptr ? fdopen(OpenEntropy(*run), "rb") : pass();
  }
  if (!IsRefused(Category::kFile, function, caller)) return pass();
  errno = EACCES;
  return nullptr;
}

// What a call gives that has no virtual answer: `pass` makes it, and `failed` says that it failed.
template <class Pass, class Result>
Result PassOrRefuse(Category category, const char* function, const void* caller, Pass pass,
                    Result failed, int error = EACCES) {
  if (!IsRefused(category, function, caller)) return pass();
  errno = error;
  return failed;
}

}  // namespace

extern "C" {

// Every runtime of the sanitizers has it.
[[gnu::weak]] void __sanitizer_set_report_path(const char* path);

extern const char heddle_guard_system = 0;  // by which the linker is told to take this file

pid_t getpid() noexcept {
  Executor* run = HEDDLE_GUARD_RUN(kProcess, getpid);
  return run == nullptr ? HEDDLE_GUARD_PASS(getpid) : kProcessNumber;
}

// The thread of a run is the first of its process.
pid_t gettid() noexcept {
  Executor* run = HEDDLE_GUARD_RUN(kProcess, gettid);
  return run == nullptr ? HEDDLE_GUARD_PASS(gettid) : kProcessNumber;
}

pid_t getppid() noexcept {
  Executor* run = HEDDLE_GUARD_RUN(kProcess, getppid);
  return run == nullptr ? HEDDLE_GUARD_PASS(getppid) : kParentNumber;
}

// A process runs beside this one, as a thread does.
pid_t fork() noexcept {
  return PassOrRefuse(
      Category::kThread, "fork", __builtin_return_address(0),
      [] { return HEDDLE_GUARD_PASS(fork); }, pid_t{-1}, EAGAIN);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) noexcept {
  if (HEDDLE_GUARD_REFUSES(kThread, pthread_create)) return EAGAIN;
  return HEDDLE_GUARD_PASS(pthread_create, thread, attributes, start, argument);
}

int socket(int domain, int type, int protocol) noexcept {
  if (!HEDDLE_GUARD_REFUSES(kSocket, socket)) {
    return HEDDLE_GUARD_PASS(socket, domain, type, protocol);
  }
  errno = EACCES;
  return -1;
}

// The sanitizers ask by a pipe of their own whether memory can be read, in the middle of any step,
// and would take a refusal for a bad address.
int pipe(int* ends) noexcept {
  if (__sanitizer_set_report_path != nullptr) return HEDDLE_GUARD_PASS(pipe, ends);
  return PassOrRefuse(
      Category::kSocket, "pipe", __builtin_return_address(0),
      [ends] { return HEDDLE_GUARD_PASS(pipe, ends); }, -1);
}

#define HEDDLE_GUARD_CALL(RESULT, FAILED, CATEGORY, NAME, PARAMETERS, ...)                  \
  RESULT NAME PARAMETERS {                                                                  \
    return PassOrRefuse(                                                                    \
        Category::CATEGORY, #NAME, __builtin_return_address(0),                             \
        [&] { return HEDDLE_GUARD_PASS(NAME, __VA_ARGS__); }, static_cast<RESULT>(FAILED)); \
  }

HEDDLE_GUARD_CALL(int, -1, kSocket, socketpair,
                  (int domain, int type, int protocol, int* ends) noexcept, domain, type, protocol,
                  ends)
HEDDLE_GUARD_CALL(int, -1, kSocket, pipe2, (int* ends, int flags) noexcept, ends, flags)

HEDDLE_GUARD_CALL(int, -1, kFile, creat, (const char* path, mode_t mode), path, mode)
HEDDLE_GUARD_CALL(int, -1, kFile, creat64, (const char* path, mode_t mode), path, mode)
HEDDLE_GUARD_CALL(int, -1, kFile, mkstemp, (char* path), path)
HEDDLE_GUARD_CALL(int, -1, kFile, mkstemp64, (char* path), path)
HEDDLE_GUARD_CALL(int, -1, kFile, mkostemp, (char* path, int flags), path, flags)
HEDDLE_GUARD_CALL(int, -1, kFile, mkostemp64, (char* path, int flags), path, flags)
HEDDLE_GUARD_CALL(char*, nullptr, kFile, mkdtemp, (char* path) noexcept, path)
HEDDLE_GUARD_CALL(DIR*, nullptr, kFile, opendir, (const char* path), path)

// Before that version a header made other calls of them.
#if __GLIBC_PREREQ(2, 33)
HEDDLE_GUARD_CALL(int, -1, kFile, stat, (const char* path, struct stat* about) noexcept, path,
                  about)
HEDDLE_GUARD_CALL(int, -1, kFile, stat64, (const char* path, struct stat64* about) noexcept, path,
                  about)
HEDDLE_GUARD_CALL(int, -1, kFile, lstat, (const char* path, struct stat* about) noexcept, path,
                  about)
HEDDLE_GUARD_CALL(int, -1, kFile, lstat64, (const char* path, struct stat64* about) noexcept, path,
                  about)
#endif

std::FILE* tmpfile() {
  return PassOrRefuse(
      Category::kFile, "tmpfile", __builtin_return_address(0),
      [] { return HEDDLE_GUARD_PASS(tmpfile); }, static_cast<std::FILE*>(nullptr));
}
std::FILE* tmpfile64() {
  return PassOrRefuse(
      Category::kFile, "tmpfile64", __builtin_return_address(0),
      [] { return HEDDLE_GUARD_PASS(tmpfile64); }, static_cast<std::FILE*>(nullptr));
}

// The functions that open a file come in pairs, of which one is for large files, and in a form
// that a compiler with _FORTIFY_SOURCE calls where no mode was given.
#define HEDDLE_GUARD_OPEN(NAME)                                              \
  int NAME(const char* path, int flags, ...) {                               \
    va_list rest;                                                            \
    va_start(rest, flags);                                                   \
    const mode_t mode = HasMode(flags) ? va_arg(rest, mode_t) : 0;           \
    va_end(rest);                                                            \
    return Open(path, #NAME, __builtin_return_address(0),                    \
                [&] { return HEDDLE_GUARD_PASS(NAME, path, flags, mode); }); \
  }
#define HEDDLE_GUARD_OPENAT(NAME)                                                       \
  int NAME(int directory, const char* path, int flags, ...) {                           \
    va_list rest;                                                                       \
    va_start(rest, flags);                                                              \
    const mode_t mode = HasMode(flags) ? va_arg(rest, mode_t) : 0;                      \
    va_end(rest);                                                                       \
    return Open(path, #NAME, __builtin_return_address(0),                               \
                [&] { return HEDDLE_GUARD_PASS(NAME, directory, path, flags, mode); }); \
  }
#define HEDDLE_GUARD_FOPEN(NAME)                                            \
  std::FILE* NAME(const char* path, const char* mode) {                     \
    return OpenStream(path, #NAME, __builtin_return_address(0),             \
                      [&] { return HEDDLE_GUARD_PASS(NAME, path, mode); }); \
  }

HEDDLE_GUARD_OPEN(open)
HEDDLE_GUARD_OPEN(open64)
HEDDLE_GUARD_OPENAT(openat)
HEDDLE_GUARD_OPENAT(openat64)
HEDDLE_GUARD_FOPEN(fopen)
HEDDLE_GUARD_FOPEN(fopen64)

int __open_2(const char* path, int flags);    // NOLINT(bugprone-reserved-identifier)
int __open64_2(const char* path, int flags);  // NOLINT(bugprone-reserved-identifier)

int __open_2(const char* path, int flags) {
  return Open(path, "open", __builtin_return_address(0),
              [&] { return HEDDLE_GUARD_PASS(__open_2, path, flags); });
}
int __open64_2(const char* path, int flags) {
  return Open(path, "open64", __builtin_return_address(0),
              [&] { return HEDDLE_GUARD_PASS(__open64_2, path, flags); });
}

}  // extern "C"

}  // namespace heddle::guard
