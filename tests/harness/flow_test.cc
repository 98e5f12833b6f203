// SPDX-License-Identifier: MIT
//
// Which request a task works for: what docs/flows.md promises.
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "heddle/broadcast.h"
#include "heddle/channel.h"
#include "heddle/combinators.h"
#include "heddle/current_context.h"
#include "heddle/gate.h"
#include "heddle/generator.h"
#include "heddle/mark.h"
#include "heddle/run.h"
#include "heddle/select.h"
#include "heddle/semaphore.h"
#include "heddle/sleep.h"
#include "heddle/task_group.h"
#include "heddle/task_table.h"
#include "heddle/timeout.h"
#include "heddle/watch.h"
#include "support/catch.h"

namespace heddle {
namespace {

using std::chrono_literals::operator""ms;

using Lines = std::vector<std::string>;

std::string NameOf(const Trace& trace, FlowId flow) {
  return flow == 0 ? "nobody" : trace.flows.at(flow).name;
}

// Of each mark: what it says, and the request that it belongs to. Then those for which a step also
// worked, and where a context was lost.
Lines Story(const Trace& trace) {
  const TaskTable tasks(trace);
  Lines lines;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    const std::string of = " of " + NameOf(trace, tasks.FlowOf(i));
    if (event.kind == EventKind::kMark) lines.push_back(trace.marks[event.object].name + of);
    if (event.also_for() != 0) {
      lines.push_back("step" + of + " also for " + NameOf(trace, event.also_for()));
    }
    if (event.kind == EventKind::kContextLost) {
      lines.push_back("lost in " + tasks[event.task].name);
    }
  }
  return lines;
}

template <class Body>
Trace TraceOf(Body body) {
  RunResult run = Run(body);
  CHECK(run.ok());
  return std::move(run.trace);
}

template <class Body>
Lines StoryOf(Body body) {
  return Story(TraceOf(body));
}

Task<> Says(std::string text) {
  Mark(text);
  co_return;
}

// A request that puts its name into a channel.
Task<> Asks(Channel<std::string>& channel, std::string name) {
  BeginFlow(name);
  co_await channel.Send(name);
}

// Two requests, one after the other.
Task<> AsksAll(Channel<std::string>& channel) {
  co_await All(Asks(channel, "A"));
  co_await All(Asks(channel, "B"));
  channel.Close();
}

// A worker: for each message it says so, calls and spawns.
Task<> Works(Channel<std::string>& channel) {
  TaskGroup group;
  while (const auto message = co_await channel.Receive()) {
    Mark("takes " + *message);
    co_await Says("calls for " + *message);
    group.Spawn(Says("spawns for " + *message));
    co_await SleepFor(1ms);
    Mark("did " + *message);
  }
  Mark("idle");
  co_await group.Join();
}

TEST_CASE("a worker works for the request of the message that it received last") {
  const Lines story = StoryOf([]() -> Task<> {
    Channel<std::string> channel(2);
    co_await All(Works(channel), AsksAll(channel));
  });
  CHECK(story == Lines{"takes A of A", "calls for A of A", "spawns for A of A", "did A of A",
                       "takes B of B", "calls for B of B", "spawns for B of B", "did B of B",
                       "idle of nobody"});
}

TEST_CASE("while a worker waits for the next message it is in no request") {
  const Trace trace = TraceOf([]() -> Task<> {
    Channel<std::string> channel(2);
    co_await All(Works(channel), AsksAll(channel));
  });
  const TaskTable tasks(trace);
  std::size_t waits = 0;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    if (event.kind != EventKind::kSuspend || event.op() != Operation::kReceive) continue;
    CHECK(tasks.FlowOf(i) == 0);
    ++waits;
  }
  CHECK(waits == 3);
}

