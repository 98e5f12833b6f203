// SPDX-License-Identifier: MIT
//
// Shared: every access is a scheduling point, and a guarded one waits for its value.
#include "heddle/shared.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/combinators.h"
#include "heddle/internal/shared_value.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

// Kind and operation of each event that a task records about an object.
std::vector<std::pair<EventKind, Operation>> Accesses(const Trace& trace) {
  std::vector<std::pair<EventKind, Operation>> accesses;
  for (const Event& event : trace.events) {
    const bool done = event.kind == EventKind::kResume || event.kind == EventKind::kAccess;
    if (done && event.object != 0) accesses.emplace_back(event.kind, event.op());
  }
  return accesses;
}

TEST_CASE("each access gives what it says and changes the value as it says") {
  std::vector<int> given;
  const RunResult run = Run([&]() -> Task<> {
    Shared<int> shared(3, "shared");
    given.push_back(co_await shared.Read());
    co_await shared.Write(4);
    given.push_back(co_await shared.Update([](int value) { return value + 1; }));
    given.push_back(co_await shared.Update([](int& value) { value += 2; }));
    given.push_back(co_await shared.CompareExchange(6, 8));
    given.push_back(shared.Get());
    given.push_back(co_await shared.CompareExchange(7, 8));
    const auto is_eight = [](int value) { return value == 8; };
    given.push_back(co_await shared.ReadWhen(is_eight));
    given.push_back(co_await shared.UpdateWhen(is_eight, [](int value) { return value * 2; }));
    given.push_back(shared.Get());
    shared.Set(1);
    given.push_back(shared.Get());
  });
  CHECK(run.ok());
  CHECK(run.steps == 9);  // Get and Set make none
  CHECK(given == std::vector<int>{3, 4, 5, 0, 7, 1, 8, 8, 16, 1});
}

TEST_CASE("read, write and update are scheduling points: two increments can lose one") {
  std::set<int> results;
  std::optional<Shared<int>> total;
  struct Work {
    static Task<> Increment(Shared<int>& total) {
      const int value = co_await total.Read();
      co_await total.Write(value + 1);
    }
    static Task<> Update(Shared<int>& total) {
      co_await total.Update([](int value) { return value + 1; });
    }
  };
  ForRandomSchedules(
      100,
      [&](World& world) {
        total.emplace(0, "total");
        for (int i = 0; i < 2; ++i) world.Spawn(Work::Increment(*total));
      },
      [&](const RunResult&) { results.insert(total->Get()); });
  CHECK(results == std::set<int>{1, 2});

  ForRandomSchedules(
      100,
      [&](World& world) {
        total.emplace(0, "total");
        for (int i = 0; i < 2; ++i) world.Spawn(Work::Update(*total));
      },
      [&](const RunResult&) { REQUIRE(total->Get() == 2); });
}

TEST_CASE("the recording says what was read and what was written") {
  const RunResult run = Run([]() -> Task<> {
    Shared<int> shared(1, "shared");
    co_await shared.Read();
    co_await shared.Write(2);
    co_await shared.Update([](int value) { return value; });
    co_await shared.CompareExchange(7, 8);
    co_await shared.CompareExchange(2, 3);
    shared.Set(shared.Get());
  });
  using Access = std::pair<EventKind, Operation>;
  CHECK(Accesses(run.trace) == std::vector<Access>{
                                   {EventKind::kResume, Operation::kRead},
                                   {EventKind::kResume, Operation::kWrite},
                                   {EventKind::kResume, Operation::kUpdate},
                                   {EventKind::kAccess, Operation::kWrite},
                                   {EventKind::kResume, Operation::kUpdate},
                                   {EventKind::kAccess, Operation::kRead},
                                   {EventKind::kResume, Operation::kUpdate},
                                   {EventKind::kAccess, Operation::kWrite},
                                   {EventKind::kAccess, Operation::kRead},
                                   {EventKind::kAccess, Operation::kWrite},
                               });
  REQUIRE(run.trace.objects.size() == 2);  // and the one that means "none"
  CHECK(run.trace.objects[1].name == "shared");
}

