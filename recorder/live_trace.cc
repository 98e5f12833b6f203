// SPDX-License-Identifier: MIT
//
// Implements live_trace.h: one pass to put the events of all threads in order, one to see which
// tasks were there before, one to give everything its number.
#include "live_trace.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <source_location>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "heddle/process_info.h"
#include "heddle/site.h"
#include "heddle/task_label.h"
#include "heddle/task_table.h"

namespace heddle::internal {
namespace {

class TraceMaker {
 public:
  explicit TraceMaker(const LiveWindow& window) : window_(window) {}

  Trace Make() {
    trace_.sites.emplace_back();
    trace_.objects.emplace_back();
    trace_.flows.emplace_back();
    Collect();
    CarryTasks();
    for (const Item& item : items_) Add(item);
    AddNow();
    DescribeEnd();
    DescribeWaiting();
    return std::move(trace_);
  }

 private:
  struct Item {
    LiveEvent event;
    std::size_t number = 0;
  };

  // Those of a block that is gone leave a hole in the middle of what other threads did: the window
  // begins behind it. What tasks have been waiting for since before is part of it.
  void Collect() {
    for (const auto& [id, task] : window_.tasks) {
      if (task.is_stopped()) items_.push_back({.event = task.stop});
    }
    const std::size_t carried = items_.size();
    for (const LiveStretch& stretch : window_.stretches) CollectFrom(stretch);
    lost_events_ += window_.lost_events - carried;
    // Of one thread's at one time the first comes first.
    std::sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) {
      return std::tie(a.event.ticks, a.number, a.event.task) <
             std::tie(b.event.ticks, b.number, b.event.task);
    });
  }

  void CollectFrom(const LiveStretch& stretch) {
    LiveBlock& block = stretch.block();
    const LiveEvent* const end = block.end.load(std::memory_order_acquire);
    const std::size_t first_mark = marks_.size();
    {
      const std::lock_guard lock(block.marks_mutex);
      marks_.insert(marks_.end(), block.marks.begin(), block.marks.end());
    }
    for (const LiveEvent* event = block.events.data() + stretch.past(); event != end; ++event) {
      if (event->ticks <= window_.lost_until) {
        ++lost_events_;
        continue;
      }
      // Other blocks are read earlier: of a task that began meanwhile they would lack the spawn.
      if (event->ticks > window_.now.ticks) continue;
      items_.push_back({.event = *event, .number = items_.size()});
      if (event->kind != EventKind::kMark) continue;
      if (event->object >= marks_.size() - first_mark) {
        items_.pop_back();  // the recorder was made anew in the middle of it
      } else {
        items_.back().event.object += first_mark;
      }
    }
  }

  struct Carried {
    LiveId parent = 0;
    const void* coroutine = nullptr;
    std::uint64_t spawned = 0;
    LiveFlow flow = 0;
    std::string label_suffix = {};
  };