TEST_CASE("a message that is received belongs to the request that it brings") {
  const Trace trace = TraceOf([]() -> Task<> {
    Channel<std::string> channel(2);
    co_await All(Works(channel), AsksAll(channel));
  });
  const TaskTable tasks(trace);
  Lines received;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    if (trace.events[i].kind != EventKind::kReceive) continue;
    received.push_back(NameOf(trace, tasks.FlowOf(i)));
  }
  CHECK(received == Lines{"A", "B"});
}

TEST_CASE("the context that a worker sends along is that of the request") {
  std::vector<TraceContext> sent;
  const auto ask = [&](Channel<int>& channel) -> Task<> {
    BeginFlow("A");
    sent.push_back(CurrentContext().value());
    co_await channel.Send(1);
  };
  const auto work = [&](Channel<int>& channel) -> Task<> {
    CHECK_FALSE(CurrentContext().has_value());
    co_await channel.Receive();
    sent.push_back(CurrentContext().value());
  };
  const RunResult run = Run([&]() -> Task<> {
    Channel<int> channel(1);
    co_await All(work(channel), ask(channel));
  });
  REQUIRE(run.ok());
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].trace == sent[1].trace);
  CHECK(sent[0].span != sent[1].span);
}

TEST_CASE("who works for a request keeps it, and the step also works for that of the message") {
  const auto batch = [](Channel<std::string>& channel) -> Task<> {
    BeginFlow("own");
    co_await channel.Receive();
    Mark("got it");
  };
  CHECK(StoryOf([&]() -> Task<> {
          Channel<std::string> channel(1);
          co_await All(batch(channel), Asks(channel, "A"));
        }) == Lines{"step of own also for A", "got it of own"});
}

TEST_CASE("a task that a worker spawns has the request for its own") {
  const auto spawned = [](Channel<std::string>& others) -> Task<> {
    co_await others.Receive();
    Mark("spawned");
  };
  const auto work = [&](Channel<std::string>& channel, Channel<std::string>& others) -> Task<> {
    co_await channel.Receive();
    co_await All(spawned(others));
  };
  CHECK(StoryOf([&]() -> Task<> {
          Channel<std::string> channel(1);
          Channel<std::string> others(1);
          co_await All(work(channel, others), Asks(channel, "A"), Asks(others, "B"));
        }) == Lines{"step of A also for B", "spawned of A"});
}

TEST_CASE("a worker that waits for an answer elsewhere goes on with its request") {
  const auto answer = [](Channel<std::string>& questions, Channel<int>& answers) -> Task<> {
    while (co_await questions.Receive()) co_await answers.Send(1);
  };
  const auto work = [](Channel<std::string>& channel, Channel<std::string>& questions,
                       Channel<int>& answers) -> Task<> {
    while (const auto message = co_await channel.Receive()) {
      co_await questions.Send(*message);
      co_await answers.Receive();
      Mark("answered " + *message);
    }
    questions.Close();
  };
  const Trace trace = TraceOf([&]() -> Task<> {
    Channel<std::string> channel(1);
    Channel<std::string> questions(1);
    Channel<int> answers(1, "answers");
    co_await All(work(channel, questions, answers), answer(questions, answers), AsksAll(channel));
  });
  CHECK(Story(trace) == Lines{"answered A of A", "answered B of B"});
  const TaskTable tasks(trace);
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    if (event.kind != EventKind::kSuspend || event.op() != Operation::kReceive) continue;
    if (trace.objects.at(event.object).name == "answers") CHECK(tasks.FlowOf(i) != 0);
  }
}

Task<std::optional<std::string>> Next(Channel<std::string>& channel) {
  co_return co_await channel.Receive();
}

TEST_CASE("what a called function received says for whom its caller works") {
  const auto work = [](Channel<std::string>& channel) -> Task<> {
    while (const auto message = co_await Next(channel)) Mark("takes " + *message);
    Mark("idle");
  };
  CHECK(StoryOf([&]() -> Task<> {
          Channel<std::string> channel(2);
          co_await All(work(channel), AsksAll(channel));
        }) == Lines{"takes A of A", "takes B of B", "idle of nobody"});
}

