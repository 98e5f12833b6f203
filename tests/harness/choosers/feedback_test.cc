// SPDX-License-Identifier: MIT
//
// FeedbackChooser: what it builds on what it kept, and that nothing is out of its reach.
#include "heddle/choosers/feedback.h"

#include <algorithm>
#include <map>
#include <string>

#include "harness/choosers/letters.h"
#include "heddle/combinators.h"
#include "heddle/sleep.h"
#include "support/catch.h"

namespace heddle {
namespace {

// Each stage takes luck: its reader must see the write although the writer has more to do before.
// Who has none comes no further.
class Stages {
 public:
  explicit Stages(int stages) : stages_(stages) {}

  Task<> operator()() {
    reached_ = 0;
    for (bool lucky = true; lucky && reached_ < stages_;) {
      Shared<int> value(0);
      lucky = false;
      co_await All(Write(value), Read(value, lucky));
      if (lucky) ++reached_;
    }
  }
  int reached() const { return reached_; }

 private:
  static Task<> Write(Shared<int>& value) {
    Shared<int> own(0);
    co_await own.Write(1);
    co_await value.Write(1);
  }
  static Task<> Read(Shared<int>& value, bool& lucky) { lucky = co_await value.Read() == 1; }

  int stages_;
  int reached_ = 0;
};

constexpr int kStages = 10;

int MostStages(Chooser& chooser, int runs) {
  Stages body(kStages);
  int most = 0;
  for (int n = 1; n <= runs; ++n) {
    REQUIRE(Run(body, {.chooser = &chooser, .schedule = static_cast<std::uint64_t>(n)}).ok());
    most = std::max(most, body.reached());
  }
  return most;
}

// By luck alone the last stage takes some 100,000 runs.
TEST_CASE("feedback takes unlikely turns one after the other, and a random walk does not") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    FeedbackChooser feedback(seed);
    RandomChooser walk(seed);
    CHECK(MostStages(feedback, 1'500) == kStages);
    CHECK(MostStages(walk, 1'500) < kStages - 1);
  }
}

TEST_CASE("feedback reaches every interleaving") {
  Letters letters({3, 3});
  FeedbackChooser chooser(42);
  CHECK(CountLogs(chooser, letters, 2'000).size() == 20);
}

TEST_CASE("feedback reaches every value of every draw") {
  std::map<std::string, int> counts;
  FeedbackChooser chooser(42);
  const auto body = [&](World& world) {
    std::string drawn;
    for (int i = 0; i < 3; ++i) drawn += static_cast<char>('0' + world.Draw(3));
    ++counts[drawn];
  };
  for (std::uint64_t n = 1; n <= 1'000; ++n) Run(body, {.chooser = &chooser, .schedule = n});
  CHECK(counts.size() == 27);
}

TEST_CASE("two feedback choosers with one seed do the same, and another seed does not") {
  Stages body(6);
  FeedbackChooser one(1);
  FeedbackChooser two(1);
  FeedbackChooser other(2);
  int differences = 0;
  for (std::uint64_t n = 1; n <= 100; ++n) {
    const RunResult first = Run(body, {.chooser = &one, .schedule = n});
    const RunResult second = Run(body, {.chooser = &two, .schedule = n});
    const RunResult third = Run(body, {.chooser = &other, .schedule = n});
    CHECK(first.trace.choices == second.trace.choices);
    if (first.trace.choices != third.trace.choices) ++differences;
  }
  CHECK(differences > 50);
}

TEST_CASE("feedback gets through a body that is another one each time") {
  Letters one({2, 3});
  Letters two({1, 1, 4});
  Stages three(3);
  FeedbackChooser chooser(42);
  for (std::uint64_t n = 1; n <= 100; ++n) {
    CHECK(Run(one, {.chooser = &chooser, .schedule = n}).ok());
    CHECK(Run(two, {.chooser = &chooser, .schedule = n}).ok());
    CHECK(Run(three, {.chooser = &chooser, .schedule = n}).ok());
  }
}

}  // namespace
}  // namespace heddle
