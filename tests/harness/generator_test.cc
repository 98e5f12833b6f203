// SPDX-License-Identifier: MIT
//
// Generator: values in order, awaits in between, and everything destroyed at the end.
#include "heddle/generator.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/causality.h"
#include "heddle/channel.h"
#include "heddle/gate.h"
#include "heddle/mark.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "heddle/timeout.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::seconds;

Generator<int> Squares(int count) {
  for (int i = 0; i < count; ++i) {
    if (i % 2 == 1) co_await SleepFor(seconds(1));
    co_yield i* i;
  }
}

Task<std::vector<int>> Collect(Generator<int> generator) {
  std::vector<int> values;
  for (;;) {
    const std::optional<int> value = co_await generator.Next();
    if (!value) co_return values;
    values.push_back(*value);
  }
}

TEST_CASE("a generator gives its values in order, awaits in between, and ends") {
  const auto body = []() -> Task<> {
    const std::vector<int> values = co_await Collect(Squares(5));
    CHECK(values == std::vector<int>{0, 1, 4, 9, 16});
    Generator<int> empty = Squares(0);
    for (int i = 0; i < 2; ++i) {
      const std::optional<int> value = co_await empty.Next();
      CHECK_FALSE(value.has_value());
    }
  };
  const RunResult run = Run(body);
  CHECK(run.ok());
  CHECK(run.elapsed == seconds(2));
}

TEST_CASE("two generators run in any order beside each other, each in its own") {
  const auto body = []() -> Task<> {
    Channel<int> out(kUnbounded);
    const auto drain = [&]() -> Task<> {
      const std::vector<int> values = co_await Collect(Squares(4));
      CHECK(values == std::vector<int>{0, 1, 4, 9});
    };
    TaskGroup group;
    group.Spawn(drain());
    group.Spawn(drain());
    co_await group.Join();
  };
  ForRandomSchedules(100, body, [&](const RunResult& run) { REQUIRE(run.ok()); });
}

TEST_CASE("what a generator throws comes out of Next, and then there is nothing more") {
  const auto bad = []() -> Generator<int> {
    co_yield 1;
    throw std::runtime_error("broken");
  };
  const RunResult run = Run([&]() -> Task<> {
    Generator<int> generator = bad();
    std::optional<int> value = co_await generator.Next();
    CHECK(value == 1);
    std::string caught;
    try {
      value = co_await generator.Next();
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
    CHECK(caught == "broken");
    value = co_await generator.Next();
    CHECK_FALSE(value.has_value());
  });
  CHECK(run.ok());
}

TEST_CASE("a generator that is left early is destroyed where it is") {
  const auto token = std::make_shared<int>(1);
  const auto endless = [](std::shared_ptr<int> held) -> Generator<int> {
    for (;;) co_yield *held;
  };
  const RunResult run = Run([&]() -> Task<> {
    {
      Generator<int> generator = endless(token);
      co_await generator.Next();
      Generator<int> moved = std::move(generator);
      co_await moved.Next();
      CHECK(token.use_count() == 2);
      // NOLINTNEXTLINE(bugprone-use-after-move): that is the point
      CHECK_THROWS_AS(static_cast<void>(generator.Next()), UsageError);
    }
    CHECK(token.use_count() == 1);
  });
  CHECK(run.ok());
}

TEST_CASE("what a generator did happens before what is done with its value, and the other way") {
  const auto marks = []() -> Generator<int> {
    Mark("one");
    co_yield 1;
    Mark("two");
    co_yield 2;
  };
  const RunResult run = Run([&]() -> Task<> {
    Generator<int> generator = marks();
    co_await generator.Next();
    Mark("between");
    co_await generator.Next();
  });
  REQUIRE(run.ok());
  std::vector<std::size_t> at;
  for (std::size_t i = 0; i < run.trace.events.size(); ++i) {
    if (run.trace.events[i].kind == EventKind::kMark) at.push_back(i);
  }
  REQUIRE(at.size() == 3);
  const Causality causality(run.trace);
  CHECK(causality.HappensBefore(at[0], at[1]));
  CHECK(causality.HappensBefore(at[1], at[2]));
}

TEST_CASE("who waits for a generator that waits for ever is named, and so is the generator") {
  const auto stuck = []() -> Generator<int> {
    Channel<int> nothing(1, "nothing");
    co_await nothing.Receive();
    co_yield 1;
  };
  const RunResult run = Run([&]() -> Task<> {
    Generator<int> generator = stuck();
    co_await generator.Next();
  });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 2);
  CHECK(run.waiting[0].operation == Operation::kCall);
  CHECK(run.waiting[1].object == "Channel nothing");
}

TEST_CASE("a co_yield is told from a Yield, and only the latter waits") {
  const auto numbers = []() -> Generator<int> {
    co_await Yield();
    co_yield 1;
  };
  Gate never("never");
  const RunResult run = Run([&]() -> Task<> {
    Generator<int> generator = numbers();
    co_await generator.Next();
    co_await never.Wait();
  });
  std::vector<bool> yields;
  for (const Event& event : run.trace.events) {
    if (event.kind == EventKind::kSuspend && event.op() == Operation::kYield) {
      yields.push_back(event.is_co_yield());
    }
  }
  CHECK(yields == std::vector<bool>{false, true});
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].name == "main");
}

