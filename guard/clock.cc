// SPDX-License-Identifier: MIT
//
// Clocks, sleeping and waiting with a limit, as a run sees them. std::chrono's clocks,
// std::this_thread::sleep_for and std::condition_variable come through here too.
#include <pthread.h>
#include <sys/time.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): <ctime> does not promise clock_gettime
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "ambient_call.h"

namespace heddle::guard {
namespace {

constexpr VirtualNanos kSecond = 1'000'000'000;
// 2000-01-01 00:00:00 UTC: a run begins there by the calendar.
constexpr VirtualNanos kCalendarStart = 946'684'800 * kSecond;

bool IsCalendar(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

// A clock that counts from some start began with the run.
VirtualNanos Now(const Executor& run, clockid_t clock) {
  return (IsCalendar(clock) ? kCalendarStart : 0) + run.now();
}

timespec ToTimespec(VirtualNanos time) {
  return {.tv_sec = static_cast<time_t>(time / kSecond), .tv_nsec = time % kSecond};
}

VirtualNanos ToNanos(const timespec& time) { return time.tv_sec * kSecond + time.tv_nsec; }

void Block(Executor& run, VirtualNanos duration) {
  if (run.in_run()) run.Block(std::max<VirtualNanos>(duration, 0));
}

void BlockUntil(Executor& run, clockid_t clock, const timespec& until) {
  Block(run, ToNanos(until) - Now(run, clock));
}

// By which clock a condition variable waits is its own secret. A time from before the calendar
// began is none of the calendar's.
clockid_t ClockOf(const timespec& time) {
  return ToNanos(time) < kCalendarStart ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

}  // namespace

extern "C" {

extern const char heddle_guard_clock = 0;  // by which the linker is told to take this file

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  Executor* run = HEDDLE_GUARD_RUN(kClock, clock_gettime);
  if (run == nullptr) return HEDDLE_GUARD_PASS(clock_gettime, clock, time);
  *time = ToTimespec(Now(*run, clock));
  return 0;
}

int gettimeofday(timeval* time, void* zone) noexcept {
  Executor* run = HEDDLE_GUARD_RUN(kClock, gettimeofday);
  if (run == nullptr) return HEDDLE_GUARD_PASS(gettimeofday, time, zone);
  const timespec now = ToTimespec(Now(*run, CLOCK_REALTIME));
  *time = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* seconds) noexcept {
  Executor* run = HEDDLE_GUARD_RUN(kClock, time);
  if (run == nullptr) return HEDDLE_GUARD_PASS(time, seconds);
  const time_t now = ToTimespec(Now(*run, CLOCK_REALTIME)).tv_sec;
  if (seconds != nullptr) *seconds = now;
  return now;
}

int timespec_get(timespec* time, int base) noexcept {
  Executor* run = base == TIME_UTC ? HEDDLE_GUARD_RUN(kClock, timespec_get) : nullptr;
  if (run == nullptr) return HEDDLE_GUARD_PASS(timespec_get, time, base);
  *time = ToTimespec(Now(*run, CLOCK_REALTIME));
  return base;
}

// The processor's time is virtual time too.
clock_t clock() noexcept {
  Executor* run = HEDDLE_GUARD_RUN(kClock, clock);
  if (run == nullptr) return HEDDLE_GUARD_PASS(clock);
  return run->now() / (kSecond / CLOCKS_PER_SEC);
}

int nanosleep(const timespec* duration, timespec* left) {
  Executor* run = HEDDLE_GUARD_RUN(kSleep, nanosleep);
  if (run == nullptr) return HEDDLE_GUARD_PASS(nanosleep, duration, left);
  Block(*run, ToNanos(*duration));
  return 0;
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
  Executor* run = HEDDLE_GUARD_RUN(kSleep, clock_nanosleep);
  if (run == nullptr) return HEDDLE_GUARD_PASS(clock_nanosleep, clock, flags, time, left);
  if ((flags & TIMER_ABSTIME) != 0) {
    BlockUntil(*run, clock, *time);
  } else {
    Block(*run, ToNanos(*time));
  }
  return 0;
}

int usleep(useconds_t microseconds) {
  Executor* run = HEDDLE_GUARD_RUN(kSleep, usleep);
  if (run == nullptr) return HEDDLE_GUARD_PASS(usleep, microseconds);
  Block(*run, static_cast<VirtualNanos>(microseconds) * 1000);
  return 0;
}

unsigned int sleep(unsigned int seconds) {
  Executor* run = HEDDLE_GUARD_RUN(kSleep, sleep);
  if (run == nullptr) return HEDDLE_GUARD_PASS(sleep, seconds);
  Block(*run, seconds * kSecond);
  return 0;
}

// A run is one thread: nobody can notify it before the time is over.
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
  Executor* run = HEDDLE_GUARD_RUN(kSleep, pthread_cond_timedwait);
  if (run == nullptr) return HEDDLE_GUARD_PASS(pthread_cond_timedwait, condition, mutex, until);
  BlockUntil(*run, ClockOf(*until), *until);
  return ETIMEDOUT;
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const timespec* until) {
  Executor* run = HEDDLE_GUARD_RUN(kSleep, pthread_cond_clockwait);
  if (run == nullptr) {
    return HEDDLE_GUARD_PASS(pthread_cond_clockwait, condition, mutex, clock, until);
  }
  BlockUntil(*run, clock, *until);
  return ETIMEDOUT;
}

// Without a limit there is no virtual answer: it may hang, and then it is known where.
int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  Report(Category::kSleep, "pthread_cond_wait", __builtin_return_address(0));
  return HEDDLE_GUARD_PASS(pthread_cond_wait, condition, mutex);
}

}  // extern "C"

}  // namespace heddle::guard
