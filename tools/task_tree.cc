// SPDX-License-Identifier: MIT
//
// Implements task_tree.h. How an await ended comes from waits.h, its words from words.h.
#include "task_tree.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "deciding_steps.h"
#include "heddle/ending.h"
#include "heddle/internal/lock_holders.h"
#include "heddle/internal/shared_value.h"
#include "requests.h"
#include "task_span.h"
#include "waits.h"
#include "words.h"

namespace heddle::tools {
namespace {

// A deeper tree does not fit a screen, and a chain of a million calls not the stack.
constexpr std::size_t kDepthMax = 40;

class TreeBuilder {
 public:
  TreeBuilder(const Trace& trace, const TaskTable& tasks, FlowId flow,
              const Extract* extract = nullptr)
      : trace_(trace),
        tasks_(tasks),
        flow_(flow),
        waits_(trace, extract == nullptr ? nullptr : &extract->steps_before),
        holders_(extract == nullptr ? HoldersOf(trace) : extract->holders),
        orders_(DecidingSteps(trace, extract == nullptr ? nullptr : &extract->steps_before)) {
    const std::size_t count = waits_.events().size();
    shown_.resize(count);
    failed_.resize(count);
    for (const TaskId task : FailedTasks(trace, tasks)) {
      if (task < count) failed_[task] = true;
    }
    dropped_ = DroppedRequests(trace, tasks);
    for (TaskId task = 0; task < count; ++task) {
      in_view_.push_back(HasEventInView(task) || WasInView(task));
    }
    FindChildren();
  }

  // The tasks that stand below no other.
  std::vector<TaskId> Roots() const {
    std::vector<TaskId> roots;
    for (TaskId task = 0; task < in_view_.size(); ++task) {
      if (in_view_[task] && !below_[task]) roots.push_back(task);
    }
    return roots;
  }

  std::vector<Row> Trees(const std::vector<TaskId>& roots) {
    std::vector<Row> rows;
    for (const TaskId root : roots) {
      if (root >= in_view_.size() || !in_view_[root] || shown_[root]) continue;
      Row row = TaskRow(root, 0);
      row.text = Printable(tasks_.Path(root)) + (IsPart(root) ? " (a part of it)" : "");
      if (IsPart(root) && OnlySpawns(row)) {
        // Its rows are those of its children, one each.
        for (std::size_t i = 0; i < row.children.size(); ++i) {
          row.children[i].text = Printable(tasks_.Path(children_[root][i].task));
          rows.push_back(std::move(row.children[i]));
        }
      } else {
        rows.push_back(std::move(row));
      }
    }
    return InOrder(std::move(rows));
  }

 private:
  using Holders = std::map<ObjectId, std::vector<LockHolder>>;

  // Where a filter took events the lock may have been given back. What the trace does not begin or
  // end with is no such loss: who has a lock has taken it before.
  static Holders HoldersOf(const Trace& trace) {
    const bool filtered =
        std::any_of(trace.losses.list.begin(), trace.losses.list.end(), [](const Loss& loss) {
          return loss.reason != LossReason::kWindow && loss.reason != LossReason::kTorn;
        });
    if (filtered) return {};
    internal::LockHolders locks;
    std::set<ObjectId> awaited;
    for (std::size_t i = 0; i < trace.events.size(); ++i) {
      const Event& event = trace.events[i];
      locks.Add(i, event);
      if (event.kind == EventKind::kSuspend && event.op() == Operation::kLock) {
        awaited.insert(event.object);
      }
    }
    Holders holders;
    for (const ObjectId object : awaited) {
      if (locks.IsSignal(object, ObjectType(trace, object))) continue;
      for (const auto& hold : locks.Of(object)) {
        holders[object].push_back({.event = hold.event, .site = hold.site});
      }
    }
    return holders;
  }

  // By time: a worker may be older than the request, and its part comes later.
  static std::vector<Row> InOrder(std::vector<Row> rows) {
    std::vector<std::size_t> order(rows.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::pair(rows[a].time, a) < std::pair(rows[b].time, b);
    });
    std::vector<Row> sorted;
    sorted.reserve(rows.size());
    for (const std::size_t row : order) sorted.push_back(std::move(rows[row]));
    return sorted;
  }

