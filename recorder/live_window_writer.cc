// SPDX-License-Identifier: MIT
//
// Implements live_window_writer.h: the events are put in order, what they mention gets its numbers,
// and everything is written.
#include "live_window_writer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <tuple>

#include "losses_codec.h"
#include "plain_event.h"

namespace heddle::internal {
namespace {

// As in task_table.cc.
constexpr std::size_t kPathPartsMax = 17;

bool MentionsLiveTask(const LiveEvent& event) {
  const bool is_call = static_cast<Operation>(event.operation) == Operation::kCall;
  switch (event.kind) {
    case EventKind::kSpawn:
    case EventKind::kStart:
      return true;
    case EventKind::kSuspend:
    case EventKind::kResume:
      return is_call;
    default:
      return false;
  }
}

bool HasPlace(EventKind kind) {
  return kind == EventKind::kSpawn || kind == EventKind::kSuspend || kind == EventKind::kMark ||
         kind == EventKind::kContextLost;
}

}  // namespace

LiveWindowWriter::LiveWindowWriter(std::size_t blocks_max)
    : tasks_(blocks_max * LiveBlock::kEvents / 2 + kCarriedMax),
      task_ids_(blocks_max * LiveBlock::kEvents / 2 + kCarriedMax + 1),
      is_spawned_(task_ids_.size()),
      flows_(blocks_max * LiveBlock::kEvents / 4 + kCarriedMax),
      type_numbers_(kTypesMax),
      ordinal_numbers_(kCarriedMax) {
  stretches_.reserve(blocks_max);
  refs_.reserve(blocks_max * LiveBlock::kEvents + kCarriedMax);
  carried_.reserve(kCarriedMax);
  types_.reserve(kTypesMax);
  marks_.reserve(blocks_max * LiveBlock::kEvents / 2);
  ordinals_.reserve(kCarriedMax);
}

void LiveWindowWriter::Add(LiveBlock& block, std::size_t past) {
  if (stretches_.size() == stretches_.capacity()) return;
  const LiveEvent* const end = block.end.load(std::memory_order_acquire);
  const bool has_marks = block.marks_mutex.try_lock();
  stretches_.push_back({.block = &block,
                        .past = static_cast<std::uint32_t>(past),
                        .end = static_cast<std::uint32_t>(end - block.events.data()),
                        .has_marks = has_marks});
}

void LiveWindowWriter::Write(const Window& window, std::string_view header_chunk, ByteSink& sink) {
  window_ = window;
  Collect();
  Begin(header_chunk, sink);
  PutLosses();
  PutTables();
  PutEvents();
  PutEnd();
  for (const Stretch& stretch : stretches_) {
    if (stretch.has_marks) stretch.block->marks_mutex.unlock();
  }
  stretches_.clear();
}

// --- what there is ------------------------------------------------------------------------

const LiveEvent& LiveWindowWriter::EventAt(const Ref& ref) const {
  if (ref.stretch == kIsCarried) return carried_[ref.offset].task->stop;
  return stretches_[ref.stretch].block->events[ref.offset];
}

// Null: it is not there, or not to be had.
const MarkRecord* LiveWindowWriter::MarkOf(const Ref& ref) const {
  if (ref.stretch == kIsCarried || !stretches_[ref.stretch].has_marks) return nullptr;
  const std::vector<MarkRecord>& marks = stretches_[ref.stretch].block->marks;
  const std::uint64_t index = EventAt(ref).object;
  return index < marks.size() ? &marks[index] : nullptr;
}

void LiveWindowWriter::Collect() {
  ClearSites();
  refs_.clear();
  carried_.clear();
  tasks_.Clear();
  flows_.Clear();
  type_numbers_.Clear();
  types_.clear();
  marks_.clear();
  event_count_ = 0;
  CollectCarried();
  for (std::uint32_t i = 0; i < stretches_.size(); ++i) {
    for (std::uint32_t at = stretches_[i].past; at < stretches_[i].end; ++at) {
      const Ref ref = {.stretch = i, .offset = at};
      if (EventAt(ref).ticks > window_.lost_until) refs_.push_back(ref);
    }
  }
  std::sort(refs_.begin(), refs_.end(), [this](const Ref& a, const Ref& b) {
    return std::tuple(EventAt(a).ticks, a.stretch, a.offset) <
           std::tuple(EventAt(b).ticks, b.stretch, b.offset);
  });
  for (const Ref& ref : refs_) CollectIds(ref);
  NumberTasks();
  CountOrdinals();
}

void LiveWindowWriter::CollectCarried() {
  if (window_.tasks == nullptr) return;
  for (const auto& [id, task] : *window_.tasks) {
    if (carried_.size() == kCarriedMax) break;
    carried_.push_back({.id = id, .task = &task});
  }
  // A parent has a lower number than its children.
  std::sort(carried_.begin(), carried_.end(), [](const Carried& a, const Carried& b) {
    return std::tuple(a.task->spawned, a.id) < std::tuple(b.task->spawned, b.id);
  });
  for (std::uint32_t i = 0; i < carried_.size(); ++i) {
    const LivePast::Task& task = *carried_[i].task;
    NoteTask(carried_[i].id, false);
    if (task.flow != 0) flows_.Add(task.flow);
    if (task.is_stopped()) refs_.push_back({.stretch = kIsCarried, .offset = i});
  }
}

void LiveWindowWriter::CollectIds(const Ref& ref) {
  const LiveEvent& event = EventAt(ref);
  NoteTask(event.task, event.kind == EventKind::kSpawn);
  if (MentionsLiveTask(event)) {
    NoteTask(event.object, false);
  } else if (event.kind == EventKind::kSuspend && event.object != 0) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): as it was written
    TypeNumber(reinterpret_cast<const LiveType*>(event.object));
  } else if (event.kind == EventKind::kFlow) {
    flows_.Add(static_cast<LiveFlow>(event.object));
  } else if (event.kind == EventKind::kMark && marks_.size() < marks_.capacity()) {
    const MarkRecord* mark = MarkOf(ref);
    if (mark != nullptr) marks_.push_back(mark);
  }
  if (HasPlace(event.kind)) InternSite(event.site, event.kind == EventKind::kSpawn);
}

