// SPDX-License-Identifier: MIT
//
// Implements diagnosis_text.h.
#include "diagnosis_text.h"

#include "heddle/ending.h"
#include "heddle/site.h"

namespace heddle::internal {
namespace {

// Whether `done` is what the task awaited in `suspend`, its last suspension before.
bool WasAwaited(const Event& suspend, const Event& done) {
  switch (done.kind) {
    case EventKind::kResume:
      return true;
    case EventKind::kAccess:
      return suspend.op() == Operation::kUpdate && suspend.object == done.object;
    case EventKind::kSend:
      return suspend.op() == Operation::kSend && suspend.object == done.object;
    case EventKind::kReceive:
      return suspend.op() == Operation::kReceive && suspend.object == done.object;
    default:
      return false;
  }
}

}  // namespace

DiagnosisText::DiagnosisText(const Trace& trace, const TaskTable& tasks)
    : trace_(trace), tasks_(tasks), objects_(ObjectNames(trace)) {}

std::string DiagnosisText::Object(ObjectId object) const {
  return object < objects_.size() ? objects_[object] : "?";
}

std::string_view DiagnosisText::Type(ObjectId object) const {
  return object < trace_.objects.size() ? std::string_view(trace_.objects[object].type) : "";
}

std::string DiagnosisText::Site(SiteId site) const {
  if (site >= trace_.sites.size() || trace_.sites[site].line == 0) return "";
  return ToString(trace_.sites[site]);
}

std::string DiagnosisText::Wait(std::size_t suspend, std::string_view aside) const {
  const Event& event = trace_.events[suspend];
  const bool calls = event.op() == Operation::kCall;
  WaitingTask waiting = {.task = event.task,
                         .name = Task(event.task) + std::string(aside),
                         .operation = event.op(),
                         .object = {},
                         .site = Site(event.site),
                         .since = event.time};
  if (calls) {
    waiting.object = Task(event.object);
  } else if (event.object != 0) {
    waiting.object = Object(event.object);
  }
  return ToString(waiting);
}

std::size_t DiagnosisText::LastSuspend(TaskId task, std::size_t before) const {
  for (std::size_t i = before; i-- > 0;) {
    if (trace_.events[i].task == task && trace_.events[i].kind == EventKind::kSuspend) return i;
  }
  return kNoEvent;
}

std::string DiagnosisText::Place(std::size_t event) const {
  const Event& done = trace_.events[event];
  const std::size_t suspend = LastSuspend(done.task, event);
  const bool awaited = suspend != kNoEvent && WasAwaited(trace_.events[suspend], done);
  return LastAwait(done.task, event, awaited ? "at" : "after");
}

std::string DiagnosisText::LastAwait(TaskId task, std::size_t before, std::string_view word) const {
  const std::size_t suspend = LastSuspend(task, before);
  const std::string site = suspend == kNoEvent ? "" : Site(trace_.events[suspend].site);
  return site.empty() ? "" : " " + std::string(word) + " " + site;
}

std::string CountOf(std::size_t number, std::string_view noun) {
  return std::to_string(number).append(" ").append(noun).append(number == 1 ? "" : "s");
}

}  // namespace heddle::internal
