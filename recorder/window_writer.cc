// SPDX-License-Identifier: MIT
//
// Implements window_writer.h: first what the events mention gets its numbers, then everything is
// written, chunk by chunk, as chunk_writer.h writes it.
#include "window_writer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <memory_resource>
#include <source_location>

#include "chunk_writer.h"
#include "display_name.h"
#include "losses_codec.h"
#include "plain_event.h"

namespace heddle::internal {
namespace {

// As in task_table.cc.
constexpr std::size_t kPathLevelsMax = 16;

bool HasMarkNumber(EventKind kind) {
  return kind == EventKind::kMark || kind == EventKind::kInput || kind == EventKind::kFault;
}

bool ObjectIsTask(EventKind kind, Operation operation) {
  switch (kind) {
    case EventKind::kSpawn:
    case EventKind::kStart:
    case EventKind::kWake:
    case EventKind::kCancel:
      return true;
    case EventKind::kSuspend:
    case EventKind::kResume:
      return operation == Operation::kCall;
    default:
      return false;
  }
}

bool ObjectIsObject(EventKind kind, Operation operation) {
  switch (kind) {
    case EventKind::kFinish:
    case EventKind::kAbandon:
    case EventKind::kSend:
    case EventKind::kReceive:
    case EventKind::kAcquire:
    case EventKind::kRelease:
    case EventKind::kAccess:
      return true;
    case EventKind::kSuspend:
    case EventKind::kResume:
      return operation != Operation::kCall;
    default:
      return false;
  }
}

}  // namespace

WindowWriter::WindowWriter() : objects_(kIdsMax), flows_(kIdsMax), object_infos_(kIdsMax + 1) {
  task_ids_.reserve(kTasksMax);
  types_.reserve(kTypesMax);
}

void WindowWriter::Write(const Window& window, std::string_view header_chunk, ByteSink& sink) {
  window_ = window;
  Collect();
  Begin(header_chunk, sink);
  PutLosses();
  PutSites();
  PutObjects();
  PutFlows();
  PutMarks();
  PutChoices();
  PutEvents();
  PutEnd();
}

TaskId WindowWriter::IdOf(TaskId task, const Window& window) {
  window_ = window;
  CollectTasks();
  return MapTask(task);
}

// --- what there is ------------------------------------------------------------------------

WindowWriter::View WindowWriter::ViewAt(std::size_t index) const {
  if (index < window_.count) {
    const std::vector<Block>& blocks = *window_.blocks;
    const Block& block = blocks[(window_.first_block + index) % blocks.size()];
    return {.begin_event = block.events.data(),
            .end_event = block.events.data() + block.events.size(),
            .objects = block.objects.data(),
            .object_count = block.objects.size(),
            .flows = block.flows.data(),
            .flow_count = block.flows.size(),
            .marks = block.marks.data(),
            .mark_count = block.marks.size(),
            .first = block.first};
  }
  const Recorder& recorder = *window_.recorder;
  return {.begin_event = recorder.events_.get(),
          .end_event = recorder.events_on_ ? recorder.next_event_ : recorder.last_event_,
          .objects = recorder.objects_.data(),
          .object_count = recorder.objects_.size(),
          .flows = recorder.flows_.data(),
          .flow_count = recorder.flows_.size(),
          .marks = recorder.marks_.data(),
          .mark_count = recorder.marks_.size(),
          .first = recorder.forgotten_};
}

template <class Visit>
void WindowWriter::VisitEvents(Visit visit) {
  for (std::size_t i = 0; i < views(); ++i) {
    const View view = ViewAt(i);
    for (const RawEvent* raw = view.begin_event; raw != view.end_event; ++raw) visit(*raw);
  }
}

// --- numbers ------------------------------------------------------------------------------

void WindowWriter::Collect() {
  ClearSites();
  objects_.Clear();
  flows_.Clear();
  types_.clear();
  now_ = window_.begin;
  mark_count_ = choice_count_ = event_count_ = 0;
  first_mark_ = views() > 0 ? ViewAt(0).first.marks : 0;
  CollectTasks();
  VisitEvents([this](const RawEvent& raw) { CollectIds(raw); });
  for (std::size_t i = 0; i < views(); ++i) {
    const View view = ViewAt(i);
    mark_count_ += view.mark_count;
    if (window_.lost_events > 0) continue;
    // All of a run that is whole.
    for (std::size_t k = 0; k < view.object_count; ++k) {
      objects_.Add(static_cast<ObjectId>(view.first.objects + k + 1));
    }
    for (std::size_t k = 0; k < view.flow_count; ++k) {
      const auto flow = static_cast<FlowId>(view.first.flows + k);
      if (flow != 0) flows_.Add(flow);
    }
  }
  objects_.Sort();
  flows_.Sort();
  CollectObjects();
}

void WindowWriter::CollectTasks() {
  task_ids_.clear();
  for (const auto& [id, task] : window_.tasks->tasks()) {
    if (task_ids_.size() == kTasksMax) break;
    task_ids_.push_back(id);
    if (task.flow != 0 && !task.ended) flows_.Add(task.flow);
  }
}

void WindowWriter::CollectIds(const RawEvent& raw) {
  const EventKind kind = KindOf(raw.deed);
  if (!Recorder::HasNumber(raw)) {
    InternSite(raw.site, kind == EventKind::kSpawn);
  }
  if (kind == EventKind::kStart && Recorder::JoinedBy(raw) != 0) {
    objects_.Add(Recorder::JoinedBy(raw));
  }
  const std::uint32_t object = ObjectOf(raw.deed);
  if (kind == EventKind::kFlow && raw.value != 0) flows_.Add(raw.value);
  if (object == 0) return;
  if (kind == EventKind::kFlow) {
    flows_.Add(object);
  } else if (ObjectIsObject(kind, OperationOf(raw.deed))) {
    objects_.Add(object);
  }
}

void WindowWriter::CollectObjects() {
  std::fill_n(object_infos_.begin(), objects_.size() + 1, ObjectInfo{.type = "object", .name = {}});
  for (const auto& [type, count] : *window_.type_counts) {
    if (types_.size() < kTypesMax) types_.push_back({.type = type, .count = count});
  }
  for (std::size_t number = 1; number <= objects_.size(); ++number) {
    object_infos_[number].number = objects_.key(number);
  }
  for (const auto& [id, object] : *window_.objects) {
    NoteObject(id, {.type = object.type, .name = object.name, .number = object.number});
  }
  for (std::size_t i = 0; i < views(); ++i) {
    const View view = ViewAt(i);
    for (std::size_t k = 0; k < view.object_count; ++k) {
      const RawObject& object = view.objects[k];
      NoteObject(static_cast<ObjectId>(view.first.objects + k + 1),
                 {.type = object.type, .name = object.name, .number = CountOfType(object.type)});
    }
  }
}

void WindowWriter::NoteObject(ObjectId id, ObjectInfo info) {
  const std::uint32_t number = objects_.Find(id);
  if (number != 0) object_infos_[number] = info;
}

// With one more of them.
std::uint64_t WindowWriter::CountOfType(std::string_view type) {
  const auto known = std::find_if(types_.begin(), types_.end(),
                                  [&](const TypeCount& count) { return count.type == type; });
  if (known != types_.end()) return ++known->count;
  if (types_.size() < kTypesMax) types_.push_back({.type = type, .count = 1});
  return 1;
}

TaskId WindowWriter::MapTask(TaskId task) const {
  if (task == kNoTask) return kNoTask;
  const TaskId next = window_.tasks->next();
  if (task >= next) return static_cast<TaskId>(task_ids_.size() + (task - next));
  const auto known = std::lower_bound(task_ids_.begin(), task_ids_.end(), task);
  if (known == task_ids_.end() || *known != task) return kNoTask;
  return static_cast<TaskId>(known - task_ids_.begin());
}

// As TraceCursor does it, with the numbers of the window.
Event WindowWriter::Resolve(const RawEvent& raw) {
  const EventKind kind = KindOf(raw.deed);
  const Operation operation = OperationOf(raw.deed);
  std::uint32_t object = ObjectOf(raw.deed);
  if (kind == EventKind::kTime) now_ = static_cast<VirtualNanos>(Recorder::NumberOf(raw));
  if (HasMarkNumber(kind)) {
    object -= static_cast<std::uint32_t>(first_mark_);
  } else if (kind == EventKind::kFlow) {
    object = object == 0 ? 0 : flows_.Find(object);
  } else if (ObjectIsTask(kind, operation)) {
    object = MapTask(object);
  } else if (ObjectIsObject(kind, operation)) {
    object = object == 0 ? 0 : objects_.Find(object);
  }
  Event event = {.time = now_,
                 .task = MapTask(raw.task),
                 .site = 0,
                 .object = object,
                 .value = raw.value,
                 .kind = kind,
                 .operation = static_cast<std::uint8_t>(operation),
                 .flags = 0};
  if (kind == EventKind::kStart || kind == EventKind::kResume || kind == EventKind::kAccess) {
    const ObjectId joined = kind == EventKind::kStart ? Recorder::JoinedBy(raw) : 0;
    event.value = joined == 0 ? Recorder::ValueOf(raw) : objects_.Find(joined);
    event.flags = Recorder::FlagsOfDeed(raw);
  } else if (kind != EventKind::kTime) {
    if (kind == EventKind::kFlow && raw.value != 0) event.value = flows_.Find(raw.value);
    event.site = SiteNumber(raw.site, kind == EventKind::kSpawn);
  }
  return event;
}

// --- the chunks ---------------------------------------------------------------------------

void WindowWriter::PutLosses() {
  if (window_.lost_events == 0) return;
  BeginChunk(ChunkType::kLosses);
  LossesEncoder encoder(&buffer_);
  buffer_.Varint(1);
  encoder.Put({.reason = LossReason::kWindow,
               .what = {},
               .events = window_.lost_events,
               .to = window_.begin});
  PutTasks();
  PutOrdinals();
  buffer_.Varint(objects_.size() + (objects_.size() > 0 ? 1 : 0));
  if (objects_.size() > 0) buffer_.Varint(0);
  for (std::size_t number = 1; number <= objects_.size(); ++number) {
    buffer_.Varint(object_infos_[number].number);
  }
  PutStates();
  if (!buffer_.is_full()) return EndChunk();
  // More tasks live than there is room for: then they have no names.
  task_ids_.clear();
  BeginChunk(ChunkType::kLosses);
  buffer_.Varint(1);
  encoder.Put({.reason = LossReason::kWindow,
               .what = {},
               .events = window_.lost_events,
               .to = window_.begin});
  for (int i = 0; i < 3; ++i) buffer_.Varint(0);
  EndChunk();
}

void WindowWriter::PutTasks() {
  LossesEncoder encoder(&buffer_);
  buffer_.Varint(task_ids_.size());
  std::size_t number = 0;
  for (const auto& [id, task] : window_.tasks->tasks()) {
    if (number++ == task_ids_.size()) break;
    const FlowId flow = task.ended || task.flow == 0 ? 0 : flows_.Find(task.flow);
    encoder.PutParent(MapTask(task.parent));
    buffer_.Varint(flow);
    buffer_.Byte(task.is_main ? 1 : 0);
    buffer_.Text(window_.tasks->FunctionOf(task));
    buffer_.Text(PathOf(id, task, false));
    buffer_.Text(PathOf(id, task, true));
  }
}

// "Checkout#0/Charge#1"; of a path that is not `whole` the last part. Written from its end: the
// way leads upwards.
std::string_view WindowWriter::PathOf(TaskId id, const LiveTasks::Task& task, bool whole) {
  const std::map<TaskId, LiveTasks::Task>& tasks = window_.tasks->tasks();
  std::size_t levels = 0;
  for (auto above = tasks.find(id); above != tasks.end();
       above = tasks.find(above->second.parent)) {
    if (!above->second.is_main) ++levels;
  }
  text_.Clear();
  if (task.is_main) {
    text_.Raw("main");
    text_.Raw(task.label_suffix);
    return text_.view();
  }
  // The names of the upper levels and of the task itself, and between them how many are left out.
  const auto put_level = [&](std::size_t level) {
    auto at = tasks.find(id);
    for (std::size_t i = levels; i > level; --i) at = tasks.find(at->second.parent);
    text_.Raw(window_.tasks->WordOf(at->second));
    text_.Byte('#');
    text_.Decimal(at->second.ordinal);
  };
  const std::size_t spelled = whole ? std::min(levels - 1, kPathLevelsMax) : 0;
  for (std::size_t level = 1; level <= spelled; ++level) {
    put_level(level);
    text_.Byte('/');
  }
  if (whole && levels - 1 > kPathLevelsMax) {
    text_.Byte('[');
    text_.Decimal(levels - 1 - kPathLevelsMax);
    text_.Raw(" more]/");
  }
  put_level(levels);
  text_.Raw(task.label_suffix);
  return text_.view();
}

void WindowWriter::PutStates() {
  LossesEncoder encoder(&buffer_);
  buffer_.Varint(task_ids_.size());
  std::size_t number = 0;
  for (const auto& [id, task] : window_.tasks->tasks()) {
    if (number++ == task_ids_.size()) break;
    const CarriedState state = task.ended         ? CarriedState::kEnded
                               : task.has_started ? CarriedState::kStarted
                                                  : CarriedState::kCreated;
    encoder.PutState(state, task.is_called, task.started, window_.tasks->FlowSince(task.flow));
  }
}

void WindowWriter::PutOrdinals() {
  LossesEncoder encoder(&buffer_);
  const LiveTasks& live = *window_.tasks;
  std::size_t count = live.root_ordinals().size();
  std::size_t number = 0;
  for (const auto& [id, task] : live.tasks()) {
    if (number++ == task_ids_.size()) break;
    count += task.ordinals.size();
  }
  buffer_.Varint(count);
  for (const auto& [word, created] : live.root_ordinals()) {
    encoder.PutOrdinal(kNoTask, live.Word(word), created);
  }
  number = 0;
  for (const auto& [id, task] : live.tasks()) {
    if (number++ == task_ids_.size()) break;
    for (const auto& [word, created] : task.ordinals) {
      encoder.PutOrdinal(MapTask(id), live.Word(word), created);
    }
  }
}

// Number 0 is "none".
void WindowWriter::PutObjects() {
  if (objects_.size() == 0) return;
  PutList(ChunkType::kObjects, objects_.size() + 1, [this](std::size_t number, bool cut) {
    const ObjectInfo& info = object_infos_[number];
    buffer_.Varint(0);
    buffer_.Text(number == 0 ? std::string_view() : info.type);
    buffer_.Varint(0);
    buffer_.Text(number == 0 || cut ? std::string_view() : info.name);
  });
}

// Number 0 is "no request".
void WindowWriter::PutFlows() {
  if (flows_.size() == 0) return;
  PutList(ChunkType::kFlows, flows_.size() + 1, [this](std::size_t number, bool cut) {
    buffer_.Varint(0);
    buffer_.Text(number == 0 || cut ? std::string_view() : FlowName(flows_.key(number)));
  });
}

std::string_view WindowWriter::FlowName(FlowId flow) const {
  for (std::size_t i = 0; i < views(); ++i) {
    const View view = ViewAt(i);
    if (flow >= view.first.flows && flow - view.first.flows < view.flow_count) {
      return view.flows[flow - view.first.flows].name;
    }
  }
  const std::string* name = window_.tasks->FlowName(flow);
  return name != nullptr ? std::string_view(*name) : std::string_view();
}

void WindowWriter::PutMarks() {
  std::size_t at = 0;  // the view that number is in, and what came before it
  std::size_t before = 0;
  PutList(ChunkType::kMarks, mark_count_, [&](std::size_t number, bool cut) {
    while (number - before >= ViewAt(at).mark_count) before += ViewAt(at++).mark_count;
    const MarkRecord& mark = ViewAt(at).marks[number - before];
    if (!cut) return PutMark(mark);
    buffer_.Varint(0);
    buffer_.Text(std::string_view(mark.name).substr(0, kNumberedStringMax));
    buffer_.Varint(0);
  });
}

void WindowWriter::PutChoices() {
  ChoiceEncoder encoder;
  bool is_open = false;
  VisitEvents([&](const RawEvent& raw) {
    const EventKind kind = KindOf(raw.deed);
    const bool step = kind == EventKind::kStart || kind == EventKind::kResume;
    Choice choice;
    if (step && raw.value > 1) {
      choice = {.picked = MapTask(raw.task),
                .first = MapTask(static_cast<TaskId>(Recorder::NumberOf(raw))),
                .alternatives = raw.value,
                .kind = ChoiceKind::kTask};
    } else if (kind == EventKind::kDraw && ObjectOf(raw.deed) > 1) {
      choice = {.picked = raw.value,
                .first = 0,
                .alternatives = ObjectOf(raw.deed),
                .kind = ChoiceKind::kValue};
    } else {
      return;
    }
    if (!is_open) {
      BeginList(ChunkType::kChoices, choice_count_);
      encoder = {};
      is_open = true;
    }
    char* end = buffer_.data() + buffer_.size();
    encoder.Encode(&choice, &choice + 1, &end, end + buffer_.room());
    buffer_.Advance(end);
    ++choice_count_;
    if (!IsLong()) return;
    EndList(choice_count_);
    is_open = false;
  });
  if (is_open) EndList(choice_count_);
}

void WindowWriter::PutEvents() {
  bool is_open = false;
  now_ = window_.begin;
  VisitEvents([&](const RawEvent& raw) {
    const Event event = Resolve(raw);
    // A crash between an event and its mark.
    if (HasMarkNumber(event.kind) && event.object >= mark_count_) return;
    if (!is_open) {
      BeginList(ChunkType::kPlainEvents, event_count_);
      is_open = true;
    }
    PutPlainEvent(event, &buffer_);
    ++event_count_;
    if (!IsLong()) return;
    EndList(event_count_);
    is_open = false;
  });
  if (is_open) EndList(event_count_);
}

void WindowWriter::PutEnd() {
  const auto with_first = [](std::size_t count) { return count == 0 ? 0 : count + 1; };
  BeginChunk(ChunkType::kEnd);
  for (const std::size_t count :
       {site_count(), with_first(objects_.size()), with_first(flows_.size()), mark_count_,
        choice_count_, event_count_}) {
    buffer_.Varint(count);
  }
  if (window_.lost_events > 0) {  // PutLosses
    buffer_.Varint(1);
    buffer_.Varint(0);
  }
  EndChunk();
}

}  // namespace heddle::internal