void LiveWindowWriter::NoteTask(LiveId task, bool is_spawn) {
  if (task == 0 || tasks_.Find(task) != 0 || tasks_.is_full()) return;
  is_spawned_[tasks_.Add(task)] = is_spawn;
}

// Those from before the window come first.
void LiveWindowWriter::NumberTasks() {
  TaskId next = 0;
  for (const bool spawned : {false, true}) {
    for (std::size_t number = 1; number <= tasks_.size(); ++number) {
      if (is_spawned_[number] != spawned) continue;
      task_ids_[number] = next++;
      const bool is_known = number <= carried_.size();
      if (!spawned && !is_known && carried_.size() < kCarriedMax) {
        carried_.push_back({.id = tasks_.key(number)});
      }
    }
  }
}

void LiveWindowWriter::CountOrdinals() {
  constexpr std::uint64_t kMixer = 0x9e3779b97f4a7c15u;
  ordinal_numbers_.Clear();
  ordinals_.clear();
  for (std::size_t i = 0; i < carried_.size(); ++i) {
    const TaskId parent = ParentOf(i);
    const void* const coroutine = CoroutineOf(i);
    const std::uint64_t key =
        (reinterpret_cast<std::uintptr_t>(coroutine) * kMixer) ^ (parent + std::uint64_t{1});
    const std::uint32_t number = ordinal_numbers_.Add(key);
    if (number > ordinals_.size()) {
      ordinals_.push_back({.parent = parent, .coroutine = coroutine});
    }
    carried_[i].ordinal = ordinals_[number - 1].count++;
  }
}

// --- numbers ------------------------------------------------------------------------------

TaskId LiveWindowWriter::TaskOf(LiveId task) const {
  const std::uint32_t number = task == 0 ? 0 : tasks_.Find(task);
  return number == 0 ? kNoTask : task_ids_[number];
}

