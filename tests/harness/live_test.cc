// SPDX-License-Identifier: MIT
//
// LiveRecorder and LiveTask: what tasks in production write down, on one thread and on several.
#include "support/catch.h"

// The variant of production; what was included so far does not know of variants.
#define HEDDLE_TRACING 2

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <coroutine>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <latch>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "heddle/causality.h"
#include "heddle/channel.h"
#include "heddle/check.h"
#include "heddle/combinators.h"
#include "heddle/condition.h"
#include "heddle/context.h"
#include "heddle/current_context.h"
#include "heddle/flight_recorder.h"
#include "heddle/gate.h"
#include "heddle/generator.h"
#include "heddle/live_recorder.h"
#include "heddle/mark.h"
#include "heddle/mutex.h"
#include "heddle/named.h"
#include "heddle/run.h"
#include "heddle/semaphore.h"
#include "heddle/sleep.h"
#include "heddle/task.h"
#include "heddle/task_table.h"
#include "heddle/trace_filter.h"
#include "heddle/trace_io.h"
#include "support/real_threads.h"
#include "support/temporary_path.h"

namespace heddle {
namespace {

// --- what stands for an executor ---------------------------------------------------------------

// Keeps who awaits it, to be resumed by hand.
class Later {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  void await_resume() const {}

  void Resume() { std::exchange(waiter_, nullptr).resume(); }