TEST_CASE("a generator that was in the middle of a Yield when its run was stopped had not ended") {
  const auto endless = []() -> Generator<int> {
    for (;;) co_await Yield();
    co_yield 1;
  };
  const RunResult run = Run(
      [&]() -> Task<> {
        Generator<int> generator = endless();
        co_await generator.Next();
      },
      {.steps_max = 100});
  CHECK(run.ending == Ending::kStepLimit);
  CHECK(run.waiting.size() == 2);
}

TEST_CASE("a generator may go without having been asked for a value") {
  const auto body = []() -> Task<> {
    const Generator<int> unused = Squares(3);
    co_await Yield();
  };
  const RunResult run = Run(body);
  INFO(Describe(run));
  CHECK(run.ok());
  CHECK(run.abandoned.empty());
  const auto unused = std::ranges::find(run.trace.events, EventKind::kAbandon, &Event::kind);
  REQUIRE(unused != run.trace.events.end());
  CHECK(unused->went_unused());
}

TEST_CASE("a generator may be kept for longer than the run") {
  std::optional<Generator<int>> kept;
  const auto body = [&]() -> Task<> {
    kept.emplace(Squares(3));
    co_return;
  };
  CHECK(Run(body).ok());
}

TEST_CASE("a task that is forgotten beside an unused generator is still named") {
  const auto body = []() -> Task<> {
    const Generator<int> unused = Squares(3);
    const Task<std::vector<int>> forgotten = Collect(Squares(3));
    co_await Yield();
  };
  const RunResult run = Run(body);
  CHECK(run.ending == Ending::kAbandoned);
  CHECK(run.abandoned == std::vector<std::string>{"Collect#0"});
}

Task<> CountNext(Generator<int>& numbers, int& values) {
  const std::optional<int> value = co_await numbers.Next();
  if (value) ++values;
}

Generator<int> SlowNumbers() {
  for (int i = 0;; ++i) {
    co_await SleepFor(seconds(1));
    co_yield i;
  }
}

TEST_CASE("two tasks that await one generator at the same time are a usage error for the second") {
  int values = 0;
  const auto body = [&]() -> Task<> {
    values = 0;
    Generator<int> numbers = SlowNumbers();
    TaskGroup group(FirstError::kLetsOthersFinish);
    group.Spawn(CountNext(numbers, values));
    group.Spawn(CountNext(numbers, values));
    std::string caught;
    try {
      co_await group.Join();
    } catch (const UsageError& error) {
      caught = error.what();
    }
    CHECK(caught.find("two tasks await one Generator") != std::string::npos);
    const std::optional<int> next = co_await numbers.Next();  // as if the second had not been
    CHECK(next == 1);
  };
  ForRandomSchedules(50, body, [&](const RunResult& run) {
    INFO(Describe(run));
    REQUIRE(run.ok());
    REQUIRE(values == 1);
  });
}

TEST_CASE("a generator that awaits its own Next is a usage error") {
  Generator<int>* self = nullptr;
  const auto asks_itself = [&]() -> Generator<int> {
    const std::optional<int> value = co_await self->Next();
    co_yield *value;
  };
  const RunResult run = Run([&]() -> Task<> {
    Generator<int> generator = asks_itself();
    self = &generator;
    co_await generator.Next();
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message.find("its own Next()") != std::string::npos);
}

TEST_CASE("a Next that is cut off destroys the generator, and the one after it is a usage error") {
  const auto token = std::make_shared<int>(1);
  const auto holds = [](std::shared_ptr<int> held) -> Generator<int> {
    for (;;) {
      co_await SleepFor(seconds(*held));
      co_yield 1;
    }
  };
  const RunResult run = Run([&]() -> Task<> {
    Generator<int> first = holds(token);
    Generator<int> numbers = std::move(first);
    int values = 0;
    const auto done =
        co_await WithTimeout(CountNext(numbers, values), std::chrono::milliseconds(500));
    CHECK_FALSE(done.has_value());
    CHECK(token.use_count() == 1);
    std::string caught;
    try {
      co_await numbers.Next();
    } catch (const UsageError& error) {
      caught = error.what();
    }
    CHECK(caught.find("was cut off") != std::string::npos);
    co_await SleepFor(seconds(5));
    numbers = holds(token);
    const std::optional<int> next = co_await numbers.Next();
    CHECK(next == 1);
  });
  INFO(Describe(run));
  CHECK(run.ok());
}

TEST_CASE("a generator that is destroyed while another task waits for its value ends the run") {
  int values = 0;
  const RunResult run = Run([&]() -> Task<> {
    TaskGroup group;
    {
      Generator<int> numbers = SlowNumbers();
      group.Spawn(CountNext(numbers, values));
      co_await SleepFor(std::chrono::milliseconds(1));
    }
    co_await group.Join();
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message.find("Generator was destroyed while a task waits for it") != std::string::npos);
}

}  // namespace
}  // namespace heddle
