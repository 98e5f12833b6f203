// SPDX-License-Identifier: MIT
//
// All and Any: values, exceptions, cancellation.
#include "heddle/combinators.h"

#include <coroutine>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/gate.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_table.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

template <class T>
Task<T> After(milliseconds how_long, T value) {
  co_await SleepFor(how_long);
  co_return value;
}

Task<> Wait(milliseconds how_long) { co_await SleepFor(how_long); }

Task<int> Refuse(milliseconds how_long, std::string why) {
  co_await SleepFor(how_long);
  throw std::runtime_error(why);
}

// Says in a log when it goes.
class Leaves {
 public:
  Leaves(std::string& log, char letter) : log_(&log), letter_(letter) {}
  Leaves(const Leaves&) = delete;
  Leaves& operator=(const Leaves&) = delete;
  ~Leaves() { *log_ += letter_; }

 private:
  std::string* log_;
  char letter_;
};

// --- All ------------------------------------------------------------------------------------

TEST_CASE("All gives the values in the order of the arguments") {
  const RunResult run = Run([]() -> Task<> {
    auto [number, nothing, text] = co_await All(After(milliseconds(3), 7), Wait(milliseconds(2)),
                                                After(milliseconds(1), std::string("text")));
    CHECK(number == 7);
    CHECK(nothing == std::monostate());
    CHECK(text == "text");
  });
  CHECK(run.ok());
  CHECK(run.elapsed == milliseconds(3));
}

TEST_CASE("All of a vector gives the values in its order") {
  const RunResult run = Run([]() -> Task<> {
    std::vector<Task<int>> tasks;
    for (int i = 0; i < 10; ++i) tasks.push_back(After(milliseconds(10 - i), i));
    const std::vector<int> values = co_await All(std::move(tasks));
    REQUIRE(values.size() == 10);
    for (int i = 0; i < 10; ++i) CHECK(values[static_cast<std::size_t>(i)] == i);
  });
  CHECK(run.ok());
}

TEST_CASE("All of nothing goes on") {
  const RunResult run = Run([]() -> Task<> {
    const std::tuple<> nothing = co_await All();
    static_cast<void>(nothing);
    const std::vector<int> no_values = co_await All(std::vector<Task<int>>());
    CHECK(no_values.empty());
    const std::vector<std::monostate> no_results = co_await All(std::vector<Task<>>());
    CHECK(no_results.empty());
  });
  CHECK(run.ok());
}

TEST_CASE("All passes on references and values that can only be moved") {
  int cell = 1;
  const auto refers = [&]() -> Task<int&> { co_return cell; };
  const auto owns = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(2); };
  const RunResult run = Run([&]() -> Task<> {
    auto [reference, owner] = co_await All(refers(), owns());
    reference += *owner;
  });
  CHECK(run.ok());
  CHECK(cell == 3);
}

TEST_CASE("the tasks of an All mix their steps in every order") {
  std::string log;
  Gate open;
  open.Open();
  const auto steps = [&](char name) -> Task<> {
    log += name;
    co_await open.Wait();
    log += name;
  };
  const auto body = [&]() -> Task<> {
    log.clear();
    co_await All(steps('a'), steps('b'));
  };
  std::set<std::string> logs;
  ForRandomSchedules(200, body, [&](const RunResult&) { logs.insert(log); });
  CHECK(logs == std::set<std::string>{"aabb", "abab", "abba", "baab", "baba", "bbaa"});
}

TEST_CASE("All waits for the others when one throws, and throws what came first") {
  std::string log;
  const auto slow = [&]() -> Task<> {
    co_await SleepFor(milliseconds(5));
    log += 's';
  };
  const RunResult run = Run([&]() -> Task<> {
    try {
      co_await All(slow(), Refuse(milliseconds(2), "second"), Refuse(milliseconds(1), "first"));
    } catch (const std::runtime_error& error) {
      log += error.what();
    }
  });
  CHECK(run.ok());
  CHECK(log == "sfirst");
  CHECK(run.elapsed == milliseconds(5));
}

TEST_CASE("All with an empty task is a usage error, and the others do not run") {
  bool ran = false;
  const auto runs = [&]() -> Task<> {
    ran = true;
    co_return;
  };
  const RunResult run = Run([&]() -> Task<> {
    try {
      co_await All(runs(), Task<>());
    } catch (const UsageError&) {
    }
    co_await Yield();
  });
  CHECK(run.ok());
  CHECK_FALSE(ran);
}

