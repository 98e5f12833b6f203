// SPDX-License-Identifier: MIT
//
// Losses: their bytes, their words, and the names of tasks that were there before a trace begins.
#include "heddle/losses.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "heddle/diagnosis.h"
#include "heddle/task_table.h"
#include "heddle/trace.h"
#include "heddle/trace_io.h"
#include "heddle/trace_text.h"
#include "recorder/arbitrary_trace.h"
#include "support/catch.h"
#include "support/law.h"

namespace heddle {
namespace {

rc::Gen<Loss> AnyLoss() {
  return rc::gen::build<Loss>(
      rc::gen::set(&Loss::reason, AnyOf(LossReason::kWindow, kLastLossReason)),
      rc::gen::set(&Loss::what, AnyBytes()),
      rc::gen::set(&Loss::events, AnyNumber<std::uint64_t>()),
      rc::gen::set(&Loss::requests, AnyNumber<std::uint64_t>()),
      rc::gen::set(&Loss::from, AnyNumber<VirtualNanos>()),
      rc::gen::set(&Loss::to, AnyNumber<VirtualNanos>()));
}

rc::Gen<Losses> AnyLosses() {
  return rc::gen::exec([] {
    Losses losses;
    losses.list = *Several(AnyLoss());
    losses.list.push_back(*AnyLoss());
    const auto tasks = *rc::gen::inRange<std::uint32_t>(0, 5);
    for (std::uint32_t i = 0; i < tasks; ++i) {
      losses.tasks.push_back({.parent = *rc::gen::inRange<std::uint32_t>(0, i + 1) - 1,
                              .flow = *AnyNumber<FlowId>(),
                              .is_main = *rc::gen::arbitrary<bool>(),
                              .function = *AnyBytes(),
                              .name = *AnyBytes(),
                              .path = *AnyBytes(),
                              .state = *AnyOf(CarriedState::kUnknown, kLastCarriedState),
                              .is_called = *rc::gen::arbitrary<bool>(),
                              .started = *AnyNumber<VirtualNanos>(),
                              .flow_since = *AnyNumber<VirtualNanos>()});
      losses.ordinals.push_back({.parent = *rc::gen::inRange<std::uint32_t>(0, tasks + 1) - 1,
                                 .word = *AnyBytes(),
                                 .count = *AnyNumber<std::uint64_t>()});
    }
    losses.object_numbers = *Several(AnyNumber<std::uint64_t>());
    return losses;
  });
}

TEST_CASE("losses survive a recording") {
  CheckLaw([] {
    Trace trace = *AnyTrace();
    trace.losses = *AnyLosses();
    const absl::StatusOr<Recording> recording = DecodeRecording(EncodeRecording(trace), "a file");
    RC_ASSERT(recording.ok());
    RC_ASSERT(recording->damage.ok());
    RC_ASSERT(recording->trace == trace);
  });
}

TEST_CASE("whatever a trace says of its losses can be printed and asked about") {
  CheckLaw([] {
    Trace trace = *AnyTrace();
    trace.losses = *AnyLosses();
    const TaskTable tasks(trace);
    RC_ASSERT(tasks.tasks().size() >= trace.losses.tasks.size());
    RC_ASSERT(!CanonicalText(trace).empty());
    RC_ASSERT(ObjectNames(trace).size() == trace.objects.size());
    Diagnose(trace);
  });
}

TEST_CASE("a recording that is cut off within its losses is damaged there") {
  Trace trace;
  trace.losses.list.push_back({.reason = LossReason::kKind, .what = "marks", .events = 3});
  trace.losses.tasks.push_back({.name = "A#0", .path = "A#0"});
  const std::string whole = EncodeRecording(trace);
  for (std::size_t size = whole.size(); size-- > 0;) {
    const absl::StatusOr<Recording> recording =
        DecodeRecording(std::string_view(whole).substr(0, size), "a file");
    if (recording.ok()) CHECK_FALSE(recording->damage.ok());
  }
}

TEST_CASE("a trace with losses says in one line what is missing") {
  Losses losses;
  CHECK(LossText(losses).empty());
  losses.list.push_back({.reason = LossReason::kWindow, .what = {}, .events = 12, .to = 3'000'000});
  losses.list.push_back(
      {.reason = LossReason::kRequest, .what = "they did not fail", .events = 1, .requests = 2});
  losses.list.push_back({.reason = LossReason::kRate,
                         .what = "marks beyond 10 events a second",
                         .events = 5,
                         .from = 1'000'000'000,
                         .to = 1'500'000'000});
  CHECK(LossText(losses) ==
        "not all of the run is in its trace: 12 events before the window, up to 3ms; "
        "1 event of 2 requests that were not kept: they did not fail; "
        "5 events from 1s to 1.5s, when there were too many: marks beyond 10 events a second");
  CHECK(losses.events() == 18);
  CHECK(losses.begins_late());
}

TEST_CASE("a task that was there before the trace begins has its name, and its children theirs") {
  Trace trace;
  trace.sites = {Site{}, {.file = "shop.cc", .line = 1, .function = "shop::Charge"}};
  trace.losses.list.push_back({.reason = LossReason::kWindow, .what = {}, .events = 9});
  trace.losses.tasks = {
      {.is_main = true, .function = "shop::Shop", .name = "main", .path = "main"},
      {.parent = 0, .function = "shop::Checkout", .name = "Checkout#4", .path = "Checkout#4"}};
  trace.losses.ordinals = {{.parent = 1, .word = "Charge", .count = 7},
                           {.parent = kNoTask, .word = "Charge", .count = 2}};
  trace.events = {{.task = 2, .site = 1, .object = 1, .kind = EventKind::kSpawn},
                  {.task = 3, .site = 1, .object = 0, .kind = EventKind::kSpawn}};
  const TaskTable tasks(trace);
  CHECK(tasks.Path(0) == "main");
  CHECK(tasks.Path(1) == "Checkout#4");
  CHECK(tasks.Path(2) == "Checkout#4/Charge#7");
  CHECK(tasks.Path(3) == "Charge#2");
  CHECK(tasks[2].parent == 1);
}

TEST_CASE("an object of a window is called as in the whole run") {
  Trace trace;
  trace.objects = {{}, {"Mutex", ""}, {"Channel", ""}, {"Mutex", "ledger"}};
  trace.losses.list.push_back({.reason = LossReason::kWindow, .what = {}, .events = 9});
  trace.losses.object_numbers = {0, 17, 4, 18};
  CHECK(ObjectName(trace, 1) == "Mutex#17");
  CHECK(ObjectNames(trace) ==
        std::vector<std::string>{"none", "Mutex#17", "Channel#4", "Mutex ledger"});
}

TEST_CASE("a diagnosis of a lossy trace says that it rests on a part of the run") {
  Trace trace;
  trace.sites = {Site{}, {.file = "shop.cc", .line = 1, .function = "Charge"}};
  trace.header.ending = Ending::kAbandoned;
  trace.events = {{.task = 0, .site = 1, .kind = EventKind::kSpawn},
                  {.task = 0, .kind = EventKind::kAbandon}};
  REQUIRE(Diagnose(trace).size() == 1);
  CHECK(Diagnose(trace)[0].text.find("rests on") == std::string::npos);
  trace.losses.list.push_back({.reason = LossReason::kKind, .what = "marks", .events = 3});
  CHECK_THAT(Diagnose(trace)[0].text,
             ContainsText("This rests on a part of the run") && ContainsText("3 events of marks"));
}

}  // namespace
}  // namespace heddle
