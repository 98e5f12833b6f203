// SPDX-License-Identifier: MIT
//
// The policy of the guard, and what it says about a place.
#include "heddle/guard.h"

#include <time.h>  // NOLINT(modernize-deprecated-headers): <ctime> does not promise clock_gettime
#include <unistd.h>

#include <chrono>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "heddle/mark.h"
#include "heddle/replay.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "support/catch.h"

namespace heddle {
namespace {

using guard::Answer;
using guard::Category;
using guard::Escape;
using guard::Policy;
using guard::ScopedPolicy;

constexpr Policy kReportAll = {.clock = Answer::kReport,
                               .sleep = Answer::kReport,
                               .entropy = Answer::kReport,
                               .process = Answer::kReport};

[[gnu::noinline]] time_t ReadsTheCalendar() { return time(nullptr); }
[[gnu::noinline]] auto ReadsSteadyClock() { return std::chrono::steady_clock::now(); }
[[gnu::noinline]] auto AsksForEntropy() { return std::random_device()(); }

std::vector<Escape> EscapesOf(const Policy& policy, void (*call)()) {
  const ScopedPolicy scoped(policy);
  guard::ForgetEscapes();
  Run([call]() -> Task<> {
    co_await Yield();
    call();
  });
  std::vector<Escape> escapes = guard::Escapes();
  guard::ForgetEscapes();
  return escapes;
}

TEST_CASE("a report names the function and who called it") {
  const auto escapes = EscapesOf(kReportAll, [] { ReadsTheCalendar(); });
  REQUIRE(escapes.size() == 1);
  CHECK(escapes[0].category == Category::kClock);
  CHECK(escapes[0].function == "time");
  CHECK_THAT(escapes[0].caller, StartsWithText("heddle::"));
  CHECK_THAT(escapes[0].caller, ContainsText("ReadsTheCalendar (guard_test+0x"));
  CHECK_THAT(escapes[0].after, StartsWithText("guard_test.cc:"));
}

TEST_CASE("the caller is who called the standard library, not the standard library") {
  const auto clock = EscapesOf(kReportAll, [] { ReadsSteadyClock(); });
  REQUIRE(clock.size() == 1);
  CHECK(clock[0].function == "clock_gettime");
  CHECK_THAT(clock[0].caller, ContainsText("ReadsSteadyClock"));
  const auto entropy = EscapesOf(kReportAll, [] { AsksForEntropy(); });
  REQUIRE(entropy.size() == 1);
  CHECK(entropy[0].function == "std::random_device");
  CHECK_THAT(entropy[0].caller, ContainsText("AsksForEntropy"));
}

Task<> Charge() {
  getpid();
  co_await Yield();
  getpid();
}

TEST_CASE("a coroutine is named like a function, before and after its first await") {
  const ScopedPolicy scoped(kReportAll);
  guard::ForgetEscapes();
  CHECK(Run([] { return Charge(); }).ok());
  const std::vector<Escape> escapes = guard::Escapes();
  REQUIRE(escapes.size() == 2);
  for (const Escape& escape : escapes)
    CHECK_THAT(escape.caller, ContainsText("Charge (guard_test"));
  guard::ForgetEscapes();
}

TEST_CASE("places are counted, and listed in the order of their texts") {
  const auto escapes = EscapesOf(kReportAll, [] {
    for (int i = 0; i < 3; ++i) ReadsTheCalendar();
    getpid();
  });
  REQUIRE(escapes.size() == 2);
  CHECK(escapes[0].function == "getpid");
  CHECK(escapes[1].count == 3);
  CHECK_THAT(ToString(escapes[1]), StartsWithText("time (clock), called 3 times by "));
}

TEST_CASE("what is reported gets the machine's answer") {
  const ScopedPolicy scoped(kReportAll);
  pid_t inside = 0;
  time_t seconds = 0;
  CHECK(Run([&]() -> Task<> {
          inside = getpid();
          seconds = time(nullptr);
          usleep(1);
          co_return;
        }).ok());
  CHECK(inside == getpid());
  CHECK(seconds > 1'000'000'000);
  CHECK(guard::Escapes().size() == 3);
  guard::ForgetEscapes();
}

TEST_CASE("what is virtual or allowed is not reported") {
  const auto call = [] {
    ReadsTheCalendar();
    AsksForEntropy();
    getpid();
  };
  CHECK(EscapesOf({}, call).empty());
  const auto escapes = EscapesOf({.clock = Answer::kAllow, .entropy = Answer::kAllow}, call);
  CHECK(escapes.empty());
}

TEST_CASE("a run that fails for a call ends after the step that made it") {
  const ScopedPolicy scoped({.clock = Answer::kFail});
  bool went_on = false;
  bool next_step = false;
  const RunResult run = Run([&]() -> Task<> {
    co_await SleepFor(std::chrono::seconds(1));
    CHECK(time(nullptr) == 946'684'801);  // virtual: the step goes on to its end
    went_on = true;
    co_await Yield();
    next_step = true;
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(went_on);
  CHECK_FALSE(next_step);
  CHECK_THAT(run.message,
             StartsWithText("heddle: the run left its world: time (clock), called by"));
  CHECK_THAT(run.message, ContainsText("guard_test.cc:"));
  CHECK_THAT(run.message, ContainsText("heddle::VirtualClock"));
  CHECK_THROWS_AS(std::rethrow_exception(run.exception), guard::EscapeError);
  guard::ForgetEscapes();
}

TEST_CASE("the first reason for which a run ends is the one that counts") {
  const ScopedPolicy scoped({.clock = Answer::kFail});
  const RunResult run = Run([]() -> Task<> {
    time(nullptr);
    throw std::runtime_error("later");
    co_return;
  });
  CHECK_THROWS_AS(std::rethrow_exception(run.exception), guard::EscapeError);
  guard::ForgetEscapes();
}

TEST_CASE("a divergence names the places from which its runs left their world") {
  const ScopedPolicy scoped({.clock = Answer::kReport});
  guard::ForgetEscapes();
  int runs = 0;
  const auto body = [&]() -> Task<> {
    ReadsTheCalendar();
    Mark("run", {{"number", ++runs}});
    co_return;
  };
  const Trace recorded = Run(body).trace;
  const ReplayResult replay = Replay(recorded, body);
  REQUIRE_FALSE(replay.reproduced());
  CHECK_THAT(replay.divergence->likely_causes[0],
             StartsWithText("a run left its world: time (clock), called 2 times by heddle::"));
  guard::ForgetEscapes();
}

TEST_CASE("a divergence does not blame what is virtual") {
  guard::ForgetEscapes();
  bool again = false;
  const auto body = [&]() -> Task<> {
    if (std::exchange(again, true)) co_await Yield();
  };
  const Trace recorded = Run(body).trace;
  const ReplayResult replay = Replay(recorded, body);
  REQUIRE_FALSE(replay.reproduced());
  const std::string& cause = replay.divergence->likely_causes[0];
  CHECK_THAT(cause,
             StartsWithText("the body depends on something that is not recorded: addresses"));
}

TEST_CASE("there is no virtual thread, socket or file") {
  const Policy before = guard::CurrentPolicy();
  CHECK_THROWS_WITH(guard::SetPolicy({.thread = Answer::kVirtual}), ContainsText("thread"));
  CHECK_THROWS_WITH(guard::SetPolicy({.socket = Answer::kVirtual}), ContainsText("socket"));
  CHECK_THROWS_WITH(guard::SetPolicy({.file = Answer::kVirtual}), ContainsText("file"));
  CHECK(guard::CurrentPolicy() == before);
}

TEST_CASE("a scoped policy gives way to the one before") {
  const Policy before = guard::CurrentPolicy();
  {
    const ScopedPolicy scoped({.file = Answer::kFail});
    CHECK(guard::CurrentPolicy() == Policy{.file = Answer::kFail});
  }
  CHECK(guard::CurrentPolicy() == before);
}

}  // namespace
}  // namespace heddle