 private:
  std::coroutine_handle<> waiter_;
};

template <class T>
Fire Start(Task<T> task) {
  co_await std::move(task);
}

// --- what a trace says -------------------------------------------------------------------------

// "spawn Charge#0", a line for each event.
// What tasks did. The last event of a snapshot says when it was taken.
Trace EventsOf(const LiveRecorder& live) {
  Trace trace = live.ToTrace();
  REQUIRE_FALSE(trace.events.empty());
  CHECK(trace.events.back().kind == EventKind::kTime);
  trace.events.pop_back();
  return trace;
}

std::vector<std::string> Story(const Trace& trace) {
  const TaskTable tasks(trace);
  std::vector<std::string> story;
  for (const Event& event : trace.events) {
    std::string line = std::string(Name(event.kind)) + " " + tasks.Path(event.task);
    if (event.kind == EventKind::kSuspend) line += " " + std::string(Name(event.op()));
    if (event.kind == EventKind::kSuspend && event.op() == Operation::kForeign) {
      line += " " + trace.objects.at(event.object).type;
    }
    if (event.kind == EventKind::kFinish) line += " " + std::string(Name(event.outcome()));
    if (event.kind == EventKind::kMark) line += " " + trace.marks.at(event.object).name;
    if (event.kind == EventKind::kFlow) line += " " + trace.flows.at(event.object).name;
    story.push_back(line);
  }
  return story;
}

using Lines = std::vector<std::string>;

std::size_t CountOf(const Trace& trace, EventKind kind) {
  std::size_t count = 0;
  for (const Event& event : trace.events) count += event.kind == kind ? 1 : 0;
  return count;
}

// Each event of a task is one that may follow the one before it.
void RequireSound(const Trace& trace) {
  std::map<TaskId, EventKind> last;
  VirtualNanos time = 0;
  for (const Event& event : trace.events) {
    REQUIRE(event.time >= time);
    time = event.time;
    const auto before = last.find(event.task);
    const bool stopped = before != last.end() && before->second == EventKind::kSuspend;
    const bool carried = event.task < trace.losses.tasks.size();
    switch (event.kind) {
      case EventKind::kSpawn:
        REQUIRE(before == last.end());
        break;
      case EventKind::kStart:
        REQUIRE((before == last.end() ? carried : !stopped));
        break;
      case EventKind::kResume:
        REQUIRE((before == last.end() ? carried : stopped));
        break;
      case EventKind::kSuspend:
      case EventKind::kMark:
      case EventKind::kFlow:
        REQUIRE((before == last.end() ? carried : !stopped));
        break;
      default:
        break;
    }
    last[event.task] = event.kind;
  }
}

// --- one thread --------------------------------------------------------------------------------

Task<int> Charge(Later& bank) {
  Mark("charging", {{"amount", 5}});
  co_await bank;
  co_return 5;
}

Task<int> Checkout(Later& bank) {
  BeginFlow("order 17");
  co_return co_await Charge(bank) + 1;
}

Task<> Waits(Later& later) {
  co_await later;
  Mark("inner");
}

TEST_CASE("a live trace has every await of a task, in order, with who called whom") {
  const LiveRecorder live;
  Later bank;
  Start(Checkout(bank));
  bank.Resume();
  const Trace trace = EventsOf(live);
  CHECK(Story(trace) == Lines{
                            "spawn Checkout#0",
                            "start Checkout#0",
                            "flow Checkout#0 order 17",
                            "spawn Checkout#0/Charge#0",
                            "suspend Checkout#0 call",
                            "start Checkout#0/Charge#0",
                            "mark Checkout#0/Charge#0 charging",
                            "suspend Checkout#0/Charge#0 foreign heddle::Later",
                            "resume Checkout#0/Charge#0",
                            "finish Checkout#0/Charge#0 value",
                            "resume Checkout#0",
                            "finish Checkout#0 value",
                        });
  RequireSound(trace);
  CHECK(IsLive(trace.header));
  CHECK(trace.losses.empty());
  const TaskTable tasks(trace);
  for (std::size_t i = 3; i < trace.events.size(); ++i) CHECK(tasks.FlowOf(i) == 1);
  const MarkRecord expected{.name = "charging", .fields = {{"amount", std::int64_t{5}}}};
  CHECK(trace.marks == std::vector<MarkRecord>{expected});
}

TEST_CASE("a snapshot says who waits, for what, and since when, the longest first") {
  const LiveRecorder live;
  Later first;
  Later second;
  Later third;
  Start(Checkout(first));
  Start(Checkout(second));
  Start(Waits(third));
  second.Resume();
  const std::vector<WaitingTask> waiting = EventsOf(live).header.waiting;
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[0].name == "Checkout#0/Charge#0");
  CHECK(waiting[0].operation == Operation::kForeign);
  CHECK(waiting[0].object == "heddle::Later");
  CHECK_THAT(waiting[0].site, StartsWithText("live_test.cc:"));
  CHECK(waiting[1].name == "Waits#0");
  CHECK(waiting[1].since > waiting[0].since);
  first.Resume();
  third.Resume();
  CHECK(EventsOf(live).header.waiting.empty());
}

TEST_CASE("a snapshot in the middle has what came so far, and its file is the trace") {
  const LiveRecorder live;
  Later bank;
  Start(Checkout(bank));
  const Trace trace = EventsOf(live);
  CHECK(Story(trace).back() == "suspend Checkout#0/Charge#0 foreign heddle::Later");
  const std::string path = std::filesystem::temp_directory_path() / "heddle_live_test.heddle";
  REQUIRE(live.Snapshot(path).ok());
  const absl::StatusOr<Recording> read = ReadRecording(path);
  std::filesystem::remove(path);
  REQUIRE(read.ok());
  CHECK(read->damage.ok());
  CHECK(read->trace.marks == trace.marks);
  Lines story = Story(read->trace);
  CHECK(story.back() == "time ?");
  story.pop_back();
  CHECK(story == Story(trace));
  CHECK(live.Snapshot("/no/such/folder/x.heddle").code() == absl::StatusCode::kNotFound);
  bank.Resume();
}

TEST_CASE("a snapshot of tasks that hang goes on until it is taken") {
  const LiveRecorder live;
  Later bank;
  Start(Checkout(bank));
  const Event soon = live.ToTrace().events.back();
  const Event later = live.ToTrace().events.back();
  CHECK(soon.kind == EventKind::kTime);
  CHECK(soon.task == kNoTask);
  CHECK(later.time > soon.time);
  bank.Resume();
}

Task<> Throws() {
  co_await std::suspend_never();
  throw std::runtime_error("no money");
}

Task<> Catches() {
  try {
    co_await Throws();
  } catch (const std::runtime_error&) {
    Mark("caught");
  }
}

TEST_CASE("a live trace says how a task ended") {
  const LiveRecorder live;
  Start(Catches());
  {
    Later never;
    std::optional<Task<int>> dropped = Checkout(never);
    dropped.reset();
  }
  CHECK(Story(EventsOf(live)) == Lines{
                                     "spawn Catches#0",
                                     "start Catches#0",
                                     "spawn Catches#0/Throws#0",
                                     "suspend Catches#0 call",
                                     "start Catches#0/Throws#0",
                                     "finish Catches#0/Throws#0 exception",
                                     "resume Catches#0",
                                     "mark Catches#0 caught",
                                     "finish Catches#0 value",
                                     "spawn Checkout#0",
                                     "abandon Checkout#0",
                                 });
}

// Destroys the task that awaits it.
class Cancelled {
 public:
  explicit Cancelled(std::coroutine_handle<>& handle) : handle_(&handle) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) const { *handle_ = waiter; }
  void await_resume() const {}

