// SPDX-License-Identifier: MIT
//
// Implements extract.h. Which events a tree looks at is decided in task_tree.cc and waits.cc;
// tests/tools/extract_test.cc compares.
#include "extract.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "heddle/ending.h"
#include "heddle/internal/lock_holders.h"
#include "heddle/task_label.h"
#include "heddle/task_table.h"
#include "heddle/trace_scan.h"
#include "taker.h"
#include "torn.h"
#include "words.h"

namespace heddle::tools {
namespace {

// Of each task of the run: there may be a million.
struct KnownTask {
  TaskId parent = kNoTask;
  FlowId flow = 0;                    // what it works for now
  FlowId worked_for = 0;              // the first request that it has events of
  bool is_mixed = false;              // it has events of other requests too
  EventKind end_kind{};               // EventKind{}: it has not ended
  Outcome outcome = Outcome::kValue;  // of a kFinish

  bool has_ended() const { return end_kind != EventKind{}; }
};
static_assert(sizeof(KnownTask) == 16);

// A mark that gives a task its label.
struct Label {
  TaskId task;
  std::uint32_t mark;
};

struct Span {
  std::size_t first = kNoEvent;
  TaskId task = kNoTask;  // of the first event
  VirtualNanos start = 0;
  VirtualNanos last = 0;
  std::size_t tasks = 0;
};

std::uint64_t KeyOf(TaskId task, FlowId flow) { return std::uint64_t{task} << 32 | flow; }

}  // namespace

// What the first reading finds.
struct RunIndex::Data : TraceVisitor {
  Data(std::string_view its_bytes, const std::string& its_name)
      : bytes(its_bytes), name(its_name) {}

  void Visit(const Trace& piece, std::size_t first) override {
    overview.choices += piece.choices.size();
    for (const Choice& choice : piece.choices) overview.deviations += choice.deviates() ? 1 : 0;
    if (spans.size() < piece.flows.size()) spans.resize(piece.flows.size());
    for (const Event& event : piece.events) Add(event, first++);
  }
  void VisitMark(std::size_t id, const MarkRecord& mark) override {
    if (LabelOf(mark) == nullptr) return;
    is_label.resize(id + 1);
    is_label[id] = true;
  }

  bool IsLabel(const Event& event) const {
    return event.kind == EventKind::kMark && event.object < is_label.size() &&
           is_label[event.object];
  }

  void Add(const Event& event, std::size_t index) {
    last = {.index = index, .steps = steps, .event = event};
    steps += IsStep(event) ? 1 : 0;
    if (event.kind == EventKind::kContextLost) ++overview.lost_contexts;
    if (event.task == kNoTask) return;
    if (event.kind == EventKind::kSpawn) Spawn(event);
    if (event.task >= tasks.size()) {
      is_sound = false;
      return;
    }
    KnownTask& task = tasks[event.task];
    if (event.kind == EventKind::kFlow) {
      if (task.has_ended()) ended_for.emplace(event.task, task.flow);
      task.flow = event.object;
    } else if (IsEnd(event)) {
      task.end_kind = event.kind;
      task.outcome = event.outcome();
      ended_for.erase(event.task);
    } else if (IsLabel(event)) {
      labels.push_back({.task = event.task, .mark = event.object});
    }
    if (task.flow != 0) AddToSpan(task, index, event);
  }

  // Tasks are numbered in the order of their creation.
  void Spawn(const Event& event) {
    if (event.task != tasks.size() || (event.object >= event.task && event.object != kNoTask)) {
      is_sound = false;
      return;
    }
    KnownTask& task = tasks.emplace_back();
    task.parent = event.object;
    if (task.parent != kNoTask) task.flow = tasks[task.parent].flow;
  }

  void AddToSpan(KnownTask& task, std::size_t index, const Event& event) {
    if (task.flow >= spans.size()) return;
    Span& span = spans[task.flow];
    if (span.first == kNoEvent) {
      span.first = index;
      span.task = event.task;
      span.start = event.time;
    }
    span.last = event.time;
    if (IsNewTo(task, event.task)) ++span.tasks;
  }

  bool IsNewTo(KnownTask& task, TaskId id) {
    if (task.worked_for == 0)
      task.worked_for = task.flow;
    else if (task.worked_for == task.flow)
      return false;
    else {
      task.is_mixed = true;
      return mixed.insert(KeyOf(id, task.flow)).second;
    }
    return true;
  }

