// SPDX-License-Identifier: MIT
//
// Clocks and sleeping, as a run sees them. std::chrono's clocks and std::this_thread::sleep_for
// come through here too.
#include <sys/time.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): <ctime> does not promise clock_gettime
#include <unistd.h>

#include <algorithm>

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
  const bool absolute = (flags & TIMER_ABSTIME) != 0;
  Block(*run, ToNanos(*time) - (absolute ? Now(*run, clock) : 0));
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

}  // extern "C"

}  // namespace heddle::guard
