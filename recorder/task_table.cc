// SPDX-License-Identifier: MIT
//
// One pass over the events. A recording may be torn or damaged, so nothing in it is
// trusted: an id is used as an index only after a look at the size.
#include "heddle/task_table.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "heddle/task_label.h"

namespace heddle {
namespace {

// Ids are dense, so a sound trace has no more tasks than events. The slack is for short
// traces that lost their beginning.
constexpr std::size_t kStrayIdsMax = 1024;

// A path spells out this many levels. Below, it says how many it leaves out: a chain of
// tasks would otherwise need memory in the square of its length.
constexpr std::size_t kPathLevelsMax = 16;

std::size_t CountTasks(const Trace& trace) {
  const std::size_t limit = trace.losses.tasks.size() + trace.events.size() + kStrayIdsMax;
  std::size_t count = trace.losses.tasks.size();
  for (const Event& event : trace.events) {
    if (event.task < limit) count = std::max<std::size_t>(count, event.task + 1);
  }
  return count;
}

// Whether `event` shows that its task had started before the trace began, which does not say so.
bool HadBegun(const Trace& trace, const TaskInfo& task, const Event& event) {
  if (task.id >= trace.losses.tasks.size() || task.started != kNoEvent) return false;
  if (trace.losses.tasks[task.id].state != CarriedState::kUnknown) return false;
  return event.kind != EventKind::kStart && event.kind != EventKind::kWake &&
         event.kind != EventKind::kAbandon;
}

bool IsMain(const Event& spawn) { return spawn.object == kNoTask && spawn.value == 1; }

// Gives out names and paths, parents before children.
class Namer {
 public:
  // Counts where there are no `ordinals`.
  Namer(std::vector<TaskInfo>& tasks, const std::vector<std::uint32_t>* ordinals)
      : tasks_(tasks), ordinals_(ordinals), places_(tasks.size()) {}

  // A task that was there before the first event, and has its name.
  void Carry(const CarriedTask& carried, TaskId id) {
    if (carried.is_main) main_ = id;
    const std::string_view path = WithoutLabel(carried.path);
    const auto levels = static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
    places_[id] = {.level = std::min(levels, kPathLevelsMax - 1), .anchor = kNoTask};
  }
  void Carry(const CarriedOrdinal& ordinal) {
    used_[{ordinal.parent, ordinal.word}] = static_cast<std::size_t>(ordinal.count);
  }

  void Name(TaskInfo& task, bool is_main) {
    if (is_main) {
      main_ = task.id;
      task.name = task.path = "main";
      return;
    }
    const TaskId above = task.parent == main_ ? kNoTask : task.parent;
    const std::string_view word = TaskTable::WordOf(task.function);
    const std::size_t ordinal =
        ordinals_ == nullptr ? used_[{above, word}]++ : (*ordinals_)[task.id];
    task.name = std::string(word) + "#" + std::to_string(ordinal);
    task.path = above == kNoTask ? task.name : PathBelow(above, task);
  }

 private:
  // Where a task's path is: how deep, and which ancestor's path it starts with.
  struct Place {
    std::size_t level = 0;
    TaskId anchor = kNoTask;
  };

  std::string PathBelow(TaskId above, const TaskInfo& task) {
    Place& place = places_[task.id];
    place.level = places_[above].level + 1;
    if (place.level < kPathLevelsMax) return PlainPath(above) + "/" + task.name;
    place.anchor = place.level == kPathLevelsMax ? above : places_[above].anchor;
    const std::size_t left_out = place.level - kPathLevelsMax;
    const std::string gap = left_out == 0 ? "/" : "/[" + std::to_string(left_out) + " more]/";
    return PlainPath(place.anchor) + gap + task.name;
  }

  // Labels come and go; a path stays the same, so it has none of those above.
  std::string PlainPath(TaskId task) const { return std::string(WithoutLabel(tasks_[task].path)); }

