// SPDX-License-Identifier: MIT
//
// Names of the user's own for tasks: where they show, who finds them, and what they leave alone.
#include "heddle/named.h"

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/check.h"
#include "heddle/diagnosis.h"
#include "heddle/gate.h"
#include "heddle/mark.h"
#include "heddle/match_order.h"
#include "heddle/match_step.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_label.h"
#include "heddle/task_table.h"
#include "heddle/trace_filter.h"
#include "heddle/trace_io.h"
#include "heddle/trace_text.h"
#include "heddle/world.h"
#include "support/catch.h"

namespace heddle {
namespace {

std::vector<std::string> PathsOf(const Trace& trace) {
  const TaskTable tasks(trace);
  std::vector<std::string> paths;
  for (const TaskInfo& task : tasks.tasks()) paths.push_back(task.path);
  return paths;
}

Task<int> Charge(int order) {
  co_await Yield();
  co_return order;
}

Task<void> Checkout(int order) {
  NameTask("order " + std::to_string(order));
  co_await Named("card of " + std::to_string(order), Charge(order));
  co_await Charge(order);
}

RunResult RunTwoOrders(const TraceFilter* filter = nullptr) {
  return Run(
      [](World& world) -> Task<void> {
        world.Spawn(Checkout(17));
        world.Spawn(Named("late", Checkout(18)));
        co_return;
      },
      {.filter = filter});
}

TEST_CASE("a task's own name stands behind its path, and not in those of its children") {
  CHECK(PathsOf(RunTwoOrders().trace) ==
        std::vector<std::string>{"main", "Checkout#0 \"order 17\"", "Checkout#1 \"order 18\"",
                                 "Checkout#0/Charge#0 \"card of 17\"",
                                 "Checkout#1/Charge#0 "
                                 "\"card of 18\"",
                                 "Checkout#0/Charge#1", "Checkout#1/Charge#1"});
}

TEST_CASE("a named task gives its value and its exception to whoever awaits it") {
  const RunResult run = Run([]() -> Task<void> {
    const int sum = co_await Named("first", Charge(1)) + co_await Named("second", Charge(2));
    throw std::runtime_error(std::to_string(sum));
  });
  CHECK(run.ending == Ending::kThrew);
  CHECK(run.message == "3");
}

TEST_CASE("an empty task cannot be named") {
  CHECK_THROWS_AS(Named("nobody", Task<void>()), UsageError);
}

TEST_CASE("outside a run a name is for nobody") {
  NameTask("nobody");
  const RunResult run =
      Run([task = Named("early", Charge(1))]() mutable -> Task<void> { co_await std::move(task); });
  CHECK(PathsOf(run.trace) == std::vector<std::string>{"main", "Charge#0"});
}

TEST_CASE("a name is one line of bounded length, whatever is in it") {
  const auto path_of = [](const std::string& name) {
    return PathsOf(Run([&]() -> Task<void> {
                     NameTask(name);
                     co_return;
                   }).trace)[0];
  };
  CHECK(path_of("a \"b\" \\ c\n\x1b[1m") == "main \"a \\\"b\\\" \\\\ c\\n\\x1b[1m\"");
  CHECK(path_of("") == "main");
  CHECK(path_of(std::string(80, 'x')) == "main \"" + std::string(80, 'x') + "\"");
  CHECK(path_of(std::string(79, 'x') + "\xc3\xa9") == "main \"" + std::string(79, 'x') + "...\"");
}

TEST_CASE("the last name counts") {
  const RunResult run = Run([]() -> Task<void> {
    NameTask("first");
    co_await Yield();
    NameTask("last");
  });
  CHECK(PathsOf(run.trace) == std::vector<std::string>{"main \"last\""});
}

TEST_CASE("a task is found by its own name, by its path, and by both") {
  const Trace trace = RunTwoOrders().trace;
  const TaskTable tasks(trace);
  const TaskInfo& card = tasks[3];
  for (const std::string_view pattern :
       {"card of 17", "Charge", "Charge#0", "Checkout#0/Charge#0", "Charge#0 \"card of 17\"",
        "Checkout#0/Charge#0 \"card of 17\""}) {
    CAPTURE(pattern);
    CHECK(TaskTable::Matches(card, pattern));
  }
  for (const std::string_view pattern : {"card of 18", "card", "17\"", "order 17", "Checkout#0"}) {
    CAPTURE(pattern);
    CHECK_FALSE(TaskTable::Matches(card, pattern));
  }
}

TEST_CASE("matchers know a task by its own name; a name is no step") {
  const Trace trace = RunTwoOrders().trace;
  CHECK(MatchHasStep(trace, "card of 17", 1).matched);
  CHECK(MatchInOrder(trace, {"order 17", "card of 17"}).matched);
  CHECK(MatchNever(trace, "heddle.label").matched);
}

TEST_CASE("a name stays in a trace that has no marks, and in one without its request") {
  const auto body = []() -> Task<void> {
    BeginFlow("request");
    Mark("begun");
    co_await Checkout(17);
  };
  const TraceFilter no_marks = {.without = kMarkEvents};
  const TraceFilter no_requests = {.requests = {.all = false}};
  for (const TraceFilter* filter : {&no_marks, &no_requests}) {
    const Trace trace = Run(body, {.filter = filter}).trace;
    CHECK(PathsOf(trace) == PathsOf(Run(body).trace));
    CHECK(MatchHasStep(trace, "order 17").matched);
    for (const MarkRecord& mark : trace.marks) CHECK(LabelOf(mark) != nullptr);
  }
}

TEST_CASE("a name survives the file") {
  const Trace trace = RunTwoOrders().trace;
  const auto recording = DecodeRecording(EncodeRecording(trace), "names");
  REQUIRE(recording.ok());
  CHECK(CanonicalText(recording->trace) == CanonicalText(trace));
  CHECK_THAT(CanonicalText(trace), ContainsText("Checkout#0/Charge#0 \"card of 17\"  resume"));
}

TEST_CASE("whoever waits for ever is told by its own name") {
  const RunResult run = Run([]() -> Task<void> {
    NameTask("order 17");
    Gate gate("paid");
    co_await gate.Wait();
  });
  REQUIRE(run.waiting.size() == 1);
  CHECK(run.waiting[0].name == "main \"order 17\"");
}

TEST_CASE("quotes in a function's name or in a label end neither of them") {
  for (const std::string_view name : {"main", "Outer<a \"b>#0", "a \"b\"/c \"#12"}) {
    CHECK(WithoutLabel(name) == name);
    for (const std::string_view label : {"order", " ", "a \"b\" ", "\"", "\\", "\\\" \""}) {
      CAPTURE(label);
      CHECK(WithoutLabel(std::string(name) + LabelSuffix(label)) == name);
    }
  }
}

}  // namespace
}  // namespace heddle
