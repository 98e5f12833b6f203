// SPDX-License-Identifier: MIT
//
// Draws in a schedule that is made simple: faults that are not needed are off, what is left is
// small, and where the draws decide no order is kept for them.
#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "heddle/combinators.h"
#include "heddle/explore.h"
#include "heddle/input.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "support/catch.h"

namespace heddle {
namespace {

template <class Body>
Failure SimpleByDraws(Body body, std::uint64_t seed) {
  ExploreResult found =
      FindFailure(body, {.name = "draws", .seed = seed, .strategy = "random", .directory = ""});
  REQUIRE(found.failure);
  REQUIRE(found.failure->shrunk);
  return std::move(*found.failure);
}

// The draws that did not give 0.
std::vector<Choice> NonZeroDraws(const Failure& failure) {
  std::vector<Choice> draws;
  for (const Choice& choice : failure.run.trace.choices) {
    if (choice.kind == ChoiceKind::kValue && choice.deviates()) draws.push_back(choice);
  }
  return draws;
}

bool OrderDeviates(const Failure& failure) {
  return std::ranges::any_of(failure.run.trace.choices, [](const Choice& choice) {
    return choice.kind == ChoiceKind::kTask && choice.deviates();
  });
}

// Whoever comes first writes down what the others rely on.
Task<> WritesFirst(Shared<int>& turn, bool& lost) {
  co_await Yield();
  const int mine = co_await turn.Read();
  co_await turn.Write(mine + 1);
  if (mine == 0 && Buggify("disk full", 0.2)) lost = true;
  co_await turn.Read();
}

Task<> FirstOfThree() {
  Shared<int> turn(0, "turn");
  bool lost = false;
  co_await All(WritesFirst(turn, lost), WritesFirst(turn, lost), WritesFirst(turn, lost));
  if (lost) throw std::runtime_error("lost");
}

TEST_CASE("no order is kept that only decides who draws a fault, and the report says so") {
  for (const std::uint64_t seed : {1U, 7U, 42U, 43U}) {
    INFO(seed);
    const Failure failure = SimpleByDraws(FirstOfThree, seed);
    CHECK(failure.shrunk->fails_plain);
    CHECK(failure.shrunk->steps.empty());
    CHECK(failure.shrunk->draws_decide);
    CHECK(!OrderDeviates(failure));
    CHECK(NonZeroDraws(failure).size() == 1);
    CHECK_THAT(failure.report, ContainsText("  The fault \"disk full\" decides: without it, first "
                                            "in, first out passes.\n"));
    CHECK_THAT(failure.report, ContainsText("tried with these draws, too."));
  }
}

struct Disk {
  Shared<int> total{0, "total"};
  Shared<int> head{0, "head"};
};

// Takes its time where the disk is slow, which makes no difference.
Task<> AddSlowly(Disk& disk) {
  for (int i = 0; i < 3; ++i) {
    if (Buggify("slow to read", 0.4)) co_await disk.head.Write(i);
  }
  const int before = co_await disk.total.Read();
  for (int i = 0; i < 3; ++i) {
    if (Buggify("slow to write", 0.4)) co_await disk.head.Write(i);
  }
  co_await disk.total.Write(before + 1);
}

// First in, first out it comes when the other one is done.
Task<> AddLate(Disk& disk) {
  for (int i = 0; i < 4; ++i) co_await disk.head.Read();
  co_await AddSlowly(disk);
}

TEST_CASE("faults that only make their task wait are off where an order does the same") {
  const auto body = []() -> Task<> {
    Disk disk;
    co_await All(AddSlowly(disk), AddLate(disk));
    if (co_await disk.total.Read() != 2) throw std::runtime_error("an update was lost");
  };
  for (const std::uint64_t seed : {1U, 7U, 42U, 43U}) {
    INFO(seed);
    const Failure failure = SimpleByDraws(body, seed);
    CHECK(NonZeroDraws(failure).empty());
    CHECK(failure.shrunk->steps.size() == 2);
    CHECK(!failure.shrunk->draws_decide);
  }
}

TEST_CASE("an input becomes as small as it may be, and the first task to ask has it") {
  const auto body = []() -> Task<> {
    int most = 0;
    const auto asks = [&most]() -> Task<> {
      co_await Yield();
      most = std::max(most, Input("n", 0, 100));
      co_await Yield();
    };
    co_await All(asks(), asks(), asks());
    if (most >= 50) throw std::runtime_error("too many");
  };
  const Failure failure = SimpleByDraws(body, 42);
  std::vector<std::uint32_t> draws;
  for (const Choice& choice : failure.run.trace.choices) {
    if (choice.kind == ChoiceKind::kValue) draws.push_back(choice.picked);
  }
  CHECK(draws == std::vector<std::uint32_t>{50, 0, 0});
  CHECK_THAT(
      failure.report,
      ContainsText("  The input \"n\" decides: where it is 0, first in, first out passes.\n"));
}

TEST_CASE("of several draws each is said to be needed only if it is") {
  const auto body = []() -> Task<> {
    int faults = 0;
    const auto sends = [&faults]() -> Task<> {
      co_await Yield();
      if (Buggify("lost message")) ++faults;
    };
    co_await All(sends(), sends(), sends());
    if (faults >= 2) throw std::runtime_error("two were lost");
  };
  const Failure failure = SimpleByDraws(body, 42);
  CHECK(NonZeroDraws(failure).size() == 2);
  CHECK(failure.shrunk->draws_decide);
  CHECK_THAT(failure.report, ContainsText("  These draws decide: where any one of them is 0, first "
                                          "in, first out passes.\n"));
}

}  // namespace
}  // namespace heddle
