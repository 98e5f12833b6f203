// SPDX-License-Identifier: MIT
//
// Marks, their fields, and the flow that a task works for.
#include "heddle/mark.h"

#include <array>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "heddle/combinators.h"
#include "heddle/gate.h"
#include "heddle/mark_json.h"
#include "heddle/mutex.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/task_table.h"
#include "heddle/trace_text.h"
#include "support/catch.h"

namespace heddle {
namespace {

// "path: mark, flow" for every mark of a run.
std::vector<std::string> MarksOf(const Trace& trace) {
  const TaskTable tasks(trace);
  std::vector<std::string> marks;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    if (event.kind != EventKind::kMark) continue;
    std::string text = tasks.Path(event.task) + ": " + MarkText(trace.marks[event.object]);
    if (const FlowId flow = tasks.FlowOf(i); flow != 0) text += ", " + trace.flows[flow].name;
    marks.push_back(text);
  }
  return marks;
}

TEST_CASE("a mark has a name, fields of every kind, and the task and line that said it") {
  const RunResult run = Run([]() -> Task<> {
    const std::string text = "text";
    Mark("plain");
    Mark("fields", {{"yes", true},
                    {"int", -3},
                    {"size", std::size_t{4}},
                    {"double", 1.5},
                    {"literal", "a"},
                    {"string", text},
                    {"view", std::string_view("v")}});
    co_return;
  });
  CHECK(MarksOf(run.trace) ==
        std::vector<std::string>{"main: plain",
                                 "main: fields {yes: true, int: -3, size: 4, double: 1.5, "
                                 "literal: \"a\", string: \"text\", view: \"v\"}"});
  for (const Event& event : run.trace.events) {
    if (event.kind != EventKind::kMark) continue;
    CHECK_THAT(ToString(run.trace.sites[event.site]), StartsWithText("mark_test.cc:"));
  }
}

struct Parcel {
  int id = 7;
  std::string label = "a \"b\" \\ c\n{d: e}";
  std::vector<double> weights = {0.5, 2};

  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(id), CEREAL_NVP(label), CEREAL_NVP(weights));
  }
};

TEST_CASE("a whole number that is too large for a field is a real one") {
  const RunResult run = Run([]() -> Task<> {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    Mark("counted", {{"all", kMost}, {"half", kMost / 2}});
    co_return;
  });
  const std::vector<Field>& fields = run.trace.marks.at(0).fields;
  CHECK(fields.at(0).value == FieldValue(18446744073709551615.0));
  CHECK(fields.at(1).value == FieldValue(std::numeric_limits<std::int64_t>::max()));
}

TEST_CASE("a field may be bytes, and any object that cereal can save") {
  const RunResult run = Run([]() -> Task<> {
    const std::array bytes = {std::byte{0}, std::byte{0xff}, std::byte{0x2a}};
    const Parcel parcel;
    Mark("sent", {{"bytes", bytes}, {"none", std::span<const std::byte>()}});
    Mark("packed", {{"parcel", Json(parcel)}, {"number", Json(3)}});
    co_return;
  });
  REQUIRE(run.trace.marks.size() == 2);
  CHECK(MarkText(run.trace.marks[0]) == "sent {bytes: 0x00ff2a, none: 0x}");
  const std::vector<Field>& packed = run.trace.marks[1].fields;
  CHECK(packed[0].value ==
        FieldValue(std::string(R"({"id":7,"label":"a \"b\" \\ c\n{d: e}","weights":[0.5,2]})")));
  CHECK(packed[1].value == FieldValue(std::string("3")));
}

TEST_CASE("an object of a field becomes text only where marks are kept") {
  static int saved;
  saved = 0;
  struct Counted {
    void save(internal::JsonArchive& /*archive*/) const { ++saved; }
  };
  const auto body = [] { Mark("counted", {{"object", Json(Counted())}}); };
  Executor executor;
  internal::BodyRunner runner(body);
  executor.Execute(runner.ref(), {.record = RecordMode::kChoices});
  CHECK(saved == 0);
  executor.Execute(runner.ref(), {.record = RecordMode::kEvents});
  CHECK(saved == 1);
}

TEST_CASE("marks outside a run, and flows outside a task, do nothing") {
  Mark("nobody hears this");
  BeginFlow("nor this");
  const RunResult run = Run([](World&) {
    BeginFlow("no task runs here");
    Mark("but a run does");
  });
  CHECK(run.ok());
  CHECK(run.trace.flows.size() <= 1);
  CHECK(MarksOf(run.trace) == std::vector<std::string>{"?: but a run does"});
}

Task<> Says(std::string what) {
  Mark(what);
  co_return;
}

Task<> Handles(std::string request) {
  BeginFlow(request);
  co_await Says("called");
  co_await All(Says("spawned"), Says("spawned"));
  co_await SleepFor(std::chrono::milliseconds(1));
  Mark("after");
}

TEST_CASE("a task works for the flow of who created it, until it begins its own") {
  const RunResult run = Run([]() -> Task<> {
    Mark("before");
    co_await Handles("request 1");
    Mark("between");
    co_await Handles("request 2");
  });
  CHECK(MarksOf(run.trace) == std::vector<std::string>{
                                  "main: before",
                                  "Handles#0/Says#0: called, request 1",
                                  "Handles#0/Says#1: spawned, request 1",
                                  "Handles#0/Says#2: spawned, request 1",
                                  "Handles#0: after, request 1",
                                  "main: between",
                                  "Handles#1/Says#0: called, request 2",
                                  "Handles#1/Says#1: spawned, request 2",
                                  "Handles#1/Says#2: spawned, request 2",
                                  "Handles#1: after, request 2",
                              });
}

TEST_CASE("flows of tasks that run beside each other do not mix") {
  const RunResult run = Run([](World& world) {
    world.Spawn(Handles("a"));
    world.Spawn(Handles("b"));
  });
  CHECK(run.ok());
  for (const std::string& mark : MarksOf(run.trace)) {
    CHECK_THAT(mark, EndsWithText(mark.starts_with("Handles#0") ? ", a" : ", b"));
  }
}

TEST_CASE("objects are named by type and name, or by type and number from 1") {
  const RunResult run = Run([]() -> Task<> {
    Mutex named("ledger");
    Mutex first;
    Gate gate("ready");
    gate.Open();
    const MutexGuard one = co_await named.Lock();
    const MutexGuard two = co_await first.Lock();
    co_await gate.Wait();
  });
  CHECK(run.ok());
  const std::vector<std::string> names = ObjectNames(run.trace);
  CHECK(names == std::vector<std::string>{"none", "Gate ready", "Mutex ledger", "Mutex#2"});
}

}  // namespace
}  // namespace heddle
