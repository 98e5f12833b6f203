// SPDX-License-Identifier: MIT
//
// Implements indexed.h. Which chunks are of a request was decided when the index was made
// (recorder/index_builder.h); tests/tools/indexed_test.cc compares with the scan.
#include "indexed.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "heddle/task_label.h"
#include "heddle/task_table.h"
#include "taker.h"

namespace heddle::tools {
namespace {

using Chunks = std::set<std::size_t>;

// Which tasks have an event that is of the request.
class ViewFinder : public TraceVisitor {
 public:
  ViewFinder(FlowId flow, std::size_t tasks) : flow_(flow), in_view_(tasks) {}

  void Visit(const Trace& piece, std::size_t /*first*/) override {
    for (const Event& event : piece.events) {
      if (event.task >= in_view_.size()) continue;
      if (event.kind == EventKind::kFlow) {
        if (event.object == flow_) {
          working_.insert(event.task);
        } else {
          working_.erase(event.task);
        }
      } else if (event.kind == EventKind::kSpawn && working_.count(event.object) > 0) {
        working_.insert(event.task);
      }
      if (!working_.empty() && working_.count(event.task) > 0) in_view_[event.task] = true;
    }
  }

  std::vector<bool> TakeOut() && { return std::move(in_view_); }

 private:
  const FlowId flow_;
  std::vector<bool> in_view_;  // by TaskId
  std::unordered_set<TaskId> working_;
};

// What is known of how a task was created.
struct Birth {
  TaskId creator = kNoTask;
  TaskId above = kNoTask;  // the same, but those of the body are called as those of nobody
  SiteId site = 0;
  bool is_main = false;
};

// Who was created in some chunks.
class Births : public TraceVisitor {
 public:
  // The body, where the next chunk begins.
  void SetMain(TaskId main) { main_ = main; }

  void Visit(const Trace& piece, std::size_t /*first*/) override {
    for (const Event& event : piece.events) {
      if (event.kind != EventKind::kSpawn) continue;
      const bool is_main = event.object == kNoTask && event.value == 1;
      if (is_main) main_ = event.task;
      births_[event.task] = {.creator = event.object,
                             .above = event.object == main_ ? kNoTask : event.object,
                             .site = event.site,
                             .is_main = is_main};
    }
  }

  const Birth* Find(TaskId task) const {
    const auto found = births_.find(task);
    return found == births_.end() ? nullptr : &found->second;
  }
  const std::map<TaskId, Birth>& all() const { return births_; }

 private:
  std::map<TaskId, Birth> births_;
  TaskId main_ = kNoTask;
};

// Takes what names the tasks that are told of, and how some of them ended.
class IndexedNamer : public TraceVisitor {
 public:
  IndexedNamer(const std::set<TaskId>& told, const std::set<TaskId>& ends)
      : told_(told), ends_(ends) {}

  void SetSteps(std::size_t steps) { steps_ = steps; }

  void Visit(const Trace& piece, std::size_t first) override {
    for (const Event& event : piece.events) {
      if (MayName(event.kind) && told_.count(event.task) > 0) {
        Add({.index = first, .steps = steps_, .event = event});
      }
      ++first;
      steps_ += IsStep(event) ? 1 : 0;
    }
  }

  // Marks are taken that may be no labels.
  std::vector<Numbered> TakeOut() && {
    for (const auto& [task, end] : last_ends_) taken_.push_back(end);
    return std::move(taken_);
  }

 private:
  static bool MayName(EventKind kind) {
    return kind == EventKind::kSpawn || kind == EventKind::kFlow || kind == EventKind::kMark ||
           kind == EventKind::kFinish || kind == EventKind::kAbandon;
  }

  void Add(const Numbered& numbered) {
    const Event& event = numbered.event;
    if (!IsEnd(event)) {
      taken_.push_back(numbered);
    } else if (ends_.count(event.task) > 0) {
      last_ends_.insert_or_assign(event.task, numbered);
    }
  }

  const std::set<TaskId>& told_;
  const std::set<TaskId>& ends_;
  std::vector<Numbered> taken_;
  std::map<TaskId, Numbered> last_ends_;
  std::size_t steps_ = 0;
};

class IndexedExtractor {
 public:
  IndexedExtractor(IndexedRecording& recording, FlowId flow)
      : recording_(recording), index_(recording.index()), flow_(flow) {}