Generator<std::string> Messages(Channel<std::string>& channel) {
  while (auto message = co_await channel.Receive()) {
    Mark("passes on " + *message);
    co_yield std::move(*message);
  }
}

TEST_CASE("what a generator received says for whom the task works that asked it") {
  const auto work = [](Generator<std::string> messages) -> Task<> {
    while (const auto message = co_await messages.Next()) Mark("takes " + *message);
    Mark("idle");
  };
  CHECK(StoryOf([&]() -> Task<> {
          Channel<std::string> channel(2);
          co_await All(work(Messages(channel)), AsksAll(channel));
        }) == Lines{"passes on A of A", "takes A of A", "passes on B of B", "takes B of B",
                    "idle of nobody"});
}

TEST_CASE("a generator that has no request works for whoever asks it") {
  const auto numbers = []() -> Generator<int> {
    for (int i = 0;; ++i) {
      Mark("makes");
      co_yield i;
    }
  };
  const auto ask = [](Generator<int>& generator, std::string name) -> Task<> {
    BeginFlow(name);
    co_await generator.Next();
  };
  CHECK(StoryOf([&]() -> Task<> {
          Generator<int> generator = numbers();
          co_await All(ask(generator, "A"));
          co_await All(ask(generator, "B"));
        }) == Lines{"makes of A", "makes of B"});
}

TEST_CASE("a message without a request says nothing about it") {
  const auto work = [](Channel<std::string>& channel, Channel<int>& ticks) -> Task<> {
    co_await channel.Receive();
    co_await ticks.Receive();
    Mark("works on");
  };
  const auto tick = [](Channel<int>& ticks) -> Task<> { co_await ticks.Send(1); };
  CHECK(StoryOf([&]() -> Task<> {
          Channel<std::string> channel(1);
          Channel<int> ticks(1);
          co_await All(work(channel, ticks), Asks(channel, "A"), tick(ticks));
        }) == Lines{"works on of A"});
}

TEST_CASE("a step that takes the messages of two requests says so") {
  const auto work = [](Channel<std::string>& channel) -> Task<> {
    co_await SleepFor(1ms);
    co_await channel.Receive();
    while (channel.TryReceive()) {
    }
    Mark("flushes");
    co_await SleepFor(1ms);
    Mark("flushed");
  };
  CHECK(StoryOf([&]() -> Task<> {
          Channel<std::string> channel(2);
          co_await All(work(channel), AsksAll(channel));
        }) == Lines{"step of B also for A", "flushes of B", "flushed of B"});
}

TEST_CASE("a message is its sender's through channels of every kind") {
  const std::size_t capacity =
      GENERATE(std::size_t{kRendezvous}, std::size_t{1}, std::size_t{kUnbounded});
  const bool select = GENERATE(false, true);
  const auto work = [&](Channel<std::string>& channel) -> Task<> {
    for (;;) {
      std::optional<std::string> message;
      if (select) {
        auto done = co_await Select(ReceiveFrom(channel), After(1000ms));
        message = std::get<0>(std::move(done));
      } else {
        message = co_await channel.Receive();
      }
      if (!message) break;
      Mark("takes " + *message);
    }
    Mark("idle");
  };
  CHECK(StoryOf([&]() -> Task<> {
          Channel<std::string> channel(capacity);
          co_await All(work(channel), AsksAll(channel));
        }) == Lines{"takes A of A", "takes B of B", "idle of nobody"});
}

