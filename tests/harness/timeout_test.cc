// SPDX-License-Identifier: MIT
//
// WithTimeout and Deadline: in time, too late, and in the same instant.
#include "heddle/timeout.h"

#include <optional>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

#include "harness/test_choosers.h"
#include "heddle/cancel.h"
#include "heddle/channel.h"
#include "heddle/event.h"
#include "heddle/gate.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/select.h"
#include "heddle/semaphore.h"
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

// --- of what is no task ---------------------------------------------------------------------

TEST_CASE("a lock that is not had in time is not waited for any longer, and not had later") {
  const RunResult run = Run([]() -> Task<> {
    Mutex till("till");
    std::optional<MutexGuard> first = co_await WithTimeout(till.Lock(), milliseconds(1));
    CHECK(first.has_value());
    const std::optional<MutexGuard> second = co_await WithTimeout(till.Lock(), milliseconds(5));
    CHECK_FALSE(second.has_value());
    CHECK(VirtualClock::now() == TimePoint(milliseconds(5)));
    first.reset();
    CHECK(static_cast<bool>(till.TryLock()));
  });
  CHECK(run.ok());
}

TEST_CASE("no lock is lost where it comes in the instant in which the time is over") {
  std::set<bool> in_time;
  const auto body = [&]() -> Task<> {
    Mutex till("till");
    const auto holds = [&]() -> Task<> {
      const MutexGuard guard = co_await till.Lock();
      co_await SleepFor(milliseconds(5));
    };
    const auto tries = [&]() -> Task<> {
      const auto guard = co_await WithTimeout(till.Lock(), milliseconds(5));
      in_time.insert(guard.has_value());
    };
    co_await All(holds(), tries());
    CHECK(static_cast<bool>(till.TryLock()));
  };
  ForRandomSchedules(100, body, [&](const RunResult& run) { REQUIRE(run.ok()); });
  CHECK(in_time == std::set<bool>{false, true});
}

TEST_CASE("messages, selects, joins and sleeps may take so long") {
  const RunResult run = Run([]() -> Task<> {
    Channel<int> orders(1);
    const auto nothing = co_await WithTimeout(orders.Receive(), milliseconds(1));
    CHECK_FALSE(nothing.has_value());
    const std::optional<bool> sent = co_await WithTimeout(orders.Send(7), milliseconds(1));
    CHECK(sent == true);
    const std::optional<std::optional<int>> got =
        co_await WithTimeout(orders.Receive(), milliseconds(1));
    CHECK(got == std::optional<std::optional<int>>(7));

    const auto both = co_await WithTimeout(All(Answer(milliseconds(1)), Answer(milliseconds(2))),
                                           milliseconds(3));
    CHECK(both == std::tuple(42, 42));
    const auto late = co_await WithTimeout(Any(Answer(milliseconds(4))), milliseconds(3));
    CHECK_FALSE(late.has_value());
    const auto selected =
        co_await WithTimeout(Select(ReceiveFrom(orders), After(milliseconds(9))), milliseconds(3));
    CHECK_FALSE(selected.has_value());
    const std::optional<std::monostate> slept =
        co_await WithTimeout(SleepFor(milliseconds(1)), milliseconds(2));
    CHECK(slept.has_value());
    // One in the other: the sooner one counts.
    const auto twice = co_await WithTimeout(
        WithDeadline(orders.Receive(), Deadline(milliseconds(1))), milliseconds(2));
    CHECK(twice.has_value());
    CHECK_FALSE(twice->has_value());
  });
  CHECK(run.ok());
}

TEST_CASE("an operation that has to end is given up when a stop is requested") {
  const RunResult run = Run([]() -> Task<> {
    Semaphore permits(0, "permits");
    std::stop_source source;
    const auto waits = [&]() -> Task<bool> {
      const auto permit = co_await UntilStopped(permits.Acquire(), source.get_token());
      co_return permit.has_value();
    };
    const auto stops = [&]() -> Task<> {
      co_await SleepFor(milliseconds(1));
      source.request_stop();
    };
    const auto [acquired, stopped] = co_await All(waits(), stops());
    CHECK_FALSE(acquired);
    permits.Release();
    const auto got = co_await UntilStopped(permits.Acquire(), std::stop_source().get_token());
    CHECK(got.has_value());
  });
  CHECK(run.ok());
}

TEST_CASE("who waits too long is named by the line of the call") {
  constexpr int kLine = __LINE__ + 4;
  const RunResult run = Run([]() -> Task<> {
    Mutex till("till");
    const MutexGuard guard = co_await till.Lock();
    co_await WithTimeout(till.Lock(), milliseconds(1));
  });
  CHECK(run.ok());
  std::set<int> lines;
  for (const Event& event : run.trace.events) {
    if (event.kind != EventKind::kSuspend) continue;
    const Site& site = run.trace.sites[event.site];
    CHECK_THAT(site.file, EndsWithText("timeout_test.cc"));
    lines.insert(static_cast<int>(site.line));
  }
  CHECK(lines == std::set<int>{kLine - 1, kLine});
}

// Which values they give, and which line a trace says they wait at.
TEST_CASE("All and Any take what is no task") {
  static constexpr Duration kSoon = milliseconds(1);
  constexpr int kLine = __LINE__ + 5;  // of All: on one line, for compilers differ in those of more
  const RunResult run = Run([]() -> Task<> {
    Channel<int> orders(2);
    Gate closing("closing");
    co_await orders.Send(1);
    const auto all = co_await All(orders.Receive(), Answer(kSoon), SleepFor(2 * kSoon));
    CHECK(all == std::tuple(std::optional<int>(1), 42, std::monostate()));
    closing.Open();
    const auto any = co_await Any(orders.Receive(), closing.Wait(), Answer(milliseconds(1)));
    CHECK(any.index() == 1);
    // Whoever lost has left.
    co_await orders.Send(2);
    const std::optional<int> order = co_await orders.Receive();
    CHECK(order == 2);
  });
  CHECK(run.ok());
  std::set<std::pair<int, Operation>> waits;
  for (const Event& event : run.trace.events) {
    if (event.kind != EventKind::kSuspend) continue;
    waits.emplace(run.trace.sites[event.site].line, static_cast<Operation>(event.operation));
  }
  CHECK(waits.contains({kLine, Operation::kReceive}));
  CHECK(waits.contains({kLine, Operation::kSleep}));
  CHECK(waits.contains({kLine, Operation::kJoin}));
}

template <class T>
concept CanBeKept =
    requires(internal::PromiseBase& promise, T& kept) { promise.await_transform(kept); };

TEST_CASE("a timeout of an operation is awaited where it is made") {
  using Timeout = decltype(WithTimeout(std::declval<Mutex&>().Lock(), Duration()));
  STATIC_REQUIRE_FALSE(CanBeKept<Timeout>);
  using Both = decltype(All(std::declval<Mutex&>().Lock(), Answer(Duration())));
  STATIC_REQUIRE_FALSE(CanBeKept<Both>);
  STATIC_REQUIRE(CanBeKept<decltype(All(Answer(Duration())))>);
  STATIC_REQUIRE(CanBeKept<decltype(std::declval<Mutex&>().Lock())>);
}

}  // namespace
}  // namespace heddle
