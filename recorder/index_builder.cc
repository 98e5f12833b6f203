// SPDX-License-Identifier: MIT
//
// Implements index_builder.h. The events that a request needs are those that Taker in
// tools/extract.cc takes.
#include "index_builder.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "heddle/task_label.h"
#include "heddle/task_table.h"

namespace heddle::internal {
namespace {

// For so many bytes of a chunk its index may have one more range, or one more creator: about three
// bytes each.
constexpr std::size_t kBytesPerFlows = 512;
constexpr std::size_t kBytesPerLabels = 2048;
constexpr std::size_t kBytesPerCreator = 1024;
constexpr std::size_t kAlways = 4;

constexpr std::size_t kCompactAt = 1024;

// In ascending order, without those that touch.
void Compact(std::vector<IdRange>& ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const IdRange& a, const IdRange& b) { return a.first < b.first; });
  std::size_t kept = 0;
  for (const IdRange& range : ranges) {
    if (kept > 0 && range.first <= std::uint64_t{ranges[kept - 1].last} + 1) {
      ranges[kept - 1].last = std::max(ranges[kept - 1].last, range.last);
    } else {
      ranges[kept++] = range;
    }
  }
  ranges.resize(kept);
}

// At most `count`: those that lie closest become one.
void Compact(std::vector<IdRange>& ranges, std::size_t count) {
  Compact(ranges);
  if (ranges.size() <= count) return;
  std::vector<std::pair<std::uint32_t, std::size_t>> gaps;  // and before which range
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    gaps.emplace_back(ranges[i].first - ranges[i - 1].last, i);
  }
  const std::size_t closed = ranges.size() - count;
  std::nth_element(gaps.begin(), gaps.begin() + static_cast<std::ptrdiff_t>(closed), gaps.end());
  std::vector<bool> is_closed(ranges.size());
  for (std::size_t i = 0; i < closed; ++i) is_closed[gaps[i].second] = true;
  std::size_t kept = 0;
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (is_closed[i]) {
      ranges[kept].last = ranges[i].last;
    } else {
      ranges[++kept] = ranges[i];
    }
  }
  ranges.resize(kept + 1);
}

template <class Item>
Item& At(std::vector<Item>& items, std::size_t place) {
  if (place >= items.size()) items.resize(std::max(place + 1, items.size() * 2));
  return items[place];
}

bool IsStep(const Event& event) {
  return event.kind == EventKind::kStart || event.kind == EventKind::kResume;
}

}  // namespace

void IndexBuilder::Add(const Trace& piece, std::size_t marks_before,
                       const std::vector<WrittenChunk>& chunks) {
  piece_ = &piece;
  marks_before_ = marks_before;
  AddSites(piece.sites);
  sizes_.objects += piece.objects.size();
  sizes_.flows += piece.flows.size();
  sizes_.marks += piece.marks.size();
  index_.choices += piece.choices.size();
  for (const Choice& choice : piece.choices) index_.deviations += choice.deviates() ? 1 : 0;
  for (const WrittenChunk& chunk : chunks) {
    if (!is_sound_) return;
    AddChunk(piece.events.data() + chunk.first, piece.events.data() + chunk.last, chunk);
  }
}

void IndexBuilder::AddSites(const std::vector<Site>& sites) {
  for (const Site& site : sites) {
    const auto number = static_cast<SiteId>(word_of_site_.size());
    const std::string word(TaskTable::WordOf(site.function));
    word_of_site_.push_back(words_.emplace(word, number).first->second);
  }
}

void IndexBuilder::AddChunk(const Event* event, const Event* last, const WrittenChunk& chunk) {
  chunk_ = static_cast<std::uint32_t>(index_.chunks.size());
  IndexedChunk& indexed = index_.chunks.emplace_back();
  indexed.offset = chunk.offset;
  indexed.first_event = index_.events;
  indexed.events = static_cast<std::uint32_t>(last - event);
  indexed.time = event->time;
  indexed.tasks = index_.tasks;
  indexed.steps = index_.steps;
  indexed.main = main_;
  open_.push_back({.bytes = chunk.bytes, .compact_at = kCompactAt});
  index_.events += indexed.events;
  index_.end = (last - 1)->time;
  for (; event != last; ++event) Add(*event);
  CloseChunk();
}