TEST_CASE("every subscriber of a broadcast works for the sender of what it received") {
  const auto listen = [](Broadcast<int>::Subscription& mine) -> Task<> {
    while (co_await mine.Receive()) Mark("hears");
    Mark("idle");
  };
  const auto ask = [](Broadcast<int>& broadcast) -> Task<> {
    BeginFlow("A");
    co_await broadcast.Send(1);
    broadcast.Close();
  };
  CHECK(StoryOf([&]() -> Task<> {
          Broadcast<int> broadcast(1);
          Broadcast<int>::Subscription one = broadcast.Subscribe();
          Broadcast<int>::Subscription two = broadcast.Subscribe();
          co_await All(listen(one), listen(two), ask(broadcast));
        }) == Lines{"hears of A", "hears of A", "idle of nobody", "idle of nobody"});
}

TEST_CASE("who sees a new value of a watch works for the request that set it") {
  const auto look = [](Watch<int>::Observer& observer) -> Task<> {
    while (co_await observer.Next()) Mark("sees");
    Mark("idle");
  };
  const auto set = [](Watch<int>& watch) -> Task<> {
    BeginFlow("A");
    watch.Set(1);
    co_await SleepFor(1ms);
    watch.Close();
  };
  CHECK(StoryOf([&]() -> Task<> {
          Watch<int> watch(0);
          Watch<int>::Observer observer = watch.Observe();
          co_await All(look(observer), set(watch));
        }) == Lines{"sees of A", "idle of nobody"});
}

TEST_CASE("to be woken is no message") {
  const auto wait = [](Gate& gate, Semaphore& semaphore) -> Task<> {
    co_await gate.Wait();
    Mark("gate");
    const Permit permit = co_await semaphore.Acquire();
    Mark("semaphore");
  };
  const auto wake = [](Gate& gate, Semaphore& semaphore) -> Task<> {
    BeginFlow("A");
    gate.Open();
    co_await SleepFor(1ms);
    semaphore.Release();
  };
  CHECK(StoryOf([&]() -> Task<> {
          Gate gate;
          Semaphore semaphore(0);
          co_await All(wait(gate, semaphore), wake(gate, semaphore));
        }) == Lines{"gate of nobody", "semaphore of nobody"});
}

TEST_CASE("a message that nobody took keeps its request") {
  const auto take = [](Channel<std::string>& channel) -> Task<> {
    const auto message = co_await channel.Receive();
    Mark("takes " + *message);
  };
  CHECK(StoryOf([&]() -> Task<> {
          Channel<std::string> channel(1);
          // The first that waits is cancelled before the message is there.
          CHECK_FALSE(co_await WithTimeout(take(channel), 1ms));
          co_await All(Asks(channel, "A"));
          co_await All(take(channel));
        }) == Lines{"takes A of A"});
}

TEST_CASE("the body of a run is nobody's, whatever it receives") {
  CHECK(StoryOf([]() -> Task<> {
          Channel<std::string> channel(1);
          TaskGroup group;
          group.Spawn(Asks(channel, "A"));
          co_await Next(channel);
          Mark("got it");
          co_await All(Says("spawned"));
          co_await group.Join();
        }) == Lines{"step of nobody also for A", "got it of nobody", "spawned of nobody"});
}

TEST_CASE("BeginFlow gives a worker a request of its own") {
  const auto work = [](Channel<std::string>& channel) -> Task<> {
    co_await channel.Receive();
    BeginFlow("own");
    co_await channel.Receive();
    Mark("works on");
  };
  CHECK(StoryOf([&]() -> Task<> {
          Channel<std::string> channel(2);
          co_await All(work(channel), AsksAll(channel));
        }) == Lines{"step of own also for B", "works on of own"});
}

TEST_CASE("a message from another run belongs to no request of this one") {
  Channel<std::string> channel(1);
  CHECK(StoryOf([&]() -> Task<> { co_await All(Asks(channel, "A")); }) == Lines{});
  const auto work = [&]() -> Task<> {
    co_await channel.Receive();
    Mark("takes");
  };
  const auto other = []() -> Task<> {
    BeginFlow("B");
    co_return;
  };
  CHECK(StoryOf([&]() -> Task<> {
          co_await All(other());
          co_await All(work());
        }) == Lines{"takes of nobody"});
}