// What each event of a Shared says that was read, written or compared with.
std::vector<std::string> Values(const Trace& trace) {
  std::vector<std::string> values;
  for (const Event& event : trace.events) {
    const std::string value = internal::ValueText(event);
    if (value.empty()) continue;
    values.push_back(std::string(Name(event.op())) + " " + value +
                     (event.is_failed_exchange() ? " differs" : ""));
  }
  return values;
}

TEST_CASE("the recording has the values that were read, written and compared") {
  const auto body = []() -> Task<> {
    Shared<int> shared(1, "shared");
    co_await shared.Read();
    co_await shared.Write(-2);
    co_await shared.Update([](int value) { return value + 7; });
    co_await shared.CompareExchange(7, 8);
    co_await shared.CompareExchange(5, 3);
    co_await shared.ReadWhen([](int value) { return value == 3; });
    shared.Set(shared.Get() + 1);
  };
  const RunResult run = Run(body);
  const std::vector<std::string> expected = {"read 1",   "write -2",       "update -2", "write 5",
                                             "update 5", "read 7 differs", "update 5",  "write 3",
                                             "read 3",   "read 3",         "write 4"};
  CHECK(Values(run.trace) == expected);
}

enum class Color : std::int8_t { kRed = -1, kBlue = 1 };

TEST_CASE("a value is recorded where 32 bits hold it, and is left out otherwise") {
  const auto values_of = [](auto value) {
    return Values(Run([=]() -> Task<> {
                    Shared<decltype(value)> shared(value);
                    shared.Get();
                    co_return;
                  }).trace);
  };
  using Texts = std::vector<std::string>;
  CHECK(values_of(true) == Texts{"read true"});
  CHECK(values_of(Color::kRed) == Texts{"read -1"});
  CHECK(values_of(0.5) == Texts{"read 0.5"});
  CHECK(values_of(std::numeric_limits<double>::quiet_NaN()) == Texts{"read nan"});
  CHECK(values_of(std::uint64_t{0xffffffff}) == Texts{"read 4294967295"});
  CHECK(values_of(std::int64_t{-0x80000000ll}) == Texts{"read -2147483648"});
  CHECK(values_of(std::int64_t{-0x80000001ll}).empty());
  CHECK(values_of(std::uint64_t{0x100000000}).empty());
  CHECK(values_of(0.1).empty());
  CHECK(values_of(1e300).empty());
  CHECK(values_of(std::string("red")).empty());
}

TEST_CASE("an update that does more than change the value leaves its new value out") {
  const RunResult run = Run([]() -> Task<> {
    Shared<int> from(1, "from");
    Shared<int> to(2, "to");
    co_await from.Update([&](int value) {
      to.Set(value);
      return 0;
    });
  });
  CHECK(run.ok());
  CHECK(Values(run.trace) == std::vector<std::string>{"update 1", "write 1"});
}

TEST_CASE("a guarded access waits until its predicate holds, and one write wakes all whose does") {
  std::set<std::string> orders;
  std::string order;
  const auto body = [&]() -> Task<> {
    order.clear();
    Shared<int> shared(0, "shared");
    const auto waits = [&](char name, int least) -> Task<> {
      co_await shared.ReadWhen([=](int value) { return value >= least; });
      order += name;
    };
    TaskGroup group;
    group.Spawn(waits('a', 1));
    group.Spawn(waits('b', 1));
    group.Spawn(waits('c', 2));
    co_await SleepFor(milliseconds(1));
    CHECK(order.empty());
    co_await shared.Write(1);
    co_await SleepFor(milliseconds(1));
    order += '|';
    co_await shared.Write(2);
    co_await group.Join();
  };
  ForRandomSchedules(100, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    orders.insert(order);
  });
  CHECK(orders == std::set<std::string>{"ab|c", "ba|c"});
}