// What nothing is added to any more becomes small. Pages of tasks that have all ended are kept for
// one more chunk: who wakes a task may just have ended.
void IndexBuilder::CloseChunk() {
  const std::size_t bytes = open_[chunk_].bytes;
  IndexedChunk& indexed = index_.chunks[chunk_];
  Compact(indexed.labels, kAlways + bytes / kBytesPerLabels);
  indexed.labels.shrink_to_fit();
  std::vector<CreatedBefore>& created = indexed.created;
  std::sort(created.begin(), created.end(), [](const CreatedBefore& a, const CreatedBefore& b) {
    return std::pair(a.creator + 1, a.word) < std::pair(b.creator + 1, b.word);
  });
  created.resize(std::min(created.size(), kAlways + bytes / kBytesPerCreator));
  created.shrink_to_fit();
  std::erase_if(dead_, [this](std::size_t page) {
    if (page + 1 == pages_.size() || pages_[page]->last_end == chunk_) return false;
    if (pages_[page]->living == 0) pages_[page].reset();
    return true;
  });
}

IndexBuilder::Task* IndexBuilder::Find(TaskId task) {
  const std::size_t page = task / kPageTasks;
  if (page >= pages_.size() || pages_[page] == nullptr) return nullptr;
  Task& found = pages_[page]->tasks[task % kPageTasks];
  return found.exists ? &found : nullptr;
}

void IndexBuilder::Add(const Event& event) {
  index_.steps += IsStep(event) ? 1 : 0;
  if (event.kind == EventKind::kContextLost) ++index_.lost_contexts;
  if (event.task == kNoTask) return;
  if (event.kind == EventKind::kSpawn) Spawn(event);
  Task* const task = Find(event.task);
  if (task == nullptr || task->ended != kNoChunk || !RefersToSomething(event)) {
    is_sound_ = false;
    return;
  }
  if (task->await != Await::kNone) GoOn(*task, event);
  Act(*task, event);
  task->received = event.kind == EventKind::kReceive ? chunk_ : kNoChunk;
  NoteOther(*task, event);
  NoteWork(*task);
}

bool IndexBuilder::RefersToSomething(const Event& event) const {
  const auto table = TableOfObject(event.kind, event.op(), sizes_);
  return !table || event.object < LimitOf(*table);
}

void IndexBuilder::Spawn(const Event& event) {
  const bool has_parent = event.object != kNoTask;
  Task* const parent = has_parent ? Find(event.object) : nullptr;
  if (event.task != index_.tasks || (has_parent && parent == nullptr)) {
    is_sound_ = false;
    return;
  }
  ++index_.tasks;
  const bool is_main = !has_parent && event.value == 1;
  if (is_main) {
    main_ = event.task;
  }
  const TaskId above = event.object == main_ ? kNoTask : event.object;
  if (!is_main) CountCreated(parent, above, event.site);
  const std::size_t page = event.task / kPageTasks;
  if (page == pages_.size()) pages_.push_back(std::make_unique<Page>());
  Task& task = pages_[page]->tasks[event.task % kPageTasks];
  ++pages_[page]->living;
  task.exists = true;
  task.spawned = chunk_;
  if (parent == nullptr) return;
  task.flow = parent->flow;
  task.origin = parent->origin;
}

void IndexBuilder::CountCreated(Task* parent, TaskId above, SiteId site) {
  std::vector<WordCount>& counts = above == kNoTask ? created_by_main_ : parent->created;
  const SiteId word = site < word_of_site_.size() ? word_of_site_[site] : 0;
  auto count = std::find_if(counts.begin(), counts.end(),
                            [&](const WordCount& known) { return known.word == word; });
  if (count == counts.end()) {
    count = counts.insert(count, {.word = word, .count = 0, .chunk = kNoChunk});
  }
  if (count->chunk != chunk_ && (above == kNoTask || parent->spawned != chunk_)) {
    index_.chunks[chunk_].created.push_back(
        {.creator = above, .word = word, .count = count->count});
  }
  count->chunk = chunk_;
  ++count->count;
}