 private:
  std::coroutine_handle<>* handle_;
};

Task<> WaitsFor(std::coroutine_handle<>& handle) { co_await Cancelled(handle); }

TEST_CASE("a task that is destroyed at a suspension is cancelled") {
  const LiveRecorder live;
  std::coroutine_handle<> handle;
  const auto frame = WaitsFor(handle).Release();
  frame.resume();
  frame.destroy();
  CHECK(Story(EventsOf(live)).back() == "finish WaitsFor#0 cancelled");
}

// Throws where it should suspend.
class Refuses {
 public:
  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> /*waiter*/) const {
    throw std::runtime_error("the pool is closed");
  }
  void await_resume() const {}
};

// Is ready after all.
class NotNow {
 public:
  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> /*waiter*/) const { return false; }
  void await_resume() const {}
};

Task<> Tries() {
  co_await NotNow();
  try {
    co_await Refuses();
  } catch (const std::runtime_error&) {
    Mark("refused");
  }
}

TEST_CASE("an awaitable that does not suspend, or throws, leaves its task running") {
  const LiveRecorder live;
  Start(Tries());
  const Trace trace = EventsOf(live);
  RequireSound(trace);
  CHECK(Story(trace) == Lines{
                            "spawn Tries#0",
                            "start Tries#0",
                            "suspend Tries#0 foreign heddle::NotNow",
                            "resume Tries#0",
                            "suspend Tries#0 foreign heddle::Refuses",
                            "resume Tries#0",
                            "mark Tries#0 refused",
                            "finish Tries#0 value",
                        });
}

Task<> Resumes(Later& later) {
  later.Resume();
  Mark("outer");
  co_return;
}

TEST_CASE("a step in the middle of another one: each mark is its own task's") {
  const LiveRecorder live;
  Later later;
  Start(Waits(later));
  Start(Resumes(later));
  const Lines story = Story(EventsOf(live));
  CHECK(std::count(story.begin(), story.end(), "mark Waits#0 inner") == 1);
  CHECK(std::count(story.begin(), story.end(), "mark Resumes#0 outer") == 1);
  Mark("of nobody");
  CHECK(CountOf(EventsOf(live), EventKind::kMark) == 2);
}

Task<> Named3() {
  NameTask("the third");
  co_return;
}

Task<int> AwaitsWhatWasMade(Task<int> made) {
  BeginFlow("order 18");
  co_return co_await std::move(made);
}

TEST_CASE("a task that was created outside of any works for the request of its caller") {
  const LiveRecorder live;
  Later bank;
  Task<int> made = Charge(bank);
  Start(AwaitsWhatWasMade(std::move(made)));
  bank.Resume();
  const Trace trace = EventsOf(live);
  RequireSound(trace);
  const TaskTable tasks(trace);
  CHECK(tasks[0].path == "Charge#0");
  CHECK(trace.flows.at(tasks[0].flow).name == "order 18");
}

TEST_CASE("tasks have the names that they are given") {
  const LiveRecorder live;
  {
    const Task<> unused = Named("mine", Throws());
  }
  Start(Named3());
  const TaskTable tasks(EventsOf(live));
  CHECK(tasks.Path(0) == "Throws#0 \"mine\"");
  CHECK(tasks.Path(1) == "Named3#0 \"the third\"");
}

Generator<int> CountTo(int last) {
  for (int i = 1; i <= last; ++i) co_yield i;
}

Task<int> Adds() {
  Generator<int> numbers = CountTo(3);
  int sum = 0;
  while (true) {
    const std::optional<int> number = co_await numbers.Next();
    if (!number) break;
    sum += *number;
  }
  co_return sum;
}

