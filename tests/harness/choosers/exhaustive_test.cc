// SPDX-License-Identifier: MIT
//
// The exhaustive search: every interleaving once, and what the bounds leave out.
#include "heddle/choosers/exhaustive.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "heddle/check.h"
#include "heddle/gate.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "support/catch.h"
#include "support/law.h"

namespace heddle {
namespace {

// Tasks a, b, ... of `steps` steps each; the log says who made them.
class EqualLetters {
 public:
  EqualLetters(int tasks, int steps) : tasks_(tasks), steps_(steps) {}

  void operator()(World& world) {
    log_.clear();
    gate_.Open();
    for (int i = 0; i < tasks_; ++i) world.Spawn(Steps(static_cast<char>('a' + i)));
  }
  const std::string& log() const { return log_; }

 private:
  Task<> Steps(char name) {
    log_ += name;
    for (int i = 1; i < steps_; ++i) {
      co_await gate_.Wait();
      log_ += name;
    }
  }

  int tasks_;
  int steps_;
  Gate gate_;
  std::string log_;
};

// The logs of all runs; each is seen once.
std::set<std::string> AllLogs(EqualLetters&& letters, ExhaustiveChooser& chooser) {
  std::set<std::string> logs;
  while (!chooser.exhausted()) {
    CHECK(Run(letters, {.chooser = &chooser, .record = RecordMode::kChoices}).ok());
    CHECK(logs.insert(letters.log()).second);
  }
  CHECK(chooser.interleavings() == logs.size());
  return logs;
}

std::size_t CountLogs(EqualLetters&& letters, const SearchBound& bound = {}) {
  ExhaustiveChooser chooser(bound);
  return AllLogs(std::move(letters), chooser).size();
}

// How often another letter comes although the last one is not used up.
int PreemptionsIn(const std::string& log) {
  int preemptions = 0;
  for (std::size_t i = 1; i < log.size(); ++i) {
    if (log[i] != log[i - 1] && log.find(log[i - 1], i) != std::string::npos) ++preemptions;
  }
  return preemptions;
}

TEST_CASE("an exhaustive search makes every interleaving once") {
  CHECK(CountLogs(EqualLetters(2, 5)) == 252);
  CHECK(CountLogs(EqualLetters(3, 3)) == 1680);
  CHECK(CountLogs(EqualLetters(5, 1)) == 120);
  CHECK(CountLogs(EqualLetters(1, 9)) == 1);
}

TEST_CASE("the first run of a search lets each strand go on for as long as it can, when bounded") {
  EqualLetters letters(3, 3);
  ExhaustiveChooser chooser({.preemptions_max = 2});
  Run(letters, {.chooser = &chooser});
  CHECK(letters.log() == "aaabbbccc");
}

TEST_CASE("a bound on preemptions keeps exactly the interleavings with no more of them") {
  ExhaustiveChooser all;
  const std::set<std::string> logs = AllLogs(EqualLetters(3, 3), all);
  for (std::uint32_t bound = 0; bound < 6; ++bound) {
    std::set<std::string> expected;
    for (const std::string& log : logs) {
      if (PreemptionsIn(log) <= static_cast<int>(bound)) expected.insert(log);
    }
    ExhaustiveChooser chooser({.preemptions_max = bound});
    CHECK(AllLogs(EqualLetters(3, 3), chooser) == expected);
    CHECK(chooser.left_out() == (expected.size() < logs.size()));
  }
}

TEST_CASE("a bound on delays keeps the plain schedule and those that skip a turn") {
  // Without a delay there is one schedule. A delay can be at each of the 4 choices with two
  // candidates: once a strand is at its end nothing is left to choose.
  CHECK(CountLogs(EqualLetters(2, 3), {.delays_max = 0}) == 1);
  ExhaustiveChooser chooser({.delays_max = 1});
  CHECK(AllLogs(EqualLetters(2, 3), chooser) ==
        std::set<std::string>{"aaabbb", "bbbaaa", "abbbaa", "aabbba"});
  CHECK(chooser.left_out());
  CHECK(CountLogs(EqualLetters(2, 3), {.delays_max = 100}) == 20);
}

TEST_CASE("a switch away from a strand that waits or yields is no preemption") {
  ExhaustiveChooser chooser({.preemptions_max = 0});
  std::set<std::string> logs;
  while (!chooser.exhausted()) {
    std::string log;
    const auto yields = [&](char name) -> Task<> {
      log += name;
      co_await Yield();
      log += name;
    };
    Run(
        [&](World& world) {
          world.Spawn(yields('a'));
          world.Spawn(yields('b'));
        },
        {.chooser = &chooser});
    logs.insert(log);
  }
  CHECK(logs == std::set<std::string>{"abab", "baba"});
}

TEST_CASE("draws are searched like tasks") {
  ExhaustiveChooser chooser;
  std::set<std::vector<std::uint32_t>> drawn;
  while (!chooser.exhausted()) {
    Run(
        [&](World& world) {
          const std::uint32_t first = world.Draw(3);
          drawn.insert({first, first == 1 ? world.Draw(4) : 0});
        },
        {.chooser = &chooser});
  }
  CHECK(drawn.size() == 6);
  CHECK(chooser.interleavings() == 6);
}

TEST_CASE("runs that fail or get stuck are searched like others") {
  ExhaustiveChooser chooser;
  int stuck = 0;
  while (!chooser.exhausted()) {
    Mutex a;
    Mutex b;
    const auto both = [](Mutex& one, Mutex& two) -> Task<> {
      const MutexGuard first = co_await one.Lock();
      const MutexGuard second = co_await two.Lock();
    };
    const RunResult run = Run(
        [&](World& world) {
          world.Spawn(both(a, b));
          world.Spawn(both(b, a));
        },
        {.chooser = &chooser});
    if (run.ending == Ending::kStuck) ++stuck;
  }
  CHECK(stuck > 0);
  CHECK(chooser.interleavings() > static_cast<std::uint64_t>(stuck));
}

TEST_CASE("progress grows from 0 to 1") {
  EqualLetters letters(2, 4);
  ExhaustiveChooser chooser;
  double last = chooser.progress();
  CHECK(last == 0);
  while (!chooser.exhausted()) {
    Run(letters, {.chooser = &chooser});
    CHECK(chooser.progress() > last);
    last = chooser.progress();
  }
  CHECK(last == 1);
}

TEST_CASE("a search that begins anew forgets the last one") {
  ExhaustiveChooser chooser;
  EqualLetters large(3, 3);
  for (std::uint64_t schedule = 1; schedule <= 5; ++schedule) {
    Run(large, {.chooser = &chooser, .schedule = schedule});
  }
  EqualLetters small(2, 2);
  std::uint64_t schedule = 0;
  do {
    Run(small, {.chooser = &chooser, .schedule = ++schedule});
  } while (!chooser.exhausted());
  CHECK(schedule == 6);
  CHECK(chooser.interleavings() == 6);
}

// Runs a search that is split at will: each number says whose turn it is, and whether a part is
// split off after its run. The logs of all runs.
std::multiset<std::string> SplitLogs(const SearchBound& bound, const std::vector<int>& turns) {
  std::vector<std::unique_ptr<ExhaustiveChooser>> parts;
  parts.push_back(std::make_unique<ExhaustiveChooser>(bound));
  std::multiset<std::string> logs;
  EqualLetters letters(2, 3);
  std::uint64_t interleavings = 0;
  for (std::size_t turn = 0; !parts.empty(); ++turn) {
    const auto number = turns.empty() ? 0U : static_cast<unsigned>(turns[turn % turns.size()]);
    const auto part = parts.begin() + static_cast<std::ptrdiff_t>(number / 2 % parts.size());
    ExhaustiveChooser& chooser = **part;
    Run(letters, {.chooser = &chooser, .record = RecordMode::kChoices});
    logs.insert(letters.log());
    if (chooser.exhausted()) {
      interleavings += chooser.interleavings();
      parts.erase(part);
    } else if (number % 2 == 1) {
      if (auto other = chooser.SplitOff()) parts.push_back(std::move(other));
    }
  }
  CHECK(interleavings == logs.size());
  return logs;
}

TEST_CASE("however a search is split, its parts together make each interleaving once") {
  const SearchBound bounds[] = {{}, {.preemptions_max = 2}, {.delays_max = 2}};
  for (const SearchBound& bound : bounds) {
    const std::multiset<std::string> whole = SplitLogs(bound, {});
    CheckLaw([&](const std::vector<int>& turns) { RC_ASSERT(SplitLogs(bound, turns) == whole); });
  }
}

TEST_CASE("a part of a search that begins anew makes that part again, and no more") {
  ExhaustiveChooser whole;
  CHECK(whole.SplitOff() == nullptr);
  EqualLetters letters(2, 3);
  const auto logs_of = [&](ExhaustiveChooser& chooser) {
    std::set<std::string> logs;
    do {
      Run(letters, {.chooser = &chooser});
      logs.insert(letters.log());
    } while (!chooser.exhausted());
    return logs;
  };
  Run(letters, {.chooser = &whole});
  const std::string first = letters.log();
  const std::unique_ptr<ExhaustiveChooser> part = whole.SplitOff();
  REQUIRE(part != nullptr);
  const std::set<std::string> logs = logs_of(*part);
  CHECK(logs_of(*part) == logs);
  CHECK(logs.count(first) == 0);
  CHECK(1 + logs_of(whole).size() + logs.size() == 20);
}

TEST_CASE("a body that is not deterministic is a usage error that says so") {
  int runs = 0;
  const auto search = [&](auto body) {
    ExhaustiveChooser chooser;
    for (runs = 0; runs < 50 && !chooser.exhausted(); ++runs) Run(body, {.chooser = &chooser});
  };
  const auto nothing = []() -> Task<> { co_await Yield(); };

  SECTION("more candidates than before") {
    const auto grows = [&](World& world) {
      for (int i = 0; i < 2 + runs; ++i) world.Spawn(nothing());
    };
    CHECK_THROWS_AS(search(grows), UsageError);
  }
  SECTION("fewer choices than before") {
    const auto shrinks = [&](World& world) {
      world.Draw(2);
      if (runs == 0) world.Draw(3);
      if (runs == 0) world.Draw(3);
    };
    CHECK_THROWS_AS(search(shrinks), UsageError);
  }
  SECTION("a draw instead of a task") {
    const auto changes = [&](World& world) {
      if (runs > 0) world.Draw(2);
      world.Spawn(nothing());
      world.Spawn(nothing());
    };
    CHECK_THROWS_AS(search(changes), UsageError);
  }
  try {
    search([&](World& world) { world.Draw(runs == 0 ? 3 : 4); });
    FAIL("not noticed");
  } catch (const UsageError& error) {
    CHECK_THAT(error.what(), ContainsText("not deterministic: after the same 0 choices an earlier "
                                          "run had 3 candidates, and now 4"));
  }
}

TEST_CASE("one chooser gives the same interleavings in the same order as another") {
  const auto order = [] {
    EqualLetters letters(3, 2);
    ExhaustiveChooser chooser;
    std::string logs;
    while (!chooser.exhausted()) {
      Run(letters, {.chooser = &chooser});
      logs += letters.log() + ' ';
    }
    return logs;
  };
  CHECK(order() == order());
}

}  // namespace
}  // namespace heddle
