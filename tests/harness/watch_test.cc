// SPDX-License-Identifier: MIT
//
// Watch: the newest value is always seen in the end, and none twice.
#include "heddle/watch.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "support/catch.h"

namespace heddle {
namespace {

TEST_CASE("an observer sees values in order, none twice, and the last one always") {
  std::set<std::size_t> lengths;
  std::vector<int> seen;
  const auto body = [&]() -> Task<> {
    seen.clear();
    Watch<int> watch(0, "config");
    const auto observe = [&]() -> Task<> {
      Watch<int>::Observer observer = watch.Observe();
      for (;;) {
        const std::optional<int> next = co_await observer.Next();
        if (!next) co_return;
        seen.push_back(*next);
      }
    };
    const auto set = [&]() -> Task<> {
      Mutex mutex;
      for (int value = 1; value <= 3; ++value) {
        watch.Set(value);
        const MutexGuard guard = co_await mutex.Lock();  // the observer may go first, or not
      }
      watch.Close();
    };
    TaskGroup group;
    group.Spawn(observe());
    co_await SleepFor(std::chrono::seconds(1));
    group.Spawn(set());
    co_await group.Join();
  };
  ForRandomSchedules(200, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    REQUIRE_FALSE(seen.empty());
    REQUIRE(seen.back() == 3);
    for (std::size_t i = 1; i < seen.size(); ++i) REQUIRE(seen[i - 1] < seen[i]);
    lengths.insert(seen.size());
  });
  CHECK(lengths == std::set<std::size_t>{1, 2, 3});
}

TEST_CASE("what is there already is not news, and a closed watch gives nothing") {
  const RunResult run = Run([]() -> Task<> {
    Watch<std::string> watch("old");
    Watch<std::string>::Observer observer = watch.Observe();
    CHECK(watch.value() == "old");
    watch.Set("new");
    watch.Close();
    watch.Close();
    CHECK(watch.is_closed());
    std::optional<std::string> next = co_await observer.Next();
    CHECK(next == "new");
    for (int i = 0; i < 2; ++i) {
      next = co_await observer.Next();
      CHECK_FALSE(next.has_value());
    }
  });
  CHECK(run.ok());
}

TEST_CASE("who is cancelled at a watch leaves it, and who waits for ever is named") {
  const RunResult run = Run([]() -> Task<> {
    Watch<int> watch(0, "config");
    Watch<int>::Observer observer = watch.Observe();
    const auto wait = [&]() -> Task<> { co_await observer.Next(); };
    {
      TaskGroup group;
      group.Spawn(wait());
      co_await SleepFor(std::chrono::seconds(1));
    }
    watch.Set(1);
    co_await observer.Next();
    co_await observer.Next();
  });
  CHECK(run.ending == Ending::kStuck);
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].object == "Watch config");
  CHECK_THAT(run.waiting[0].site, ContainsText("watch_test.cc:"));
}

}  // namespace
}  // namespace heddle
