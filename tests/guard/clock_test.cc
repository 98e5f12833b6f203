// SPDX-License-Identifier: MIT
//
// Clocks and sleeping in a run with the guard: virtual time, and outside a run the machine's.
#include "heddle/clock.h"

#include <sys/time.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): <ctime> does not promise clock_gettime
#include <unistd.h>

#include <chrono>
#include <cstdint>
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
