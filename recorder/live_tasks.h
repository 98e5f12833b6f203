// SPDX-License-Identifier: MIT
//
// LiveTasks: who is there at a point of a run, by name, when the events before it are gone. It
// needs memory for the tasks that live and their ancestors, not for those that were. The names are
// those that TaskTable (task_table.h) reads off a whole trace.
//
// Reading allocates nothing: a signal handler does it (window_writer.h).
#ifndef HEDDLE_RECORDER_LIVE_TASKS_H_
#define HEDDLE_RECORDER_LIVE_TASKS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "heddle/recorder.h"
#include "heddle/trace.h"

namespace heddle::internal {

class LiveTasks {
 public:
  struct Task {
    TaskId parent = kNoTask;
    std::uint32_t function = 0;  // index for FunctionOf
    std::uint32_t ordinal = 0;
    FlowId flow = 0;
    std::uint32_t children = 0;  // that are kept
    bool ended = false;
    bool is_main = false;
    bool has_started = false;
    bool is_called = false;                           // its parent awaits it
    VirtualNanos started = 0;                         // when
    std::string label_suffix;                         // task_label.h
    std::map<std::uint32_t, std::uint32_t> ordinals;  // by word: how many it created
  };

  // What an event says about tasks; others need not be told.
  void Spawn(TaskId task, TaskId parent, SiteRef function, bool is_main, VirtualNanos now);
  void Start(TaskId task, VirtualNanos now);
  void Call(TaskId callee);
  void End(TaskId task);
  void SetFlow(TaskId task, FlowId flow, VirtualNanos now);
  void SetLabel(TaskId task, std::string_view label);
  // `flow` is called so. It is kept for as long as somebody works for it.
  void NameFlow(FlowId flow, std::string name);

  // By id: a parent comes before its children.
  const std::map<TaskId, Task>& tasks() const { return tasks_; }
  // Of those that have no parent here.
  const std::map<std::uint32_t, std::uint32_t>& root_ordinals() const { return root_ordinals_; }
  // The id that the next task gets.
  TaskId next() const { return next_; }
  std::string_view FunctionOf(const Task& task) const { return functions_[task.function].name; }
  std::string_view WordOf(const Task& task) const { return words_[functions_[task.function].word]; }
  std::string_view Word(std::uint32_t word) const { return words_[word]; }
  // Null: nobody works for it.
  const std::string* FlowName(FlowId flow) const;
  // When the first of those that work for it began to.
  VirtualNanos FlowSince(FlowId flow) const;

 private:
  struct Function {
    std::string name;
    std::uint32_t word = 0;
  };
  struct Flow {
    std::string name;
    std::uint32_t tasks = 0;
    VirtualNanos since = 0;
  };

  std::uint32_t FunctionNumber(SiteRef site);
  void Release(TaskId task);
  void Enter(FlowId flow, VirtualNanos now);
  void Leave(FlowId flow);

  std::map<TaskId, Task> tasks_;
  std::map<std::uint32_t, std::uint32_t> root_ordinals_;
  std::map<FlowId, Flow> flows_;
  FlowId last_flow_ = 0;  // is kept: its first event may be still to come
  TaskId last_ended_ = kNoTask;
  TaskId next_ = 0;
  std::vector<Function> functions_;
  std::vector<std::string> words_;
  std::unordered_map<const void*, std::uint32_t> function_of_site_;
  std::unordered_map<std::string, std::uint32_t> word_numbers_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_LIVE_TASKS_H_
