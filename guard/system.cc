// SPDX-License-Identifier: MIT
//
// Processes, threads, sockets and files, as a run sees them. A file that gives random numbers
// counts as those (entropy.cc).
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <string_view>

#include "ambient_call.h"
#include "entropy.h"

namespace heddle::guard {
namespace {

constexpr pid_t kProcessNumber = 2;

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

}  // namespace

extern "C" {

extern const char heddle_guard_system = 0;  // by which the linker is told to take this file

pid_t getpid() noexcept {
  Executor* run = HEDDLE_GUARD_RUN(kProcess, getpid);
  return run == nullptr ? HEDDLE_GUARD_PASS(getpid) : kProcessNumber;
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
