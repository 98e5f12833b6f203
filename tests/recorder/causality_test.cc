// SPDX-License-Identifier: MIT
//
// Each rule of causality.h by an example, and all of them together against the rules
// written down a second time, without any cleverness.
#include "heddle/causality.h"

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <utility>
#include <vector>

#include "heddle/trace.h"
#include "support/catch.h"
#include "support/law.h"
#include "support/trace_builder.h"

namespace heddle {

// How rapidcheck prints a counterexample.
void showValue(const Event& event, std::ostream& out) {
  out << "\n  " << Name(event.kind) << " task " << event.task << " object " << event.object
      << " value " << event.value << " operation " << Name(event.op());
}

namespace {

using Causes = std::vector<std::size_t>;

// --- the rules, one by one, as relations between two events -------------------------------

bool IsLatestEventOf(const std::vector<Event>& events, TaskId task, std::size_t a, std::size_t b) {
  if (task == kNoTask || events[a].task != task) return false;
  for (std::size_t between = a + 1; between < b; ++between) {
    if (events[between].task == task) return false;
  }
  return true;
}

bool TakesReleases(const Event& event) {
  if (event.kind == EventKind::kAcquire) return true;
  return event.kind == EventKind::kResume &&
         (event.op() == Operation::kLock || event.op() == Operation::kWait ||
          event.op() == Operation::kReceive || event.op() == Operation::kSend);
}

// Whether no event of a's kind, object and number stands between a and b.
bool IsLatestMessage(const std::vector<Event>& events, std::size_t a, std::size_t b) {
  return std::none_of(events.begin() + static_cast<std::ptrdiff_t>(a) + 1,
                      events.begin() + static_cast<std::ptrdiff_t>(b), [&](const Event& other) {
                        return other.kind == events[a].kind && other.object == events[a].object &&
                               other.value == events[a].value;
                      });
}

bool MadeRoom(const std::vector<Event>& events, std::size_t a, std::size_t b) {
  const Event& send = events[b];
  for (std::size_t s = b; s-- > 0;) {
    const Event& suspend = events[s];
    if (suspend.task != send.task || suspend.kind != EventKind::kSuspend ||
        suspend.op() != Operation::kSend) {
      continue;
    }
    return suspend.object == send.object && s < a && suspend.value > 0 &&
           events[a].value + suspend.value == send.value;
  }
  return false;
}

bool IsAccess(const Event& event, Operation operation) {
  return (event.kind == EventKind::kResume || event.kind == EventKind::kAccess) &&
         event.op() == operation && event.object != 0;
}

// Whether a wrote what b reads.
bool IsReadOf(const std::vector<Event>& events, std::size_t a, std::size_t b) {
  const Event& read = events[b];
  if (!IsAccess(read, Operation::kRead) && !IsAccess(read, Operation::kUpdate)) return false;
  for (std::size_t i = b; i-- > 0;) {
    if (IsAccess(events[i], Operation::kWrite) && events[i].object == read.object) return i == a;
  }
  return false;
}

// Whether b is what task `events[a].object` did next after a.
bool IsNextOfCancelled(const std::vector<Event>& events, std::size_t a, std::size_t b) {
  if (events[a].object == kNoTask || events[b].task != events[a].object) return false;
  return std::none_of(events.begin() + static_cast<std::ptrdiff_t>(a) + 1,
                      events.begin() + static_cast<std::ptrdiff_t>(b),
                      [&](const Event& other) { return other.task == events[a].object; });
}

bool IsEdge(const std::vector<Event>& events, std::size_t a, std::size_t b) {
  const Event& from = events[a];
  const Event& to = events[b];
  if (IsLatestEventOf(events, to.task, a, b) || IsReadOf(events, a, b)) return true;
  if (from.kind == EventKind::kCancel && IsNextOfCancelled(events, a, b)) return true;
  switch (to.kind) {
    case EventKind::kSpawn:
    case EventKind::kStart:
    case EventKind::kWake:
      return IsLatestEventOf(events, to.object, a, b);
    case EventKind::kReceive:
      return from.kind == EventKind::kSend && from.object == to.object && from.value == to.value &&
             IsLatestMessage(events, a, b);
    case EventKind::kSend:
      return from.kind == EventKind::kReceive && from.object == to.object &&
             MadeRoom(events, a, b) && IsLatestMessage(events, a, b);
    default:
      break;
  }
  if (TakesReleases(to)) {
    return from.kind == EventKind::kRelease && from.object == to.object && to.object != 0;
  }
  if (to.kind != EventKind::kResume || from.kind != EventKind::kFinish) return false;
  if (to.op() == Operation::kJoin) return from.object == to.object && to.object != 0;
  return to.op() == Operation::kCall && from.task == to.object &&
         std::none_of(events.begin() + static_cast<std::ptrdiff_t>(a) + 1,
                      events.begin() + static_cast<std::ptrdiff_t>(b), [&](const Event& other) {
                        return other.kind == EventKind::kFinish && other.task == from.task;
                      });
}

std::vector<std::vector<bool>> Reachability(const std::vector<Event>& events) {
  const std::size_t count = events.size();
  std::vector<std::vector<bool>> reaches(count, std::vector<bool>(count));
  for (std::size_t b = 0; b < count; ++b) {
    for (std::size_t middle = b; middle-- > 0;) {
      if (!IsEdge(events, middle, b)) continue;
      reaches[middle][b] = true;
      for (std::size_t a = 0; a < middle; ++a) {
        if (reaches[a][middle]) reaches[a][b] = true;
      }
    }
  }
  return reaches;
}

// Few tasks, objects and numbers, so that they meet; now and then an id from nowhere. Only
// the kinds and operations that have rules, and a mark.
Trace AnyCausalTrace() {
  const auto id =
      rc::gen::weightedElement<std::uint32_t>({{8, 0}, {8, 1}, {8, 2}, {1, kNoTask}, {1, 70'000}});
  const auto kind = rc::gen::weightedElement<EventKind>({{1, EventKind::kMark},
                                                         {1, EventKind::kTime},
                                                         {1, EventKind::kSpawn},
                                                         {1, EventKind::kStart},
                                                         {1, EventKind::kWake},
                                                         {3, EventKind::kSuspend},
                                                         {6, EventKind::kResume},
                                                         {2, EventKind::kFinish},
                                                         {4, EventKind::kSend},
                                                         {3, EventKind::kReceive},
                                                         {1, EventKind::kAcquire},
                                                         {2, EventKind::kAccess},
                                                         {2, EventKind::kCancel},
                                                         {4, EventKind::kRelease}});
  const auto operation = rc::gen::weightedElement<Operation>({{1, Operation::kYield},
                                                              {1, Operation::kCall},
                                                              {2, Operation::kJoin},
                                                              {1, Operation::kWait},
                                                              {1, Operation::kLock},
                                                              {3, Operation::kSend},
                                                              {1, Operation::kReceive},
                                                              {1, Operation::kRead},
                                                              {1, Operation::kUpdate},
                                                              {1, Operation::kWrite}});
  const auto event = rc::gen::build<Event>(
      rc::gen::set(&Event::task, id), rc::gen::set(&Event::object, id),
      rc::gen::set(&Event::value, rc::gen::inRange<std::uint32_t>(0, 4)),
      rc::gen::set(&Event::kind, kind),
      rc::gen::set(&Event::operation, rc::gen::cast<std::uint8_t>(operation)));
  Trace trace;
  trace.events = *rc::gen::container<std::vector<Event>>(event);
  return trace;
}

}  // namespace

TEST_CASE("events of one task are ordered, events of two strangers are not") {
  TraceBuilder run;
  const TaskId a = run.Spawn(kNoTask, "A");
  const TaskId b = run.Spawn(kNoTask, "B");
  run.Start(a).Start(b).Finish(a).Finish(b);
  const Causality causes(run.Build());

  CHECK(causes.HappensBefore(0, 4));
  CHECK_FALSE(causes.HappensBefore(4, 0));
  CHECK_FALSE(causes.HappensBefore(0, 0));
  CHECK_FALSE(causes.HappensBefore(0, 5));
  CHECK_FALSE(causes.HappensBefore(2, 3));
  CHECK(causes.CausesOf(4) == Causes{2});
}

TEST_CASE("what a task did before it spawned another comes before all that the other does") {
  TraceBuilder run;
  const TaskId main = run.Main();                  // 0, 1
  run.Mark(main, "before");                        // 2
  const TaskId child = run.Spawn(main, "Child");   // 3
  run.Mark(main, "after");                         // 4
  run.Start(child, kNoTask).Mark(child, "child");  // 5, 6
  const Causality causes(run.Build());

  CHECK(causes.HappensBefore(2, 6));
  CHECK_FALSE(causes.HappensBefore(4, 6));
  CHECK(causes.CausesOf(3) == Causes{2});
}

TEST_CASE("a task starts after what its starter did") {
  TraceBuilder run;
  const TaskId main = run.Main();                 // 0, 1
  const TaskId child = run.Spawn(main, "Child");  // 2
  run.Mark(main, "between").Start(child, main);   // 3, 4
  const Causality causes(run.Build());

  CHECK(causes.CausesOf(4) == Causes{2, 3});
}

TEST_CASE("a caller goes on after its callee ended") {
  TraceBuilder run;
  const TaskId main = run.Main();             // 0, 1
  const TaskId callee = run.Call(main, "F");  // 2, 3, 4
  run.Mark(callee, "inside").Return(callee);  // 5, 6, 7
  const Causality causes(run.Build());

  CHECK(causes.HappensBefore(5, 7));
  CHECK(causes.CausesOf(7) == Causes{3, 6});
}

TEST_CASE("a join comes after every task that it waited for, and they are not ordered") {
  TraceBuilder run;
  const ObjectId all = run.Object("All");
  const TaskId main = run.Main();                                          // 0, 1
  const TaskId a = run.Spawn(main, "A");                                   // 2
  const TaskId b = run.Spawn(main, "B");                                   // 3
  run.Suspend(main, Operation::kJoin, all).Start(a, main).Start(b, main);  // 4, 5, 6
  run.Finish(a, Outcome::kValue, all).Finish(b, Outcome::kValue, all);     // 7, 8
  run.Wake(main, b).Resume(main);                                          // 9, 10
  const Causality causes(run.Build());

  CHECK(causes.HappensBefore(7, 10));
  CHECK(causes.HappensBefore(8, 10));
  CHECK_FALSE(causes.HappensBefore(7, 8));
  CHECK_FALSE(causes.HappensBefore(7, 9));
  CHECK(causes.CausesOf(10) == Causes{7, 8, 9});
}

TEST_CASE("a task that another woke comes after what the other did before") {
  TraceBuilder run;
  const TaskId waiter = run.Spawn(kNoTask, "Waiter");             // 0
  const TaskId opener = run.Spawn(kNoTask, "Opener");             // 1
  run.Suspend(waiter, Operation::kForeign).Mark(opener, "open");  // 2, 3
  run.Wake(waiter, opener).Mark(opener, "later").Resume(waiter);  // 4, 5, 6
  const Causality causes(run.Build());

  CHECK(causes.CausesOf(4) == Causes{2, 3});
  CHECK(causes.HappensBefore(3, 6));
  CHECK_FALSE(causes.HappensBefore(5, 6));
}

TEST_CASE("a timer's wake is caused by the sleeper alone") {
  TraceBuilder run;
  const TaskId sleeper = run.Spawn(kNoTask, "Sleeper");  // 0
  const TaskId other = run.Spawn(kNoTask, "Other");      // 1
  run.Suspend(sleeper, Operation::kSleep);               // 2
  run.Finish(other).JumpTo(5).JumpTo(9);                 // 3, 4, 5
  run.Wake(sleeper).Resume(sleeper);                     // 6, 7
  const Causality causes(run.Build());

  CHECK(causes.CausesOf(6) == Causes{2});
  CHECK(causes.CausesOf(5).empty());
  CHECK_FALSE(causes.HappensBefore(3, 7));
  CHECK_FALSE(causes.HappensBefore(4, 7));
}

TEST_CASE("a lock comes after every earlier unlock, and only the last is named as its cause") {
  TraceBuilder run;
  const ObjectId ledger = run.Object("Mutex", "ledger");
  std::vector<std::size_t> unlocks;
  for (const char* const name : {"A", "B", "C"}) {
    const TaskId task = run.Spawn(kNoTask, name);
    run.Await(task, Operation::kLock, ledger);
    unlocks.push_back(run.next());
    run.Release(task, ledger);
  }
  const TaskId last = run.Spawn(kNoTask, "D");
  const std::size_t acquire = run.next();
  run.Acquire(last, ledger);
  const Causality causes(run.Build());

  for (const std::size_t unlock : unlocks) CHECK(causes.HappensBefore(unlock, acquire));
  CHECK(causes.CausesOf(acquire) == Causes{unlocks.back(), acquire - 1});
}

TEST_CASE("whoever passes a gate comes after all who opened it") {
  TraceBuilder run;
  const ObjectId gate = run.Object("Gate");
  const TaskId a = run.Spawn(kNoTask, "A");              // 0
  const TaskId b = run.Spawn(kNoTask, "B");              // 1
  const TaskId waiter = run.Spawn(kNoTask, "Waiter");    // 2
  const TaskId another = run.Spawn(kNoTask, "Another");  // 3
  run.Release(a, gate).Release(b, gate);                 // 4, 5
  run.Await(waiter, Operation::kWait, gate);             // 6, 7
  run.Await(another, Operation::kWait, gate);            // 8, 9
  const Causality causes(run.Build());

  CHECK(causes.CausesOf(7) == Causes{4, 5, 6});
  CHECK(causes.CausesOf(9) == Causes{4, 5, 8});
  CHECK_FALSE(causes.HappensBefore(4, 5));
  CHECK_FALSE(causes.HappensBefore(7, 9));
}

TEST_CASE("a second release of one task does not hide the release of another") {
  TraceBuilder run;
  const ObjectId gate = run.Object("Gate");
  const TaskId a = run.Spawn(kNoTask, "A");                     // 0
  const TaskId b = run.Spawn(kNoTask, "B");                     // 1
  const TaskId waiter = run.Spawn(kNoTask, "Waiter");           // 2
  run.Release(a, gate).Release(b, gate).Release(b, gate);       // 3, 4, 5
  run.Await(waiter, Operation::kWait, gate);                    // 6, 7
  run.Release(a, gate).Release(waiter, gate).Acquire(b, gate);  // 8, 9, 10
  const Causality causes(run.Build());

  CHECK(causes.CausesOf(7) == Causes{3, 5, 6});
  CHECK(causes.HappensBefore(4, 7));
  CHECK(causes.HappensBefore(8, 10));
  CHECK(causes.HappensBefore(9, 10));
}

TEST_CASE("a release after somebody else's passage does not hide the release before it") {
  TraceBuilder run;
  const ObjectId gate = run.Object("Gate");
  const TaskId a = run.Spawn(kNoTask, "A");            // 0
  const TaskId b = run.Spawn(kNoTask, "B");            // 1
  const TaskId first = run.Spawn(kNoTask, "First");    // 2
  const TaskId second = run.Spawn(kNoTask, "Second");  // 3
  run.Release(a, gate).Acquire(first, gate);           // 4, 5
  run.Release(b, gate).Acquire(second, gate);          // 6, 7
  const Causality causes(run.Build());

  CHECK(causes.CausesOf(7) == Causes{3, 4, 6});
}

TEST_CASE("releases from outside all tasks are not ordered, and none hides another") {
  TraceBuilder run;
  const ObjectId gate = run.Object("Gate");
  const TaskId waiter = run.Spawn(kNoTask, "Waiter");  // 0
  run.Release(kNoTask, gate).Acquire(kNoTask, gate);   // 1, 2
  run.Release(kNoTask, gate).Release(kNoTask, gate);   // 3, 4
  run.Acquire(waiter, gate);                           // 5
  const Causality causes(run.Build());

  CHECK(causes.CausesOf(5) == Causes{0, 1, 3, 4});
  CHECK_FALSE(causes.HappensBefore(3, 4));
}

TEST_CASE("a message is received after it was sent, and after no other") {
  TraceBuilder run;
  const ObjectId events = run.Object("Channel");
  const TaskId a = run.Spawn(kNoTask, "A");                       // 0
  const TaskId b = run.Spawn(kNoTask, "B");                       // 1
  const TaskId receiver = run.Spawn(kNoTask, "Receiver");         // 2
  run.Send(a, events, 0).Send(b, events, 1);                      // 3, 4
  run.Receive(receiver, events, 0).Receive(receiver, events, 1);  // 5, 6
  const Causality causes(run.Build());

  CHECK(causes.CausesOf(5) == Causes{2, 3});
  CHECK(causes.CausesOf(6) == Causes{4, 5});
  CHECK_FALSE(causes.HappensBefore(4, 5));
}

TEST_CASE("a sender that waited for room comes after the receiver that made it") {
  TraceBuilder run;
  const ObjectId events = run.Object("Channel");
  const TaskId sender = run.Spawn(kNoTask, "Sender");                            // 0
  const TaskId receiver = run.Spawn(kNoTask, "Receiver");                        // 1
  run.Send(sender, events, 0).Suspend(sender, Operation::kSend, events, "", 1);  // 2, 3
  run.Receive(receiver, events, 0);                                              // 4
  run.Resume(sender).Send(sender, events, 1);                                    // 5, 6
  const Causality causes(run.Build());

  CHECK(causes.CausesOf(6) == Causes{4, 5});
  CHECK_FALSE(causes.HappensBefore(4, 5));
}

TEST_CASE("a sender that found room owes it to nobody") {
  TraceBuilder run;
  const ObjectId events = run.Object("Channel");
  const TaskId sender = run.Spawn(kNoTask, "Sender");        // 0
  const TaskId receiver = run.Spawn(kNoTask, "Receiver");    // 1
  run.Send(sender, events, 0).Receive(receiver, events, 0);  // 2, 3
  run.Suspend(sender, Operation::kSend, events, "", 1);      // 4
  run.Resume(sender).Send(sender, events, 1);                // 5, 6
  const Causality causes(run.Build());

  CHECK(causes.CausesOf(6) == Causes{5});
}

TEST_CASE("a wait for room in one channel says nothing about another") {
  TraceBuilder run;
  const ObjectId events = run.Object("Channel");
  const ObjectId other = run.Object("Channel");
  const TaskId sender = run.Spawn(kNoTask, "Sender");        // 0
  const TaskId receiver = run.Spawn(kNoTask, "Receiver");    // 1
  run.Suspend(sender, Operation::kSend, other, "", 1);       // 2
  run.Receive(receiver, events, 0).Send(sender, events, 1);  // 3, 4
  const Causality causes(run.Build());

  CHECK(causes.CausesOf(4) == Causes{2});
}

TEST_CASE("where the capacity is not known, no receiver is said to have made room") {
  TraceBuilder run;
  const ObjectId events = run.Object("Channel");
  const TaskId sender = run.Spawn(kNoTask, "Sender");                       // 0
  const TaskId receiver = run.Spawn(kNoTask, "Receiver");                   // 1
  run.Suspend(sender, Operation::kSend, events);                            // 2
  run.Receive(receiver, events, 3).Resume(sender).Send(sender, events, 3);  // 3, 4, 5
  const Causality causes(run.Build());

  CHECK(causes.CausesOf(5) == Causes{4});
}

TEST_CASE("a read comes after the last write, whoever wrote, and writes are not ordered") {
  TraceBuilder run;
  const ObjectId stock = run.Object("Shared", "stock");
  const TaskId a = run.Spawn(kNoTask, "A");            // 0
  const TaskId b = run.Spawn(kNoTask, "B");            // 1
  const TaskId reader = run.Spawn(kNoTask, "Reader");  // 2
  run.Await(a, Operation::kWrite, stock);              // 3, 4
  run.Await(b, Operation::kWrite, stock);              // 5, 6
  run.Await(reader, Operation::kRead, stock);          // 7, 8
  run.Await(a, Operation::kUpdate, stock);             // 9, 10
  const Causality causes(run.Build());

  CHECK(causes.CausesOf(8) == Causes{6, 7});
  CHECK(causes.CausesOf(10) == Causes{6, 9});
  CHECK_FALSE(causes.HappensBefore(4, 6));
  CHECK_FALSE(causes.HappensBefore(4, 8));
}

TEST_CASE("what a task does after it was asked to stop comes after all who asked") {
  TraceBuilder run;
  const TaskId a = run.Spawn(kNoTask, "A");            // 0
  const TaskId b = run.Spawn(kNoTask, "B");            // 1
  const TaskId victim = run.Spawn(kNoTask, "Victim");  // 2
  for (const TaskId by : {a, b}) {                     // 3, 4
    run.Add({.task = by, .object = victim, .kind = EventKind::kCancel});
  }
  run.Finish(victim, Outcome::kCancelled);  // 5
  const Causality causes(run.Build());

  CHECK(causes.CausesOf(5) == Causes{2, 3, 4});
  CHECK(causes.HappensBefore(0, 5));
  CHECK(causes.AreConcurrent(3, 4));
}

TEST_CASE("the past of an event and what is concurrent with it are all but what follows") {
  TraceBuilder run;
  const TaskId a = run.Spawn(kNoTask, "A");                      // 0
  const TaskId b = run.Spawn(kNoTask, "B");                      // 1
  run.Mark(a, "one").Mark(b, "two").Mark(a, "three").Finish(a);  // 2, 3, 4, 5
  const Causality causes(run.Build());

  CHECK(causes.PastOf(4) == Causes{0, 2});
  CHECK(causes.ConcurrentWith(4) == Causes{1, 3});
  CHECK(causes.ConcurrentWith(6).empty());
  CHECK_FALSE(causes.AreConcurrent(4, 4));
}

TEST_CASE("hundreds of tasks that take turns are ordered by the lock they share") {
  constexpr std::uint32_t kTasks = 700;
  TraceBuilder run;
  const ObjectId ledger = run.Object("Mutex", "ledger");
  for (std::uint32_t i = 0; i < kTasks; ++i) run.Spawn(kNoTask, "Task");
  std::vector<std::size_t> own;
  for (std::uint32_t turn = 0; turn < 3 * kTasks; ++turn) {
    const TaskId task = turn % kTasks;
    own.push_back(run.next());
    run.Mark(task, "waits").Await(task, Operation::kLock, ledger).Release(task, ledger);
  }
  const Causality causes(run.Build());

  for (std::size_t turn = 1; turn < own.size(); ++turn) {
    const std::size_t release = own[turn - 1] + 3;
    REQUIRE(causes.HappensBefore(own[0], own[turn] + 3));
    REQUIRE(causes.HappensBefore(release, own[turn] + 2));
    REQUIRE_FALSE(causes.HappensBefore(release, own[turn]));
  }
}

TEST_CASE("an event that is not in the trace has no causes") {
  const Causality causes{Trace()};
  CHECK(causes.CausesOf(0).empty());
  CHECK_FALSE(causes.HappensBefore(0, 1));
}

TEST_CASE("happens-before is reachability over the rules, on any events") {
  CheckLaw([] {
    const Trace trace = AnyCausalTrace();
    const auto expected = Reachability(trace.events);
    const Causality causes(trace);
    for (std::size_t a = 0; a < trace.events.size(); ++a) {
      for (std::size_t b = 0; b < trace.events.size(); ++b) {
        RC_ASSERT(causes.HappensBefore(a, b) == expected[a][b]);
      }
    }
  });
}

TEST_CASE("causes are edges of the rules, and lead to all that happened before") {
  CheckLaw([] {
    const Trace trace = AnyCausalTrace();
    const Causality causes(trace);
    std::vector<std::vector<bool>> before;
    for (std::size_t b = 0; b < trace.events.size(); ++b) {
      before.emplace_back(trace.events.size());
      const Causes direct = causes.CausesOf(b);
      RC_ASSERT(std::is_sorted(direct.begin(), direct.end()));
      for (const std::size_t cause : direct) {
        RC_ASSERT(IsEdge(trace.events, cause, b));
        before[b][cause] = true;
        for (std::size_t a = 0; a < cause; ++a) before[b][a] = before[b][a] || before[cause][a];
      }
      for (std::size_t a = 0; a < b; ++a) RC_ASSERT(causes.HappensBefore(a, b) == before[b][a]);
    }
  });
}

TEST_CASE("happens-before is a strict partial order that agrees with the trace") {
  CheckLaw([] {
    const Trace trace = AnyCausalTrace();
    const std::size_t count = trace.events.size();
    const Causality causes(trace);
    std::vector<std::vector<bool>> before(count, std::vector<bool>(count));
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = 0; b < count; ++b) before[a][b] = causes.HappensBefore(a, b);
    }
    bool forward = true;
    bool transitive = true;
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = 0; b < count; ++b) {
        if (!before[a][b]) continue;
        forward = forward && a < b;
        for (std::size_t c = 0; c < count; ++c) {
          transitive = transitive && (before[a][c] || !before[b][c]);
        }
      }
    }
    RC_ASSERT(forward);
    RC_ASSERT(transitive);
  });
}

}  // namespace heddle
