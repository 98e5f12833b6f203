// SPDX-License-Identifier: MIT
//
// Clocks and sleeping in a run with the guard: virtual time, and outside a run the machine's.
#include "heddle/clock.h"

#include <pthread.h>
#include <sys/time.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): <ctime> does not promise clock_gettime
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "heddle/guard.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "support/catch.h"

namespace heddle {
namespace {

using namespace std::chrono_literals;

constexpr time_t kCalendarStart = 946'684'800;

std::int64_t Nanos(clockid_t clock) {
  timespec time{};
  CHECK(clock_gettime(clock, &time) == 0);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

std::int64_t MicrosOfDay() {
  timeval time{};
  CHECK(gettimeofday(&time, nullptr) == 0);
  return time.tv_sec * 1'000'000 + time.tv_usec;
}

std::int64_t NanosOfTimespecGet() {
  timespec time{};
  CHECK(timespec_get(&time, TIME_UTC) == TIME_UTC);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

// What every clock says, one after the other.
std::vector<std::int64_t> AllClocks() {
  return {Nanos(CLOCK_MONOTONIC),
          Nanos(CLOCK_REALTIME),
          Nanos(CLOCK_PROCESS_CPUTIME_ID),
          MicrosOfDay(),
          NanosOfTimespecGet(),
          time(nullptr),
          clock(),
          std::chrono::steady_clock::now().time_since_epoch().count(),
          std::chrono::system_clock::now().time_since_epoch().count(),
          std::chrono::high_resolution_clock::now().time_since_epoch().count()};
}

TEST_CASE("in a run every clock shows virtual time") {
  const RunResult run = Run([]() -> Task<> {
    co_await SleepFor(1500ms);
    CHECK(Nanos(CLOCK_MONOTONIC) == 1'500'000'000);
    CHECK(Nanos(CLOCK_REALTIME) == kCalendarStart * 1'000'000'000 + 1'500'000'000);
    CHECK(Nanos(CLOCK_PROCESS_CPUTIME_ID) == 1'500'000'000);
    CHECK(MicrosOfDay() == kCalendarStart * 1'000'000 + 1'500'000);
    CHECK(NanosOfTimespecGet() == kCalendarStart * 1'000'000'000 + 1'500'000'000);
    time_t seconds = 0;
    CHECK(time(&seconds) == kCalendarStart + 1);
    CHECK(seconds == kCalendarStart + 1);
    CHECK(clock() == CLOCKS_PER_SEC * 3 / 2);
    CHECK(std::chrono::steady_clock::now().time_since_epoch() ==
          VirtualClock::now().time_since_epoch());
    CHECK(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()) ==
          kCalendarStart + 1);
  });
  CHECK(run.ok());
}

TEST_CASE("two runs read the same from every clock") {
  std::vector<std::vector<std::int64_t>> seen;
  for (int i = 0; i < 2; ++i) {
    REQUIRE(Run([&]() -> Task<> {
              co_await SleepFor(1s);
              seen.push_back(AllClocks());
            }).ok());
  }
  CHECK(seen[0] == seen[1]);
}

TEST_CASE("outside a run clocks are the machine's") {
  CHECK(time(nullptr) > kCalendarStart + 3600);
  CHECK(Nanos(CLOCK_REALTIME) / 1'000'000'000 > kCalendarStart + 3600);
  CHECK(MicrosOfDay() / 1'000'000 > kCalendarStart + 3600);
  CHECK(NanosOfTimespecGet() / 1'000'000'000 > kCalendarStart + 3600);
  const auto before = std::chrono::steady_clock::now();
  CHECK(Run([]() -> Task<> { co_await SleepFor(1h); }).ok());
  const auto after = std::chrono::steady_clock::now();
  CHECK(before <= after);
  CHECK(after - before < 30min);
}

TEST_CASE("a thread beside the run has the machine's clocks") {
  const guard::ScopedPolicy threads({.thread = guard::Answer::kAllow});
  time_t seen = 0;
  CHECK(Run([&]() -> Task<> {
          std::thread([&] { seen = time(nullptr); }).join();
          co_return;
        }).ok());
  CHECK(seen > kCalendarStart + 3600);
}

TEST_CASE("to sleep in a run is to let virtual time pass") {
  const RunResult run = Run([]() -> Task<> {
    const timespec second{.tv_sec = 1, .tv_nsec = 0};
    CHECK(nanosleep(&second, nullptr) == 0);
    CHECK(VirtualClock::now().time_since_epoch() == 1s);
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, 0, &second, nullptr) == 0);
    CHECK(VirtualClock::now().time_since_epoch() == 2s);
    const timespec fifth{.tv_sec = 5, .tv_nsec = 0};
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &fifth, nullptr) == 0);
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &second, nullptr) == 0);
    CHECK(VirtualClock::now().time_since_epoch() == 5s);
    CHECK(usleep(250'000) == 0);
    CHECK(sleep(1) == 0);
    CHECK(VirtualClock::now().time_since_epoch() == 6250ms);
    std::this_thread::sleep_for(1h);
    std::this_thread::sleep_until(std::chrono::steady_clock::now() + 1h);
    co_return;
  });
  CHECK(run.ok());
  CHECK(run.elapsed == 2h + 6250ms);
}

using Order = std::vector<std::pair<int, Duration>>;

Task<> Sleeper(int number, Duration duration, Order& order) {
  co_await SleepFor(duration);
  order.emplace_back(number, VirtualClock::now().time_since_epoch());
}

Task<> Blocker(Duration start, unsigned int seconds) {
  co_await SleepFor(start);
  sleep(seconds);
}

TEST_CASE("who sleeps while another blocks the thread goes on late, and before later timers") {
  Order order;
  const RunResult run = Run([&](World& world) {
    world.Spawn(Sleeper(2, 2s, order));
    world.Spawn(Sleeper(5, 5s, order));
    world.Spawn(Blocker(1s, 3));
  });
  CHECK(run.ok());
  CHECK(order == Order{{2, 4s}, {5, 5s}});
}

TEST_CASE("a sleep of no time, or of less, lets none pass") {
  const RunResult run = Run([]() -> Task<> {
    usleep(0);
    std::this_thread::sleep_for(-1s);
    co_return;
  });
  CHECK(run.ok());
  CHECK(run.elapsed == 0s);
}

TEST_CASE("a wait for a condition with a limit takes virtual time, as nobody can notify") {
  const RunResult run = Run([]() -> Task<> {
    std::mutex mutex;
    std::condition_variable filled;
    std::unique_lock lock(mutex);
    CHECK(filled.wait_for(lock, 10ms) == std::cv_status::timeout);
    CHECK(VirtualClock::now() == TimePoint(10ms));
    CHECK_FALSE(filled.wait_for(lock, 10ms, [] { return false; }));
    CHECK(VirtualClock::now() == TimePoint(20ms));
    const auto calendar = std::chrono::system_clock::now() + 10ms;
    CHECK_FALSE(filled.wait_until(lock, calendar, [] { return false; }));
    CHECK(VirtualClock::now() == TimePoint(30ms));
    CHECK_FALSE(filled.wait_until(lock, calendar, [] { return false; }));
    CHECK(VirtualClock::now() == TimePoint(30ms));
    co_return;
  });
  CHECK(run.ok());
}

TEST_CASE("a condition variable of the C library waits by its own clock") {
  const RunResult run = Run([]() -> Task<> {
    pthread_condattr_t attributes{};
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_t condition{};
    pthread_cond_init(&condition, &attributes);
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    timespec until{};
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 2;
    CHECK(pthread_cond_timedwait(&condition, &mutex, &until) == ETIMEDOUT);
    CHECK(VirtualClock::now() == TimePoint(2s));
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 3;
    CHECK(pthread_cond_timedwait(&condition, &mutex, &until) == ETIMEDOUT);
    CHECK(VirtualClock::now() == TimePoint(5s));
    pthread_mutex_unlock(&mutex);
    pthread_cond_destroy(&condition);
    pthread_condattr_destroy(&attributes);
    co_return;
  });
  CHECK(run.ok());
}

// A thread of the machine notifies.
RunResult WaitForThread() {
  return Run([]() -> Task<> {
    std::mutex mutex;
    std::condition_variable filled;
    bool full = false;
    std::unique_lock lock(mutex);
    std::thread other([&] {
      const std::scoped_lock theirs(mutex);
      full = true;
      filled.notify_one();
    });
    filled.wait(lock, [&] { return full; });
    other.join();
    co_return;
  });
}

TEST_CASE("a wait for a condition without a limit is reported, and waits") {
  guard::ForgetEscapes();
  const guard::ScopedPolicy threads({.thread = guard::Answer::kAllow});
  CHECK(WaitForThread().ok());
  std::vector<guard::Escape> escapes = guard::Escapes();
  REQUIRE(escapes.size() == 1);
  CHECK(escapes[0].function == "pthread_cond_wait");
  CHECK(escapes[0].category == guard::Category::kSleep);
  CHECK(escapes[0].count >= 1);

  guard::ForgetEscapes();
  const guard::ScopedPolicy strict(
      {.sleep = guard::Answer::kFail, .thread = guard::Answer::kAllow});
  CHECK(WaitForThread().ending == Ending::kThrew);
  guard::ForgetEscapes();
  const guard::ScopedPolicy lax({.sleep = guard::Answer::kAllow, .thread = guard::Answer::kAllow});
  CHECK(WaitForThread().ok());
  CHECK(guard::Escapes().empty());
}

struct ReadsClock {
  explicit ReadsClock(std::int64_t& into) : seen(&into) {}
  ReadsClock(const ReadsClock&) = delete;
  ReadsClock& operator=(const ReadsClock&) = delete;
  ~ReadsClock() { *seen = Nanos(CLOCK_MONOTONIC); }
  std::int64_t* seen;
};

Task<> WaitsForever(std::int64_t& seen) {
  const ReadsClock reader(seen);
  co_await SleepFor(1h);
}

Task<> Throws() {
  co_await SleepFor(1s);
  throw std::runtime_error("over");
}

TEST_CASE("what a run leaves behind still has its clock when it is destroyed") {
  std::int64_t seen = -1;
  const RunResult run = Run([&](World& world) {
    world.Spawn(WaitsForever(seen));
    world.Spawn(Throws());
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(seen == 1'000'000'000);
}

}  // namespace
}  // namespace heddle