  std::optional<Extract> Make() {
    if (!TakeEvents() || !TellOfTasks() || !CountOrdinals() || !TakeNames()) return std::nullopt;
    std::vector<MarkRecord> records;
    std::vector<std::uint32_t> marks = Marks(events_);
    if (!recording_.ReadMarks(marks, &records)) return std::nullopt;
    for (const Numbered& numbered : names_) {
      const Event& event = numbered.event;
      if (event.kind == EventKind::kMark && LabelOf(label_marks_[event.object]) == nullptr)
        continue;
      events_.push_back(numbered);
    }
    for (auto& [id, record] : label_marks_) {
      if (LabelOf(record) == nullptr) continue;
      const auto place = std::lower_bound(marks.begin(), marks.end(), id);
      if (place != marks.end() && *place == id) continue;
      records.insert(records.begin() + (place - marks.begin()), std::move(record));
      marks.insert(place, id);
    }
    const std::vector<TaskId> told(told_.begin(), told_.end());
    const auto number_of = [&](TaskId task) {
      const auto place = std::lower_bound(told.begin(), told.end(), task);
      return place != told.end() && *place == task ? static_cast<TaskId>(place - told.begin())
                                                   : kNoTask;
    };
    Extract extract = MakeExtract(recording_.tables(), std::move(events_), {}, marks,
                                  std::move(records), number_of);
    extract.ordinals = std::move(ordinals_);
    return extract;
  }

 private:
  // By chunk, so that `visitor` knows how many steps came before it.
  template <class Visitor>
  bool Visit(const Chunks& chunks, Visitor& visitor) {
    return std::all_of(chunks.begin(), chunks.end(), [&](std::size_t chunk) {
      if constexpr (requires { visitor.SetSteps(0); }) {
        visitor.SetSteps(static_cast<std::size_t>(index_.chunks[chunk].steps));
      }
      if constexpr (requires { visitor.SetMain(TaskId{}); }) {
        visitor.SetMain(index_.chunks[chunk].main);
      }
      return recording_.Visit({chunk}, visitor);
    });
  }

  bool TakeEvents() {
    for (std::size_t chunk = 0; chunk < index_.chunks.size(); ++chunk) {
      if (Contains(index_.chunks[chunk].flows, flow_)) chunks_.insert(chunk);
    }
    ViewFinder finder(flow_, static_cast<std::size_t>(index_.tasks));
    if (!Visit(chunks_, finder)) return false;
    Taker taker(flow_, std::move(finder).TakeOut());
    if (!Visit(chunks_, taker)) return false;
    // Who has what it waits for may have taken it long before, where no index says.
    if (!taker.OpenLocks().empty()) return false;
    events_ = std::move(taker).TakeOut();
    return TakeLast();
  }

  // The last event of the run.
  bool TakeLast() {
    struct Last : TraceVisitor {
      void SetSteps(std::size_t before) { steps = before; }
      void Visit(const Trace& piece, std::size_t first) override {
        for (const Event& event : piece.events) {
          last = {.index = first++, .steps = steps, .event = event};
          steps += IsStep(event) ? 1 : 0;
        }
      }
      Numbered last;
      std::size_t steps = 0;
    };
    Last visitor;
    if (!Visit({index_.chunks.size() - 1}, visitor)) return false;
    events_.push_back(visitor.last);
    return true;
  }

  // The tasks that the events are about, and all that are above them.
  bool TellOfTasks() {
    std::vector<TaskId> wanted;
    const TraceHeader& header = recording_.tables().header;
    wanted.push_back(header.failed_task);
    for (const WaitingTask& waiting : header.waiting) wanted.push_back(waiting.task);
    for (const Numbered& numbered : events_) {
      const Event& event = numbered.event;
      wanted.push_back(event.task);
      if (!RefersToTask(event)) continue;
      wanted.push_back(event.object);
      // Of who woke a task it is said how it ended.
      ends_.insert(event.object);
    }
    while (!wanted.empty()) {
      Chunks chunks;
      std::vector<TaskId> found;
      for (const TaskId task : wanted) {
        if (task >= index_.tasks || !told_.insert(task).second) continue;
        found.push_back(task);
        const std::size_t chunk = ChunkOf(task);
        if (birth_chunks_.insert(chunk).second) chunks.insert(chunk);
      }
      if (!Visit(chunks, births_)) return false;
      wanted.clear();
      for (const TaskId task : found) {
        const Birth* const birth = births_.Find(task);
        if (birth == nullptr) return false;
        wanted.push_back(birth->creator);
      }
    }
    return true;
  }

  // In which `task`, which is one of the run, was created.
  std::size_t ChunkOf(TaskId task) const {
    const auto after =
        std::upper_bound(index_.chunks.begin(), index_.chunks.end(), task,
                         [](TaskId id, const IndexedChunk& chunk) { return id < chunk.tasks; });
    return static_cast<std::size_t>(after - index_.chunks.begin()) - 1;
  }

