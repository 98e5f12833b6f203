// SPDX-License-Identifier: MIT
//
// TaskTable: who is who in a trace. Reads the events once and answers, for each task,
// its name, its parent, its request and where in the events it starts and ends.
//
// A name is a path: `Checkout#0/Charge#1` is the second Charge that Checkout#0 created,
// and Checkout#0 the first Checkout that the body created. It stays the same when
// tasks of other names come or go, which is why tapes and people use it. The body
// itself is `main` and is left out of the paths of its children. The path of a very deep
// task says how many levels it leaves out: `A#0/.../A#0/[83 more]/A#0`.
#ifndef HEDDLE_TASK_TABLE_H_
#define HEDDLE_TASK_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/trace.h"

namespace heddle {

inline constexpr std::size_t kNoEvent = static_cast<std::size_t>(-1);

struct TaskInfo {
  TaskId id = kNoTask;
  TaskId parent = kNoTask;         // who created it
  std::string function;            // "shop::Charge"
  std::string name;                // "Charge#1"
  std::string path;                // "Checkout#0/Charge#1"
  FlowId flow = 0;                 // what it worked for last
  std::size_t spawned = kNoEvent;  // indices into Trace::events
  std::size_t started = kNoEvent;
  std::size_t ended = kNoEvent;  // its kFinish or kAbandon
  // It had started before the first event (losses.h), so `spawned` and `started` are kNoEvent.
  bool began_before = false;
  std::optional<VirtualNanos> began;  // when, if the recording says so
  std::vector<TaskId> children;       // those it created, in order
};

class TaskTable {
 public:
  explicit TaskTable(const Trace& trace);
  // Of a trace that lacks some tasks: each of its own has its number in its name from `ordinals`,
  // whose index is TaskId.
  TaskTable(const Trace& trace, const std::vector<std::uint32_t>& ordinals);

  // All tasks; index is TaskId. A task whose spawn is missing (a torn recording)
  // is called "task 7". One that was there before the first event (losses.h) has its name.
  const std::vector<TaskInfo>& tasks() const { return tasks_; }
  // An id that is not in the trace gets a placeholder.
  const TaskInfo& operator[](TaskId task) const;
  // "?" for kNoTask.
  const std::string& Path(TaskId task) const;
  // The flow that event number `event` belongs to: its task's flow at that time, and of a message
  // that was received the one that its task then works for.
  FlowId FlowOf(std::size_t event) const { return flow_of_event_[event]; }
  // Whether `pattern` names the task: its function ("Charge", "shop::Charge"), its name
  // ("Charge#1"), or its path or the end of it ("Checkout#0/Charge#1").
  static bool Matches(const TaskInfo& task, std::string_view pattern);
  // What the names of tasks of `function` begin with: "Charge" of "shop::Charge".
  static std::string_view WordOf(std::string_view function);

 private:
  TaskTable(const Trace& trace, const std::vector<std::uint32_t>* ordinals);

  std::vector<TaskInfo> tasks_;
  std::vector<FlowId> flow_of_event_;
  TaskInfo unknown_;
};

}  // namespace heddle

#endif  // HEDDLE_TASK_TABLE_H_