TEST_CASE("All may be kept in a variable and awaited later") {
  const RunResult run = Run([]() -> Task<> {
    auto both = All(After(milliseconds(1), 1), After(milliseconds(1), 2));
    co_await Yield();
    const std::tuple<int, int> values = co_await both;
    CHECK(values == std::tuple(1, 2));
  });
  CHECK(run.ok());
}

// --- Any ------------------------------------------------------------------------------------

TEST_CASE("Any gives the value of the task that ends first") {
  const RunResult run = Run([]() -> Task<> {
    const auto first =
        co_await Any(After(milliseconds(2), 7), After(milliseconds(1), std::string("text")));
    CHECK(std::get<1>(first) == "text");
    const auto same = co_await Any(After(milliseconds(1), 1), After(milliseconds(2), 2));
    CHECK(same.index() == 0);
    CHECK(std::get<0>(same) == 1);
    const auto nothing = co_await Any(Wait(milliseconds(1)), After(milliseconds(2), 2));
    CHECK(nothing.index() == 0);
  });
  CHECK(run.ok());
  CHECK(run.elapsed == milliseconds(3));
}

TEST_CASE("Any throws when the task that ends first throws") {
  const RunResult run = Run([]() -> Task<> {
    co_await Any(Refuse(milliseconds(1), "first"), Refuse(milliseconds(2), "second"));
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message == "first");
}

TEST_CASE("Any ignores an exception that comes later") {
  const RunResult run = Run([]() -> Task<> {
    const auto first = co_await Any(After(milliseconds(1), 1), Refuse(milliseconds(2), "late"));
    CHECK(std::get<0>(first) == 1);
    co_await SleepFor(milliseconds(5));
  });
  CHECK(run.ok());
}

TEST_CASE("Any may end with any of its tasks") {
  std::set<std::size_t> winners;
  const auto body = [&]() -> Task<> {
    const auto first = co_await Any(After(milliseconds(1), 1), After(milliseconds(1), 2),
                                    After(milliseconds(1), 3));
    winners.insert(first.index());
  };
  ForRandomSchedules(100, body, [](const RunResult& run) { REQUIRE(run.ok()); });
  CHECK(winners == std::set<std::size_t>{0, 1, 2});
}

TEST_CASE("Any destroys the losers where they are suspended, at the moment when one wins") {
  std::string log;
  Gate gate;
  const auto inner = [&]() -> Task<> {
    const Leaves leaves(log, 'i');
    co_await gate.Wait();
  };
  const auto loses = [&]() -> Task<> {
    const Leaves leaves(log, 'l');
    co_await inner();
  };
  const auto wins = [&]() -> Task<> {
    co_await SleepFor(milliseconds(1));
    log += 'w';
  };
  const RunResult run = Run([&]() -> Task<> {
    co_await Any(loses(), wins());
    log += 'a';
  });
  CHECK(run.ok());
  CHECK(log == "wila");
}

TEST_CASE("the trace says who was cancelled, and who did not even start") {
  const auto at_once = []() -> Task<> { co_return; };
  const RunResult run = Run([&]() -> Task<> {
    co_await Any(at_once(), Wait(milliseconds(1)));
    co_await Any(Wait(milliseconds(1)), Wait(milliseconds(2)));
  });
  CHECK(run.ok());
  CHECK(run.abandoned.empty());  // cancelled is not forgotten
  const TaskTable tasks(run.trace);
  std::string log;
  for (const Event& event : run.trace.events) {
    if (event.kind == EventKind::kAbandon) log += "abandon " + tasks.Path(event.task) + "\n";
    if (event.kind == EventKind::kFinish) {
      log += std::string(Name(event.outcome())) + " " + tasks.Path(event.task) + "\n";
    }
  }
  CHECK(log ==
        "value lambda#0\n"
        "abandon Wait#0\n"
        "value Wait#1\n"
        "cancelled Wait#2\n"
        "value main\n");
}

TEST_CASE("a loser gives back its lock") {
  Mutex mutex;
  const auto holds = [&]() -> Task<> {
    const MutexGuard guard = co_await mutex.Lock();
    co_await SleepFor(milliseconds(100));
  };
  const RunResult run = Run([&]() -> Task<> {
    co_await Any(holds(), Wait(milliseconds(1)));
    const MutexGuard guard = co_await mutex.Lock();
  });
  CHECK(run.ok());
  CHECK(run.elapsed == milliseconds(1));
}

TEST_CASE("Any and All nest") {
  const RunResult run = Run([]() -> Task<> {
    const auto both = [](milliseconds how_long) -> Task<int> {
      const auto [one, two] = co_await All(After(how_long, 1), After(how_long, 2));
      co_return one + two;
    };
    const auto first = co_await Any(both(milliseconds(5)), both(milliseconds(3)));
    CHECK(first.index() == 1);
    CHECK(std::get<1>(first) == 3);
  });
  CHECK(run.ok());
  CHECK(run.elapsed == milliseconds(3));
}

TEST_CASE("who waits for an All may itself be cancelled, with all its tasks") {
  std::string log;
  const auto sleeps = [&](char name) -> Task<> {
    const Leaves leaves(log, name);
    co_await SleepFor(milliseconds(100));
  };
  const auto both = [&]() -> Task<> { co_await All(sleeps('a'), sleeps('b')); };
  const RunResult run = Run([&]() -> Task<> { co_await Any(both(), Wait(milliseconds(1))); });
  CHECK(run.ok());
  CHECK(log.size() == 2);
  CHECK(run.elapsed == milliseconds(1));
}

TEST_CASE("a race gives the value of whoever ends first, and cancels the others") {
  std::set<std::size_t> winners;
  int left = 0;
  const auto body = [&]() -> Task<> {
    left = 0;
    const auto runs = [&](int value, int delay) -> Task<int> {
      co_await SleepFor(std::chrono::seconds(delay));
      ++left;
      co_return value;
    };
    std::vector<Task<int>> tasks;
    tasks.push_back(runs(10, 9));
    tasks.push_back(runs(11, 1));
    tasks.push_back(runs(12, 1));
    const RaceResult<int> result = co_await Race(std::move(tasks));
    CHECK(result.value == 10 + static_cast<int>(result.winner));
    winners.insert(result.winner);
  };
  ForRandomSchedules(50, body, [&](const RunResult& run) {
    REQUIRE(run.ok());
    REQUIRE(left == 1);
    REQUIRE(run.elapsed == std::chrono::seconds(1));
  });
  CHECK(winners == std::set<std::size_t>{1, 2});
}

TEST_CASE("a race throws what its winner throws, and a race of nobody is a usage error") {
  const auto fails = []() -> Task<> {
    throw std::runtime_error("refused");
    co_return;
  };
  const RunResult run = Run([&]() -> Task<> {
    CHECK_THROWS_AS(Race(std::vector<Task<>>()), UsageError);
    std::vector<Task<>> tasks;
    tasks.push_back(fails());
    co_await Race(std::move(tasks));
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message == "refused");
}

TEST_CASE("an exception in an All that is cancelled before it has ended is not lost") {
  const auto both = []() -> Task<> {
    co_await All(Refuse(milliseconds(1), "not lost"), Wait(milliseconds(9)));
  };
  const RunResult run = Run([&]() -> Task<> {
    co_await Any(both(), Wait(milliseconds(3)));
    co_await SleepFor(milliseconds(1));
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message == "not lost");
  CHECK(run.elapsed == milliseconds(3));
  const std::string report = Describe(run);
  CHECK(report.find("Exception nobody looked at: ") != std::string::npos);
  CHECK(report.find("Refuse#0, a task of All") != std::string::npos);
}

TEST_CASE("an All that has told its exception, or goes with another one, ends no run") {
  const auto several = []() -> Task<> {
    std::vector<Task<int>> tasks;
    tasks.push_back(Refuse(milliseconds(1), "told"));
    tasks.push_back(Refuse(milliseconds(2), "in the trace only"));
    std::string caught;
    try {
      co_await All(std::move(tasks));
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
    CHECK(caught == "told");
  };
  const RunResult run = Run([&]() -> Task<> {
    co_await several();
    co_await SleepFor(milliseconds(9));
  });
  CHECK(run.ok());
}

}  // namespace
}  // namespace heddle
