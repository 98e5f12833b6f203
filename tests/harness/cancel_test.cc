// SPDX-License-Identifier: MIT
//
// Cancellation: it is asked for, it is answered, and cleaning up may take its time.
#include "heddle/cancel.h"

#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>

#include "harness/test_choosers.h"
#include "heddle/channel.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::seconds;

TEST_CASE("a task that is asked to stop cleans up, which may await, and returns") {
  int served = 0;
  int cleaned = 0;
  const auto body = [&]() -> Task<> {
    served = cleaned = 0;
    Channel<int> requests(2, "requests");
    CancelScope scope("servers");
    const auto serve = [&](std::stop_token stop) -> Task<> {
      for (;;) {
        const auto next = co_await Select(ReceiveFrom(requests), WhenStopped(stop));
        if (next.index() == 1) break;
        ++served;
      }
      co_await SleepFor(seconds(1));
      ++cleaned;
    };
    for (int i = 0; i < 2; ++i) scope.Spawn(serve(scope.token()));
    for (int i = 0; i < 3; ++i) co_await requests.Send(i);
    co_await SleepFor(seconds(1));
    scope.RequestStop();
    scope.RequestStop();
    CHECK(scope.stop_requested());
    co_await scope.Join();
  };
  ForRandomSchedules(100, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    REQUIRE(run.trace.header.message.empty());
    REQUIRE(served == 3);
    REQUIRE(cleaned == 2);
  });
}

Task<> StopsAndNotes(std::stop_token stop, std::string& log) {
  co_await Stopped(stop);
  co_await SleepFor(seconds(1));
  log += "cleaned ";
}

TEST_CASE("a stop reaches the scopes inside, whether it comes before or after them") {
  std::string log;
  const RunResult run = Run([&]() -> Task<> {
    CancelScope outer;
    CancelScope inner(outer.token());
    inner.Spawn(StopsAndNotes(inner.token(), log));
    co_await SleepFor(seconds(1));
    outer.RequestStop();
    CHECK(inner.stop_requested());
    CancelScope late(outer.token());
    CHECK(late.stop_requested());
    late.Spawn(StopsAndNotes(late.token(), log));
    co_await inner.Join();
    co_await late.Join();
  });
  CHECK(run.ok());
  CHECK(log == "cleaned cleaned ");
}

TEST_CASE("a stop inside does not reach outside") {
  const RunResult run = Run([]() -> Task<> {
    CancelScope outer;
    CancelScope inner(outer.token());
    inner.RequestStop();
    CHECK_FALSE(outer.stop_requested());
    co_return;
  });
  CHECK(run.ok());
}

TEST_CASE("the first task of a scope that throws stops the others, and all errors are kept") {
  std::string log;
  const auto fails = [](Duration after, std::string text) -> Task<> {
    co_await SleepFor(after);
    throw std::runtime_error(text);
  };
  const RunResult run = Run([&]() -> Task<> {
    CancelScope scope;
    scope.Spawn(StopsAndNotes(scope.token(), log));
    scope.Spawn(fails(seconds(1), "first"));
    scope.Spawn(fails(seconds(2), "second"));
    std::string caught;
    try {
      co_await scope.Join();
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
    CHECK(caught == "first");
    CHECK(log == "cleaned ");
    CHECK(scope.errors().size() == 2);
  });
  CHECK(run.ok());
}

TEST_CASE("what does not listen is destroyed where it is suspended") {
  const RunResult run = Run([]() -> Task<> {
    const auto wait = []() -> Task<int> {
      co_await SleepFor(seconds(100));
      co_return 1;
    };
    std::stop_source source;
    CancelScope scope;
    std::optional<int> value = 0;
    const auto work = [&]() -> Task<> { value = co_await UntilStopped(wait(), scope.token()); };
    scope.Spawn(work());
    co_await SleepFor(seconds(1));
    scope.RequestStop();
    co_await scope.Join();
    CHECK_FALSE(value.has_value());
    value = co_await UntilStopped(wait(), source.get_token());
    CHECK(value == 1);
  });
  CHECK(run.ok());
  CHECK(run.elapsed == seconds(101));
}

TEST_CASE("who was asked to stop is in the recording") {
  const RunResult run = Run([]() -> Task<> {
    std::string log;
    CancelScope scope;
    scope.Spawn(StopsAndNotes(scope.token(), log));
    co_await SleepFor(seconds(1));
    scope.RequestStop();
    co_await scope.Join();
  });
  REQUIRE(run.ok());
  int cancels = 0;
  for (const Event& event : run.trace.events) {
    if (event.kind != EventKind::kCancel) continue;
    ++cancels;
    CHECK(event.task == 0);
    CHECK(event.object == 1);
  }
  CHECK(cancels == 1);
}

TEST_CASE("who waits for a stop that nobody requests is named, and may be cancelled itself") {
  const RunResult run = Run([]() -> Task<> {
    std::string log;
    std::stop_source source;
    {
      TaskGroup group;
      group.Spawn(StopsAndNotes(source.get_token(), log));
      co_await SleepFor(seconds(1));
    }
    co_await Stopped(source.get_token());
  });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK_THAT(run.waiting[0].site, ContainsText("cancel_test.cc:"));
}

}  // namespace
}  // namespace heddle