// What came of an await.
void IndexBuilder::GoOn(Task& task, const Event& event) {
  if (task.await == Await::kOpen) {
    if (event.kind == EventKind::kWake) return;
    if (task.object < releases_.size()) Need(releases_[task.object], task.await_flow);
    task.await = event.kind == EventKind::kResume ? Await::kMoved : Await::kNone;
  } else {
    task.await = Await::kNone;
  }
  if (task.await == Await::kNone && task.awaits == Operation::kReceive) StopReceiving(task.object);
}

void IndexBuilder::StopReceiving(ObjectId channel) {
  const auto waiting = waiting_.find(channel);
  if (waiting != waiting_.end() && --waiting->second.tasks == 0) waiting_.erase(waiting);
}

void IndexBuilder::Act(Task& task, const Event& event) {
  switch (event.kind) {
    case EventKind::kStart:
      if (task.started != kNoChunk) is_sound_ = false;
      task.started = chunk_;
      Need(chunk_, task.worked_for);
      break;
    case EventKind::kSuspend:
      Suspend(task, event);
      break;
    case EventKind::kWake:
      Wake(task, event.object);
      break;
    case EventKind::kFinish:
    case EventKind::kAbandon:
      End(task, event);
      break;
    case EventKind::kFlow:
      BeginFlow(task, event.object);
      break;
    case EventKind::kRelease:
      At(releases_, event.object) = {.chunk = chunk_, .origin = task.origin};
      break;
    case EventKind::kReceive:
      At(receives_, event.object) = {.chunk = chunk_, .origin = task.origin};
      break;
    case EventKind::kSend:
      if (event.object < receives_.size()) Need(receives_[event.object], task.flow);
      if (const auto waiting = waiting_.find(event.object); waiting != waiting_.end()) {
        Need(chunk_, waiting->second.flows);
        Need(task.origin, waiting->second.flows);
      }
      break;
    case EventKind::kMark:
      if (event.object < marks_before_) {
        is_sound_ = false;
      } else if (LabelOf(piece_->marks[event.object - marks_before_]) != nullptr) {
        index_.chunks[chunk_].labels.push_back({event.task, event.task});
      }
      break;
    default:
      break;
  }
}

void IndexBuilder::BeginFlow(Task& task, FlowId flow) {
  Need(chunk_, task.flow);
  Need(task.received, flow);  // the message by which it comes to work for the request
  task.flow = flow;
  task.origin = chunk_;
  task.marked = kNoChunk;
  for (const std::uint32_t chunk : {task.spawned, task.started, task.called, task.other}) {
    Need(chunk, flow);
  }
}

void IndexBuilder::Suspend(Task& task, const Event& event) {
  if (event.op() == Operation::kCall) {
    Task* const callee = Find(event.object);
    if (callee == nullptr || (callee->called != kNoChunk && callee->called != chunk_)) {
      is_sound_ = false;
      return;
    }
    callee->called = chunk_;
    Need(chunk_, callee->flow);
    Need(chunk_, callee->worked_for);
    return;
  }
  if (task.flow == 0) return;
  task.await = Await::kOpen;
  task.awaits = event.op();
  task.object = event.object;
  task.await_flow = task.flow;
  if (event.op() == Operation::kLock && event.object < releases_.size()) {
    Need(releases_[event.object], task.flow);
  }
  if (event.op() == Operation::kReceive) {
    Waiting& waiting = waiting_[event.object];
    ++waiting.tasks;
    waiting.flows.Add(task.flow);
  }
}

// How the waker ended, and for whom it worked then, is told with its name.
void IndexBuilder::Wake(const Task& task, TaskId waker) {
  if (task.flow == 0 || waker == kNoTask) return;
  Task* const woken_by = Find(waker);
  if (woken_by == nullptr) {
    is_sound_ = false;
    return;
  }
  woken_by->woke.Add(task.flow);
  if (woken_by->ended == kNoChunk) return;
  Need(woken_by->ended, task.flow);
  Need(woken_by->origin, task.flow);
}