  struct Child {
    std::size_t at;  // the kSuspend that called it, or its kSpawn; kNoEvent: before the trace
    TaskId task;
  };

  const Event& At(std::size_t event) const { return trace_.events[event]; }

  bool InView(std::size_t event) const { return flow_ == 0 || tasks_.FlowOf(event) == flow_; }

  bool HasEventInView(TaskId task) const {
    const std::vector<std::size_t>& events = waits_.events()[task];
    return std::any_of(events.begin(), events.end(), [&](std::size_t e) { return InView(e); });
  }

  // Whether it worked for the request when the trace began.
  bool WasInView(TaskId task) const {
    return tasks_[task].began_before && tasks_[task].began &&
           (flow_ == 0 || trace_.losses.tasks[task].flow == flow_);
  }

  // Whether `task` did something for others too.
  bool IsPart(TaskId task) const {
    return WorkedForOthers(trace_, tasks_, waits_.events()[task], flow_);
  }

  static bool OnlySpawns(const Row& row) {
    return !row.children.empty() &&
           std::all_of(row.children.begin(), row.children.end(),
                       [](const Row& child) { return child.kind == RowKind::kTask; });
  }

  void FindChildren() {
    const std::size_t count = waits_.events().size();
    below_.resize(count);
    children_.resize(count);
    for (TaskId task = 0; task < count; ++task) {
      if (tasks_[task].began_before) AddChild(tasks_[task].parent, {kNoEvent, task});
    }
    std::vector<bool> called(count);
    for (const Event& event : trace_.events) {
      if (IsCall(event)) called[event.object] = true;
    }
    for (std::size_t i = 0; i < trace_.events.size(); ++i) {
      const Event& event = At(i);
      if (IsCall(event)) {
        AddChild(event.task, {i, event.object});
      } else if (event.kind == EventKind::kSpawn && event.task < count && !called[event.task]) {
        AddChild(event.object, {i, event.task});
      }
    }
  }

  std::string OrderOf(std::size_t event) const {
    const auto found = orders_.find(event);
    return found == orders_.end() ? "" : found->second;
  }

  bool IsCall(const Event& event) const {
    return event.kind == EventKind::kSuspend && event.op() == Operation::kCall &&
           event.object < waits_.events().size();
  }

  // The older task is above: so a damaged recording cannot make a circle.
  void AddChild(TaskId parent, Child child) {
    if (parent >= child.task || below_[child.task]) return;
    if (!in_view_[parent] || !in_view_[child.task]) return;
    below_[child.task] = true;
    children_[parent].push_back(child);
  }

  Row TaskRow(TaskId task, std::size_t depth);
  Row EarlierRow(const TaskInfo& task, std::size_t depth);
  void SetSpan(const TaskInfo& task, Row& row) const;
  Row ChildRow(const Child& child, std::size_t depth);
  std::vector<Row> Steps(TaskId task, std::size_t depth);
  Row AwaitRow(TaskId task, std::size_t position, std::size_t& next) const;
  void AddEarlyAwait(const Event& resume, std::vector<Row>& rows) const;
  Row ActRow(std::size_t event) const;
  Row ThrowRow(std::size_t event) const;
  std::string EndText(const TaskInfo& task) const;
  std::string HowItEnded(std::size_t suspended, const Wait& wait) const;
  std::string HeldText(std::size_t suspended) const;
  bool IsOfOtherRequest(std::size_t a, std::size_t b) const;
  std::string Who(TaskId task, std::size_t deed, std::size_t suspended) const;

