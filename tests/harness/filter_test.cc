// SPDX-License-Identifier: MIT
//
// RunOptions::filter: what is left out of a trace, what stays, and who says that something is
// missing.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "heddle/check.h"
#include "heddle/chooser.h"
#include "heddle/losses.h"
#include "heddle/mark.h"
#include "heddle/match_order.h"
#include "heddle/match_step.h"
#include "heddle/mutex.h"
#include "heddle/replay.h"
#include "heddle/run.h"
#include "heddle/shared.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_table.h"
#include "heddle/trace_filter.h"
#include "heddle/trace_io.h"
#include "heddle/trace_stream.h"
#include "heddle/world.h"
#include "support/catch.h"
#include "support/law.h"
#include "support/temporary_path.h"

namespace heddle {
namespace {

using std::chrono::milliseconds;

Task<void> Book(Shared<int>& books, Mutex& mutex, int number) {
  auto lock = co_await mutex.Lock();
  co_await books.Write(co_await books.Read() + number);
  Mark("booked", {{"number", number}});
}

// Request 3 fails, and 5 takes a second.
Task<void> Serve(Shared<int>& books, Mutex& mutex, int number) {
  BeginFlow("request " + std::to_string(number));
  Mark("served", {{"number", number}});
  co_await SleepFor(number == 5 ? milliseconds(1000) : milliseconds(number));
  co_await Book(books, mutex, number);
  if (number == 3) throw std::runtime_error("out of stock");
}

Task<void> Guarded(Shared<int>& books, Mutex& mutex, int number) {
  try {
    co_await Serve(books, mutex, number);
  } catch (const std::runtime_error&) {
    Mark("refused", {{"number", number}});
  }
}

Task<void> Server(World& world, int requests) {
  Shared<int> books(0);
  Mutex mutex("books");
  for (int i = 1; i <= requests; ++i) world.Spawn(Guarded(books, mutex, i));
  co_await SleepFor(milliseconds(2000));
}

RunResult RunServer(std::uint64_t seed, const TraceFilter* filter, TraceStream* stream = nullptr) {
  RandomChooser chooser(seed);
  return Run([](World& world) { return Server(world, 8); },
             {.chooser = &chooser, .stream = stream, .filter = filter});
}

std::size_t CountOf(const Trace& trace, EventKind kind) {
  return static_cast<std::size_t>(
      std::count_if(trace.events.begin(), trace.events.end(),
                    [kind](const Event& event) { return event.kind == kind; }));
}

// How many events of each request there are.
std::map<std::string, std::size_t> EventsByRequest(const Trace& trace) {
  const TaskTable tasks(trace);
  std::map<std::string, std::size_t> counts;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const FlowId flow = tasks.FlowOf(i);
    if (flow != 0) ++counts[trace.flows[flow].name];
  }
  return counts;
}

TEST_CASE("a filter by kind leaves out those events, and counts them") {
  const Trace whole = RunServer(1, nullptr).trace;
  const TraceFilter filter = {.without = kAccessEvents | kLockEvents};
  const Trace trace = RunServer(1, &filter).trace;
  CHECK(CountOf(whole, EventKind::kRelease) == 8);
  CHECK(CountOf(trace, EventKind::kRelease) == 0);
  CHECK(trace.choices == whole.choices);
  CHECK(trace.marks == whole.marks);
  REQUIRE(trace.losses.list.size() == 1);
  CHECK(trace.losses.list[0].reason == LossReason::kKind);
  CHECK(trace.losses.list[0].what == "locks");
  CHECK(trace.losses.list[0].events == 8);
  CHECK(trace.events.size() + trace.losses.events() == whole.events.size());
}

TEST_CASE("a filter that leaves nothing out loses nothing") {
  const TraceFilter filter;
  CHECK(RunServer(1, &filter).trace == RunServer(1, nullptr).trace);
}

TEST_CASE("a filter by place takes a file, a coroutine, or what begins like it") {
  const Trace whole = RunServer(1, nullptr).trace;
  const auto count_without = [&](const std::string& site) {
    const TraceFilter filter = {.without_sites = {site}};
    const Trace trace = RunServer(1, &filter).trace;
    CHECK(trace.events.size() + trace.losses.events() == whole.events.size());
    for (const Loss& loss : trace.losses.list) {
      CHECK(loss.reason == LossReason::kSite);
      CHECK(loss.what == site);
    }
    return trace.losses.events();
  };
  CHECK(count_without("heddle::Book") == 16);  // a mark and a release each
  CHECK(count_without("*Serve") == 8);
  CHECK(count_without("filter_test.cc") == 25);
  CHECK(count_without("*/harness/filter_????.cc") == 25);
  CHECK(count_without("Book") == 0);
}

TEST_CASE("the marks that stay keep their contents") {
  const TraceFilter filter = {.without_sites = {"heddle::Book"}};
  const Trace trace = RunServer(1, &filter).trace;
  CHECK(trace.marks.size() == 9);
  CHECK(CountOf(trace, EventKind::kMark) == 9);
  for (const Event& event : trace.events) {
    if (event.kind != EventKind::kMark) continue;
    REQUIRE(event.object < trace.marks.size());
    CHECK(trace.marks[event.object].name != "booked");
  }
}

TEST_CASE("of requests that are not kept, who was there stays, and nothing else") {
  const Trace whole = RunServer(1, nullptr).trace;
  const TraceFilter filter = {.requests = {.all = false, .slower_than = milliseconds(500)}};
  const Trace trace = RunServer(1, &filter).trace;
  const auto before = EventsByRequest(whole);
  const auto after = EventsByRequest(trace);
  for (int i = 1; i <= 8; ++i) {
    const std::string name = "request " + std::to_string(i);
    CAPTURE(name);
    if (i == 3 || i == 5) {
      CHECK(after.at(name) == before.at(name));
    } else {
      CHECK(after.at(name) < before.at(name));
    }
  }
  REQUIRE(trace.losses.list.size() == 1);
  CHECK(trace.losses.list[0].reason == LossReason::kRequest);
  CHECK(trace.losses.list[0].requests == 6);
  CHECK(trace.choices == whole.choices);
  const TaskTable tasks(trace);
  const TaskTable whole_tasks(whole);
  REQUIRE(tasks.tasks().size() == whole_tasks.tasks().size());
  for (const TaskInfo& task : tasks.tasks()) {
    CHECK(task.path == whole_tasks.Path(task.id));
    CHECK(task.ended != kNoEvent);
  }
}

TEST_CASE("one in so many requests is kept, the first among them") {
  const TraceFilter filter = {.requests = {.all = false, .failed = false, .one_in = 3}};
  const Trace trace = RunServer(1, &filter).trace;
  const Trace whole = RunServer(1, nullptr).trace;
  const auto before = EventsByRequest(whole);
  std::size_t kept = 0;
  for (const auto& [name, count] : EventsByRequest(trace)) kept += count == before.at(name) ? 1 : 0;
  CHECK(kept == 3);  // 1, 4 and 7
  CHECK(trace.losses.list[0].requests == 5);
  const std::string first = trace.flows[1].name;
  CHECK(EventsByRequest(trace).at(first) == before.at(first));
}

TEST_CASE("a request that keeps too many events waiting is kept") {
  const TraceFilter filter = {.requests = {.all = false, .failed = false, .held_events_max = 0}};
  CHECK(RunServer(1, &filter).trace == RunServer(1, nullptr).trace);
}

TEST_CASE("a rate that trips says when it did, and details come back with the next second") {
  const auto body = []() -> Task<void> {
    for (int second = 0; second < 3; ++second) {
      const int marks = second == 1 ? 1000 : 10;
      for (int i = 0; i < marks; ++i) Mark("tick");
      co_await SleepFor(std::chrono::seconds(1));
    }
  };
  const TraceFilter filter = {.rate = {.events_per_second_max = 100}};
  const Trace trace = Run(body, {.filter = &filter}).trace;
  REQUIRE(trace.losses.list.size() == 1);
  const Loss& loss = trace.losses.list[0];
  CHECK(loss.reason == LossReason::kRate);
  CHECK(loss.from == 1'000'000'000);
  CHECK(loss.to == 1'000'000'000);
  CHECK(loss.events > 900);
  CHECK(trace.marks.size() == 1020 - loss.events);
  CHECK(trace.marks.size() == CountOf(trace, EventKind::kMark));
}

TEST_CASE("a stream leaves out what a filter leaves out of the whole") {
  CheckLaw([](std::uint64_t seed, std::uint8_t chunk, std::uint8_t one_in, bool by_kind) {
    const TemporaryPath path("heddle-filter");
    const TraceFilter filter = {
        .without = by_kind ? kMarkEvents : kNoEvents,
        .requests = {.all = false, .failed = false, .one_in = std::uint64_t{1} + one_in % 4}};
    TraceStream stream(path.string(), {.chunk_events = std::size_t{1} + chunk});
    RunServer(seed, &filter, &stream);
    const absl::StatusOr<Recording> recording = ReadRecording(path.string());
    RC_ASSERT(recording.ok());
    RC_ASSERT(recording->damage.ok());
    RC_ASSERT(recording->trace == RunServer(seed, &filter).trace);
  });
}

TEST_CASE("a filtered recording can be replayed, with and without the filter") {
  const TraceFilter filter = {.without = kDetailEvents, .requests = {.all = false, .one_in = 4}};
  const auto body = [](World& world) { return Server(world, 8); };
  const Trace trace = RunServer(7, &filter).trace;
  REQUIRE(trace.losses.events() > 0);
  REQUIRE(!trace.choices.empty());
  CHECK(Replay(trace, body).reproduced());
  CHECK(Replay(trace, body, {.filter = &filter}).reproduced());
  const auto other = [](World& world) { return Server(world, 7); };
  CHECK_FALSE(Replay(trace, other).reproduced());
}

TEST_CASE("a trace whose beginning is elsewhere cannot be replayed, and says so") {
  const TemporaryPath path("heddle-filter");
  TraceStream stream(path.string());
  const Trace trace = RunServer(1, nullptr, &stream).trace;
  CHECK_THROWS_WITH(Replay(trace, [](World& world) { return Server(world, 8); }),
                    ContainsText("cannot be replayed") && ContainsText(path.string()));
}

TEST_CASE("what was found in a lossy trace was there, and what was not cannot be told") {
  const TraceFilter filter = {.without_sites = {"heddle::Book"}};
  const Trace trace = RunServer(1, &filter).trace;
  CHECK(MatchHasStep(trace, "Serve").matched);
  CHECK_FALSE(MatchNever(trace, "Serve").matched);
  CHECK_FALSE(MatchHasStep(trace, "served", 3).matched);  // there are eight already
  const auto unanswered = [](auto ask) {
    CHECK_THROWS_WITH(ask(), ContainsText("cannot answer this") &&
                                 ContainsText("16 events at heddle::Book, which is filtered out"));
  };
  unanswered([&] { MatchHasStep(trace, "booked"); });
  unanswered([&] { MatchNever(trace, "booked"); });
  unanswered([&] { MatchHasStep(trace, "served", 8); });
  unanswered([&] { MatchInOrder(trace, {"Serve", "Book"}); });
}

TEST_CASE("a glob is matched as a whole") {
  CHECK(MatchesGlob("shop.cc", "shop.cc"));
  CHECK(MatchesGlob("src/shop.cc", "*shop.??"));
  CHECK(MatchesGlob("", "*"));
  CHECK(MatchesGlob("aXbXc", "a*X*c"));
  CHECK(MatchesGlob("mississippi", "m*iss*ip*i"));
  CHECK_FALSE(MatchesGlob("mississippi", "m*iss*isp*i"));
  CHECK_FALSE(MatchesGlob("shop.cc", "shop"));
  CHECK_FALSE(MatchesGlob("", "?"));
}

TEST_CASE("a glob agrees with one that tries every split") {
  struct Slow {
    static bool Matches(std::string_view text, std::string_view pattern) {
      if (pattern.empty()) return text.empty();
      if (pattern[0] == '*') {
        return Matches(text, pattern.substr(1)) ||
               (!text.empty() && Matches(text.substr(1), pattern));
      }
      return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
             Matches(text.substr(1), pattern.substr(1));
    }
  };
  const auto word = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab")));
  const auto pattern = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab*?")));
  CheckLaw([&] {
    const std::string text = *rc::gen::resize(10, word);
    const std::string like = *rc::gen::resize(8, pattern);
    RC_ASSERT(MatchesGlob(text, like) == Slow::Matches(text, like));
  });
}

}  // namespace
}  // namespace heddle
