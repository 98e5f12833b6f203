// SPDX-License-Identifier: MIT
//
// A trace as the parts of a report see it: who is who, who waits for what, which choice led to
// which event. Read next: report_lanes.h, which asks it the most.
#ifndef HEDDLE_REPLAYER_REPORT_STORY_H_
#define HEDDLE_REPLAYER_REPORT_STORY_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle::internal {

inline constexpr std::size_t kNameWidth = 40;  // of a task in running text

inline bool IsStep(EventKind kind) {
  return kind == EventKind::kStart || kind == EventKind::kResume;
}

// Whether a kAbandon is of a task that nobody awaited. The other sort was spawned, and then
// cancelled before its turn came.
inline bool IsForgotten(const Event& event) {
  return event.kind == EventKind::kAbandon && event.op() == Operation::kNone;
}

// Whether it waits for tasks that it started itself.
inline bool IsForOwnTask(const WaitingTask& waiting) {
  return waiting.operation == Operation::kCall || waiting.operation == Operation::kJoin;
}

// What a task that awaits this is about to do.
std::string AwaitText(Operation operation, const std::string& object);

// A trace, and what every part asks of it. A strand is a task that was spawned, and all that
// it calls: they take turns on one stack, so they share a column of the table.
class Story {
 public:
  explicit Story(const Trace& a_trace);

  const Event& event(std::size_t index) const { return trace.events[index]; }
  bool Knows(TaskId task) const { return task < strands_.size(); }
  TaskId StrandOf(TaskId task) const { return Knows(task) ? strands_[task] : kNoTask; }
  std::size_t DepthOf(TaskId task) const { return Knows(task) ? depths_[task] : 0; }

  // Paths, and what a person may add to one: the request that it works for.
  std::string Path(TaskId task) const;
  std::string Name(TaskId task) const;  // short enough for running text
  std::string FlowName(TaskId task) const;
  std::string RequestName(FlowId flow) const;

  // "Gate doors", "Mutex#1"
  std::string Object(ObjectId object) const;
  // "ledger", where what is done with it says that it is a Mutex
  std::string ShortObject(ObjectId object) const;
  // "Mutex"; empty for one that is not known.
  std::string_view ObjectType(ObjectId object) const;
  std::string SiteText(SiteId site) const;

  // What a kSuspend awaits: "lock ledger".
  std::string Await(const Event& suspend) const;

  // What says what `task` was to do next at event number `before`: its last kSuspend, or the
  // kSpawn of a task that has not run.
  std::optional<std::size_t> Intent(TaskId task, std::size_t before) const;

  // Who has taken `mutex` and not let go of it; kNoTask: nobody.
  TaskId HolderOf(ObjectId mutex) const;

  // The choice that led to event number `index`, and the other way round.
  std::optional<std::size_t> ChoiceOf(std::size_t index) const;
  std::optional<std::size_t> EventOf(std::size_t choice) const;

  const Trace& trace;
  TaskTable tasks;
  std::size_t end = 0;    // one past the last event that can have led to the failure
  std::size_t begin = 0;  // the table looks at the events from here on

 private:
  void FindStrands();
  void FindIntentsAndHolders();
  void NumberChoices();

  std::vector<std::string> objects_;
  std::vector<TaskId> strands_;
  std::vector<std::size_t> depths_;
  std::vector<std::optional<std::size_t>> intents_;  // by task, at the end
  std::map<ObjectId, TaskId> holders_;               // at the end
  std::vector<std::optional<std::size_t>> event_of_choice_;
  std::map<std::size_t, std::size_t> choice_of_event_;  // those that deviate
};

// Who made the last steps: those that made a fifth of them or more.
struct BusyTasks {
  std::size_t steps = 0;
  std::vector<std::pair<TaskId, std::size_t>> tasks;
};

BusyTasks FindBusyTasks(const Story& story);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_REPORT_STORY_H_
