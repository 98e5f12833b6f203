// SPDX-License-Identifier: MIT
//
// Implements live_tasks.h.
#include "live_tasks.h"

#include <utility>

#include "heddle/site.h"
#include "heddle/task_label.h"

namespace heddle::internal {
namespace {

std::string_view LastPart(std::string_view function) {
  const std::size_t separator = function.rfind("::");
  return separator == std::string_view::npos ? function : function.substr(separator + 2);
}

}  // namespace

std::uint32_t LiveTasks::FunctionNumber(SiteRef site) {
  const auto [known, is_new] =
      function_of_site_.try_emplace(site.data(), static_cast<std::uint32_t>(functions_.size()));
  if (!is_new) return known->second;
  Function function;
  if (site) function.name = DisplayName(site.location().function_name());
  const std::string word(function.name.empty() ? "task" : LastPart(function.name));
  const auto [number, is_new_word] =
      word_numbers_.try_emplace(word, static_cast<std::uint32_t>(words_.size()));
  if (is_new_word) words_.push_back(word);
  function.word = number->second;
  functions_.push_back(std::move(function));
  return known->second;
}

void LiveTasks::Spawn(TaskId id, TaskId parent, SiteRef function, bool is_main, VirtualNanos now) {
  next_ = id + 1;
  Task task;
  task.function = FunctionNumber(function);
  task.is_main = is_main;
  const auto above = tasks_.find(parent);
  if (above != tasks_.end()) {
    task.parent = parent;
    task.flow = above->second.flow;
    ++above->second.children;
  }
  // What main creates is named as if nobody had.
  auto& ordinals =
      above != tasks_.end() && !above->second.is_main ? above->second.ordinals : root_ordinals_;
  if (!is_main) task.ordinal = ordinals[functions_[task.function].word]++;
  Enter(task.flow, now);
  tasks_.emplace_hint(tasks_.end(), id, std::move(task));
}

void LiveTasks::Start(TaskId id, VirtualNanos now) {
  const auto task = tasks_.find(id);
  if (task == tasks_.end() || task->second.has_started) return;
  task->second.has_started = true;
  task->second.started = now;
}

void LiveTasks::Call(TaskId callee) {
  const auto task = tasks_.find(callee);
  if (task != tasks_.end()) task->second.is_called = true;
}

void LiveTasks::End(TaskId id) {
  const auto task = tasks_.find(id);
  if (task == tasks_.end() || task->second.ended) return;
  task->second.ended = true;
  Leave(task->second.flow);
  Release(std::exchange(last_ended_, id));
}

// Those that have ended, and of which nobody is left below. The last of all stays a little longer:
// whom it wakes, or returns to, comes after its end.
void LiveTasks::Release(TaskId id) {
  for (auto task = tasks_.find(id); task != tasks_.end();) {
    if (!task->second.ended || task->second.children > 0 || task->first == last_ended_) return;
    const TaskId parent = task->second.parent;
    tasks_.erase(task);
    task = tasks_.find(parent);
    if (task != tasks_.end()) --task->second.children;
  }
}

void LiveTasks::SetFlow(TaskId id, FlowId flow, VirtualNanos now) {
  const auto task = tasks_.find(id);
  if (task == tasks_.end() || task->second.ended) return;
  Enter(flow, now);
  Leave(task->second.flow);
  task->second.flow = flow;
}

void LiveTasks::SetLabel(TaskId id, std::string_view label) {
  const auto task = tasks_.find(id);
  if (task != tasks_.end()) task->second.label_suffix = LabelSuffix(label);
}

void LiveTasks::NameFlow(FlowId flow, std::string name) {
  const FlowId before = std::exchange(last_flow_, flow);
  flows_[flow].name = std::move(name);
  const auto last = flows_.find(before);
  if (last != flows_.end() && last->second.tasks == 0) flows_.erase(last);
}

void LiveTasks::Enter(FlowId flow, VirtualNanos now) {
  if (flow == 0) return;
  Flow& known = flows_[flow];
  if (known.tasks++ == 0) known.since = now;
}

void LiveTasks::Leave(FlowId flow) {
  const auto known = flows_.find(flow);
  if (known == flows_.end()) return;
  if (--known->second.tasks == 0 && flow != last_flow_) flows_.erase(known);
}

const std::string* LiveTasks::FlowName(FlowId flow) const {
  const auto known = flows_.find(flow);
  return known == flows_.end() ? nullptr : &known->second.name;
}

VirtualNanos LiveTasks::FlowSince(FlowId flow) const {
  const auto known = flows_.find(flow);
  return known == flows_.end() ? 0 : known->second.since;
}

}  // namespace heddle::internal
