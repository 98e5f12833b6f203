// SPDX-License-Identifier: MIT
//
// Choosers: first-in-first-out, the random walk, and a user's own.
#include "heddle/chooser.h"

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/gate.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "support/catch.h"

namespace heddle {
namespace {

// Tasks a, b, ... of `steps` steps each; the log says who made them.
class LoggedLetters {
 public:
  LoggedLetters(int tasks, int steps) : tasks_(tasks), steps_(steps) {}

  void operator()(World& world) {
    log_.clear();
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
  static Gate& OpenGate() {
    static Gate gate;
    gate.Open();
    return gate;
  }

  int tasks_;
  int steps_;
  Gate& gate_ = OpenGate();
  std::string log_;
};

TEST_CASE("first-in-first-out goes round") {
  LoggedLetters letters(3, 3);
  CHECK(Run(letters).ok());
  CHECK(letters.log() == "abcabcabc");
}

TEST_CASE("without a chooser a run is first-in-first-out, and every choice is the first") {
  LoggedLetters letters(3, 3);
  const RunResult run = Run(letters);
  CHECK(run.trace.header.chooser == "fifo");
  CHECK_FALSE(run.trace.choices.empty());
  for (const Choice& choice : run.trace.choices) CHECK_FALSE(choice.deviates());
}

TEST_CASE("one seed gives one schedule") {
  LoggedLetters letters(3, 4);
  RandomChooser one(5);
  RandomChooser two(5);
  const RunResult first = Run(letters, {.chooser = &one});
  const std::string log = letters.log();
  const RunResult second = Run(letters, {.chooser = &two});
  CHECK(letters.log() == log);
  CHECK(first.trace.choices == second.trace.choices);
  CHECK(first.trace.header.seed == 5);
}

TEST_CASE("schedule n of a seed does not depend on those before it") {
  LoggedLetters letters(3, 4);
  std::vector<std::string> in_order;
  RandomChooser chooser(9);
  for (std::uint64_t schedule = 1; schedule <= 20; ++schedule) {
    Run(letters, {.chooser = &chooser, .schedule = schedule});
    in_order.push_back(letters.log());
  }
  for (std::uint64_t schedule = 20; schedule >= 1; --schedule) {
    Run(letters, {.chooser = &chooser, .schedule = schedule});
    CHECK(letters.log() == in_order[schedule - 1]);
    RandomChooser fresh(9);
    Run(letters, {.chooser = &fresh, .schedule = schedule});
    CHECK(letters.log() == in_order[schedule - 1]);
  }
}

TEST_CASE("different seeds give different schedules") {
  std::map<std::string, int> logs;
  LoggedLetters letters(3, 4);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    RandomChooser chooser(seed);
    Run(letters, {.chooser = &chooser});
    ++logs[letters.log()];
  }
  CHECK(logs.size() > 40);
}

TEST_CASE("a random walk reaches every schedule, each as often as its choices say") {
  // Two tasks of three steps: 20 schedules. At each choice both are equally likely, so a
  // schedule with n real choices has probability 2^-n.
  constexpr int kRuns = 20'000;
  std::map<std::string, int> counts;
  std::map<std::string, std::size_t> choices;
  LoggedLetters letters(2, 3);
  ForRandomSchedules(kRuns, std::ref(letters), [&](const RunResult& run) {
    ++counts[letters.log()];
    choices[letters.log()] = run.trace.choices.size();
  });
  CHECK(counts.size() == 20);
  double chi_square = 0;
  for (const auto& [log, count] : counts) {
    const double expected = kRuns * std::exp2(-static_cast<double>(choices[log]));
    chi_square += (count - expected) * (count - expected) / expected;
  }
  CHECK(chi_square < 43.8);  // 19 degrees of freedom: exceeded with probability 0.001
}

TEST_CASE("a chooser sees what each candidate is about to do") {
  class Looks final : public Chooser {
   public:
    std::size_t ChooseTask(const ReadySet& ready) override {
      std::string line;
      for (std::size_t i = 0; i < ready.size(); ++i) {
        const Candidate candidate = ready[i];
        line += std::to_string(candidate.task()) + " " + std::string(Name(candidate.operation())) +
                " " + std::to_string(candidate.object()) + ";";
        if (candidate.operation() == Operation::kLock) CHECK(bool(candidate.site()));
      }
      seen.push_back(line);
      return ready.first();
    }
    std::uint32_t ChooseValue(std::uint32_t) override { return 0; }
    std::string_view name() const override { return "looks"; }
    std::vector<std::string> seen;
  };
  Mutex mutex;
  const auto locks = [&]() -> Task<> { const MutexGuard guard = co_await mutex.Lock(); };
  const auto sleeps = []() -> Task<> { co_await SleepFor(std::chrono::seconds(1)); };
  Looks looks;
  const RunResult run = Run(
      [&](World& world) {
        world.Spawn(locks());
        world.Spawn(sleeps());
        world.Spawn(locks());
      },
      {.chooser = &looks});
  CHECK(run.ok());
  REQUIRE(looks.seen.size() >= 2);
  // The candidates come in no order that is promised; these tests know today's.
  CHECK(looks.seen[0].find("0 start") != std::string::npos);
  CHECK(looks.seen[0].find("2 start") != std::string::npos);
  CHECK(looks.seen[1].find("0 lock 1;") != std::string::npos);
}

TEST_CASE("a called task works on the strand of its caller") {
  class Strands final : public Chooser {
   public:
    std::size_t ChooseTask(const ReadySet& ready) override {
      for (std::size_t i = 0; i < ready.size(); ++i) {
        if (ready[i].operation() == Operation::kSleep) ++sleeping;
        if (ready[i].task() != ready[i].strand()) ++called;
        if (ready[i].strand() > 1) ++unknown;
      }
      return ready.first();
    }
    std::uint32_t ChooseValue(std::uint32_t) override { return 0; }
    std::string_view name() const override { return "strands"; }
    int sleeping = 0;
    int called = 0;
    int unknown = 0;
  };
  const auto sleeps = []() -> Task<> { co_await SleepFor(std::chrono::seconds(1)); };
  const auto calls = [&]() -> Task<> { co_await sleeps(); };
  Strands strands;
  CHECK(Run(
            [&](World& world) {
              world.Spawn(calls());
              world.Spawn(calls());
            },
            {.chooser = &strands})
            .ok());
  CHECK(strands.sleeping == 2);
  CHECK(strands.called == 2);
  CHECK(strands.unknown == 0);
}

TEST_CASE("a chooser is not asked when there is nothing to choose") {
  class Counts final : public Chooser {
   public:
    std::size_t ChooseTask(const ReadySet& ready) override {
      CHECK(ready.size() >= 2);
      return ready.first();
    }
    std::uint32_t ChooseValue(std::uint32_t alternatives) override {
      CHECK(alternatives >= 2);
      ++values;
      return alternatives - 1;
    }
    std::string_view name() const override { return "counts"; }
    int values = 0;
  };
  Counts counts;
  const RunResult run = Run(
      [](World& world) -> Task<> {
        CHECK(world.Draw(1) == 0);
        CHECK(world.Draw(3) == 2);
        co_await Yield();
      },
      {.chooser = &counts});
  CHECK(run.ok());
  CHECK(counts.values == 1);
  CHECK(run.trace.choices.size() == 1);
}

TEST_CASE("a candidate out of range is a usage error that names the chooser") {
  class Wrong final : public Chooser {
   public:
    std::size_t ChooseTask(const ReadySet& ready) override { return ready.size(); }
    std::uint32_t ChooseValue(std::uint32_t alternatives) override { return alternatives; }
    std::string_view name() const override { return "wrong"; }
  };
  Wrong wrong;
  LoggedLetters letters(2, 1);
  const RunResult tasks = Run(letters, {.chooser = &wrong});
  CHECK(tasks.ending == Ending::kThrew);
  CHECK_THROWS_AS(std::rethrow_exception(tasks.exception), UsageError);
  CHECK_THAT(tasks.message, ContainsText("the chooser 'wrong' picked candidate 2 of 2"));

  const RunResult values = Run([](World& world) { world.Draw(4); }, {.chooser = &wrong});
  CHECK(values.ending == Ending::kThrew);
  CHECK_THAT(values.message, ContainsText("the chooser 'wrong' drew 4 of 4"));
}

TEST_CASE("a draw is a choice, and is in the trace with its value") {
  ListChooser chooser({2, 0, 1});
  std::vector<std::uint32_t> drawn;
  const RunResult run =
      Run([&](World& world) { drawn = {world.Draw(3), world.Draw(2), world.Draw(2)}; },
          {.chooser = &chooser});
  CHECK(drawn == std::vector<std::uint32_t>{2, 0, 1});
  REQUIRE(run.trace.choices.size() == 3);
  CHECK(run.trace.choices[0] ==
        Choice{.picked = 2, .first = 0, .alternatives = 3, .kind = ChoiceKind::kValue});
  std::string log;
  for (const Event& event : run.trace.events) {
    if (event.kind == EventKind::kDraw) log += std::to_string(event.value);
  }
  CHECK(log == "201");
}

TEST_CASE("a draw among nothing is a usage error") {
  const RunResult run = Run([](World& world) { world.Draw(0); });
  CHECK(run.ending == Ending::kThrew);
  CHECK_THAT(run.message, ContainsText("a draw among 0 alternatives"));
}

TEST_CASE("the first choice that is recorded is what first-in-first-out would have picked") {
  LoggedLetters letters(3, 1);
  YoungestChooser chooser;
  const RunResult run = Run(letters, {.chooser = &chooser});
  CHECK(letters.log() == "cba");
  REQUIRE(run.trace.choices.size() == 2);
  CHECK(run.trace.choices[0] ==
        Choice{.picked = 2, .first = 0, .alternatives = 3, .kind = ChoiceKind::kTask});
  CHECK(run.trace.choices[1] ==
        Choice{.picked = 1, .first = 0, .alternatives = 2, .kind = ChoiceKind::kTask});
}

}  // namespace
}  // namespace heddle