  const Trace& trace_;
  const TaskTable& tasks_;
  const FlowId flow_;
  const Waits waits_;
  const Holders holders_;                            // of locks that somebody awaits
  const std::map<std::size_t, std::string> orders_;  // by event
  // By TaskId.
  std::vector<bool> in_view_;
  std::vector<bool> shown_;
  std::vector<bool> failed_;
  std::vector<bool> dropped_;  // by FlowId: what a filter left of them
  std::vector<bool> below_;    // stands below another task
  std::vector<std::vector<Child>> children_;
};

Row TreeBuilder::TaskRow(TaskId id, std::size_t depth) {
  shown_[id] = true;
  const TaskInfo& task = tasks_[id];
  const std::vector<std::size_t>& events = waits_.events()[id];
  const auto in_view = [&](std::size_t e) { return InView(e); };
  const bool part = IsPart(id);
  if (events.empty()) return EarlierRow(task, depth);
  const std::size_t began = task.started == kNoEvent ? events.front() : task.started;
  const std::size_t first = part ? *std::find_if(events.begin(), events.end(), in_view) : began;
  const std::size_t last = part ? *std::find_if(events.rbegin(), events.rend(), in_view)
                           : task.ended == kNoEvent ? trace_.events.size() - 1
                                                    : task.ended;
  Row row;
  row.kind = RowKind::kTask;
  row.time = At(first).time;
  row.text = Printable(task.name);
  row.repeat_name = task.function.empty() ? row.text : Printable(task.function);
  row.took = Elapsed(row.time, At(last).time);
  row.note = EndText(task);
  if (task.began_before && !part) SetSpan(task, row);
  if (task.flow < dropped_.size() && dropped_[task.flow]) row.note += ", not kept";
  row.order = OrderOf(task.started);
  row.failed = failed_[id] && task.ended != kNoEvent && At(task.ended).kind == EventKind::kAbandon;
  if (depth < kDepthMax) {
    row.children = Steps(id, depth + 1);
  } else if (!children_[id].empty() || events.size() > 3) {
    row.note += "; what is below it is left out: see --task " + Printable(task.name);
  }
  return row;
}

// Of a task that waited all the time.
Row TreeBuilder::EarlierRow(const TaskInfo& task, std::size_t depth) {
  Row row;
  row.kind = RowKind::kTask;
  row.text = Printable(task.name);
  row.repeat_name = task.function.empty() ? row.text : Printable(task.function);
  row.note = EndText(task);
  SetSpan(task, row);
  if (depth < kDepthMax) {
    for (const Child& child : children_[task.id]) {
      row.children.push_back(ChildRow(child, depth + 1));
    }
  } else if (!children_[task.id].empty()) {
    row.note += "; what is below it is left out: see --task " + Printable(task.name);
  }
  return row;
}

void TreeBuilder::SetSpan(const TaskInfo& task, Row& row) const {
  const TaskSpan span = SpanOf(trace_, task);
  row.time = span.start;
  row.took = span.duration();
  row.at_least = span.at_least;
  row.began_before = true;
  row.note += ", began before the trace";
}

Row TreeBuilder::ChildRow(const Child& child, std::size_t depth) {
  Row row = TaskRow(child.task, depth);
  if (child.at == kNoEvent) {
    if (!WasCalledBefore(trace_, tasks_[child.task])) {
      row.text.insert(0, "spawned ");
      row.repeat_name.insert(0, "spawned ");
    }
    return row;
  }
  const Event& event = At(child.at);
  if (event.kind == EventKind::kSuspend) {
    row.site = SiteText(trace_, event.site);
  } else {
    const std::size_t ended = tasks_[child.task].ended;
    const bool was_created =
        ended != kNoEvent && (IsForgotten(At(ended)) || At(ended).went_unused());
    const std::string_view verb = was_created ? "creates " : "spawns ";
    row.text.insert(0, verb);
    row.repeat_name.insert(0, verb);
  }
  return row;
}

std::vector<Row> TreeBuilder::Steps(TaskId task, std::size_t depth) {
  const std::vector<std::size_t>& events = waits_.events()[task];
  const std::vector<Child>& children = children_[task];
  std::vector<Row> rows;
  auto child = children.begin();
  for (; child != children.end() && child->at == kNoEvent; ++child) {
    rows.push_back(ChildRow(*child, depth));
  }
  const std::size_t early = tasks_[task].began_before ? waits_.EarlyResume(task) : kNoEvent;
  if (early != kNoEvent && InView(events[early])) AddEarlyAwait(At(events[early]), rows);
  for (std::size_t i = 0; i < events.size();) {
    const std::size_t position = i++;
    const std::size_t e = events[position];
    for (; child != children.end() && child->at <= e; ++child) {
      rows.push_back(ChildRow(*child, depth));
    }
    if (!InView(e)) continue;
    const Event& event = At(e);
    if (event.kind == EventKind::kSuspend) {
      if (event.op() != Operation::kCall) rows.push_back(AwaitRow(task, position, i));
    } else if (event.kind == EventKind::kFinish) {
      if (failed_[task] && event.outcome() == Outcome::kException) rows.push_back(ThrowRow(e));
    } else if (event.kind != EventKind::kFlow || flow_ == 0 || event.also_for() != 0) {
      Row row = ActRow(e);
      if (!row.text.empty()) rows.push_back(std::move(row));
    }
  }
  for (; child != children.end(); ++child) rows.push_back(ChildRow(*child, depth));
  return rows;
}

// `next`, the position where the task's steps go on, is moved behind what is told here.
Row TreeBuilder::AwaitRow(TaskId task, std::size_t position, std::size_t& next) const {
  const std::vector<std::size_t>& events = waits_.events()[task];
  const Event& suspend = At(events[position]);
  const Wait wait = waits_.Of(task, position);
  Row row;
  row.kind = RowKind::kAwait;
  row.time = suspend.time;
  row.text = row.repeat_name = AwaitText(trace_, suspend);
  row.site = SiteText(trace_, suspend.site);
  row.note = HowItEnded(events[position], wait);
  if (wait.duration > 0 || !row.note.empty()) row.took = wait.duration;
  if (suspend.op() != Operation::kSleep) row.other_steps = wait.other_steps;
  row.failed = wait.end() == kNoEvent && failed_[task];
  if (wait.resumed == kNoEvent) return row;
  row.order = OrderOf(wait.resumed);

  row.text += internal::ValueSuffix(At(wait.resumed));
  while (events[next] != wait.resumed) ++next;
  ++next;
  if (next == events.size()) return row;
  const Event& moved = At(events[next]);
  if ((moved.kind == EventKind::kSend && suspend.op() == Operation::kSend) ||
      (moved.kind == EventKind::kReceive && suspend.op() == Operation::kReceive)) {
    row.text += " (message " + std::to_string(moved.value) + ")";
    ++next;
  }
  return row;
}

// What a task awaited when the trace began, and until when.
void TreeBuilder::AddEarlyAwait(const Event& resume, std::vector<Row>& rows) const {
  if (resume.op() == Operation::kCall || resume.op() == Operation::kStart) return;
  Row row;
  row.kind = RowKind::kAwait;
  row.time = BeginOf(trace_);
  row.text = row.repeat_name = AwaitText(trace_, resume);
  row.took = Elapsed(row.time, resume.time);
  row.at_least = row.began_before = true;
  row.note = "began before the trace";
  rows.push_back(std::move(row));
}

Row TreeBuilder::ActRow(std::size_t event) const {
  Row row;
  row.kind = At(event).kind == EventKind::kMark ? RowKind::kMark : RowKind::kAct;
  row.time = At(event).time;
  row.text = row.repeat_name = At(event).kind == EventKind::kCancel
                                   ? "cancels " + Printable(tasks_.Path(At(event).object))
                                   : ActText(trace_, At(event));
  // Messages are numbered; who sends one after the other does the same again and again.
  const std::string object = Printable(ObjectName(trace_, At(event).object));
  if (At(event).kind == EventKind::kSend) row.repeat_name = "sends on " + object;
  if (At(event).kind == EventKind::kReceive) row.repeat_name = "receives from " + object;
  row.site = SiteText(trace_, At(event).site);
  return row;
}

Row TreeBuilder::ThrowRow(std::size_t event) const {
  Row row;
  row.time = At(event).time;
  row.text = row.repeat_name = "throws: " + FirstLine(trace_.header.message);
  row.site = SiteText(trace_, At(event).site);
  row.failed = true;
  return row;
}

std::string TreeBuilder::EndText(const TaskInfo& task) const {
  if (task.ended == kNoEvent) return HasRun(task) ? "unfinished" : "never ran";
  if (!InView(task.ended)) return "";
  const Event& end = At(task.ended);
  if (end.kind == EventKind::kAbandon) return std::string(AbandonText(end));
  return std::string(OutcomeText(end.outcome()));
}

std::string TreeBuilder::HowItEnded(std::size_t suspended, const Wait& wait) const {
  const Event& suspend = At(suspended);
  if (wait.cancelled != kNoEvent) return "cancelled";
  if (wait.end() == kNoEvent && suspend.is_co_yield()) return "never asked again";
  if (wait.end() == kNoEvent) return "never went on" + HeldText(suspended);
  if (wait.cause != kNoEvent) {
    const Event& cause = At(wait.cause);
    const std::string who = Who(cause.task, wait.cause, suspended);
    if (cause.kind == EventKind::kSend) return "sent by " + who;
    if (cause.kind == EventKind::kReceive) return "room made by " + who;
    return std::string(ReleasedText(trace_, cause)) + " by " + who;
  }
  if (wait.held_before != kNoEvent && IsOfOtherRequest(wait.held_before, suspended)) {
    return "last held by " + Who(At(wait.held_before).task, wait.held_before, suspended);
  }
  if (!wait.woken) return "";
  if (wait.waker == kNoTask) {
    return suspend.op() == Operation::kForeign ? "woken from outside" : "timer";
  }
  const std::size_t ended = tasks_[wait.waker].ended;
  if (suspend.op() != Operation::kJoin || ended == kNoEvent) {
    return (suspend.is_co_yield() ? "asked by " : "woken by ") +
           Who(wait.waker, wait.resumed, suspended);
  }
  return "until " + Who(wait.waker, ended, suspended) + " " +
         std::string(OutcomeText(At(ended).outcome()));
}

// "; held by Reserve#0 of order-18 (shop.cc:31)", of an await that never ended.
std::string TreeBuilder::HeldText(std::size_t suspended) const {
  constexpr std::size_t kShown = 2;
  const Event& suspend = At(suspended);
  const auto found = holders_.find(suspend.object);
  if (suspend.op() != Operation::kLock || found == holders_.end()) return "";
  const std::vector<LockHolder>& holders = found->second;
  std::string text;
  for (std::size_t i = 0; i < std::min(holders.size(), kShown); ++i) {
    const TaskId holder = At(holders[i].event).task;
    const std::string site = SiteText(trace_, holders[i].site);
    text += i == 0 ? "; held by " : i + 1 == holders.size() ? " and by " : ", by ";
    text += holder == suspend.task ? "itself" : Who(holder, holders[i].event, suspended);
    if (!site.empty()) text += " (" + site + ")";
  }
  if (holders.size() > kShown) text += " and by " + Grouped(holders.size() - kShown) + " more";
  return text;
}

// Whether events `a` and `b` are of two requests.
bool TreeBuilder::IsOfOtherRequest(std::size_t a, std::size_t b) const {
  return tasks_.FlowOf(a) != 0 && tasks_.FlowOf(a) != tasks_.FlowOf(b);
}

// `task`, which did event `deed`, as the task of event `suspended` would call it: its name
// and request where that is another one, otherwise its path without what both have in common.
std::string TreeBuilder::Who(TaskId task, std::size_t deed, std::size_t suspended) const {
  if (IsOfOtherRequest(deed, suspended)) {
    return Printable(tasks_[task].name) + " of " + FlowText(trace_, tasks_.FlowOf(deed));
  }
  std::string_view path = tasks_.Path(task);
  std::string_view own = tasks_.Path(At(suspended).task);
  for (std::size_t end = path.find('/'); end != std::string_view::npos; end = path.find('/')) {
    const std::string_view part = path.substr(0, end);
    if (own.substr(0, end) != part || (own.size() > end && own[end] != '/')) break;
    path.remove_prefix(end + 1);
    own.remove_prefix(std::min(end + 1, own.size()));
  }
  return Printable(path);
}

}  // namespace

std::vector<Row> RequestTree(const Trace& trace, const TaskTable& tasks, FlowId flow,
                             const Extract* extract) {
  TreeBuilder builder(trace, tasks, flow, extract);
  return builder.Trees(builder.Roots());
}

std::vector<Row> TaskTrees(const Trace& trace, const TaskTable& tasks, FlowId flow,
                           const std::vector<TaskId>& roots) {
  return TreeBuilder(trace, tasks, flow).Trees(roots);
}

}  // namespace heddle::tools
