// SPDX-License-Identifier: MIT
#include "heddle/task_table.h"

#include <cstdint>
#include <string>
#include <vector>

#include "heddle/trace.h"
#include "support/catch.h"
#include "support/law.h"
#include "support/trace_builder.h"

namespace heddle {
namespace {

TaskInfo Info(const std::string& function, const std::string& name, const std::string& path) {
  TaskInfo task;
  task.function = function;
  task.name = name;
  task.path = path;
  return task;
}

}  // namespace

TEST_CASE("a path names the creators, and `main` is left out of it") {
  TraceBuilder run;
  const TaskId main = run.Main();
  const TaskId checkout = run.Spawn(main, "shop::Checkout");
  const TaskId reserve = run.Spawn(checkout, "Stock::Reserve");
  const TaskId lock = run.Spawn(reserve, "Ledger::Lock");
  const TaskTable tasks(run.Build());

  CHECK(tasks.Path(main) == "main");
  CHECK(tasks.Path(checkout) == "Checkout#0");
  CHECK(tasks.Path(reserve) == "Checkout#0/Reserve#0");
  CHECK(tasks.Path(lock) == "Checkout#0/Reserve#0/Lock#0");
  CHECK(tasks[lock].name == "Lock#0");
  CHECK(tasks[lock].function == "Ledger::Lock");
}

TEST_CASE("numbers count the tasks of one name below one creator") {
  TraceBuilder run;
  const TaskId main = run.Main();
  const TaskId first = run.Spawn(main, "Checkout");
  const TaskId second = run.Spawn(main, "Checkout");
  const TaskId charge = run.Spawn(second, "Shop::Charge");
  const TaskId ship = run.Spawn(second, "Ship");
  const TaskId charge_again = run.Spawn(second, "Bank::Charge");
  const TaskTable tasks(run.Build());

  CHECK(tasks.Path(first) == "Checkout#0");
  CHECK(tasks.Path(second) == "Checkout#1");
  CHECK(tasks.Path(charge) == "Checkout#1/Charge#0");
  CHECK(tasks.Path(ship) == "Checkout#1/Ship#0");
  CHECK(tasks.Path(charge_again) == "Checkout#1/Charge#1");
}

TEST_CASE("where the body is no coroutine, task 0 has an ordinary name") {
  TraceBuilder run;
  const TaskId first = run.Spawn(kNoTask, "Checkout");
  const TaskId second = run.Spawn(kNoTask, "Checkout");
  const TaskId child = run.Spawn(first, "Charge");
  const TaskTable tasks(run.Build());

  CHECK(tasks.Path(first) == "Checkout#0");
  CHECK(tasks.Path(second) == "Checkout#1");
  CHECK(tasks.Path(child) == "Checkout#0/Charge#0");
  CHECK(tasks[first].parent == kNoTask);
}

TEST_CASE("tasks of the body and tasks without a creator share one numbering") {
  TraceBuilder run;
  const TaskId main = run.Main();
  const TaskId ours = run.Spawn(main, "Poll");
  const TaskId stray = run.Spawn(kNoTask, "Poll");
  const TaskTable tasks(run.Build());

  CHECK(tasks.Path(ours) == "Poll#0");
  CHECK(tasks.Path(stray) == "Poll#1");
}

TEST_CASE("the table says where a task begins and ends and what it created") {
  TraceBuilder run;
  const TaskId main = run.Main();                  // 0, 1
  const TaskId charge = run.Call(main, "Charge");  // 2, 3, 4
  run.Return(charge);                              // 5, 6
  const TaskId lost = run.Spawn(main, "Ship");     // 7
  run.Abandon(lost);                               // 8
  const TaskTable tasks(run.Build());

  CHECK(tasks[charge].parent == main);
  CHECK(tasks[charge].spawned == 2);
  CHECK(tasks[charge].started == 4);
  CHECK(tasks[charge].ended == 5);
  CHECK(tasks[lost].started == kNoEvent);
  CHECK(tasks[lost].ended == 8);
  CHECK(tasks[main].ended == kNoEvent);
  CHECK(tasks[main].children == std::vector<TaskId>{charge, lost});
}

TEST_CASE("a flow reaches what a task creates after it took up the flow, and nothing else") {
  TraceBuilder run;
  const TaskId main = run.Main();
  const TaskId before = run.Spawn(main, "Before");
  const FlowId order = run.Flow("order 17");
  const std::size_t flow_event = run.next();
  run.WorkFor(main, order);
  const std::size_t spawn_event = run.next();
  const TaskId after = run.Spawn(main, "After");
  run.WorkFor(main, run.Flow("order 18"));
  const TaskId below = run.Spawn(after, "Below");
  const std::size_t time_event = run.next();
  run.JumpTo(5);
  const TaskTable tasks(run.Build());

  CHECK(tasks[before].flow == 0);
  CHECK(tasks[after].flow == order);
  CHECK(tasks[below].flow == order);
  CHECK(tasks.FlowOf(0) == 0);
  CHECK(tasks.FlowOf(flow_event) == order);
  CHECK(tasks.FlowOf(spawn_event) == order);
  CHECK(tasks.FlowOf(time_event) == 0);
}

TEST_CASE("a message by which a task works for a request belongs to that request") {
  TraceBuilder run;
  const ObjectId channel = run.Object("Channel");
  const FlowId order = run.Flow("order-17");
  const FlowId other = run.Flow("order-18");
  const TaskId worker = run.Main("Worker");
  run.Await(worker, Operation::kReceive, channel);
  const std::size_t received = run.next();
  run.Receive(worker, channel, 0).TakeUp(worker, order);
  run.Receive(worker, channel, 1).AlsoFor(worker, order, other);
  const std::size_t leaves = run.next();
  run.TakeUp(worker, 0).Finish(worker);
  const Trace trace = run.Build();
  const TaskTable tasks(trace);

  CHECK(tasks.FlowOf(received - 1) == 0);
  CHECK(tasks.FlowOf(received) == order);
  CHECK(tasks.FlowOf(leaves - 1) == order);
  CHECK(trace.events[leaves - 1].also_for() == other);
  CHECK(tasks.FlowOf(leaves) == 0);
  CHECK(tasks[worker].flow == 0);
}

TEST_CASE("a long chain of tasks keeps short paths") {
  TraceBuilder run;
  TaskId task = run.Main();
  for (int level = 0; level < 2'000; ++level) task = run.Spawn(task, "Dig");
  const TaskTable tasks(run.Build());

  CHECK(tasks.Path(2) == "Dig#0/Dig#0");
  CHECK_THAT(tasks.Path(task), EndsWithText("/Dig#0/[1983 more]/Dig#0"));
  CHECK(tasks.Path(task).size() < 200);
}

TEST_CASE("a task whose spawn is missing is called by its number") {
  TraceBuilder run;
  run.Add({.task = 7, .object = 3, .kind = EventKind::kWake});
  const TaskTable tasks(run.Build());

  CHECK(tasks.tasks().size() == 8);
  CHECK(tasks.Path(7) == "task 7");
  CHECK(tasks[7].spawned == kNoEvent);
}

TEST_CASE("a task that is not in the trace is `?`") {
  TraceBuilder run;
  run.Main();
  const TaskTable tasks(run.Build());

  CHECK(tasks.Path(kNoTask) == "?");
  CHECK(tasks.Path(99) == "?");
  CHECK(tasks[99].id == kNoTask);
}

TEST_CASE("a coroutine without a name makes a task called task") {
  TraceBuilder run;
  const TaskId task = run.Spawn(kNoTask, "");
  CHECK(TaskTable(run.Build()).Path(task) == "task#0");
}

TEST_CASE("a pattern matches a function, a name or a path, in whole parts only") {
  const TaskInfo task = Info("shop::Till::Charge", "Charge#1", "Checkout#0/Pay#0/Charge#1");

  for (const char* const pattern : {"Charge", "Till::Charge", "shop::Till::Charge", "Charge#1",
                                    "Pay#0/Charge#1", "Checkout#0/Pay#0/Charge#1"}) {
    INFO(pattern);
    CHECK(TaskTable::Matches(task, pattern));
  }
  for (const char* const pattern :
       {"", "harge", "ill::Charge", "::Charge", "/Charge#1", "Charge#0", "Charge#", "ay#0/Charge#1",
        "Till", "shop::Charge", "Checkout#0", "Pay#0", "other::shop::Till::Charge"}) {
    INFO(pattern);
    CHECK_FALSE(TaskTable::Matches(task, pattern));
  }
  CHECK(TaskTable::Matches(Info("Body", "main", "main"), "main"));
  CHECK(TaskTable::Matches(Info("Body", "main", "main"), "Body"));
}

TEST_CASE("events of any content give a table whose parents are older than their children") {
  CheckLaw([](const std::vector<std::uint32_t>& numbers) {
    Trace trace;
    for (std::size_t i = 0; i + 3 < numbers.size(); i += 4) {
      trace.events.push_back({.task = numbers[i] % 9 == 8 ? numbers[i] : numbers[i] % 9,
                              .site = numbers[i + 1],
                              .object = numbers[i + 2] % 9,
                              .kind = static_cast<EventKind>(numbers[i + 3] % 20)});
    }
    const TaskTable tasks(trace);
    for (const TaskInfo& task : tasks.tasks()) {
      RC_ASSERT(task.parent == kNoTask || task.parent < task.id);
    }
    for (std::size_t event = 0; event < trace.events.size(); ++event) {
      RC_ASSERT(tasks.FlowOf(event) == 0U);
    }
  });
}

}  // namespace heddle
