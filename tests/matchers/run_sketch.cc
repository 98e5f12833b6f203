// SPDX-License-Identifier: MIT
//
// Which events each deed of a task leaves; see event.h.
#include "run_sketch.h"

#include <algorithm>
#include <utility>

namespace heddle {

RunSketch::RunSketch(const std::string& main_function) {
  trace_.header.test = "checkout";
  trace_.sites = {Site{}};
  trace_.objects = {ObjectRecord{}};
  trace_.flows = {FlowRecord{}};
  Add({.task = kMain,
       .site = SiteOf(90, main_function),
       .object = kNoTask,
       .value = 1,
       .kind = EventKind::kSpawn});
  Start(kMain, kNoTask);
}

void RunSketch::Add(Event event) {
  event.time = now_;
  trace_.events.push_back(event);
}

SiteId RunSketch::SiteOf(std::uint32_t line, const std::string& function) {
  Site site{.file = "/src/shop.cc", .line = line, .function = function};
  const auto known = std::ranges::find(trace_.sites, site);
  const auto id = static_cast<SiteId>(known - trace_.sites.begin());
  if (known == trace_.sites.end()) trace_.sites.push_back(std::move(site));
  return id;
}

TaskId RunSketch::Create(TaskId by, const std::string& function) {
  const auto task = static_cast<TaskId>(std::ranges::count(
      trace_.events, EventKind::kSpawn, [](const Event& event) { return event.kind; }));
  Add({.task = task, .site = SiteOf(1, function), .object = by, .kind = EventKind::kSpawn});
  return task;
}

void RunSketch::Start(TaskId task, TaskId by) {
  Add({.task = task, .object = by, .kind = EventKind::kStart});
}

TaskId RunSketch::Call(TaskId by, const std::string& function, std::uint32_t line) {
  const TaskId task = Create(by, function);
  wait_[by] = {.operation = Operation::kCall, .object = task, .site = SiteOf(line, "")};
  Add({.task = by,
       .site = wait_[by].site,
       .object = task,
       .kind = EventKind::kSuspend,
       .operation = static_cast<std::uint8_t>(Operation::kCall)});
  caller_[task] = by;
  Start(task, by);
  return task;
}

void RunSketch::Join(TaskId by, const std::vector<TaskId>& tasks, std::uint32_t line) {
  const auto join = static_cast<ObjectId>(trace_.objects.size());
  trace_.objects.push_back({.type = "All", .name = ""});
  for (const TaskId task : tasks) join_[task] = join;
  wait_[by] = {.operation = Operation::kJoin, .object = join, .site = SiteOf(line, "")};
  Add({.task = by,
       .site = wait_[by].site,
       .object = join,
       .kind = EventKind::kSuspend,
       .operation = static_cast<std::uint8_t>(Operation::kJoin)});
}

void RunSketch::Suspend(TaskId task, Operation operation, std::uint32_t line) {
  wait_[task] = {.operation = operation, .object = 0, .site = SiteOf(line, "")};
  Add({.task = task,
       .site = wait_[task].site,
       .kind = EventKind::kSuspend,
       .operation = static_cast<std::uint8_t>(operation)});
}

void RunSketch::Resume(TaskId task) {
  const Wait& wait = wait_[task];
  Add({.task = task,
       .site = wait.site,
       .object = wait.object,
       .kind = EventKind::kResume,
       .operation = static_cast<std::uint8_t>(wait.operation)});
}

void RunSketch::Finish(TaskId task, Outcome outcome) {
  const auto join = join_.find(task);
  Add({.task = task,
       .object = join == join_.end() ? 0 : join->second,
       .kind = EventKind::kFinish,
       .operation = static_cast<std::uint8_t>(outcome)});
  if (const auto caller = caller_.find(task); caller != caller_.end()) Resume(caller->second);
}

void RunSketch::Mark(TaskId task, const std::string& name, std::vector<Field> fields,
                     std::uint32_t line) {
  Add({.task = task,
       .site = SiteOf(line, ""),
       .object = static_cast<std::uint32_t>(trace_.marks.size()),
       .kind = EventKind::kMark});
  trace_.marks.push_back({.name = name, .fields = std::move(fields)});
}

void RunSketch::WorkFor(TaskId task, const std::string& request) {
  const auto known = std::ranges::find(trace_.flows, FlowRecord{.name = request});
  const auto flow = static_cast<FlowId>(known - trace_.flows.begin());
  if (known == trace_.flows.end()) trace_.flows.push_back({.name = request});
  Add({.task = task, .object = flow, .kind = EventKind::kFlow});
}

TaskId RunSketch::CallAndFinish(TaskId by, const std::string& function, std::uint32_t line) {
  const TaskId task = Call(by, function, line);
  Finish(task);
  return task;
}

Trace RunSketch::Finished() {
  Finish(kMain);
  return trace_;
}

Trace RunSketch::Ended(Ending ending, const std::string& message) {
  trace_.header.ending = ending;
  trace_.header.message = message;
  return trace_;
}

}  // namespace heddle