// --- lost ---------------------------------------------------------------------------------

// Resumes who waits for it, as a callback of another library would.
struct Signal {
  std::coroutine_handle<> waiter;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) { waiter = handle; }
  void await_resume() const {}
};

Task<> WaitsFor(Signal& signal) {
  co_await signal;
  Mark("goes on");
}

Task<> Fires(Signal& signal, std::optional<std::string> request) {
  if (request) BeginFlow(*request);
  signal.waiter.resume();
  co_return;
}

TEST_CASE("a task that another library resumed in a request may work for it: its context is lost") {
  CHECK(StoryOf([]() -> Task<> {
          Signal signal;
          co_await All(WaitsFor(signal), Fires(signal, "A"));
        }) == Lines{"lost in WaitsFor#0", "goes on of nobody"});
}

TEST_CASE("nothing is lost where another library resumes a task that has a request") {
  const auto waits = [](Signal& signal) -> Task<> {
    BeginFlow("B");
    co_await signal;
    Mark("goes on");
  };
  CHECK(StoryOf([&]() -> Task<> {
          Signal signal;
          co_await All(waits(signal), Fires(signal, "A"));
        }) == Lines{"goes on of B"});
}

TEST_CASE("nothing is lost where another library resumes the body") {
  CHECK(StoryOf([]() -> Task<> {
          Signal signal;
          TaskGroup group;
          group.Spawn(Fires(signal, "A"));
          co_await signal;
          Mark("goes on");
          co_await group.Join();
        }) == Lines{"goes on of nobody"});
}

TEST_CASE("a run without requests loses none") {
  CHECK(StoryOf([]() -> Task<> {
          Signal signal;
          co_await All(WaitsFor(signal), Fires(signal, std::nullopt));
        }) == Lines{"goes on of nobody"});
}

// Does something when the frame goes that holds it, which is when no task runs.
template <class Deed>
struct AtTheEnd {
  explicit AtTheEnd(Deed its_deed) : deed(std::move(its_deed)) {}
  AtTheEnd(AtTheEnd&& other) noexcept
      : deed(std::move(other.deed)), armed(std::exchange(other.armed, false)) {}
  ~AtTheEnd() {
    if (armed) deed();
  }
  Deed deed;
  bool armed = true;
};

template <class Deed>
Task<> Holds(AtTheEnd<Deed> /*held*/, std::optional<std::string> request) {
  if (request) BeginFlow(*request);
  co_return;
}

TEST_CASE("the context of a task that is created outside of any task is lost") {
  const auto body = [](std::optional<std::string> request) {
    return [request]() -> Task<> {
      TaskGroup later;
      {
        TaskGroup group;
        group.Spawn(Holds(AtTheEnd([&] { later.Spawn(Says("cleans up")); }), request));
        co_await group.Join();
      }
      co_await later.Join();
    };
  };
  CHECK(StoryOf(body("A")) == Lines{"lost in Says#0", "cleans up of nobody"});
  CHECK(StoryOf(body(std::nullopt)) == Lines{"cleans up of nobody"});
}

TEST_CASE("the context of who receives what was sent outside of any task is lost") {
  const auto work = [](Channel<std::string>& channel) -> Task<> {
    while (const auto message = co_await channel.Receive()) Mark("takes " + *message);
  };
  CHECK(StoryOf([&]() -> Task<> {
          Channel<std::string> channel(2);
          TaskGroup workers;
          workers.Spawn(work(channel));
          {
            TaskGroup group;
            group.Spawn(Holds(AtTheEnd([&] {
                                std::string message = "a farewell";
                                channel.TrySend(message);
                              }),
                              "A"));
            co_await group.Join();
          }
          channel.Close();
          co_await workers.Join();
        }) == Lines{"lost in lambda#0", "takes a farewell of nobody"});
}

}  // namespace
}  // namespace heddle