  bool WorkedFor(TaskId task, FlowId flow) const {
    return tasks[task].worked_for == flow ||
           (tasks[task].is_mixed && mixed.count(KeyOf(task, flow)) > 0);
  }

  // When all is read.
  void Finish() {
    is_sound = is_sound && recording.trace.losses.empty();
    overview.events = last.exists() ? last.index + 1 : 0;
    overview.steps = steps;
    overview.end = last.event.time;
    overview.tasks = tasks.size();
    overview.failed = FailedFlow();
    // Requests that tasks still work for go on to the end.
    for (const KnownTask& task : tasks) {
      if (!task.has_ended() && task.flow < spans.size()) spans[task.flow].last = overview.end;
    }
    overview.requests.reserve(spans.size());
    for (FlowId flow = 1; flow < spans.size(); ++flow) {
      if (spans[flow].first != kNoEvent) overview.requests.push_back(RequestOf(flow));
    }
    overview.request_count = overview.requests.size();
    std::sort(overview.requests.begin(), overview.requests.end(),
              [this](const Request& a, const Request& b) {
                return spans[a.flow].first < spans[b.flow].first;
              });
    spans = std::vector<Span>();  // of no use any more, and there may be a million
  }

  Request RequestOf(FlowId flow) const {
    const Span& span = spans[flow];
    return {.flow = flow,
            .start = span.start,
            .duration = Elapsed(span.start, span.last),
            .outcome = OutcomeOf(span.task, flow),
            .failed = flow == overview.failed,
            .tasks = span.tasks};
  }

  // What it works for, or worked for when it ended.
  FlowId LastFlowOf(TaskId task) const {
    const auto ended = ended_for.find(task);
    return ended == ended_for.end() ? tasks[task].flow : ended->second;
  }

  std::string OutcomeOf(TaskId id, FlowId flow) const {
    const KnownTask& task = tasks[id];
    if (!task.has_ended()) return "unfinished";
    if (LastFlowOf(id) != flow) return "done";
    return task.end_kind == EventKind::kAbandon ? "never ran"
                                                : std::string(OutcomeText(task.outcome));
  }

  std::vector<TaskId> FailedTasks() const;
  FlowId FailedFlow() const {
    for (const TaskId id : FailedTasks()) {
      if (id >= tasks.size()) continue;
      if (const FlowId flow = LastFlowOf(id); flow != 0) return flow;
    }
    return 0;
  }

  const std::string_view bytes;
  const std::string& name;
  Recording recording;
  Overview overview;
  bool is_sound = true;
  std::deque<KnownTask> tasks;  // by TaskId
  std::vector<Span> spans;      // by FlowId
  std::unordered_set<std::uint64_t> mixed;
  std::unordered_map<TaskId, FlowId>
      ended_for;               // of those that began another request after their end
  std::vector<bool> is_label;  // by mark
  std::vector<Label> labels;
  Numbered last;
  std::size_t steps = 0;
};

// As FailedTasks() in requests.h.
std::vector<TaskId> RunIndex::Data::FailedTasks() const {
  const TraceHeader& header = recording.trace.header;
  std::vector<TaskId> failed;
  switch (header.ending) {
    case Ending::kThrew:
      failed.push_back(header.failed_task);
      break;
    case Ending::kStuck:
    case Ending::kStepLimit:
    case Ending::kTaskLimit:
      for (const WaitingTask& waiting : header.waiting) failed.push_back(waiting.task);
      break;
    case Ending::kAbandoned:
      for (TaskId task = 0; task < tasks.size(); ++task) {
        if (tasks[task].end_kind == EventKind::kAbandon) failed.push_back(task);
      }
      break;
    case Ending::kFinished:
    case Ending::kStopped:
      break;
  }
  return failed;
}

namespace {

// The third reading: takes what names the tasks that are told of, and how some of them ended.
class Namer : public TraceVisitor {
 public:
  Namer(std::vector<bool> told, std::vector<bool> ends, std::vector<bool> is_label,
        std::vector<std::uint32_t> marks)
      : told_(std::move(told)),
        ends_(std::move(ends)),
        is_label_(std::move(is_label)),
        marks_(std::move(marks)) {}

  void Visit(const Trace& piece, std::size_t first) override {
    for (const Event& event : piece.events) {
      if (event.task < told_.size() && told_[event.task]) {
        Add({.index = first, .steps = steps_, .event = event});
      }
      ++first;
      steps_ += IsStep(event) ? 1 : 0;
    }
  }
  void VisitMark(std::size_t id, const MarkRecord& mark) override {
    if (std::binary_search(marks_.begin(), marks_.end(), id)) records_.push_back(mark);
  }

