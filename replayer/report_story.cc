// SPDX-License-Identifier: MIT
//
// Implements report_story.h. A recording may be damaged: ids are looked up, never trusted, and
// every text of the recorded program passes through Printable.
#include "report_story.h"

#include <algorithm>

#include "heddle/event.h"
#include "heddle/object_words.h"
#include "heddle/site.h"
#include "heddle/trace_text.h"
#include "report_text.h"

namespace heddle::internal {
namespace {

// How far back from the failure the table looks for what matters, in events.
constexpr std::size_t kWindow = 10'000;
constexpr std::size_t kBusySteps = 1'000;

bool IsIntent(const Event& event) {
  return event.kind == EventKind::kSuspend || event.kind == EventKind::kSpawn;
}

}  // namespace

std::string AwaitText(Operation operation, const std::string& object) {
  switch (operation) {
    case Operation::kNone:
      break;
    case Operation::kStart:
      return "start";
    case Operation::kYield:
      return "yield";
    case Operation::kSleep:
      return "sleep";
    case Operation::kCall:
      return "call " + object;
    case Operation::kJoin:
    case Operation::kWait:
      return object;
    case Operation::kLock:
      return "lock " + object;
    case Operation::kSend:
      return "send into " + object;
    case Operation::kReceive:
      return "receive from " + object;
    case Operation::kForeign:
      return "an awaitable that is not heddle's";
    case Operation::kRead:
      return "read " + object;
    case Operation::kWrite:
      return "write " + object;
    case Operation::kUpdate:
      return "update " + object;
  }
  return "?";
}

Story::Story(const Trace& a_trace)
    : trace(a_trace), tasks(a_trace), objects_(ObjectNames(a_trace)) {
  FindStrands();
  const std::size_t failed = tasks[trace.header.failed_task].ended;
  const bool threw = failed != kNoEvent && trace.events[failed].kind == EventKind::kFinish &&
                     trace.events[failed].outcome() == Outcome::kException;
  end = threw ? failed + 1 : trace.events.size();
  begin = end - std::min(end, kWindow);
  FindIntentsAndHolders();
  NumberChoices();
}

std::string Story::Path(TaskId task) const {
  return Knows(task) ? Printable(tasks.Path(task)) : "task " + std::to_string(task);
}

std::string Story::Name(TaskId task) const { return CutPath(Path(task), kNameWidth); }

std::string Story::FlowName(TaskId task) const { return RequestName(tasks[task].flow); }

std::string Story::RequestName(FlowId flow) const {
  if (flow == 0 || flow >= trace.flows.size()) return "";
  const std::string& name = trace.flows[flow].name;
  return name.empty() ? "request " + std::to_string(flow) : Printable(name);
}

std::string Story::Object(ObjectId object) const {
  return Printable(object < objects_.size() ? objects_[object] : "?");
}

std::string Story::ShortObject(ObjectId object) const {
  const bool named = object < trace.objects.size() && !trace.objects[object].name.empty();
  return named ? Printable(trace.objects[object].name) : Object(object);
}

std::string_view Story::ObjectType(ObjectId object) const {
  return object < trace.objects.size() ? std::string_view(trace.objects[object].type) : "";
}

std::string Story::SiteText(SiteId site) const {
  if (site >= trace.sites.size() || trace.sites[site].line == 0) return "";
  return Printable(ToString(trace.sites[site]));
}

std::string Story::Await(const Event& suspend) const {
  const Operation operation = suspend.op();
  if (suspend.is_co_yield()) return "co_yield";
  if (operation == Operation::kCall) return AwaitText(operation, Name(suspend.object));
  if (operation == Operation::kLock) {
    return std::string(LockWord(ObjectType(suspend.object))) + " " + ShortObject(suspend.object);
  }
  const bool full = operation == Operation::kJoin || operation == Operation::kWait;
  return AwaitText(operation, full ? Object(suspend.object) : ShortObject(suspend.object));
}

std::optional<std::size_t> Story::Intent(TaskId task, std::size_t before) const {
  if (!Knows(task)) return std::nullopt;
  std::optional<std::size_t> intent = intents_[task];
  if (intent && *intent < before) return intent;
  for (std::size_t i = before; i-- > 0;) {
    if (event(i).task == task && IsIntent(event(i))) return i;
  }
  return std::nullopt;
}

TaskId Story::HolderOf(ObjectId mutex) const {
  const auto found = holders_.find(mutex);
  return found == holders_.end() ? kNoTask : found->second;
}

std::optional<std::size_t> Story::ChoiceOf(std::size_t index) const {
  const auto found = choice_of_event_.find(index);
  if (found == choice_of_event_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::size_t> Story::EventOf(std::size_t choice) const {
  return choice < event_of_choice_.size() ? event_of_choice_[choice] : std::nullopt;
}

void Story::FindStrands() {
  strands_.resize(tasks.tasks().size());
  depths_.resize(strands_.size());
  for (std::size_t id = 0; id < strands_.size(); ++id) strands_[id] = static_cast<TaskId>(id);
  for (const Event& at : trace.events) {
    if (!Knows(at.task)) continue;
    if (at.kind == EventKind::kSuspend && at.op() == Operation::kCall && Knows(at.object)) {
      strands_[at.object] = strands_[at.task];
      depths_[at.object] = depths_[at.task] + 1;
    } else if ((IsForgotten(at) || at.went_unused()) && Knows(tasks[at.task].parent)) {
      strands_[at.task] = strands_[tasks[at.task].parent];
    }
  }
}

void Story::FindIntentsAndHolders() {
  intents_.resize(strands_.size());
  for (std::size_t i = 0; i < end; ++i) {
    const Event& at = event(i);
    if (Knows(at.task) && IsIntent(at)) intents_[at.task] = i;
    const bool locked = at.kind == EventKind::kResume && at.op() == Operation::kLock;
    // Of others than a Mutex several tasks may hold something.
    if (ObjectType(at.object) != "Mutex") continue;
    if (locked || at.kind == EventKind::kAcquire) holders_[at.object] = at.task;
    if (at.kind == EventKind::kRelease) holders_.erase(at.object);
  }
}

// Choices and the events that they led to come in the same order.
void Story::NumberChoices() {
  event_of_choice_.resize(trace.choices.size());
  std::size_t choice = 0;
  for (std::size_t i = 0; i < trace.events.size() && choice < trace.choices.size(); ++i) {
    const Event& at = event(i);
    const bool task = IsStep(at.kind) && at.chosen();
    // A draw among one alternative is an event and no choice.
    const bool value = at.kind == EventKind::kDraw && at.object != 1;
    if (!task && !value) continue;
    const Choice& made = trace.choices[choice];
    const bool same = made.kind == (task ? ChoiceKind::kTask : ChoiceKind::kValue) &&
                      made.picked == (task ? at.task : at.value);
    if (!same) return;  // a damaged recording
    event_of_choice_[choice] = i;
    if (made.deviates()) choice_of_event_[i] = choice;
    ++choice;
  }
}

BusyTasks FindBusyTasks(const Story& story) {
  BusyTasks busy;
  std::map<TaskId, std::size_t> steps_of;
  for (std::size_t i = story.end; i-- > 0 && busy.steps < kBusySteps;) {
    if (!IsStep(story.event(i).kind) || story.event(i).op() == Operation::kCall) continue;
    ++steps_of[story.event(i).task];
    ++busy.steps;
  }
  for (const auto& [task, count] : steps_of) {
    if (count * 5 >= busy.steps) busy.tasks.emplace_back(task, count);
  }
  return busy;
}

}  // namespace heddle::internal