TEST_CASE("a generator is a task that is called again and again") {
  const LiveRecorder live;
  Start(Adds());
  const Trace trace = EventsOf(live);
  RequireSound(trace);
  const Lines story = Story(trace);
  CHECK(std::count(story.begin(), story.end(), "suspend Adds#0/CountTo#0 yield") == 3);
  CHECK(std::count(story.begin(), story.end(), "suspend Adds#0 call") == 4);
  CHECK(story.back() == "finish Adds#0 value");
}

Task<> Sends(Channel<int>& channel) {
  co_await channel.Send(1);
  co_await channel.Send(2);
}
Task<> Receives(Channel<int>& channel) {
  co_await channel.Receive();
  co_await channel.Receive();
}

TEST_CASE("heddle's own primitives say what they do, in heddle's own run") {
  const LiveRecorder live;
  const RunResult run = Run([]() -> Task<> {
    Channel<int> channel(1);
    co_await All(Sends(channel), Receives(channel));
  });
  CHECK(run.ok());
  const Trace trace = EventsOf(live);
  RequireSound(trace);
  const Lines story = Story(trace);
  const std::string prefix = "suspend " + TaskTable(trace).Path(0);
  CHECK(std::count(story.begin(), story.end(), prefix + " join") == 1);
  CHECK(std::count(story.begin(), story.end(), prefix + "/Sends#0 send") == 1);
}

Task<> Asks(Later& bank, std::vector<TraceContext>& sent) {
  sent.push_back(CurrentContext().value());
  co_await bank;
}

Task<> ServesFor(std::string traceparent, Later& bank, std::vector<TraceContext>& sent) {
  CHECK_FALSE(CurrentContext().has_value());  // no request yet
  BeginFlow(traceparent);
  sent.push_back(CurrentContext().value());
  co_await Asks(bank, sent);
}

TEST_CASE("a task in production sends the context that its caller's request came with") {
  const LiveRecorder live;
  Later bank;
  Later other;
  std::vector<TraceContext> sent;
  Start(ServesFor("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", bank, sent));
  Start(ServesFor("order 17", other, sent));
  CHECK_FALSE(CurrentContext().has_value());
  REQUIRE(sent.size() == 4);
  CHECK(TraceIdText(sent[0].trace) == "0af7651916cd43dd8448eb211c80319c");
  CHECK(sent[1].trace == sent[0].trace);
  CHECK(sent[1].span != sent[0].span);
  CHECK(sent[0].sampled);
  CHECK(sent[2].trace != sent[0].trace);
  CHECK(sent[3].trace == sent[2].trace);
  CHECK(sent[3].span != sent[2].span);
  CHECK(sent[2].random);
  // The recording has what was sent.
  const Trace trace = EventsOf(live);
  std::vector<TraceContext> recorded;
  for (const MarkRecord& mark : trace.marks) recorded.push_back(ContextOf(mark).value());
  CHECK(recorded == sent);
  CHECK(trace.header.began > 1'700'000'000'000'000'000);  // since 2023
  bank.Resume();
  other.Resume();
}

// --- on and off --------------------------------------------------------------------------------

TEST_CASE("while there is no LiveRecorder nothing is recorded; tasks from then have a name") {
  Later bank;
  Start(Checkout(bank));
  const LiveRecorder live;
  CHECK(EventsOf(live).events.empty());
  bank.Resume();
  const Trace trace = EventsOf(live);
  CHECK(Story(trace) == Lines{
                            "resume Charge#0",
                            "finish Charge#0 value",
                            "resume Checkout#0",
                            "finish Checkout#0 value",
                        });
  CHECK(trace.losses.begins_late());
}

TEST_CASE("there is one LiveRecorder at a time, and the next begins anew") {
  {
    const LiveRecorder live;
    CHECK_THROWS_AS(LiveRecorder(), UsageError);
    Start(Catches());
    CHECK_FALSE(EventsOf(live).events.empty());
  }
  const LiveRecorder live;
  CHECK(EventsOf(live).events.empty());
}