  std::string_view WordOf(SiteId site) const {
    const std::vector<Site>& sites = recording_.tables().sites;
    return TaskTable::WordOf(site < sites.size() ? std::string_view(sites[site].function)
                                                 : std::string_view());
  }

  bool CountOrdinals() {
    for (const TaskId task : told_) {
      const std::optional<std::uint32_t> ordinal = OrdinalOf(task, *births_.Find(task));
      if (!ordinal) return false;
      ordinals_.push_back(*ordinal);
    }
    return true;
  }

  // How many tasks of the same name its creator created before it: from the last chunk that says
  // how many there were before, or from the creator's own.
  std::optional<std::uint32_t> OrdinalOf(TaskId task, const Birth& birth) {
    if (birth.is_main) return 0;
    const TaskId above = birth.above;
    const std::string_view word = WordOf(birth.site);
    const std::size_t oldest = above == kNoTask ? 0 : ChunkOf(above);
    std::uint32_t count = 0;
    std::size_t from = ChunkOf(task);
    for (;; --from) {
      const CreatedBefore* const said = CreatedBy(from, above, word);
      if (said != nullptr) count = said->count;
      if (said != nullptr || from == oldest) break;
    }
    Chunks chunks;
    for (std::size_t chunk = from; chunk <= ChunkOf(task); ++chunk) {
      if (birth_chunks_.insert(chunk).second) chunks.insert(chunk);
    }
    if (!Visit(chunks, births_)) return std::nullopt;
    const auto& all = births_.all();
    for (auto other = all.lower_bound(static_cast<TaskId>(index_.chunks[from].tasks));
         other != all.end() && other->first < task; ++other) {
      if (!other->second.is_main && other->second.above == above &&
          WordOf(other->second.site) == word) {
        ++count;
      }
    }
    return count;
  }

  const CreatedBefore* CreatedBy(std::size_t chunk, TaskId above, std::string_view word) const {
    for (const CreatedBefore& created : index_.chunks[chunk].created) {
      if (created.creator == above && WordOf(created.word) == word) return &created;
    }
    return nullptr;
  }

  bool TakeNames() {
    Chunks chunks = chunks_;
    for (const TaskId task : told_) chunks.insert(ChunkOf(task));
    for (std::size_t chunk = 0; chunk < index_.chunks.size(); ++chunk) {
      if (HasLabel(index_.chunks[chunk])) chunks.insert(chunk);
    }
    IndexedNamer namer(told_, ends_);
    if (!Visit(chunks, namer)) return false;
    names_ = std::move(namer).TakeOut();
    std::vector<MarkRecord> records;
    const std::vector<std::uint32_t> marks = Marks(names_);
    if (!recording_.ReadMarks(marks, &records)) return false;
    for (std::size_t i = 0; i < marks.size(); ++i) label_marks_[marks[i]] = std::move(records[i]);
    return true;
  }

  bool HasLabel(const IndexedChunk& chunk) const {
    return std::any_of(chunk.labels.begin(), chunk.labels.end(), [this](const IdRange& range) {
      const auto task = told_.lower_bound(range.first);
      return task != told_.end() && *task <= range.last;
    });
  }

  static std::vector<std::uint32_t> Marks(const std::vector<Numbered>& events) {
    std::set<std::uint32_t> marks;
    for (const Numbered& numbered : events) {
      if (HasMark(numbered.event)) marks.insert(numbered.event.object);
    }
    return {marks.begin(), marks.end()};
  }

  IndexedRecording& recording_;
  const TraceIndex& index_;
  const FlowId flow_;
  Chunks chunks_;        // of the request
  Chunks birth_chunks_;  // of which births_ has all
  Births births_;
  std::vector<Numbered> events_;
  std::vector<Numbered> names_;
  std::map<std::uint32_t, MarkRecord> label_marks_;  // and other marks of those tasks
  std::set<TaskId> told_;
  std::set<TaskId> ends_;
  std::vector<std::uint32_t> ordinals_;  // of told_
};

}  // namespace

Overview OverviewOf(const TraceIndex& index) {
  return {.tasks = static_cast<std::size_t>(index.tasks),
          .events = static_cast<std::size_t>(index.events),
          .steps = static_cast<std::size_t>(index.steps),
          .end = index.end,
          .choices = static_cast<std::size_t>(index.choices),
          .deviations = static_cast<std::size_t>(index.deviations),
          .lost_contexts = static_cast<std::size_t>(index.lost_contexts),
          .request_count = static_cast<std::size_t>(index.requests),
          .requests = {},
          .failed = index.failed};
}

std::optional<Extract> ExtractByIndex(IndexedRecording& recording, FlowId flow) {
  return IndexedExtractor(recording, flow).Make();
}

}  // namespace heddle::tools
