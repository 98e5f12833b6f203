// SPDX-License-Identifier: MIT
//
// What the harness writes into a Recorder: how much, in which mode, and in which order the
// tables of the trace are filled. (The Recorder itself is recorder.h.)
#include <string>
#include <vector>

#include "harness/test_choosers.h"
#include "heddle/mark.h"
#include "heddle/mutex.h"
#include "heddle/recorder.h"
#include "heddle/run.h"
#include "heddle/sleep.h"
#include "heddle/trace_text.h"
#include "support/catch.h"

namespace heddle {
namespace {

Task<> Steps(int count) {
  for (int i = 0; i < count; ++i) co_await Yield();
}

TEST_CASE("a recording grows beyond its buffers and keeps everything in order") {
  constexpr int kSteps = 5000;
  const RunResult run = Run([](World& world) {
    for (int i = 0; i < 3; ++i) world.Spawn(Steps(kSteps));
  });
  CHECK(run.ok());
  // Per task: spawn, start, finish, and two events a yield.
  CHECK(run.trace.events.size() == 3 * (3 + 2 * kSteps));
  CHECK(run.trace.choices.size() > 2 * kSteps);
  std::vector<int> suspended(3);
  for (const Event& event : run.trace.events) {
    int& now = suspended[event.task];
    if (event.kind == EventKind::kSuspend) CHECK(++now == 1);
    if (event.kind == EventKind::kResume) CHECK(--now == 0);
  }
}

TEST_CASE("a recorder that is begun again has forgotten the last run") {
  Recorder recorder;
  recorder.Begin(RecordMode::kEvents);
  for (TaskId task = 0; task < 3000; ++task) recorder.Add(EventKind::kFinish, task);
  recorder.AddDraw(0, {}, 1, 2);
  recorder.AddObject("Mutex", "m");
  recorder.AddFlow("f");
  recorder.AddMark(EventKind::kMark, 0, {}, {.name = "m", .fields = {}});
  CHECK(recorder.ToTrace().events.size() == 3002);
  recorder.AdvanceTo(5);
  recorder.Begin(RecordMode::kEvents);
  CHECK(recorder.now() == 0);
  recorder.Add(EventKind::kFinish, 7);
  const Trace trace = recorder.ToTrace();
  REQUIRE(trace.events.size() == 1);
  CHECK(trace.events[0].task == 7);
  CHECK(trace.choices.empty());
  CHECK(trace.objects.empty());
  CHECK(trace.flows.empty());
  CHECK(trace.marks.empty());
}

TEST_CASE("a recorder that was ended writes nothing more") {
  Recorder recorder;
  recorder.Begin(RecordMode::kEvents);
  recorder.End();
  recorder.Add(EventKind::kFinish, 0);
  recorder.AddDraw(0, {}, 1, 2);
  recorder.AddMark(EventKind::kMark, 0, {}, {.name = "m", .fields = {}});
  const Trace trace = recorder.ToTrace();
  CHECK(trace.events.empty());
  CHECK(trace.choices.empty());
  CHECK(trace.marks.empty());
}

TEST_CASE("a recording of choices alone has the same choices as one of everything") {
  RandomChooser chooser(4);
  const auto body = [](World& world) {
    Mark("mark");
    for (int i = 0; i < 3; ++i) world.Spawn(Steps(400));
    world.Draw(5);
  };
  const RunResult all = Run(body, {.chooser = &chooser});
  const RunResult choices = Run(body, {.chooser = &chooser, .record = RecordMode::kChoices});
  CHECK(all.trace.choices.size() > 400);
  CHECK(choices.trace.choices == all.trace.choices);
  CHECK(choices.trace.events.empty());
  CHECK(choices.trace.marks.empty());
  CHECK(choices.steps == all.steps);
  CHECK(choices.ending == all.ending);
}

Task<> Second(Mutex& mutex) { const MutexGuard guard = co_await mutex.Lock(); }
Task<> First(Mutex& mutex) {
  co_await Second(mutex);
  co_await Yield();
}

TEST_CASE("sites are numbered in the order of their first use, each once") {
  Mutex mutex("mutex");
  const RunResult run = Run([&](World& world) {
    world.Spawn(First(mutex));
    world.Spawn(First(mutex));
  });
  SiteId seen = 0;
  std::vector<std::string> functions;
  for (const Event& event : run.trace.events) {
    CHECK(event.site <= seen + 1);
    if (event.site == seen + 1) ++seen;
  }
  CHECK(run.trace.sites.size() == seen + 1);
  CHECK(run.trace.sites[0] == Site());
  for (const Site& site : run.trace.sites) {
    if (!site.function.empty()) functions.push_back(site.function);
  }
  CHECK(functions == std::vector<std::string>{"heddle::First", "heddle::Second"});
  for (std::size_t i = 0; i < run.trace.sites.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(run.trace.sites[i] == run.trace.sites[j]);
  }
}

TEST_CASE("a step that was picked among several says so, one that was alone does not") {
  const RunResult run = Run([](World& world) {
    world.Spawn(Steps(0));
    world.Spawn(Steps(0));
  });
  std::vector<bool> chosen;
  for (const Event& event : run.trace.events) {
    if (event.kind == EventKind::kStart) chosen.push_back(event.chosen());
  }
  CHECK(chosen == std::vector<bool>{true, false});
}

TEST_CASE("a trace outlives its run and its executor") {
  Trace trace;
  {
    Mutex mutex("mutex");
    trace = Run([&] { return First(mutex); }).trace;
  }
  CHECK(CanonicalText(trace) == CanonicalText(Trace(trace)));
  CHECK_THAT(CanonicalText(trace), ContainsText("Second#0  suspend  lock Mutex mutex"));
}

}  // namespace
}  // namespace heddle