  std::vector<Numbered> TakeEvents() {
    for (const auto& [task, end] : last_ends_) taken_.push_back(end);
    return std::move(taken_);
  }
  // One for each of the marks that were asked for, in the same order.
  std::vector<MarkRecord> TakeMarks() { return std::move(records_); }

 private:
  void Add(const Numbered& numbered) {
    const Event& event = numbered.event;
    const bool is_label = event.kind == EventKind::kMark && event.object < is_label_.size() &&
                          is_label_[event.object];
    if (event.kind == EventKind::kSpawn || event.kind == EventKind::kFlow || is_label) {
      taken_.push_back(numbered);
    } else if (IsEnd(event) && ends_[event.task]) {
      last_ends_.insert_or_assign(event.task, numbered);
    }
  }

  const std::vector<bool> told_;      // by TaskId
  const std::vector<bool> ends_;      // the same
  const std::vector<bool> is_label_;  // by mark
  const std::vector<std::uint32_t> marks_;
  std::vector<MarkRecord> records_;
  std::vector<Numbered> taken_;
  std::map<TaskId, Numbered> last_ends_;
  std::size_t steps_ = 0;
};

// A reading more, of a request that waits for locks to the end: who has those.
class HolderFinder : public TraceVisitor {
 public:
  explicit HolderFinder(std::set<ObjectId> locks) : locks_(std::move(locks)) {}

  void Visit(const Trace& piece, std::size_t first) override {
    for (const Event& event : piece.events) {
      known_.Add(first, event);
      if (locks_.count(event.object) > 0) Note({.index = first, .steps = steps_, .event = event});
      ++first;
      steps_ += IsStep(event) ? 1 : 0;
    }
  }

  Holders TakeOut(const Trace& tables) const {
    Holders holders;
    for (const ObjectId lock : locks_) {
      if (known_.IsSignal(lock, ObjectType(tables, lock))) continue;
      for (const auto& hold : known_.Of(lock)) {
        holders[lock].push_back({.taken = taken_.at(hold.event), .site = hold.site});
      }
    }
    return holders;
  }

 private:
  // Whoever has it no longer is of no use.
  void Note(const Numbered& numbered) {
    const Event& event = numbered.event;
    const auto& holds = known_.Of(event.object);
    if (!holds.empty() && holds.back().event == numbered.index) {
      taken_.emplace(numbered.index, numbered);
    } else if (event.kind == EventKind::kRelease) {
      std::erase_if(taken_, [&](const auto& one) {
        return one.second.event.object == event.object &&
               std::none_of(holds.begin(), holds.end(),
                            [&](const auto& hold) { return hold.event == one.first; });
      });
    }
  }

  const std::set<ObjectId> locks_;
  internal::LockHolders known_;
  std::map<std::size_t, Numbered> taken_;  // by the number of the event
  std::size_t steps_ = 0;
};

}  // namespace

RunIndex::RunIndex(std::unique_ptr<Data> data) : data_(std::move(data)) {}
RunIndex::RunIndex(RunIndex&&) noexcept = default;
RunIndex::~RunIndex() = default;

bool RunIndex::is_sound() const { return data_->is_sound; }
const Recording& RunIndex::recording() const { return data_->recording; }
const Overview& RunIndex::overview() const { return data_->overview; }

absl::StatusOr<RunIndex> RunIndex::Make(std::string_view bytes, const std::string& name) {
  auto data = std::make_unique<Data>(bytes, name);
  absl::StatusOr<Recording> recording = ScanRecording(bytes, name, *data);
  if (!recording.ok()) return recording.status();
  data->recording = *std::move(recording);
  data->Finish();
  NoteTorn(data->recording);
  return RunIndex(std::move(data));
}

absl::StatusOr<std::vector<RequestTimes>> RunIndex::Times() const {
  struct Clock : TraceVisitor {
    explicit Clock(const Losses& losses) : clock(losses) {}
    void Visit(const Trace& piece, std::size_t /*first*/) override {
      for (const Event& event : piece.events) clock.Add(event);
    }
    RequestClock clock;
  };
  Clock visitor(recording().trace.losses);
  const absl::StatusOr<Recording> read = ScanRecording(data_->bytes, data_->name, visitor);
  if (!read.ok()) return read.status();
  return std::move(visitor.clock).Times(recording().trace.flows.size(), data_->last.event.time);
}

namespace {

// Which tasks an extract has: those that it tells of, those above them, and those from which they
// are told apart by a number in their names.
class TaskSet {
 public:
  explicit TaskSet(const std::deque<KnownTask>& tasks) : tasks_(tasks), has_(tasks.size()) {}

