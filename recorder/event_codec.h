// SPDX-License-Identifier: MIT
//
// Events as bytes: one or two where nothing surprising happens. Both sides keep the same
// memory of what came before and predict the next event from it; only what differs is
// written.
//
//   head       kKindBits: the EventKind;  kExpectedTask, kSameTime, kExpectedRest
//   [task]     unless kExpectedTask: delta to the expected task
//   [time]     unless kSameTime: delta to the time of the previous event
//   [changes]  unless kExpectedRest: which of the following fields are there
//   [operation] [flags]            one byte each
//   [site] [object] [value]        delta to the expected field
//
// The memory is new in each chunk, so that a chunk can be read by itself.
#ifndef HEDDLE_RECORDER_EVENT_CODEC_H_
#define HEDDLE_RECORDER_EVENT_CODEC_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "bytes.h"
#include "heddle/event.h"

namespace heddle::internal {

// What the events so far say about the next one. docs/trace_format.md says it in full;
// to change a prediction is to change the format.
//
// Tasks go the same ways again and again. So the operation, site and object of an event
// are those that were seen the last time when a task had an event of this kind after the
// same kind of event at the same site.
class EventMemory {
 public:
  // Who an event of this kind is most likely about.
  TaskId PredictTask(EventKind kind) const {
    if (kind == EventKind::kTime) return kNoTask;
    return kind == EventKind::kSpawn ? last_spawned_ + 1 : last_task_;
  }

  // Given kind, task and time, fills in the rest.
  void Predict(Event* event) const {
    const Recent& recent = contexts_[ContextOf(*event)];
    event->operation = recent.operation;
    event->site = recent.site;
    event->object = IsMark(event->kind) ? last_mark_ + 1 : recent.object;
    event->value = last_value_[Index(event->kind)];
    event->flags = last_flags_[Index(event->kind)];
    if (event->kind == EventKind::kSend || event->kind == EventKind::kReceive) ++event->value;
  }

  void Learn(const Event& event) {
    contexts_[ContextOf(event)] = {event.site, event.object, event.operation};
    Whereabouts& where = tasks_[event.task % kTasks];
    if (where.task != event.task) where = {.task = event.task};
    where.kind = event.kind;
    if (event.site != 0) where.site = event.site;

    if (event.task != kNoTask) last_task_ = event.task;
    if (event.kind == EventKind::kSpawn) last_spawned_ = event.task;
    if (IsMark(event.kind)) last_mark_ = event.object;
    last_value_[Index(event.kind)] = event.value;
    last_flags_[Index(event.kind)] = event.flags;
    time_ = event.time;
  }

  VirtualNanos time() const { return time_; }

 private:
  static constexpr std::size_t kKinds = 32;
  static constexpr std::size_t kTasks = 512;
  static constexpr int kContextBits = 10;

  struct Whereabouts {
    TaskId task = kNoTask;
    SiteId site = 0;  // the last one that was known
    EventKind kind{};
  };
  struct Recent {
    SiteId site = 0;
    std::uint32_t object = 0;
    std::uint8_t operation = 0;
  };

  static std::size_t Index(EventKind kind) { return static_cast<std::size_t>(kind) % kKinds; }
  static bool IsMark(EventKind kind) {
    return kind == EventKind::kMark || kind == EventKind::kInput || kind == EventKind::kFault;
  }

  std::size_t ContextOf(const Event& event) const {
    const Whereabouts& where = tasks_[event.task % kTasks];
    std::uint32_t context = static_cast<std::uint32_t>(event.kind);
    if (where.task == event.task) {
      context |= static_cast<std::uint32_t>(where.kind) << 5 | where.site << 10;
    }
    return (context * 0x9e3779b1u) >> (32 - kContextBits);
  }