TEST_CASE("of more than there is room for, the last is kept, and the losses say how much went") {
  const LiveRecorder live({.bytes_max = 100'000});
  constexpr int kOrders = 1000;
  for (int i = 0; i < kOrders; ++i) {
    Later bank;
    Start(Checkout(bank));
    bank.Resume();
  }
  const Trace trace = EventsOf(live);
  RequireSound(trace);
  REQUIRE(trace.losses.begins_late());
  CHECK(trace.losses.events() + trace.events.size() == 12 * kOrders);
  CHECK(trace.events.size() <= 100'000 / sizeof(internal::LiveEvent));
  CHECK(trace.events.size() >= 512);
  // The last order is whole.
  const Lines story = Story(trace);
  CHECK(story.back().starts_with("finish Checkout#"));
  CHECK(trace.flows.size() <= trace.events.size() / 10);
}

// --- from before the window --------------------------------------------------------------------

// Enough for all that came before to go.
void PassOrders(int count) {
  for (int i = 0; i < count; ++i) {
    Later bank;
    Start(Checkout(bank));
    bank.Resume();
  }
}

Task<int> ChargesForLong(Later& bank) {
  NameTask("the slow one");
  co_await bank;
  co_return 7;
}

Task<int> Hangs(Later& bank, std::optional<TraceContext>& sent) {
  BeginFlow("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  const int charged = co_await ChargesForLong(bank);
  sent = CurrentContext();
  co_return charged;
}

TEST_CASE("a task that waits since before the window is in the snapshot, with its request") {
  const LiveRecorder live({.bytes_max = 100'000});
  Later bank;
  std::optional<TraceContext> sent;
  Start(Hangs(bank, sent));
  const VirtualNanos since = EventsOf(live).header.waiting.at(0).since;
  PassOrders(1000);
  const Trace trace = EventsOf(live);
  RequireSound(trace);
  REQUIRE(trace.header.waiting.size() == 1);
  const WaitingTask& waiting = trace.header.waiting[0];
  CHECK(waiting.name == "Hangs#0/ChargesForLong#0 \"the slow one\"");
  CHECK(waiting.object == "heddle::Later");
  CHECK_THAT(waiting.site, StartsWithText("live_test.cc:"));
  CHECK(waiting.since < trace.losses.list.at(0).to);
  // The clock has been read again, so its speed is known better by now.
  CHECK(std::abs(waiting.since - since) < 1'000'000);
  const TaskTable tasks(trace);
  REQUIRE(trace.losses.tasks.size() >= 2);
  CHECK(tasks.Path(0) == "Hangs#0");
  CHECK(tasks[1].parent == 0);
  CHECK(trace.flows.at(tasks[1].flow).name ==
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  CHECK(trace.losses.events() + trace.events.size() == 8 + 12 * 1000);

  bank.Resume();
  const Trace after = EventsOf(live);
  RequireSound(after);
  CHECK(after.header.waiting.empty());
  CHECK(Story(after).back() == "finish Hangs#0 value");
}

TEST_CASE("of tasks that ended before the window nothing is kept") {
  const LiveRecorder live({.bytes_max = 100'000});
  PassOrders(1000);
  const Trace trace = EventsOf(live);
  // But those in whose middle it begins.
  CHECK(trace.losses.tasks.size() <= 2);
  CHECK(trace.header.waiting.empty());
}

TEST_CASE("a request is known by its name for as long as a task works for it") {
  const LiveRecorder live({.bytes_max = 100'000});
  Later bank;
  std::optional<TraceContext> sent;
  Start(Hangs(bank, sent));
  PassOrders(20'000);
  bank.Resume();
  REQUIRE(sent.has_value());
  CHECK(TraceIdText(sent->trace) == "0af7651916cd43dd8448eb211c80319c");
  CHECK(CountOf(EventsOf(live), EventKind::kContextLost) == 0);
}

TEST_CASE("every request in the window has its name, however many there are") {
  const LiveRecorder live({.bytes_max = 16 << 20});
  PassOrders(20'000);
  const Trace trace = EventsOf(live);
  CHECK(trace.losses.empty());
  REQUIRE(trace.flows.size() == 20'001);
  CHECK(trace.flows[1].name == "order 17");
}

TEST_CASE("a request whose name is gone is a lost context, and counted as one") {
  Later bank;
  std::optional<TraceContext> sent;
  {
    const LiveRecorder before;
    Start(Hangs(bank, sent));
    PassOrders(20'000);
  }
  const LiveRecorder live;  // it cannot know who works for what from before
  bank.Resume();
  CHECK_FALSE(sent.has_value());
  const Trace trace = EventsOf(live);
  CHECK(CountOf(trace, EventKind::kContextLost) == 1);
  CHECK(Story(trace).at(3) == "context-lost Hangs#0");
}

// --- what is kept, and when a snapshot is taken -------------------------------------------------

TEST_CASE("a live recorder goes back no further than it is told to") {
  const LiveRecorder live({.time_max = std::chrono::milliseconds(1)});
  Later bank;
  Start(Checkout(bank));
  // Nobody sleeps in a test: so long that the first of them are older.
  const auto begin = std::chrono::steady_clock::now();
  int orders = 0;
  while (std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(3)) {
    PassOrders(10);
    orders += 10;
  }
  const Trace trace = EventsOf(live);
  RequireSound(trace);
  REQUIRE(trace.losses.begins_late());
  CHECK(trace.losses.events() + trace.events.size() == 8 + 12 * static_cast<std::size_t>(orders));
  // Who waits since before is there all the same.
  REQUIRE(trace.header.waiting.size() == 1);
  CHECK(trace.header.waiting[0].name == "Checkout#0/Charge#0");
  // Before the window there is only where somebody stopped.
  const VirtualNanos from = trace.losses.list.at(0).to;
  CHECK(trace.events.back().time - from <= 1'100'000);
  for (const Event& event : trace.events) {
    if (event.time < from) CHECK(event.kind == EventKind::kSuspend);
  }
  bank.Resume();
}

TEST_CASE("a failed check takes the snapshot that a live recorder was asked for") {
  const TemporaryPath path("heddle-live-failure");
  Later bank;
  {
    LiveRecorder live;
    live.SnapshotOnFailure(path.string());
    Start(Checkout(bank));
    NoteFailedCheck();
    const absl::StatusOr<Recording> read = ReadRecording(path.string());
    REQUIRE(read.ok());
    CHECK(read->trace.header.waiting.size() == 1);
    bank.Resume();
    std::filesystem::remove(path.string());
  }
  NoteFailedCheck();
  CHECK_FALSE(std::filesystem::exists(path.string()));
}

// In a process of its own, on whose other threads tasks are being served, `crash` is called in the
// middle of a task. How that process ended.
template <class Crash>
int StatusAfter(const std::string& path, Crash crash) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit no_core = {.rlim_cur = 0, .rlim_max = 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    for (const int signal : {SIGSEGV, SIGABRT}) ::signal(signal, SIG_DFL);
    LiveRecorder live({.bytes_max = 2'000'000});
    if (!live.SnapshotOnCrash(path).ok()) ::_exit(2);
    Later bank;
    std::optional<TraceContext> sent;
    Start(Hangs(bank, sent));
    PassOrders(5000);
    // Less than the window holds: the last thing is in it, however long this thread has to wait.
    for (int i = 0; i < 2; ++i) std::thread([] { PassOrders(1000); }).detach();
    PassOrders(100);
    const auto dies = [](Crash& how) -> Task<> {
      BeginFlow("the last request");
      Mark("the last thing", {{"number", 42}, {"text", "said"}});
      how();
      co_return;
    };
    Start(dies(crash));
    ::_exit(1);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

void CheckCrashed(const std::string& path, const std::string& signal) {
  const absl::StatusOr<Recording> recording = ReadRecording(path);
  INFO(recording.status().message());
  REQUIRE(recording.ok());
  CHECK(recording->damage == absl::OkStatus());
  const Trace& trace = recording->trace;
  CHECK(IsLive(trace.header));
  CHECK(trace.header.began > 1'700'000'000'000'000'000);
  CHECK_THAT(trace.header.message, ContainsText("died of " + signal));
  RequireSound(trace);
  CHECK(trace.losses.begins_late());
  const auto last = std::find_if(trace.events.rbegin(), trace.events.rend(), [&](const Event& e) {
    return e.kind == EventKind::kMark && trace.marks.at(e.object).name == "the last thing";
  });
  REQUIRE(last != trace.events.rend());
  const MarkRecord expected{
      .name = "the last thing",
      .fields = {{"number", std::int64_t{42}}, {"text", std::string("said")}}};
  CHECK(trace.marks.at(last->object) == expected);
  const TaskTable tasks(trace);
  const std::size_t index = static_cast<std::size_t>(trace.events.rend() - last) - 1;
  CHECK(trace.flows.at(tasks.FlowOf(index)).name == "the last request");
  // And who hangs since long before.
  REQUIRE(trace.losses.tasks.size() >= 2);
  CHECK(tasks.Path(1) == "Hangs#0/ChargesForLong#0 \"the slow one\"");
  CHECK(trace.flows.at(tasks[1].flow).name ==
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  CHECK(trace.events.back().kind == EventKind::kTime);
  CHECK(trace.events.front().kind == EventKind::kSuspend);
  CHECK(trace.sites.at(trace.events.front().site).file.ends_with("live_test.cc"));
}

TEST_CASE("a program that dies leaves what its live recorder has, while other threads write") {
  const TemporaryPath path("heddle-live-crash");
  SECTION("of an abort") {
    const int status = StatusAfter(path.string(), [] { std::abort(); });
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGABRT);
    CheckCrashed(path.string(), "SIGABRT");
  }
  SECTION("of memory that is not its own") {
    const int status = StatusAfter(path.string(), [] { ::raise(SIGSEGV); });
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGSEGV);
    CheckCrashed(path.string(), "SIGSEGV");
  }
}

// Answers nothing until it is resumed, or fails at once.
Task<> Answer(int number, Later& later, bool fails) {
  BeginFlow("question " + std::to_string(number));
  Mark("asked");
  co_await later;
  if (fails) throw std::runtime_error("no answer");
}

Fire StartAnswer(int number, Later& later, bool fails) {
  try {
    co_await Answer(number, later, fails);
  } catch (const std::runtime_error&) {
    // The recording says so.
  }
}

// Ten questions at once, of which number 3 fails and number 5 stays open for long.
Trace Questions() {
  const LiveRecorder live;
  std::vector<Later> answers(11);
  for (int i = 1; i <= 10; ++i) StartAnswer(i, answers[static_cast<std::size_t>(i)], i == 3);
  for (int i = 1; i <= 10; ++i) {
    if (i != 5) answers[static_cast<std::size_t>(i)].Resume();
  }
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(20)) {
  }
  answers[5].Resume();
  return EventsOf(live);
}

// Those that are there with more than that they began and ended.
std::set<std::string> RequestsOf(const Trace& trace) {
  const TaskTable tasks(trace);
  std::set<std::string> names;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    if (trace.events[i].kind != EventKind::kSuspend) continue;
    if (tasks.FlowOf(i) != 0) names.insert(trace.flows.at(tasks.FlowOf(i)).name);
  }
  return names;
}

using Names = std::set<std::string>;

TEST_CASE("of a live trace the requests that failed, or were slow, or one in so many are kept") {
  const Trace all = Questions();
  REQUIRE(RequestsOf(all).size() == 10);
  const auto kept = [&all](const KeptRequests& requests) {
    const Trace trace = Filter(all, {.requests = requests});
    RequireSound(trace);
    CHECK(trace.losses.events() + trace.events.size() == all.events.size());
    CHECK_FALSE(trace.losses.empty());
    return RequestsOf(trace);
  };
  CHECK(kept({.all = false}) == Names{"question 3"});
  CHECK(kept({.all = false, .failed = false, .slower_than = std::chrono::milliseconds(15)}) ==
        Names{"question 5"});
  CHECK(kept({.all = false, .failed = false, .one_in = 5}).size() == 2);
}

TEST_CASE("of a live trace details of a kind or of a place are left out, and counted") {
  const Trace all = Questions();
  REQUIRE(CountOf(all, EventKind::kMark) == 10);
  for (const TraceFilter& filter :
       {TraceFilter{.without = kMarkEvents}, TraceFilter{.without_sites = {"live_test.cc"}},
        TraceFilter{.without_sites = {"*Answer"}}}) {
    const Trace trace = Filter(all, filter);
    RequireSound(trace);
    CHECK(CountOf(trace, EventKind::kMark) == 0);
    CHECK(trace.events.size() == all.events.size() - 10);
    CHECK(trace.losses.events() == 10);
  }
  CHECK(Filter(all, {.without_sites = {"other.cc"}}) == all);
}

TEST_CASE("a filter of a live trace knows the requests from before its window") {
  const LiveRecorder live({.bytes_max = 100'000});
  Later bank;
  std::optional<TraceContext> sent;
  Start(Hangs(bank, sent));
  PassOrders(1000);
  const Trace trace = Filter(EventsOf(live), {.requests = {.all = false}});
  RequireSound(trace);
  CHECK(trace.header.waiting.size() == 1);
  // What has not ended is kept.
  CHECK(RequestsOf(trace).contains("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  bank.Resume();
}

// --- several threads ---------------------------------------------------------------------------

Task<int> Hops(int count) {
  for (int i = 0; i < count; ++i) co_await NewThread();
  co_return count;
}

Task<> Request(int number, std::latch& done) {
  BeginFlow("request " + std::to_string(number));
  co_await NewThread();
  co_await Hops(number % 4);
  Mark("served", {{"number", number}});
  done.count_down();
}

TEST_CASE("tasks that go from thread to thread stay in their request, under their caller") {
  const LiveRecorder live;
  constexpr int kRequests = 100;
  std::latch done(kRequests);
  for (int i = 0; i < kRequests; ++i) Start(Request(i, done));
  done.wait();
  const Trace trace = EventsOf(live);
  RequireSound(trace);
  const TaskTable tasks(trace);
  int marks = 0;
  std::size_t hops = 0;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    const TaskInfo& task = tasks[event.task];
    if (event.kind == EventKind::kMark) {
      const auto number = std::get<std::int64_t>(trace.marks[event.object].fields[0].value);
      CHECK(trace.flows[tasks.FlowOf(i)].name == "request " + std::to_string(number));
      ++marks;
    } else if (event.kind == EventKind::kSpawn && task.function == "heddle::Hops") {
      REQUIRE(task.parent != kNoTask);
      CHECK(tasks[task.parent].function == "heddle::Request");
      ++hops;
    }
  }
  CHECK(marks == kRequests);
  CHECK(hops == kRequests);
}

TEST_CASE("snapshots may be taken while all threads write") {
  const LiveRecorder live({.bytes_max = 200'000});
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&stop] {
      while (!stop) {
        Later bank;
        Start(Checkout(bank));
        bank.Resume();
      }
    });
  }
  std::size_t events = 0;
  while (events < 20'000) {
    const Trace trace = EventsOf(live);
    RequireSound(trace);
    events += trace.events.size();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(live.lost_events() > 0);
}

// --- outside a run ------------------------------------------------------------------------------

template <class T>
Fire StartAndCatch(Task<T> task, std::string& message) {
  try {
    co_await std::move(task);
  } catch (const UsageError& error) {
    message = error.what();
  }
}

// What comes of a task outside a run that awaits what `wait` gives.
template <class Wait>
std::string MessageOutsideRun(Wait wait) {
  std::string message;
  StartAndCatch([](Wait awaitable) -> Task<> { static_cast<void>(co_await awaitable()); }(wait),
                message);
  return message;
}

TEST_CASE("who would have to wait outside a run gets a usage error, and waits for nothing") {
  Mutex mutex;
  Channel<int> channel(1);
  Gate gate;
  Semaphore semaphore(0);
  Condition condition;
  const std::string expected = "heddle: a task has to wait outside a run";
  {
    MutexGuard guard = mutex.TryLock();
    CHECK(MessageOutsideRun([&] { return mutex.Lock(); }).find(expected) == 0);
    CHECK(MessageOutsideRun([&] { return condition.Wait(guard); }).find(expected) == 0);
  }
  CHECK(MessageOutsideRun([&] { return channel.Receive(); }).find(expected) == 0);
  CHECK(MessageOutsideRun([&] { return gate.Wait(); }).find(expected) == 0);
  CHECK(MessageOutsideRun([&] { return semaphore.Acquire(); }).find(expected) == 0);
  CHECK(MessageOutsideRun([] { return Yield(); }).find(expected) == 0);
  gate.Open();
  semaphore.Release();
  int message = 4;
  CHECK(channel.TrySend(message));
  // Nobody has to wait.
  CHECK(MessageOutsideRun([&] { return mutex.Lock(); }).empty());
  CHECK(MessageOutsideRun([&] { return channel.Receive(); }).empty());
  CHECK(MessageOutsideRun([&] { return gate.Wait(); }).empty());
  CHECK(MessageOutsideRun([&] { return semaphore.Acquire(); }).empty());
}

}  // namespace
}  // namespace heddle