TEST_CASE("who was woken and finds the predicate false again waits on") {
  int inside = 0;
  int inside_max = 0;
  std::optional<Shared<bool>> taken;
  struct Work {
    static Task<> Enter(Shared<bool>& taken, int& inside, int& inside_max) {
      for (int i = 0; i < 2; ++i) {
        const auto is_free = [](bool value) { return !value; };
        co_await taken.UpdateWhen(is_free, [](bool) { return true; });
        inside_max = std::max(inside_max, ++inside);
        co_await Yield();
        --inside;
        co_await taken.Write(false);
      }
    }
  };
  ForRandomSchedules(
      500,
      [&](World& world) {
        taken.emplace(false, "taken");
        inside = inside_max = 0;
        for (int i = 0; i < 3; ++i) world.Spawn(Work::Enter(*taken, inside, inside_max));
      },
      [&](const RunResult& run) {
        REQUIRE(run.ok());
        REQUIRE(inside_max == 1);
      });
}

TEST_CASE("a write that keeps the predicate true wakes nobody twice") {
  const RunResult run = Run([]() -> Task<> {
    Shared<int> shared(0);
    const auto waits = [&]() -> Task<> {
      co_await shared.ReadWhen([](int value) { return value > 0; });
    };
    TaskGroup group;
    group.Spawn(waits());
    co_await SleepFor(milliseconds(1));
    shared.Set(1);
    shared.Set(2);
    shared.Set(3);
    co_await group.Join();
  });
  CHECK(run.ok());
  int wakes = 0;
  for (const Event& event : run.trace.events) {
    if (event.kind == EventKind::kWake && event.op() == Operation::kRead) ++wakes;
  }
  CHECK(wakes == 1);
}

TEST_CASE("a predicate that nobody makes true leaves the run stuck, and the ending says where") {
  const RunResult run = Run([]() -> Task<> {
    Shared<int> shared(0, "shared");
    co_await shared.ReadWhen([](int value) { return value > 0; });
  });
  REQUIRE(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].operation == Operation::kRead);
  CHECK_THAT(run.waiting[0].object, ContainsText("shared"));
}

TEST_CASE("a task that is cancelled while it waits leaves the value alone") {
  const RunResult run = Run([]() -> Task<> {
    Shared<int> shared(0);
    const auto takes = [&]() -> Task<> {
      co_await shared.UpdateWhen([](int value) { return value > 0; }, [](int& value) { --value; });
    };
    const auto sleeps = []() -> Task<> { co_await SleepFor(milliseconds(1)); };
    co_await Any(takes(), sleeps());
    co_await shared.Write(1);
    CHECK(shared.Get() == 1);
    {
      TaskGroup group;  // destroyed when its task is ready, and has not gone on
      group.Spawn(takes());
      co_await SleepFor(milliseconds(1));
      co_await shared.Write(0);
      group.Spawn(takes());
      co_await SleepFor(milliseconds(1));
      shared.Set(1);
    }
    CHECK(shared.Get() == 1);
  });
  CHECK(run.ok());
}

TEST_CASE("a shared value outlives a run in which tasks still waited for it") {
  Shared<int> shared(0, "shared");
  const auto waits = [&]() -> Task<> {
    co_await shared.ReadWhen([](int value) { return value > 0; });
  };
  TaskGroup group;  // keeps the task of the first run
  CHECK(Run([&]() -> Task<> {
          group.Spawn(waits());
          co_await SleepFor(milliseconds(1));
        }).ok());
  CHECK(Run([&]() -> Task<> { co_await shared.Write(1); }).ok());
  CHECK(shared.Get() == 1);
}

TEST_CASE("a change that throws leaves the value as it was") {
  Shared<std::string> shared("before");
  const RunResult run = Run([&]() -> Task<> {
    co_await shared.Update([](std::string& value) {
      value = "half done";
      throw std::runtime_error("no");
    });
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message == "no");
  CHECK(shared.Get() == "before");
}

TEST_CASE("outside a run a shared value is a plain value") {
  Shared<int> shared;
  CHECK(shared.Get() == 0);
  shared.Set(5);
  CHECK(shared.Get() == 5);
}

}  // namespace
}  // namespace heddle
