// SPDX-License-Identifier: MIT
//
// Recorder: where a run is written down while it runs.
//
// The rule it keeps: writing an event is a bounds check and one 32-byte store. Nothing is
// looked up, formatted or compressed on that path; a place in the source is the address of
// its std::source_location data, and becomes a SiteId only when a Trace is made of the
// recording. Buffers are kept between runs, so that a warm recorder never allocates.
//
// One recorder belongs to one thread at a time.
#ifndef HEDDLE_RECORDER_H_
#define HEDDLE_RECORDER_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/choice.h"
#include "heddle/event.h"
#include "heddle/trace.h"

namespace heddle {

// How much of a run is kept.
enum class RecordMode : std::uint8_t {
  kChoices,  // the choices: enough to run it again
  kEvents,   // the choices and every event
};

// A std::source_location as one pointer: it has static storage, so the pointer stays good.
class SiteRef {
 public:
  constexpr SiteRef() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a SiteRef is a source_location, only smaller.
  SiteRef(std::source_location location) : data_(std::bit_cast<const void*>(location)) {}

  const void* data() const { return data_; }
  std::source_location location() const { return std::bit_cast<std::source_location>(data_); }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  static_assert(sizeof(std::source_location) == sizeof(const void*),
                "heddle needs a std::source_location that is one pointer (libstdc++, libc++)");
  const void* data_ = nullptr;
};

// An EventKind and an Operation in one word: written and read in one piece, because a
// processor that reads two bytes written apart waits for both to reach the cache.
using StepCode = std::uint32_t;
constexpr StepCode Pack(EventKind kind, Operation operation) {
  return static_cast<StepCode>(kind) | static_cast<StepCode>(operation) << 8;
}
constexpr EventKind KindOf(StepCode code) { return static_cast<EventKind>(code & 0xff); }
constexpr Operation OperationOf(StepCode code) { return static_cast<Operation>(code >> 8); }

class Recorder {
 public:
  Recorder();
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Forgets the last run. Keeps the buffers.
  void Begin(RecordMode mode);
  // From here on nothing is kept: the run is over and is being taken down.
  void End();

  bool events_on() const { return events_on_; }

  // Virtual time, written into every event.
  VirtualNanos now = 0;

  void Add(EventKind kind, TaskId task, std::uint32_t object = 0, Operation operation = {},
           SiteRef site = {}, std::uint32_t value = 0) {
    Write(site.data(), task, object, value, Pack(kind, operation));
  }

  // A step begins: `code` is kStart or kResume, and the operation. It was picked among
  // `alternatives` candidates, of which `first` had been ready for longest; 1: there was no choice.
  void AddStep(StepCode code, TaskId task, std::uint32_t object, std::uint32_t alternatives,
               TaskId first) {
    if (choices_on_ && alternatives > 1) [[unlikely]] {
      AddChoice({.picked = task,
                 .first = first,
                 .alternatives = alternatives,
                 .kind = ChoiceKind::kTask});
    }
    // NOLINTNEXTLINE(performance-no-int-to-ptr): never followed; see ToTrace
    const auto* first_as_site = reinterpret_cast<const void*>(std::uintptr_t{first});
    Write(first_as_site, task, object, alternatives, code);
  }

  // `task` drew `value`, below `alternatives`.
  void AddDraw(TaskId task, SiteRef site, std::uint32_t value, std::uint32_t alternatives) {
    if (choices_on_ && alternatives > 1) {
      AddChoice(
          {.picked = value, .first = 0, .alternatives = alternatives, .kind = ChoiceKind::kValue});
    }
    Add(EventKind::kDraw, task, alternatives, Operation::kNone, site, value);
  }

  void AddMark(EventKind kind, TaskId task, SiteRef site, MarkRecord mark);
  // `type` must be a literal.
  ObjectId AddObject(std::string_view type, std::string_view name) {
    objects_.push_back({type, std::string(name)});
    return static_cast<ObjectId>(objects_.size());
  }
  FlowId AddFlow(std::string_view name);

  // The run so far, as a value. The header is the caller's to fill in.
  Trace ToTrace() const;

 private:
  struct RawEvent {
    VirtualNanos time;
    const void* site;  // of kStart and kResume: Choice::first
    TaskId task;
    std::uint32_t object;
    std::uint32_t value;
    StepCode code;
  };
  static_assert(sizeof(RawEvent) == 32);

  struct RawObject {
    std::string_view type;
    std::string name;
  };

  // Where events go that are not kept: written over and over, which costs less than asking
  // each time whether to write.
  static constexpr std::size_t kScratch = 64;

  // The event goes from registers to its place: put together elsewhere first and copied, it
  // would wait for its own parts to be stored.
  void Write(const void* site, TaskId task, std::uint32_t object, std::uint32_t value,
             StepCode code) {
    RawEvent* event = next_event_;
    if (event == end_event_) [[unlikely]] {
      return WriteWithRoom(site, task, object, value, code);
    }
    next_event_ = event + 1;
    event->time = now;
    event->site = site;
    event->task = task;
    event->object = object;
    event->value = value;
    event->code = code;
  }
  void AddChoice(const Choice& choice) {
    if (next_choice_ == end_choice_) [[unlikely]] {
      GrowChoices();
    }
    *next_choice_++ = choice;
  }

  [[gnu::cold]] void WriteWithRoom(const void* site, TaskId task, std::uint32_t object,
                                   std::uint32_t value, StepCode code);
  void GrowChoices();
  void WriteToScratch();

  RawEvent* next_event_ = nullptr;
  RawEvent* end_event_ = nullptr;
  Choice* next_choice_ = nullptr;
  Choice* end_choice_ = nullptr;
  bool events_on_ = false;  // then they hold the choices too
  bool choices_on_ = false;
  RawEvent* last_event_ = nullptr;  // once the run is over: behind its last event
  std::unique_ptr<RawEvent[]> events_;
  std::size_t event_capacity_ = 0;
  std::unique_ptr<Choice[]> choices_;
  std::vector<RawObject> objects_;
  std::vector<FlowRecord> flows_;
  std::vector<MarkRecord> marks_;
  std::unique_ptr<RawEvent[]> scratch_;
};

}  // namespace heddle

#endif  // HEDDLE_RECORDER_H_
