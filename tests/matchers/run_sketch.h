// SPDX-License-Identifier: MIT
//
// RunSketch: writes down a run as the harness would, from what its tasks do. The tests of
// the matchers ask traces, and need no executor to get one.
#ifndef HEDDLE_TESTS_MATCHERS_RUN_SKETCH_H_
#define HEDDLE_TESTS_MATCHERS_RUN_SKETCH_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "heddle/trace.h"

namespace heddle {

class RunSketch {
 public:
  static constexpr TaskId kMain = 0;

  // `main` has been created and started: events 0 and 1.
  explicit RunSketch(const std::string& main_function = "lambda");

  // Virtual time from here on.
  void SetTime(int milliseconds) { now_ = std::int64_t{1'000'000} * milliseconds; }

  // 1 event. A task is a coroutine in shop.cc.
  TaskId Create(TaskId by, const std::string& function);
  // 1 event.
  void Start(TaskId task, TaskId by);
  // 3 events: creates a task, awaits it at shop.cc:`line`, and it starts.
  TaskId Call(TaskId by, const std::string& function, std::uint32_t line);
  // 1 event: `by` awaits all of `tasks`, which have been created, at shop.cc:`line`.
  void Join(TaskId by, const std::vector<TaskId>& tasks, std::uint32_t line);
  // 1 event.
  void Suspend(TaskId task, Operation operation, std::uint32_t line);
  // 1 event: goes on from what it suspended for last.
  void Resume(TaskId task);
  // 1 event. A task that was called also resumes its caller: 2 events.
  void Finish(TaskId task, Outcome outcome = Outcome::kValue);
  // 1 event.
  void Mark(TaskId task, const std::string& name, std::vector<Field> fields, std::uint32_t line);
  // 1 event: `task` works for this request from here on.
  void WorkFor(TaskId task, const std::string& request);

  // 5 events: a task that is called and returns at once.
  TaskId CallAndFinish(TaskId by, const std::string& function, std::uint32_t line);

  // main has ended; 1 event.
  Trace Finished();
  // As it stands.
  Trace Ended(Ending ending, const std::string& message);

 private:
  struct Wait {
    Operation operation = Operation::kNone;
    std::uint32_t object = 0;
    SiteId site = 0;
  };

  void Add(Event event);
  SiteId SiteOf(std::uint32_t line, const std::string& function);

  Trace trace_;
  VirtualNanos now_ = 0;
  std::map<TaskId, TaskId> caller_;
  std::map<TaskId, ObjectId> join_;
  std::map<TaskId, Wait> wait_;
};

}  // namespace heddle

#endif  // HEDDLE_TESTS_MATCHERS_RUN_SKETCH_H_
