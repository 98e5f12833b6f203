// SPDX-License-Identifier: MIT
//
// An extract shows what the whole trace shows, whatever order things happened in.
#include "extract.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "heddle/trace_io.h"
#include "recorder/arbitrary_trace.h"
#include "show.h"
#include "support/catch.h"
#include "support/law.h"
#include "support/trace_builder.h"
#include "tools/shop_run.h"
#include "torn.h"

namespace heddle::tools {
namespace {

// What to do, and three numbers to do it with.
using Deed = std::tuple<std::uint8_t, std::uint8_t, std::uint8_t, std::uint8_t>;

// Tasks, requests and things that are shared. Numbers are those of a run, but the order in which
// things happen is any: a task may go on
// twice, and after its end.
class AnyRun {
 public:
  AnyRun() {
    objects_ = {run_.Object("Mutex", "ledger"), run_.Object("Channel"), run_.Object("Channel")};
    flows_ = {0, run_.Flow("a"), run_.Flow("b"), run_.Flow("c")};
    run_.Main();
  }

  void Do(const Deed& deed) {
    const auto [what, a, b, c] = deed;
    const TaskId task = a % tasks_;
    const TaskId other = b % tasks_;
    const ObjectId object = objects_[b % objects_.size()];
    constexpr Operation kOperations[] = {Operation::kLock, Operation::kSend, Operation::kReceive,
                                         Operation::kJoin, Operation::kCall, Operation::kSleep};
    switch (what % 14) {
      case 0:
        run_.Spawn(task, c % 2 == 0 ? "Charge" : "shop::Ship");
        ++tasks_;
        break;
      case 1:
        run_.WorkFor(task, flows_[b % flows_.size()]);
        break;
      case 2:
      case 3:
      case 4: {
        const Operation operation = kOperations[c % 6];
        waited_.insert(task);
        run_.Suspend(task, operation, operation == Operation::kCall ? other : object, "shop.cc:7");
        break;
      }
      case 5:
      case 6:
        if (waited_.count(task) > 0) run_.Resume(task);
        break;
      case 7:
        run_.Wake(task, c % 3 == 0 ? kNoTask : other);
        break;
      case 8:
        run_.Finish(task, static_cast<Outcome>(c % 3));
        break;
      case 9:
        run_.Release(task, object);
        break;
      case 10:
        run_.Send(task, object, ++sent_);
        break;
      case 11:
        run_.Receive(task, object, sent_ - std::min<std::uint32_t>(sent_, c % 4));
        break;
      case 12:
        if (c % 3 == 0) {
          run_.Mark(task, "heddle.label", {{"label", "task of " + std::to_string(c)}});
        } else {
          run_.Mark(task, "step", {}, "shop.cc:9").JumpTo(++now_ * 1000);
        }
        break;
      default:
        run_.Start(task, other);
        break;
    }
  }

  void End(std::uint8_t how, std::uint8_t who) {
    const TaskId task = who % tasks_;
    if (how % 3 == 0) return;
    run_.header().message = "no such card";
    run_.header().ending = how % 3 == 1 ? Ending::kThrew : Ending::kStuck;
    if (how % 3 == 1) {
      run_.header().failed_task = task;
    } else {
      run_.header().waiting = {{.task = task,
                                .name = "Ship#0",
                                .operation = Operation::kLock,
                                .object = "Mutex ledger",
                                .site = "shop.cc:7",
                                .since = 0}};
    }
  }

  Trace Build() const { return run_.Build(); }

 private:
  TraceBuilder run_;
  std::vector<ObjectId> objects_;
  std::vector<FlowId> flows_;
  std::set<TaskId> waited_;
  TaskId tasks_ = 1;
  std::uint32_t sent_ = 0;
  VirtualNanos now_ = 0;
};

// The text, or the error.
std::string Words(const absl::StatusOr<std::string>& text) {
  return text.ok() ? *text : std::string(text.status().message());
}

std::string Extracted(const Trace& trace, const ShowOptions& options) {
  return Words(ShowRecording(EncodeRecording(trace), "run.heddle", options)->text);
}

bool IsSound(const Trace& trace) {
  const std::string bytes = EncodeRecording(trace);
  const std::string name = "run.heddle";
  return RunIndex::Make(bytes, name)->is_sound();
}

const ShowOptions kWays[] = {{},
                             {.list = true},
                             {.flow = "#1"},
                             {.flow = "#2"},
                             {.flow = "c", .depth = 2},
                             {.flow = "nobody"},
                             {.all = true}};

TEST_CASE("an extract shows what the whole trace shows") {
  CheckLaw([](const std::vector<Deed>& deeds, std::uint8_t how, std::uint8_t who) {
    AnyRun run;
    for (const Deed& deed : deeds) run.Do(deed);
    run.End(how, who);
    const Trace trace = run.Build();
    RC_ASSERT(IsSound(trace));
    for (const ShowOptions& way : kWays) {
      RC_ASSERT(Extracted(trace, way) == Words(ShowText(trace, way)));
    }
  });
}

TEST_CASE("of a recording whose numbers are those of no run the same is shown") {
  CheckLaw([] {
    const Trace trace = *AnyTrace();
    for (const ShowOptions& way : kWays) {
      RC_ASSERT(Extracted(trace, way) == Words(ShowText(trace, way)));
    }
  });
}

TEST_CASE("an extract of one request leaves out the events of the others") {
  const std::string bytes = EncodeRecording(ShopRun());
  const std::string name = "shop.heddle";
  const absl::StatusOr<RunIndex> index = RunIndex::Make(bytes, name);
  REQUIRE(index.ok());
  CHECK(index->recording().trace.events.empty());
  const std::optional<Extract> extract = index->ExtractOf(2);
  REQUIRE(extract);
  CHECK(extract->trace.events.size() == extract->steps_before.size());
  CHECK(extract->trace.events.size() < ShopRun().events.size());
}

TEST_CASE("a recording that was cut off is shown as far as it goes, and what is wrong is said") {
  const std::string whole = EncodeRecording(ShopRun());
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    const std::string_view bytes = std::string_view(whole).substr(0, size);
    absl::StatusOr<Recording> recording = DecodeRecording(bytes, "shop.heddle");
    const absl::StatusOr<Shown> shown = ShowRecording(bytes, "shop.heddle", {.list = true});
    REQUIRE(shown.status() == recording.status());
    if (!shown.ok()) continue;
    CHECK(shown->damage == recording->damage);
    NoteTorn(*recording);
    CHECK_THAT(shown->text.value(), ContainsText("or was cut off"));
    CHECK(Words(shown->text) == Words(ShowText(recording->trace, {.list = true})));
  }
}

}  // namespace
}  // namespace heddle::tools
