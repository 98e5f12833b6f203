// SPDX-License-Identifier: MIT
//
// TraceBuilder: a trace written by hand, event by event, as the harness would record it
// (event.h says what each means). For tests of what reads traces.
//
//   TraceBuilder run;
//   const TaskId main = run.Main();
//   const TaskId charge = run.Call(main, "shop::Charge", "shop.cc:12");
//   run.Return(charge).Finish(main);
//   const Trace trace = run.Build();
#ifndef HEDDLE_TESTS_SUPPORT_TRACE_BUILDER_H_
#define HEDDLE_TESTS_SUPPORT_TRACE_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/trace.h"

namespace heddle {

class TraceBuilder {
 public:
  TraceBuilder();

  // --- tables: the same words give the same id, except for nameless objects ---------------

  // "shop.cc:12"; "" is the unknown site.
  SiteId Site(std::string_view place);
  ObjectId Object(const std::string& type, const std::string& name = "");
  FlowId Flow(const std::string& name);

  // --- events; each adds one unless it says more ------------------------------------------

  // The time of all further events. Adds a kTime event.
  TraceBuilder& JumpTo(VirtualNanos time);

  // The body's own coroutine, spawned and started: 2 events.
  TaskId Main(const std::string& function = "Body");
  TaskId Spawn(TaskId by, const std::string& function);
  TraceBuilder& Start(TaskId task, TaskId by = kNoTask);
  // Spawns a task and awaits it at once: spawn, suspend, start.
  TaskId Call(TaskId by, const std::string& function, std::string_view place = "");
  // Ends a task that was called, and its caller goes on: finish, resume.
  TraceBuilder& Return(TaskId callee, Outcome outcome = Outcome::kValue);

  // `value` is a channel's capacity where `operation` is kSend.
  TraceBuilder& Suspend(TaskId task, Operation operation, std::uint32_t object = 0,
                        std::string_view place = "", std::uint32_t value = 0);
  TraceBuilder& Wake(TaskId task, TaskId by = kNoTask);
  // From what it suspended for last.
  TraceBuilder& Resume(TaskId task);
  // Suspend and Resume: 2 events.
  TraceBuilder& Await(TaskId task, Operation operation, std::uint32_t object = 0,
                      std::string_view place = "");
  TraceBuilder& Finish(TaskId task, Outcome outcome = Outcome::kValue, ObjectId join = 0);
  TraceBuilder& Abandon(TaskId task);

  TraceBuilder& Mark(TaskId task, const std::string& name, std::vector<Field> fields = {},
                     std::string_view place = "", EventKind kind = EventKind::kMark);
  TraceBuilder& Draw(TaskId task, std::uint32_t value);
  TraceBuilder& Send(TaskId task, ObjectId channel, std::uint32_t number);
  TraceBuilder& Receive(TaskId task, ObjectId channel, std::uint32_t number);
  TraceBuilder& Acquire(TaskId task, ObjectId object);
  TraceBuilder& Release(TaskId task, ObjectId object);
  TraceBuilder& WorkFor(TaskId task, FlowId flow);
  // Because of a message, or, for flow 0, because it waits for the next one.
  TraceBuilder& TakeUp(TaskId task, FlowId flow);
  // It works for `flow` as before, and the step also for `other`.
  TraceBuilder& AlsoFor(TaskId task, FlowId flow, FlowId other);
  // As it stands, but for its time.
  TraceBuilder& Add(Event event);

  // --- choices ------------------------------------------------------------------------------

  TraceBuilder& ChooseTask(TaskId picked, TaskId first, std::uint32_t alternatives);
  TraceBuilder& ChooseValue(std::uint32_t picked, std::uint32_t alternatives);

  // --- the rest -----------------------------------------------------------------------------

  // Where the next event will stand in Trace::events.
  std::size_t next() const { return trace_.events.size(); }
  TraceHeader& header() { return trace_.header; }
  Trace Build() const { return trace_; }

 private:
  SiteId InternSite(heddle::Site site);

  Trace trace_;
  VirtualNanos now_ = 0;
  TaskId next_task_ = 0;
  std::map<TaskId, TaskId> caller_;
  std::map<TaskId, Event> suspended_;
};

}  // namespace heddle

#endif  // HEDDLE_TESTS_SUPPORT_TRACE_BUILDER_H_
