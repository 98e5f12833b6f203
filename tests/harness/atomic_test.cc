// SPDX-License-Identifier: MIT
//
// Atomic: a Shared with the operations of a std::atomic.
#include "heddle/atomic.h"

#include <optional>
#include <set>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/run.h"
#include "support/catch.h"

namespace heddle {
namespace {

TEST_CASE("the operations of an atomic give what those of std::atomic give") {
  std::vector<int> given;
  const RunResult run = Run([&]() -> Task<> {
    Atomic<int> atomic(3, "atomic");
    given.push_back(co_await atomic.Load());
    co_await atomic.Store(5);
    given.push_back(co_await atomic.Exchange(7));
    given.push_back(co_await atomic.FetchAdd(-2));
    given.push_back(co_await atomic.CompareExchange(7, 1));
    given.push_back(co_await atomic.CompareExchange(5, 1));
    given.push_back(co_await atomic.Load());
  });
  CHECK(run.ok());
  CHECK(run.steps == 8);
  CHECK(given == std::vector<int>{3, 5, 7, 0, 1, 1});
  REQUIRE(run.trace.objects.size() == 2);
  CHECK(run.trace.objects[1].type == "Atomic");
}

TEST_CASE("the operations on bits are those of std::atomic") {
  std::vector<unsigned> given;
  const RunResult run = Run([&]() -> Task<> {
    Atomic<unsigned> bits(0b1100);
    given.push_back(co_await bits.FetchAnd(0b0110));
    given.push_back(co_await bits.FetchOr(0b0001));
    given.push_back(co_await bits.FetchXor(0b1111));
    given.push_back(co_await bits.FetchSub(2));
    given.push_back(co_await bits.Load());
  });
  CHECK(run.ok());
  CHECK(given == std::vector<unsigned>{0b1100, 0b0100, 0b0101, 0b1010, 0b1000});
}

TEST_CASE("an exchange that fails gives the value that it met") {
  bool failed = false;
  bool done = false;
  int expected = 7;
  const RunResult run = Run([&]() -> Task<> {
    Atomic<int> atomic(5);
    failed = !co_await atomic.CompareExchange(expected, 1);
    done = co_await atomic.CompareExchange(expected, 1);
  });
  CHECK(run.ok());
  CHECK(failed);
  CHECK(done);
  CHECK(expected == 5);
}

TEST_CASE("a loop of exchanges loses nothing in any schedule") {
  std::optional<Atomic<int>> sum;
  struct Work {
    static Task<> Add(Atomic<int>& sum, int addend) {
      int seen = co_await sum.Load();
      while (!co_await sum.CompareExchange(seen, seen + addend)) continue;
    }
  };
  ForRandomSchedules(
      100,
      [&](World& world) {
        sum.emplace(0);
        for (int i = 1; i <= 3; ++i) world.Spawn(Work::Add(*sum, i));
      },
      [&](const RunResult& run) {
        REQUIRE(run.ok());
        REQUIRE(sum->Get() == 6);
      });
}

TEST_CASE("each ticket is drawn once in every schedule, and a counter that is read first is not") {
  std::optional<Atomic<int>> next;
  std::multiset<int> drawn;
  struct Work {
    static Task<> Draw(Atomic<int>& next, std::multiset<int>& drawn) {
      drawn.insert(co_await next.FetchAdd(1));
    }
    static Task<> DrawBadly(Atomic<int>& next, std::multiset<int>& drawn) {
      const int mine = co_await next.Load();
      drawn.insert(mine);
      co_await next.Store(mine + 1);
    }
  };
  const auto begin = [&] {
    next.emplace(0, "next");
    drawn.clear();
  };
  ForRandomSchedules(
      100,
      [&](World& world) {
        begin();
        for (int i = 0; i < 3; ++i) world.Spawn(Work::Draw(*next, drawn));
      },
      [&](const RunResult&) { REQUIRE(drawn == std::multiset<int>{0, 1, 2}); });

  bool twice = false;
  ForRandomSchedules(
      100,
      [&](World& world) {
        begin();
        for (int i = 0; i < 3; ++i) world.Spawn(Work::DrawBadly(*next, drawn));
      },
      [&](const RunResult&) { twice = twice || drawn.count(0) > 1; });
  CHECK(twice);
}

}  // namespace
}  // namespace heddle
