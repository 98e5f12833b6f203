// SPDX-License-Identifier: MIT
//
// Implements diagnose_unseen.h. The events do not say that a group has gone. But who throws at the
// run itself is a task that reports to nobody; where no such task has thrown, and the task in which
// the exception began has, it stayed in a group.
#include "diagnose_unseen.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "diagnosis_text.h"

namespace heddle::internal {
namespace {

bool Threw(const Event& event) {
  return event.kind == EventKind::kFinish && event.outcome() == Outcome::kException;
}

// Whether nobody awaits the task: the body, or one that was spawned into the world.
bool ReportsToNobody(const Trace& trace, const TaskInfo& task, const Event& finish) {
  return finish.object == 0 && task.started != kNoEvent &&
         trace.events[task.started].op() == Operation::kStart;
}

// What keeps the exceptions of its tasks until somebody joins.
bool KeepsExceptions(std::string_view type) {
  return type == "TaskGroup" || type == "All" || type == "Any" || type == "Race" ||
         type == "WithTimeout";
}

// The kFinish of the first task that threw into one of those, of which nobody has joined since,
// from event `from` on; kNoEvent: there is none, or the exception has reached the run.
std::size_t FirstUnseen(const Trace& trace, const TaskTable& tasks, const DiagnosisText& text,
                        std::size_t from) {
  std::map<ObjectId, std::size_t> thrown;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    if (event.kind == EventKind::kResume && event.op() == Operation::kJoin) {
      thrown.erase(event.object);
    } else if (Threw(event)) {
      if (ReportsToNobody(trace, tasks[event.task], event)) return kNoEvent;
      if (KeepsExceptions(text.Type(event.object))) thrown.try_emplace(event.object, i);
    }
  }
  std::size_t first = kNoEvent;
  for (const auto& [group, finish] : thrown) {
    if (finish >= from && finish < first) first = finish;
  }
  return first;
}

// " in main after shop.cc:41": who made the last step.
std::string LastStep(const Trace& trace, const DiagnosisText& text) {
  for (std::size_t i = trace.events.size(); i-- > 0;) {
    const Event& event = trace.events[i];
    if (event.kind != EventKind::kResume && event.kind != EventKind::kStart) continue;
    return " in " + text.Task(event.task) + text.LastAwait(event.task, i, "after");
  }
  return "";
}

// How it could be that nobody looked.
std::string HowUnseen(const DiagnosisText& text, ObjectId object, const std::string& last_step) {
  if (text.Type(object) == "TaskGroup") {
    return "the group went" + last_step +
           "\n  Likely cause: a way out that does not pass Join(). Join() waits for the others and "
           "throws the first exception; errors() has all of them.";
  }
  return "who waited for " + text.Object(object) + " was destroyed" + last_step +
         "\n  Likely cause: a timeout, or another task that ended first, came between the "
         "exception "
         "and the end of the others. Catch the exception in the task that throws it.";
}

}  // namespace

std::vector<Diagnosis> DiagnoseUnseen(const Trace& trace, const TaskTable& tasks) {
  const TaskInfo& failed = tasks[trace.header.failed_task];
  if (failed.ended == kNoEvent || !Threw(trace.events[failed.ended])) return {};
  const DiagnosisText text(trace, tasks);
  const std::size_t finish = FirstUnseen(trace, tasks, text, failed.ended);
  if (finish == kNoEvent) return {};
  const Event& event = trace.events[finish];
  return {{.verdict = Verdict::kUnseenException,
           .tasks = {event.task},
           .text = "Exception nobody looked at: that of " + text.Task(event.task) + ", a task of " +
                   text.Object(event.object) + ".\n  " + text.Task(event.task) + " threw" +
                   text.LastAwait(event.task, finish, "after") + "\n  " +
                   HowUnseen(text, event.object, LastStep(trace, text))}};
}

}  // namespace heddle::internal