  // With all that are above it.
  void Add(TaskId task) {
    for (; task < has_.size() && !has_[task]; task = tasks_[task].parent) has_[task] = true;
  }

  // Those with the same parent. Children of a body are called as those of none.
  void AddSiblings() {
    const std::vector<bool> wanted = has_;
    std::vector<bool> is_parent(has_.size());
    for (std::size_t id = 0; id < has_.size(); ++id) {
      const TaskId parent = tasks_[id].parent;
      if (parent == kNoTask)
        is_parent[id] = has_[id] = true;
      else if (wanted[id])
        is_parent[parent] = true;
    }
    for (std::size_t id = 0; id < has_.size(); ++id) {
      const TaskId parent = tasks_[id].parent;
      if (parent != kNoTask && is_parent[parent]) has_[id] = true;
    }
  }

  const std::vector<bool>& members() const { return has_; }

  // Their new numbers; kNoTask: not in the set.
  std::vector<TaskId> Numbers() const {
    std::vector<TaskId> numbers(has_.size(), kNoTask);
    TaskId next = 0;
    for (std::size_t id = 0; id < has_.size(); ++id) {
      if (has_[id]) numbers[id] = next++;
    }
    return numbers;
  }

 private:
  const std::deque<KnownTask>& tasks_;
  std::vector<bool> has_;
};

// Those of the events, and the labels of the tasks that are told of; in ascending order.
std::vector<std::uint32_t> MarksOf(const std::vector<Numbered>& events,
                                   const std::vector<Label>& labels,
                                   const std::vector<bool>& told) {
  std::vector<std::uint32_t> marks;
  for (const Numbered& numbered : events) {
    if (HasMark(numbered.event)) marks.push_back(numbered.event.object);
  }
  for (const Label& label : labels) {
    if (told[label.task]) marks.push_back(label.mark);
  }
  std::sort(marks.begin(), marks.end());
  marks.erase(std::unique(marks.begin(), marks.end()), marks.end());
  return marks;
}

}  // namespace

std::optional<Extract> RunIndex::ExtractOf(FlowId flow) const {
  const Data& data = *data_;
  if (!data.is_sound) return std::nullopt;
  std::vector<Numbered> events;
  Holders holders;
  if (flow != 0) {
    std::vector<bool> in_view(data.tasks.size());
    for (TaskId task = 0; task < in_view.size(); ++task) in_view[task] = data.WorkedFor(task, flow);
    Taker taker(flow, std::move(in_view));
    if (!ScanRecording(data.bytes, data.name, taker).ok()) return std::nullopt;
    if (std::set<ObjectId> locks = taker.OpenLocks(); !locks.empty()) {
      HolderFinder finder(std::move(locks));
      if (!ScanRecording(data.bytes, data.name, finder).ok()) return std::nullopt;
      holders = finder.TakeOut(data.recording.trace);
    }
    events = std::move(taker).TakeOut();
  }
  for (const auto& [object, locks] : holders) {
    for (const TakenLock& lock : locks) events.push_back(lock.taken);
  }
  if (data.last.exists()) events.push_back(data.last);

  TaskSet told(data.tasks);
  std::vector<bool> ends(data.tasks.size());
  const TraceHeader& header = data.recording.trace.header;
  told.Add(header.failed_task);
  for (const WaitingTask& waiting : header.waiting) told.Add(waiting.task);
  for (const Numbered& numbered : events) {
    const Event& event = numbered.event;
    told.Add(event.task);
    if (!RefersToTask(event)) continue;
    told.Add(event.object);
    // Of who woke a task it is said how it ended.
    if (event.object < ends.size()) ends[event.object] = true;
  }
  told.AddSiblings();
  const std::vector<TaskId> numbers = told.Numbers();
  const auto number_of = [&](TaskId task) {
    return task < numbers.size() ? numbers[task] : kNoTask;
  };

  const std::vector<std::uint32_t> marks = MarksOf(events, data.labels, told.members());
  Namer namer(told.members(), std::move(ends), data.is_label, marks);
  if (!ScanRecording(data.bytes, data.name, namer).ok()) return std::nullopt;
  for (const Numbered& numbered : namer.TakeEvents()) events.push_back(numbered);
  return MakeExtract(data.recording.trace, std::move(events), holders, marks, namer.TakeMarks(),
                     number_of);
}

}  // namespace heddle::tools