  VirtualNanos time_ = 0;
  TaskId last_task_ = 0;
  TaskId last_spawned_ = kNoTask;
  std::uint32_t last_mark_ = 0xffffffff;
  std::array<std::uint32_t, kKinds> last_value_{};
  std::array<std::uint8_t, kKinds> last_flags_{};
  std::array<Whereabouts, kTasks> tasks_{};
  std::array<Recent, std::size_t{1} << kContextBits> contexts_{};
};

inline constexpr std::uint8_t kKindBits = 0x1f;
inline constexpr std::uint8_t kExpectedTask = 0x20;
inline constexpr std::uint8_t kSameTime = 0x40;
inline constexpr std::uint8_t kExpectedRest = 0x80;
static_assert(static_cast<std::uint8_t>(kLastEventKind) <= kKindBits);

inline constexpr std::uint8_t kNewOperation = 0x01;
inline constexpr std::uint8_t kNewFlags = 0x02;
inline constexpr std::uint8_t kNewSite = 0x04;
inline constexpr std::uint8_t kNewObject = 0x08;
inline constexpr std::uint8_t kNewValue = 0x10;
inline constexpr std::uint8_t kAllChanges = 0x1f;

class EventEncoder {
 public:
  static constexpr std::size_t kMaxBytes = 1 + kVarint32Max + kVarint64Max + 3 + 3 * kVarint32Max;

  // Returns the end of what it wrote: at most kMaxBytes.
  char* Encode(const Event& event, char* out) {
    const TaskId task = memory_.PredictTask(event.kind);
    const VirtualNanos time = memory_.time();
    Event expected;
    expected.kind = event.kind;
    expected.task = event.task;
    memory_.Predict(&expected);
    std::uint8_t changes = 0;
    if (event.operation != expected.operation) changes |= kNewOperation;
    if (event.flags != expected.flags) changes |= kNewFlags;
    if (event.site != expected.site) changes |= kNewSite;
    if (event.object != expected.object) changes |= kNewObject;
    if (event.value != expected.value) changes |= kNewValue;

    auto head = static_cast<std::uint8_t>(event.kind);
    if (event.task == task) head |= kExpectedTask;
    if (event.time == time) head |= kSameTime;
    if (changes == 0) head |= kExpectedRest;

    *out++ = static_cast<char>(head);
    if (event.task != task) out = PutDelta(out, event.task, task);
    if (event.time != time) {
      out = PutDelta(out, static_cast<std::uint64_t>(event.time), static_cast<std::uint64_t>(time));
    }
    if (changes != 0) {
      *out++ = static_cast<char>(changes);
      if ((changes & kNewOperation) != 0) *out++ = static_cast<char>(event.operation);
      if ((changes & kNewFlags) != 0) *out++ = static_cast<char>(event.flags);
      if ((changes & kNewSite) != 0) out = PutDelta(out, event.site, expected.site);
      if ((changes & kNewObject) != 0) out = PutDelta(out, event.object, expected.object);
      if ((changes & kNewValue) != 0) out = PutDelta(out, event.value, expected.value);
    }
    memory_.Learn(event);
    return out;
  }

 private:
  EventMemory memory_;
};

class EventDecoder {
 public:
  static constexpr std::size_t kMinBytes = 1;

  // Whatever the bytes are, the kind of the event is one of ours, or `in` has failed.
  Event Decode(ByteReader* in) {
    const std::uint8_t head = in->Byte();
    const std::uint8_t kind = head & kKindBits;
    if (kind == 0 || kind > static_cast<std::uint8_t>(kLastEventKind)) {
      in->Fail("there is no event kind " + std::to_string(kind));
    }
    Event event;
    event.kind = static_cast<EventKind>(kind);
    event.task = memory_.PredictTask(event.kind);
    event.time = memory_.time();
    if ((head & kExpectedTask) == 0) event.task = in->Delta(event.task);
    if ((head & kSameTime) == 0) {
      event.time = static_cast<VirtualNanos>(in->Delta(static_cast<std::uint64_t>(event.time)));
    }
    memory_.Predict(&event);
    if ((head & kExpectedRest) == 0) DecodeChanges(in, &event);
    memory_.Learn(event);
    return event;
  }

 private:
  static void DecodeChanges(ByteReader* in, Event* event) {
    const std::uint8_t changes = in->Byte();
    if ((changes & ~kAllChanges) != 0) in->Fail("an event has a field that is not known");
    if ((changes & kNewOperation) != 0) event->operation = in->Byte();
    if ((changes & kNewFlags) != 0) event->flags = in->Byte();
    if ((changes & kNewSite) != 0) event->site = in->Delta(event->site);
    if ((changes & kNewObject) != 0) event->object = in->Delta(event->object);
    if ((changes & kNewValue) != 0) event->value = in->Delta(event->value);
  }

  EventMemory memory_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_EVENT_CODEC_H_