TaskId LiveWindowWriter::ParentOf(std::size_t carried) const {
  if (carried_[carried].task == nullptr) return kNoTask;
  const TaskId parent = TaskOf(carried_[carried].task->parent);
  return parent < carried ? parent : kNoTask;
}

const void* LiveWindowWriter::CoroutineOf(std::size_t carried) const {
  return carried_[carried].task == nullptr ? nullptr : carried_[carried].task->coroutine;
}

VirtualNanos LiveWindowWriter::TimeOf(std::uint64_t ticks) const {
  if (ticks <= window_.begin.ticks || window_.now.ticks <= window_.begin.ticks) return 0;
  const auto all = std::chrono::nanoseconds(window_.now.time - window_.begin.time).count();
  return static_cast<VirtualNanos>(static_cast<double>(ticks - window_.begin.ticks) /
                                   static_cast<double>(window_.now.ticks - window_.begin.ticks) *
                                   static_cast<double>(all));
}

std::uint32_t LiveWindowWriter::TypeNumber(const LiveType* type) {
  const std::uint32_t known = type_numbers_.Find(type);
  if (known != 0 || type_numbers_.is_full()) return known;
  const auto same = std::find_if(types_.begin(), types_.end(),
                                 [type](const LiveType* each) { return each->name == type->name; });
  const auto number = static_cast<std::uint32_t>(same - types_.begin()) + 1;
  if (same == types_.end()) types_.push_back(type);
  type_numbers_.Set(type, number);
  return number;
}

Event LiveWindowWriter::Resolve(const Ref& ref, std::uint32_t mark) {
  const LiveEvent& from = EventAt(ref);
  Event event = {.time = TimeOf(from.ticks),
                 .task = TaskOf(from.task),
                 .kind = from.kind,
                 .operation = from.operation};
  if (HasPlace(from.kind)) event.site = SiteNumber(from.site, from.kind == EventKind::kSpawn);
  if (MentionsLiveTask(from)) {
    event.object = TaskOf(from.object);
  } else if (from.kind == EventKind::kMark) {
    event.object = mark;
  } else if (from.kind == EventKind::kFlow) {
    event.object = flows_.Find(static_cast<LiveFlow>(from.object));
  } else if ((from.kind == EventKind::kSuspend || from.kind == EventKind::kResume) &&
             from.object != 0) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): as it was written
    event.object = TypeNumber(reinterpret_cast<const LiveType*>(from.object));
    if (event.object > types_.size()) event.object = 0;
  }
  return event;
}

// --- the chunks ---------------------------------------------------------------------------

void LiveWindowWriter::PutLosses() {
  if (window_.lost_events == 0 && carried_.empty()) return;
  const auto begin = [this] {
    BeginChunk(ChunkType::kLosses);
    buffer_.Varint(1);
    LossesEncoder(&buffer_).Put({.reason = LossReason::kWindow,
                                 .what = {},
                                 .events = window_.lost_events,
                                 .to = TimeOf(window_.lost_until)});
  };
  begin();
  PutCarried();
  buffer_.Varint(0);
  if (!buffer_.is_full()) return EndChunk();
  // More tasks live than there is room for: then they have no names.
  begin();
  for (int i = 0; i < 3; ++i) buffer_.Varint(0);
  EndChunk();
}

void LiveWindowWriter::PutCarried() {
  LossesEncoder encoder(&buffer_);
  buffer_.Varint(carried_.size());
  for (std::size_t i = 0; i < carried_.size(); ++i) {
    const LivePast::Task* const task = carried_[i].task;
    encoder.PutParent(ParentOf(i));
    buffer_.Varint(task == nullptr || task->flow == 0 ? 0 : flows_.Find(task->flow));
    buffer_.Byte(0);
    buffer_.Text(FunctionOf(CoroutineOf(i)));
    buffer_.Text(PathOf(i, false));
    buffer_.Text(PathOf(i, true));
  }
  buffer_.Varint(ordinals_.size());
  for (const Ordinal& ordinal : ordinals_) {
    encoder.PutOrdinal(ordinal.parent, WordOf(ordinal.coroutine), ordinal.count);
  }
}

