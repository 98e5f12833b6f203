// SPDX-License-Identifier: MIT
//
// Which events each deed leaves. Read event.h beside it.
#include "support/trace_builder.h"

#include <algorithm>
#include <utility>

namespace heddle {
namespace {

std::uint8_t Byte(Operation operation) { return static_cast<std::uint8_t>(operation); }
std::uint8_t Byte(Outcome outcome) { return static_cast<std::uint8_t>(outcome); }

template <class Record>
std::uint32_t Intern(std::vector<Record>& table, Record record) {
  const auto known = std::find(table.begin(), table.end(), record);
  const auto id = static_cast<std::uint32_t>(known - table.begin());
  if (known == table.end()) table.push_back(std::move(record));
  return id;
}

}  // namespace

TraceBuilder::TraceBuilder() {
  trace_.header.test = "a test";
  trace_.header.chooser = "fifo";
  trace_.sites.emplace_back();
  trace_.objects.emplace_back();
  trace_.flows.emplace_back();
}

SiteId TraceBuilder::InternSite(heddle::Site site) { return Intern(trace_.sites, std::move(site)); }

SiteId TraceBuilder::Site(std::string_view place) {
  if (place.empty()) return 0;
  const std::size_t colon = place.rfind(':');
  return InternSite(
      {.file = "/src/" + std::string(place.substr(0, colon)),
       .line = static_cast<std::uint32_t>(std::stoul(std::string(place.substr(colon + 1)))),
       .function = {}});
}

ObjectId TraceBuilder::Object(const std::string& type, const std::string& name) {
  if (!name.empty()) return Intern(trace_.objects, {.type = type, .name = name});
  trace_.objects.push_back({.type = type, .name = {}});
  return static_cast<ObjectId>(trace_.objects.size() - 1);
}

FlowId TraceBuilder::Flow(const std::string& name) {
  return Intern(trace_.flows, FlowRecord{.name = name});
}

TraceBuilder& TraceBuilder::JumpTo(VirtualNanos time) {
  now_ = time;
  return Add({.kind = EventKind::kTime});
}

TaskId TraceBuilder::Main(const std::string& function) {
  const TaskId task = Spawn(kNoTask, function);
  trace_.events.back().value = 1;
  Start(task);
  return task;
}

TaskId TraceBuilder::Spawn(TaskId by, const std::string& function) {
  const SiteId site = InternSite({.file = "/src/shop.cc", .line = 1, .function = function});
  Add({.task = next_task_, .site = site, .object = by, .kind = EventKind::kSpawn});
  return next_task_++;
}

TraceBuilder& TraceBuilder::Start(TaskId task, TaskId by) {
  return Add({.task = task,
              .object = by,
              .kind = EventKind::kStart,
              .operation = Byte(Operation::kStart)});
}

TaskId TraceBuilder::Call(TaskId by, const std::string& function, std::string_view place) {
  const TaskId task = Spawn(by, function);
  caller_[task] = by;
  Suspend(by, Operation::kCall, task, place);
  Start(task, by);
  return task;
}

TraceBuilder& TraceBuilder::Return(TaskId callee, Outcome outcome) {
  return Finish(callee, outcome).Resume(caller_.at(callee));
}

TraceBuilder& TraceBuilder::Suspend(TaskId task, Operation operation, std::uint32_t object,
                                    std::string_view place, std::uint32_t value) {
  Add({.task = task,
       .site = Site(place),
       .object = object,
       .value = value,
       .kind = EventKind::kSuspend,
       .operation = Byte(operation)});
  suspended_[task] = trace_.events.back();
  return *this;
}

TraceBuilder& TraceBuilder::Wake(TaskId task, TaskId by) {
  return Add({.task = task, .object = by, .kind = EventKind::kWake});
}

TraceBuilder& TraceBuilder::Resume(TaskId task) {
  const Event& suspended = suspended_.at(task);
  return Add({.task = task,
              .object = suspended.object,
              .kind = EventKind::kResume,
              .operation = suspended.operation});
}

TraceBuilder& TraceBuilder::Await(TaskId task, Operation operation, std::uint32_t object,
                                  std::string_view place) {
  return Suspend(task, operation, object, place).Resume(task);
}

TraceBuilder& TraceBuilder::Finish(TaskId task, Outcome outcome, ObjectId join) {
  return Add(
      {.task = task, .object = join, .kind = EventKind::kFinish, .operation = Byte(outcome)});
}

TraceBuilder& TraceBuilder::Abandon(TaskId task) {
  return Add({.task = task, .kind = EventKind::kAbandon});
}

TraceBuilder& TraceBuilder::Mark(TaskId task, const std::string& name, std::vector<Field> fields,
                                 std::string_view place, EventKind kind) {
  Add({.task = task,
       .site = Site(place),
       .object = static_cast<std::uint32_t>(trace_.marks.size()),
       .kind = kind});
  trace_.marks.push_back({.name = name, .fields = std::move(fields)});
  return *this;
}

TraceBuilder& TraceBuilder::Draw(TaskId task, std::uint32_t value) {
  return Add({.task = task, .value = value, .kind = EventKind::kDraw});
}

TraceBuilder& TraceBuilder::Send(TaskId task, ObjectId channel, std::uint32_t number) {
  return Add({.task = task, .object = channel, .value = number, .kind = EventKind::kSend});
}

TraceBuilder& TraceBuilder::Receive(TaskId task, ObjectId channel, std::uint32_t number) {
  return Add({.task = task, .object = channel, .value = number, .kind = EventKind::kReceive});
}

TraceBuilder& TraceBuilder::Acquire(TaskId task, ObjectId object) {
  return Add({.task = task, .object = object, .kind = EventKind::kAcquire});
}

TraceBuilder& TraceBuilder::Release(TaskId task, ObjectId object) {
  const std::string& type = trace_.objects[object].type;
  const bool is_lock = type == "Mutex" || type == "SharedMutex" || type == "Semaphore";
  const Operation operation = is_lock ? Operation::kLock : Operation::kNone;
  return Add({.task = task,
              .object = object,
              .kind = EventKind::kRelease,
              .operation = static_cast<std::uint8_t>(operation)});
}

TraceBuilder& TraceBuilder::WorkFor(TaskId task, FlowId flow) {
  return Add({.task = task, .object = flow, .kind = EventKind::kFlow});
}

TraceBuilder& TraceBuilder::TakeUp(TaskId task, FlowId flow) {
  return Add({.task = task,
              .object = flow,
              .kind = EventKind::kFlow,
              .operation = Byte(Operation::kReceive)});
}

TraceBuilder& TraceBuilder::AlsoFor(TaskId task, FlowId flow, FlowId other) {
  return Add({.task = task,
              .object = flow,
              .value = other,
              .kind = EventKind::kFlow,
              .operation = Byte(Operation::kReceive)});
}

TraceBuilder& TraceBuilder::Add(Event event) {
  event.time = now_;
  trace_.events.push_back(event);
  return *this;
}

TraceBuilder& TraceBuilder::ChooseTask(TaskId picked, TaskId first, std::uint32_t alternatives) {
  trace_.choices.push_back({.picked = picked, .first = first, .alternatives = alternatives});
  return *this;
}

TraceBuilder& TraceBuilder::ChooseValue(std::uint32_t picked, std::uint32_t alternatives) {
  trace_.choices.push_back(
      {.picked = picked, .first = 0, .alternatives = alternatives, .kind = ChoiceKind::kValue});
  return *this;
}

}  // namespace heddle
