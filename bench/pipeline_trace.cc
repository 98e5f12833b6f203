// SPDX-License-Identifier: MIT
#include "pipeline_trace.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "arrivals.h"
#include "heddle/check.h"
#include "heddle/chooser.h"
#include "heddle/run.h"
#include "pipeline.h"

namespace heddle::bench {
namespace {

// What the objects of events are.
enum class Refers : std::uint8_t { kNothing, kTask, kObject, kFlow, kMark };

Refers WhatObjectIs(const Event& event) {
  switch (event.kind) {
    case EventKind::kSpawn:
    case EventKind::kStart:
    case EventKind::kWake:
    case EventKind::kCancel:
      return Refers::kTask;
    case EventKind::kSuspend:
    case EventKind::kResume:
      return event.op() == Operation::kCall ? Refers::kTask : Refers::kObject;
    case EventKind::kMark:
    case EventKind::kInput:
    case EventKind::kFault:
      return Refers::kMark;
    case EventKind::kFlow:
      return Refers::kFlow;
    case EventKind::kFinish:
    case EventKind::kSend:
    case EventKind::kReceive:
    case EventKind::kAcquire:
    case EventKind::kRelease:
    case EventKind::kAccess:
      return Refers::kObject;
    default:
      return Refers::kNothing;
  }
}

// Appends runs to a trace: to every number, what the runs before have used up.
class Appender {
 public:
  Appender(const Trace& run, Trace& trace) : run_(run), trace_(trace) {
    for (const Event& event : run.events) {
      if (event.task != kNoTask) tasks_ = std::max(tasks_, event.task + 1);
    }
  }

  void Append() {
    for (Event event : run_.events) trace_.events.push_back(Moved(event));
    for (Choice choice : run_.choices) trace_.choices.push_back(Moved(choice));
    AppendTail(run_.objects, trace_.objects);
    AppendTail(run_.flows, trace_.flows);
    trace_.marks.insert(trace_.marks.end(), run_.marks.begin(), run_.marks.end());
    ++count_;
  }

 private:
  // All but "none", which is there once.
  template <class Record>
  static void AppendTail(const std::vector<Record>& from, std::vector<Record>& to) {
    to.insert(to.end(), from.begin() + (to.empty() ? 0 : 1), from.end());
  }

  Event Moved(Event event) const {
    event.time += static_cast<VirtualNanos>(count_) * run_.events.back().time;
    switch (WhatObjectIs(event)) {
      case Refers::kTask:
        event.object = MovedTask(event.object);
        break;
      case Refers::kObject:
        event.object = MovedId(event.object, run_.objects.size());
        break;
      case Refers::kFlow:
        event.object = MovedId(event.object, run_.flows.size());
        break;
      case Refers::kMark:
        event.object += count_ * static_cast<std::uint32_t>(run_.marks.size());
        break;
      case Refers::kNothing:
        break;
    }
    event.task = MovedTask(event.task);
    return event;
  }

  Choice Moved(Choice choice) const {
    if (choice.kind != ChoiceKind::kTask) return choice;
    choice.picked = MovedTask(choice.picked);
    choice.first = MovedTask(choice.first);
    return choice;
  }

  TaskId MovedTask(TaskId task) const { return task == kNoTask ? task : task + count_ * tasks_; }
  // 0 is "none" of a table of `size`.
  std::uint32_t MovedId(std::uint32_t id, std::size_t size) const {
    return id == 0 ? 0 : id + count_ * static_cast<std::uint32_t>(size - 1);
  }

  const Trace& run_;
  Trace& trace_;
  TaskId tasks_ = 0;         // of one run
  std::uint32_t count_ = 0;  // of runs so far
};

}  // namespace

Trace PipelineTrace(std::uint64_t seed) {
  const std::vector<order_pipeline::Arrival> arrivals =
      order_pipeline::ReadArrivals(ORDER_PIPELINE_ORDERS);
  RandomChooser chooser(seed);
  RunOptions options;
  options.chooser = &chooser;
  RunResult result = Run(
      [&](World& world) {
        return order_pipeline::HandleOrders(world, arrivals, order_pipeline::Variant::kFixed);
      },
      options);
  HEDDLE_CHECK(result.ok(), "the order pipeline failed");
  return std::move(result.trace);
}

Trace Repeated(const Trace& run, std::size_t events_min) {
  Trace trace;
  trace.header = run.header;
  trace.sites = run.sites;
  trace.events.reserve(events_min + run.events.size());
  Appender appender(run, trace);
  while (trace.events.size() < events_min) appender.Append();
  return trace;
}

}  // namespace heddle::bench