  std::vector<TaskInfo>& tasks_;
  const std::vector<std::uint32_t>* const ordinals_;
  std::vector<Place> places_;
  // By who creates, and the word, which is a part of a function's name. Never iterated.
  absl::flat_hash_map<std::pair<TaskId, std::string_view>, std::size_t> used_;
  TaskId main_ = kNoTask;
};

void Label(TaskInfo& task, std::string_view label) {
  const std::string suffix = LabelSuffix(label);
  task.name = std::string(WithoutLabel(task.name)) + suffix;
  task.path = std::string(WithoutLabel(task.path)) + suffix;
}

// Whether the event before this one is the receipt of a message by which its task works for another
// request.
bool IsTakenUp(const Trace& trace, std::size_t index) {
  const Event& event = trace.events[index];
  if (index == 0 || event.op() != Operation::kReceive || event.object == 0) return false;
  const Event& before = trace.events[index - 1];
  return event.also_for() == 0 && before.kind == EventKind::kReceive && before.task == event.task;
}

// Whether `text` ends in `end`, and `end` begins at the start of `text` or after `separator`.
bool EndsInPart(std::string_view text, std::string_view end, std::string_view separator) {
  if (!text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return text.empty() || text.ends_with(separator);
}

bool IsLabelOf(const TaskInfo& task, std::string_view text) {
  const std::string_view suffix =
      std::string_view(task.name).substr(WithoutLabel(task.name).size());
  return !suffix.empty() && suffix == LabelSuffix(text);
}

}  // namespace

TaskTable::TaskTable(const Trace& trace) : TaskTable(trace, nullptr) {}

TaskTable::TaskTable(const Trace& trace, const std::vector<std::uint32_t>& ordinals)
    : TaskTable(trace, &ordinals) {}

TaskTable::TaskTable(const Trace& trace, const std::vector<std::uint32_t>* ordinals)
    : tasks_(CountTasks(trace)) {
  unknown_.name = unknown_.path = "?";
  for (std::size_t id = 0; id < tasks_.size(); ++id) {
    tasks_[id].id = static_cast<TaskId>(id);
    tasks_[id].name = tasks_[id].path = "task " + std::to_string(id);
  }

  Namer namer(tasks_, ordinals);
  for (std::size_t id = 0; id < trace.losses.tasks.size(); ++id) {
    const CarriedTask& carried = trace.losses.tasks[id];
    TaskInfo& task = tasks_[id];
    task.parent = carried.parent < id ? carried.parent : kNoTask;
    task.function = carried.function;
    task.name = carried.name;
    task.path = carried.path;
    task.flow = carried.flow < trace.flows.size() ? carried.flow : 0;
    if (carried.state == CarriedState::kStarted) {
      task.began_before = true;
      task.began = carried.started;
    }
    if (task.parent != kNoTask) tasks_[task.parent].children.push_back(task.id);
    namer.Carry(carried, task.id);
  }
  for (const CarriedOrdinal& ordinal : trace.losses.ordinals) namer.Carry(ordinal);
  flow_of_event_.reserve(trace.events.size());
  for (std::size_t index = 0; index < trace.events.size(); ++index) {
    const Event& event = trace.events[index];
    if (event.task >= tasks_.size()) {
      flow_of_event_.push_back(0);
      continue;
    }
    TaskInfo& task = tasks_[event.task];
    if (HadBegun(trace, task, event)) task.began_before = true;
    switch (event.kind) {
      case EventKind::kSpawn:
        if (task.spawned != kNoEvent) break;
        task.spawned = index;
        if (event.site < trace.sites.size()) task.function = trace.sites[event.site].function;
        // A creator is older than what it creates; so no walk over parents goes in circles.
        if (event.object < event.task) {
          task.parent = event.object;
          task.flow = tasks_[task.parent].flow;
          tasks_[task.parent].children.push_back(task.id);
        }
        namer.Name(task, IsMain(event));
        break;
      case EventKind::kStart:
        if (task.started == kNoEvent) task.started = index;
        break;
      case EventKind::kFinish:
      case EventKind::kAbandon:
        task.ended = index;
        break;
      case EventKind::kFlow:
        task.flow = event.object < trace.flows.size() ? event.object : 0;
        // The message that says for whom the task works belongs to that request.
        if (IsTakenUp(trace, index)) flow_of_event_.back() = task.flow;
        break;
      case EventKind::kMark:
        if (const std::string* label = LabelOf(trace, event)) Label(task, *label);
        break;
      default:
        break;
    }
    flow_of_event_.push_back(task.flow);
  }
}

const TaskInfo& TaskTable::operator[](TaskId task) const {
  return task < tasks_.size() ? tasks_[task] : unknown_;
}

const std::string& TaskTable::Path(TaskId task) const { return (*this)[task].path; }

std::string_view TaskTable::WordOf(std::string_view function) {
  if (function.empty()) return "task";
  const std::size_t separator = function.rfind("::");
  return separator == std::string_view::npos ? function : function.substr(separator + 2);
}

bool TaskTable::Matches(const TaskInfo& task, std::string_view pattern) {
  if (pattern.empty()) return false;
  return EndsInPart(task.function, pattern, "::") ||
         EndsInPart(WithoutLabel(task.path), pattern, "/") || EndsInPart(task.path, pattern, "/") ||
         task.name == pattern || IsLabelOf(task, pattern);
}

}  // namespace heddle
