// SPDX-License-Identifier: MIT
//
// WithTimeout and Deadline: in time, too late, and in the same instant.
#include "heddle/timeout.h"

#include <optional>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>

#include "harness/test_choosers.h"
#include "heddle/cancel.h"
#include "heddle/event.h"
#include "heddle/run.h"
#include "heddle/select.h"
#include "heddle/site.h"
#include "heddle/sleep.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

Task<int> Answer(Duration after) {
  co_await SleepFor(after);
  co_return 42;
}

TEST_CASE("a task that is in time gives its value, and one that is not is cancelled") {
  const RunResult run = Run([]() -> Task<> {
    std::optional<int> answer = co_await WithTimeout(Answer(milliseconds(5)), milliseconds(10));
    CHECK(answer == 42);
    CHECK(VirtualClock::now() == TimePoint(milliseconds(5)));
    answer = co_await WithTimeout(Answer(milliseconds(50)), milliseconds(10));
    CHECK_FALSE(answer.has_value());
    CHECK(VirtualClock::now() == TimePoint(milliseconds(15)));
  });
  CHECK(run.ok());
  CHECK(run.elapsed == milliseconds(15));
}

TEST_CASE("which comes first of a task and a time that end together is a choice") {
  std::set<bool> in_time;
  const auto body = [&]() -> Task<> {
    const auto answer = co_await WithTimeout(Answer(milliseconds(10)), milliseconds(10));
    in_time.insert(answer.has_value());
  };
  ForRandomSchedules(50, body, [&](const RunResult& run) { REQUIRE(run.ok()); });
  CHECK(in_time == std::set<bool>{false, true});
}

TEST_CASE("an exception goes through a timeout, and a task without a value has one of monostate") {
  const auto refuse = []() -> Task<> {
    co_await Yield();
    throw std::runtime_error("refused");
  };
  const auto nothing = []() -> Task<> { co_return; };
  const RunResult run = Run([&]() -> Task<> {
    std::string caught;
    try {
      co_await WithTimeout(refuse(), milliseconds(1));
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
    CHECK(caught == "refused");
    const std::optional<std::monostate> done = co_await WithTimeout(nothing(), milliseconds(1));
    CHECK(done.has_value());
  });
  CHECK(run.ok());
}

TEST_CASE("a deadline holds for several tasks one after the other") {
  const RunResult run = Run([]() -> Task<> {
    const Deadline deadline(milliseconds(10));
    std::optional<int> answer = co_await WithDeadline(Answer(milliseconds(6)), deadline);
    CHECK(answer == 42);
    CHECK(deadline.remaining() == milliseconds(4));
    CHECK_FALSE(deadline.has_passed());
    answer = co_await WithDeadline(Answer(milliseconds(6)), deadline);
    CHECK_FALSE(answer.has_value());
    CHECK(deadline.has_passed());
    CHECK(deadline.remaining() == Duration::zero());
  });
  CHECK(run.ok());
  CHECK(run.elapsed == milliseconds(10));
}

// Ends when it is asked to, and takes its time for that.
Task<int> Serve(std::stop_token stop, std::string& log) {
  const auto first = co_await Select(WhenStopped(stop), After(milliseconds(50)));
  log += first.index() == 0 ? "stopped " : "done ";
  co_await SleepFor(milliseconds(3));
  log += "cleaned";
  co_return 7;
}

TEST_CASE(
    "a task that is given the stop token is asked, cleans up with awaits, and is waited for") {
  std::string log;
  const auto body = [&]() -> Task<> {
    log.clear();
    const std::optional<int> value = co_await WithTimeout(
        [&](std::stop_token stop) { return Serve(std::move(stop), log); }, milliseconds(10));
    CHECK_FALSE(value.has_value());
    CHECK(log == "stopped cleaned");
    CHECK(VirtualClock::now() == TimePoint(milliseconds(13)));
  };
  ForRandomSchedules(50, body, [](const RunResult& run) {
    INFO(Describe(run));
    REQUIRE(run.ok());
    REQUIRE(run.elapsed == milliseconds(13));
  });
}

TEST_CASE(
    "a task that is given the stop token and is in time gives its value, and no time passes") {
  std::string log;
  const RunResult run = Run([&]() -> Task<> {
    const std::optional<int> value = co_await WithTimeout(
        [&](std::stop_token stop) { return Serve(std::move(stop), log); }, milliseconds(60));
    CHECK(value == 7);
    CHECK(log == "done cleaned");
  });
  INFO(Describe(run));
  CHECK(run.ok());
  CHECK(run.elapsed == milliseconds(53));
}

TEST_CASE("what the clean-up throws after a timeout goes through") {
  const RunResult run = Run([]() -> Task<> {
    const auto fails = [](std::stop_token stop) -> Task<> {
      co_await Stopped(std::move(stop));
      throw std::runtime_error("not cleaned");
    };
    co_await WithDeadline(fails, Deadline(milliseconds(1)));
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message == "not cleaned");
}

TEST_CASE("who waits with a stop token may be cancelled, and the task goes with it") {
  std::string log;
  const RunResult run = Run([&]() -> Task<> {
    const auto inner = [&]() -> Task<> {
      co_await WithTimeout([&](std::stop_token stop) { return Serve(std::move(stop), log); },
                           milliseconds(10));
    };
    co_await WithTimeout(inner(), milliseconds(5));
    co_await SleepFor(milliseconds(20));
  });
  CHECK(run.ok());
  CHECK(log.empty());
}

TEST_CASE("what a timeout awaits has the line of its call, and none of ours") {
  const RunResult run = Run([]() -> Task<> {
    const std::stop_source source;
    const auto listens = [](std::stop_token stop) -> Task<> { co_await Stopped(std::move(stop)); };
    co_await WithTimeout(Answer(milliseconds(50)), milliseconds(10));
    co_await WithTimeout(listens, milliseconds(10));
    co_await WithDeadline(Answer(milliseconds(50)), Deadline(milliseconds(10)));
    co_await UntilStopped(Answer(milliseconds(50)), source.get_token());
  });
  REQUIRE(run.ok());
  for (const Event& event : run.trace.events) {
    if (event.kind != EventKind::kSuspend) continue;
    CHECK_THAT(ToString(run.trace.sites[event.site]), StartsWithText("timeout_test.cc:"));
  }
}

}  // namespace
}  // namespace heddle
