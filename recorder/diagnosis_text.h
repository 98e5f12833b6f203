// SPDX-License-Identifier: MIT
//
// The words that diagnoses are made of: tasks, objects and places by name.
#ifndef HEDDLE_RECORDER_DIAGNOSIS_TEXT_H_
#define HEDDLE_RECORDER_DIAGNOSIS_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/task_table.h"
#include "heddle/trace.h"

namespace heddle::internal {

class DiagnosisText {
 public:
  // Keeps references to both.
  DiagnosisText(const Trace& trace, const TaskTable& tasks);

  const std::string& Task(TaskId task) const { return tasks_.Path(task); }
  // "Mutex ledger"
  std::string Object(ObjectId object) const;
  // "Mutex"; empty for one that is not known.
  std::string_view Type(ObjectId object) const;
  // "shop.cc:41"; empty where it is not known.
  std::string Site(SiteId site) const;
  // "Charge#0 waits for Mutex ledger (lock) at shop.cc:41 since 2.5ms", of a kSuspend;
  // `aside` comes after the name of the task.
  std::string Wait(std::size_t suspend, std::string_view aside = {}) const;
  // Where the task of event number `event` was then: " at shop.cc:41" for what it awaited there,
  // " after shop.cc:41" for what it did later in that step; empty where it is not known.
  std::string Place(std::size_t event) const;
  // " after shop.cc:41", with `word` for "after": the last await of `task` before event number
  // `before`; empty where it is not known.
  std::string LastAwait(TaskId task, std::size_t before, std::string_view word) const;

 private:
  // The last kSuspend of `task` before event number `before`; kNoEvent: there is none.
  std::size_t LastSuspend(TaskId task, std::size_t before) const;

  const Trace& trace_;
  const TaskTable& tasks_;
  std::vector<std::string> objects_;
};

// "1 task", "3 tasks"
std::string CountOf(std::size_t number, std::string_view noun);

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_DIAGNOSIS_TEXT_H_