  // Tasks that were there before the window, or that are mentioned before they are created here.
  void CarryTasks() {
    const std::map<LiveId, Carried> carried = FindCarried();
    // A parent has a lower number than its children.
    std::vector<std::pair<LiveId, const Carried*>> order;
    order.reserve(carried.size());
    for (const auto& [id, task] : carried) order.emplace_back(id, &task);
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
      return std::pair(a.second->spawned, a.first) < std::pair(b.second->spawned, b.first);
    });
    std::map<std::pair<TaskId, std::string>, std::uint64_t> ordinals;
    for (const auto& [id, task] : order) {
      CarriedTask entry = {.parent = TaskOf(task->parent), .flow = FlowOf(task->flow)};
      entry.function = task->coroutine == nullptr ? "" : FunctionOf(task->coroutine);
      const std::string word =
          entry.function.empty() ? "task" : entry.function.substr(entry.function.rfind(':') + 1);
      const std::uint64_t ordinal = ordinals[{entry.parent, word}]++;
      entry.name = absl::StrCat(word, "#", ordinal, task->label_suffix);
      entry.path =
          entry.parent == kNoTask
              ? entry.name
              : absl::StrCat(std::string(WithoutLabel(trace_.losses.tasks[entry.parent].path)), "/",
                             entry.name);
      tasks_.emplace(id, static_cast<TaskId>(tasks_.size()));
      trace_.losses.tasks.push_back(std::move(entry));
    }
    for (const auto& [whose, count] : ordinals) {
      trace_.losses.ordinals.push_back(
          {.parent = whose.first, .word = whose.second, .count = count});
    }
    if (lost_events_ > 0 || !carried.empty()) {
      trace_.losses.list.push_back({.reason = LossReason::kWindow,
                                    .events = lost_events_,
                                    .from = 0,
                                    .to = TimeOf(window_.lost_until)});
    }
  }

  std::map<LiveId, Carried> FindCarried() const {
    std::map<LiveId, Carried> carried;
    for (const auto& [id, task] : window_.tasks) {
      carried.emplace(id, Carried{.parent = task.parent,
                                  .coroutine = task.coroutine,
                                  .spawned = task.spawned,
                                  .flow = task.flow,
                                  .label_suffix = task.label_suffix ? *task.label_suffix : ""});
    }
    std::set<LiveId> created;
    for (const Item& item : items_) {
      const LiveEvent& event = item.event;
      if (event.kind == EventKind::kSpawn) {
        created.insert(event.task);
      } else if (event.task != 0 && !created.contains(event.task)) {
        Carried& task = carried.try_emplace(event.task, Carried{.flow = event.flow}).first->second;
        if (event.kind == EventKind::kResume || event.kind == EventKind::kStart ||
            event.kind == EventKind::kFinish || event.kind == EventKind::kAbandon) {
          task.coroutine = event.site;
        }
      }
      if (MentionsTask(event) && event.object != 0 && !created.contains(event.object)) {
        carried.try_emplace(event.object, Carried{.flow = event.flow});
      }
    }
    return carried;
  }

  static bool MentionsTask(const LiveEvent& event) {
    return event.kind == EventKind::kSpawn || event.kind == EventKind::kStart ||
           (event.kind == EventKind::kSuspend &&
            static_cast<Operation>(event.operation) == Operation::kCall) ||
           (event.kind == EventKind::kResume &&
            static_cast<Operation>(event.operation) == Operation::kCall);
  }

  void Add(const Item& item) {
    const LiveEvent& from = item.event;
    if (from.kind == EventKind::kSpawn) {
      tasks_.try_emplace(from.task, static_cast<TaskId>(tasks_.size()));
    }
    Event event = {.time = TimeOf(from.ticks),
                   .task = TaskOf(from.task),
                   .kind = from.kind,
                   .operation = from.operation};
    switch (from.kind) {
      case EventKind::kSpawn:
        event.site = SiteOf(from.site, /*coroutine=*/true);
        event.object = TaskOf(from.object);
        break;
      case EventKind::kStart:
        ++trace_.header.steps;
        event.object = TaskOf(from.object);
        break;
      case EventKind::kResume:
        ++trace_.header.steps;
        event.object = ObjectOf(from);
        break;
      case EventKind::kSuspend:
        event.site = SiteOf(from.site, /*coroutine=*/false);
        event.object = ObjectOf(from);
        break;
      case EventKind::kMark:
        event.site = SiteOf(from.site, /*coroutine=*/false);
        event.object = static_cast<std::uint32_t>(trace_.marks.size());
        trace_.marks.push_back(std::move(marks_[from.object]));
        break;
      case EventKind::kFlow:
        event.object = FlowOf(static_cast<LiveFlow>(from.object));
        break;
      case EventKind::kContextLost:
        event.site = SiteOf(from.site, /*coroutine=*/false);
        break;
      default:
        break;
    }
    trace_.events.push_back(event);
  }

  // A program that hangs makes no events: how long it has, this one says.
  void AddNow() {
    trace_.events.push_back({.time = TimeOf(window_.now.ticks), .kind = EventKind::kTime});
  }

  TaskId TaskOf(LiveId id) const {
    const auto found = tasks_.find(id);
    return found == tasks_.end() ? kNoTask : found->second;
  }

  std::uint32_t ObjectOf(const LiveEvent& event) {
    if (MentionsTask(event)) return TaskOf(event.object);
    if (event.object == 0) return 0;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): as it was written
    const auto* type = reinterpret_cast<const LiveType*>(event.object);
    const auto [known, is_new] =
        types_.try_emplace(type->name, static_cast<ObjectId>(trace_.objects.size()));
    if (is_new && type->is_object()) {
      trace_.objects.push_back(
          {.type = std::string(type->object_type()), .name = std::string(type->object_name())});
    } else if (is_new) {
      // As a function it would be called what a person calls it.
      trace_.objects.push_back({.type = DisplayName(std::string(type->name) + "()"), .name = {}});
    }
    return known->second;
  }

  FlowId FlowOf(LiveFlow flow) {
    if (flow == 0) return 0;
    const auto [known, is_new] = flows_.try_emplace(flow, static_cast<FlowId>(trace_.flows.size()));
    if (is_new) {
      const auto name = window_.flow_names.find(flow);
      trace_.flows.push_back({.name = name != window_.flow_names.end()
                                          ? name->second
                                          : absl::StrCat("request ", flow)});
    }
    return known->second;
  }

  SiteId SiteOf(const void* data, bool coroutine) {
    if (data == nullptr) return 0;
    const auto [place, is_unknown] = places_[coroutine].try_emplace(data, 0);
    if (is_unknown) place->second = SiteOfContent(data, coroutine);
    return place->second;
  }

  // Two addresses with the same file, line and name are the same site.
  SiteId SiteOfContent(const void* data, bool coroutine) {
    const auto location = std::bit_cast<std::source_location>(data);
    Site site{.file = location.file_name(), .line = location.line(), .function = {}};
    if (coroutine) site.function = FunctionOf(data);
    const auto [known, is_new] = sites_.try_emplace(std::tuple(site.file, site.line, site.function),
                                                    static_cast<SiteId>(trace_.sites.size()));
    if (is_new) trace_.sites.push_back(std::move(site));
    return known->second;
  }

  static std::string FunctionOf(const void* data) {
    return DisplayName(std::bit_cast<std::source_location>(data).function_name());
  }

  // The two clocks were read together twice, and the counter runs at one speed.
  VirtualNanos TimeOf(std::uint64_t ticks) const {
    if (ticks <= window_.begin.ticks) return 0;
    const std::uint64_t all_ticks = window_.now.ticks - window_.begin.ticks;
    const auto all = std::chrono::nanoseconds(window_.now.time - window_.begin.time).count();
    const double share =
        static_cast<double>(ticks - window_.begin.ticks) / static_cast<double>(all_ticks);
    return static_cast<VirtualNanos>(share * static_cast<double>(all));
  }

  void DescribeEnd() {
    const std::uint64_t steps = trace_.header.steps;
    trace_.header = LiveHeader(window_.begin);
    trace_.header.steps = steps;
  }

  // Who waits at the end, the longest first; of a chain of calls the one that it is about.
  void DescribeWaiting() {
    std::map<TaskId, const Event*> waits;
    for (const Event& event : trace_.events) {
      switch (event.kind) {
        case EventKind::kSuspend:
          if (event.op() != Operation::kCall && !event.is_co_yield()) waits[event.task] = &event;
          break;
        case EventKind::kResume:
        case EventKind::kFinish:
          waits.erase(event.task);
          break;
        default:
          break;
      }
    }
    const TaskTable tasks(trace_);
    for (const auto& [task, suspend] : waits) {
      trace_.header.waiting.push_back(
          {.task = task,
           .name = tasks.Path(task),
           .operation = suspend->op(),
           .object = suspend->object == 0 ? "" : trace_.objects[suspend->object].type,
           .site = ToString(trace_.sites[suspend->site]),
           .since = suspend->time});
    }
    std::sort(trace_.header.waiting.begin(), trace_.header.waiting.end(),
              [](const WaitingTask& a, const WaitingTask& b) {
                return std::tie(a.since, a.task) < std::tie(b.since, b.task);
              });
  }

  const LiveWindow& window_;
  std::vector<Item> items_;
  std::vector<MarkRecord> marks_;
  std::uint64_t lost_events_ = 0;
  std::unordered_map<LiveId, TaskId> tasks_;
  std::unordered_map<LiveFlow, FlowId> flows_;
  std::map<std::string_view, ObjectId> types_;
  std::unordered_map<const void*, SiteId> places_[2];
  std::map<std::tuple<std::string, std::uint32_t, std::string>, SiteId> sites_;
  Trace trace_;
};

}  // namespace

TraceHeader LiveHeader(const LiveMoment& begin) {
  TraceHeader header;
  DescribeProcess(header);
  header.chooser = kLiveChooser;
  header.ending = Ending::kStopped;
  header.began = std::chrono::nanoseconds(begin.wall.time_since_epoch()).count();
  return header;
}

Trace TraceOf(const LiveWindow& window) { return TraceMaker(window).Make(); }

}  // namespace heddle::internal