std::string_view LiveWindowWriter::WordOf(const void* coroutine) {
  if (coroutine == nullptr) return "task";
  const std::string_view function = FunctionOf(coroutine);
  return function.substr(function.rfind(':') + 1);
}

// Of one that is not `whole`, and of a very deep one, the last parts.
std::string_view LiveWindowWriter::PathOf(std::size_t carried, bool whole) {
  std::array<std::size_t, kPathPartsMax> parts{};
  std::size_t count = 0;
  parts[count++] = carried;
  while (whole && count < parts.size() && ParentOf(parts[count - 1]) != kNoTask) {
    parts[count] = ParentOf(parts[count - 1]);
    ++count;
  }
  text_.Clear();
  while (count-- > 0) {
    text_.Raw(WordOf(CoroutineOf(parts[count])));
    text_.Byte('#');
    text_.Decimal(carried_[parts[count]].ordinal);
    if (count > 0) text_.Byte('/');
  }
  const LivePast::Task* const task = carried_[carried].task;
  if (task != nullptr && task->label_suffix != nullptr) text_.Raw(*task->label_suffix);
  return text_.view();
}

// Number 0 of each is none. A string of a table is a 0, its length and its bytes.
void LiveWindowWriter::PutTables() {
  const auto put = [this](std::string_view text) {
    buffer_.Varint(0);
    buffer_.Text(text);
  };
  PutSites();
  if (!types_.empty()) {
    PutList(ChunkType::kObjects, types_.size() + 1, [&](std::size_t number, bool cut) {
      const LiveType* type = number == 0 || cut ? nullptr : types_[number - 1];
      if (type != nullptr && type->is_object()) {
        put(type->object_type());
        put(type->object_name());
      } else {
        put(type != nullptr ? type->name : std::string_view());
        put({});
      }
    });
  }
  if (flows_.size() > 0) {
    PutList(ChunkType::kFlows, flows_.size() + 1, [&](std::size_t number, bool cut) {
      put(number == 0 || cut ? std::string_view() : window_.flow_name(flows_.key(number)));
    });
  }
  PutList(ChunkType::kMarks, marks_.size(), [&](std::size_t number, bool cut) {
    const MarkRecord& mark = *marks_[number];
    if (!cut) return PutMark(mark);
    put(std::string_view(mark.name).substr(0, kNumberedStringMax));
    buffer_.Varint(0);
  });
}

void LiveWindowWriter::PutEvents() {
  bool is_open = false;
  std::uint32_t mark = 0;
  for (const Ref& ref : refs_) {
    const Event event = Resolve(ref, mark);
    if (event.kind == EventKind::kMark) {
      if (mark == marks_.size() || MarkOf(ref) == nullptr) continue;
      ++mark;
    }
    if (!is_open) BeginList(ChunkType::kPlainEvents, event_count_);
    is_open = true;
    PutPlainEvent(event, &buffer_);
    ++event_count_;
    if (!IsLong()) continue;
    EndList(event_count_);
    is_open = false;
  }
  if (!is_open) BeginList(ChunkType::kPlainEvents, event_count_);
  // As in live_trace.cc.
  PutPlainEvent({.time = TimeOf(window_.now.ticks), .kind = EventKind::kTime}, &buffer_);
  EndList(++event_count_);
}

void LiveWindowWriter::PutEnd() {
  const auto with_first = [](std::size_t count) { return count == 0 ? 0 : count + 1; };
  BeginChunk(ChunkType::kEnd);
  for (const std::size_t count :
       {site_count(), with_first(types_.size()), with_first(flows_.size()), marks_.size(),
        std::size_t{0}, event_count_}) {
    buffer_.Varint(count);
  }
  if (window_.lost_events > 0 || !carried_.empty()) {  // PutLosses
    buffer_.Varint(1);
    buffer_.Varint(0);
  }
  EndChunk();
}

}  // namespace heddle::internal