void IndexBuilder::End(Task& task, const Event& event) {
  task.ended = chunk_;
  Need(chunk_, task.worked_for);
  Need(chunk_, task.woke);
  Need(task.origin, task.woke);
  if (event.kind == EventKind::kAbandon) abandoned_.emplace(event.task, task.flow);
  if (event.kind == EventKind::kAbandon || event.outcome() == Outcome::kException) {
    failed_.insert_or_assign(event.task, task.flow);
  }
  Page& page = *pages_[event.task / kPageTasks];
  page.last_end = chunk_;
  if (--page.living == 0) AddDead(event.task / kPageTasks);
  task.created = std::vector<WordCount>();
}

void IndexBuilder::AddDead(std::size_t page) {
  if (std::find(dead_.begin(), dead_.end(), page) == dead_.end()) dead_.push_back(page);
}

// Of a task that also does something else, its first event of that says so.
void IndexBuilder::NoteOther(Task& task, const Event& event) {
  if (event.kind == EventKind::kSpawn || event.kind == EventKind::kStart) return;
  if (task.other == kNoChunk) {
    task.other = chunk_;
    task.other_flow = task.flow;
    Need(chunk_, task.worked_for);
  } else if (!task.has_two_others && task.flow != task.other_flow) {
    task.has_two_others = true;
    Need(chunk_, task.other_flow);
  }
}

void IndexBuilder::NoteWork(Task& task) {
  if (task.flow == 0 || task.marked == chunk_) return;
  task.marked = chunk_;
  task.worked_for.Add(task.flow);
  Need(chunk_, task.flow);
  if (task.flow >= has_events_.size()) has_events_.resize(std::size_t{task.flow} * 2);
  has_events_[task.flow] = true;
}

void IndexBuilder::Need(std::uint32_t chunk, const Span& flows) {
  if (!flows.empty()) Need(chunk, flows.least, flows.greatest);
}

void IndexBuilder::Need(const Last& last, FlowId flow) {
  Need(last.chunk, flow);
  Need(last.origin, flow);
}

void IndexBuilder::Need(std::uint32_t chunk, FlowId first, FlowId last) {
  if (chunk == kNoChunk || last == 0) return;
  std::vector<IdRange>& flows = index_.chunks[chunk].flows;
  if (!flows.empty() && flows.back().first <= first && last <= flows.back().last) return;
  flows.push_back({first, last});
  Open& open = open_[chunk];
  if (flows.size() < open.compact_at) return;
  Compact(flows);
  open.compact_at = 2 * flows.size() + kCompactAt;
}

std::optional<FlowId> IndexBuilder::LastFlowOf(TaskId task) {
  if (const Task* const known = Find(task)) return known->flow;
  const auto failed = failed_.find(task);
  if (failed == failed_.end()) return std::nullopt;
  return failed->second;
}

// As FailedRequest() in tools/requests.h; nothing: it is not known any more.
std::optional<FlowId> IndexBuilder::FailedFlow(const TraceHeader& header) {
  std::vector<TaskId> tasks;
  if (header.ending == Ending::kThrew) tasks.push_back(header.failed_task);
  if (header.ending == Ending::kStuck || header.ending == Ending::kStepLimit ||
      header.ending == Ending::kTaskLimit) {
    for (const WaitingTask& waiting : header.waiting) tasks.push_back(waiting.task);
  }
  if (header.ending == Ending::kAbandoned) {
    for (const auto& [task, flow] : abandoned_) tasks.push_back(task);
  }
  for (const TaskId task : tasks) {
    if (task >= index_.tasks) continue;
    const std::optional<FlowId> flow = LastFlowOf(task);
    if (!flow || *flow != 0) return flow;
  }
  return 0;
}

std::optional<TraceIndex> IndexBuilder::Finish(const TraceHeader& header) {
  index_.requests =
      static_cast<std::uint64_t>(std::count(has_events_.begin(), has_events_.end(), true));
  if (!is_sound_ || index_.chunks.size() < 2 || index_.requests == 0) return std::nullopt;
  const std::optional<FlowId> failed = FailedFlow(header);
  if (!failed) return std::nullopt;
  index_.failed = *failed;
  for (std::size_t chunk = 0; chunk < index_.chunks.size(); ++chunk) {
    Compact(index_.chunks[chunk].flows, kAlways + open_[chunk].bytes / kBytesPerFlows);
  }
  return std::move(index_);
}

}  // namespace heddle::internal
