// SPDX-License-Identifier: MIT
//
// WithTimeout and Deadline: in time, too late, and in the same instant.
#include "heddle/timeout.h"

#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <variant>

#include "harness/test_choosers.h"
#include "heddle/run.h"
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

}  // namespace
}  // namespace heddle
