// SPDX-License-Identifier: MIT
//
// Retry: as often as it may, as late as it should, and the last exception.
#include "heddle/retry.h"

#include <cstddef>
#include <exception>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>

#include "harness/test_choosers.h"
#include "heddle/event.h"
#include "heddle/run.h"
#include "heddle/site.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

TEST_CASE("what fails is tried again after pauses that grow, until it gives a value") {
  int tries = 0;
  const auto attempt = [&]() -> Task<int> {
    if (++tries < 4) throw std::runtime_error("refused");
    co_return tries;
  };
  const RunResult run = Run([&]() -> Task<> {
    const int value = co_await Retry({.attempts_max = 9, .delay = milliseconds(10)}, attempt);
    CHECK(value == 4);
  });
  CHECK(run.ok());
  CHECK(run.elapsed == milliseconds(10 + 20 + 40));
}

TEST_CASE("the exception of the last attempt goes to the caller") {
  int tries = 0;
  const auto attempt = [&]() -> Task<> {
    throw std::runtime_error("attempt " + std::to_string(++tries));
    co_return;
  };
  const RunResult run = Run([&]() -> Task<> { co_await Retry({.attempts_max = 3}, attempt); });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message == "attempt 3");
}

TEST_CASE("what is not worth retrying is tried once") {
  int tries = 0;
  const auto attempt = [&]() -> Task<> {
    ++tries;
    throw std::invalid_argument("wrong");
    co_return;
  };
  const auto is_runtime_error = [](const std::exception_ptr& error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::runtime_error&) {
      return true;
    } catch (...) {
      return false;
    }
  };
  const RunResult run = Run([&]() -> Task<> { co_await Retry({}, attempt, is_runtime_error); });
  CHECK(run.message == "wrong");
  CHECK(tries == 1);
}

TEST_CASE("jitter is a choice: none with the first draw, and at most its part of the pause") {
  std::set<Duration> pauses;
  const auto body = []() -> Task<> {
    int tries = 0;
    const auto attempt = [&]() -> Task<> {
      if (++tries == 1) throw std::runtime_error("refused");
      co_return;
    };
    co_await Retry({.delay = milliseconds(16), .jitter = 0.5}, attempt);
  };
  CHECK(Run(body).elapsed == milliseconds(16));
  ForRandomSchedules(300, body, [&](const RunResult& run) { pauses.insert(run.elapsed); });
  CHECK(pauses.size() == 16);
  CHECK(*pauses.begin() == milliseconds(8));
  CHECK(*pauses.rbegin() == milliseconds(16));
}

TEST_CASE("pauses grow up to a limit, and a retry without attempts is a usage error") {
  const RetryPolicy policy{.delay = milliseconds(10), .factor = 10, .delay_max = milliseconds(500)};
  CHECK(policy.DelayAfter(1) == milliseconds(10));
  CHECK(policy.DelayAfter(2) == milliseconds(100));
  CHECK(policy.DelayAfter(3) == milliseconds(500));
  CHECK(policy.DelayAfter(1000) == milliseconds(500));
  const auto nothing = []() -> Task<> { co_return; };
  const RunResult run = Run([&]() -> Task<> { co_await Retry({.attempts_max = 0}, nothing); });
  CHECK_THAT(run.message, ContainsText("without attempts"));
}

TEST_CASE("a policy with a number out of its range is a usage error that names the field") {
  const auto nothing = []() -> Task<> { co_return; };
  const auto message_for = [&](const RetryPolicy& policy) {
    return Run([&]() -> Task<> { co_await Retry(policy, nothing); }).message;
  };
  CHECK_THAT(message_for({.delay = milliseconds(-1)}), ContainsText("RetryPolicy::delay"));
  CHECK_THAT(message_for({.delay_max = milliseconds(-1)}), ContainsText("delay_max"));
  CHECK_THAT(message_for({.factor = -1}), ContainsText("RetryPolicy::factor"));
  CHECK_THAT(message_for({.jitter = 1.5}), ContainsText("RetryPolicy::jitter"));
  CHECK_THAT(message_for({.jitter = std::numeric_limits<double>::quiet_NaN()}),
             ContainsText("RetryPolicy::jitter"));
}

TEST_CASE("a mistake in the program is not tried again") {
  int tries = 0;
  const auto attempt = [&]() -> Task<> {
    ++tries;
    co_await Task<>();
  };
  const RunResult run = Run([&]() -> Task<> { co_await Retry({.attempts_max = 3}, attempt); });
  CHECK(run.ending == Ending::kThrew);
  CHECK(tries == 1);
  CHECK(run.elapsed == milliseconds(0));
}

TEST_CASE("the pauses have the line of the call, and none of ours") {
  const auto attempt = []() -> Task<> {
    throw std::runtime_error("refused");
    co_return;
  };
  const RunResult run = Run([&]() -> Task<> { co_await Retry({.attempts_max = 3}, attempt); });
  std::size_t pauses = 0;
  for (const Event& event : run.trace.events) {
    if (event.kind != EventKind::kSuspend || event.op() != Operation::kSleep) continue;
    CHECK_THAT(ToString(run.trace.sites[event.site]), StartsWithText("retry_test.cc:"));
    ++pauses;
  }
  CHECK(pauses == 2);
}

}  // namespace
}  // namespace heddle
