// SPDX-License-Identifier: MIT
//
// Recorder: where a run is written down while it runs.
//
// The rule it keeps: writing an event is a bounds check and one 24-byte store. Nothing is
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

// What happens to which object, in one word: written and read in one piece, because a
// processor that reads two words written apart waits for both to reach the cache.
using Deed = std::uint64_t;
constexpr Deed Pack(EventKind kind, Operation operation, std::uint32_t object) {
  return static_cast<Deed>(kind) | static_cast<Deed>(operation) << 8 |
         static_cast<Deed>(object) << 32;
}
constexpr EventKind KindOf(Deed deed) { return static_cast<EventKind>(deed & 0xff); }
constexpr Operation OperationOf(Deed deed) { return static_cast<Operation>(deed >> 8 & 0xff); }
// Beside kEventChosen.
constexpr std::uint8_t FlagsOf(Deed deed) { return static_cast<std::uint8_t>(deed >> 16 & 0xff); }
constexpr std::uint32_t ObjectOf(Deed deed) { return static_cast<std::uint32_t>(deed >> 32); }

class Recorder;

namespace internal {
class WindowWriter;
}

// Is told from time to time what a run has come to. It may let the recorder Forget() what it took.
class EventSink {
 public:
  virtual void TakeEvents(Recorder& recorder) = 0;

 protected:
  ~EventSink() = default;
};

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

  // From the next Begin() on `sink` is told each time that `every` further events are there,
  // where events are kept. Null: nobody is. It must outlive its run.
  void SetSink(EventSink* sink, std::size_t every);

  // Gives back the room of all events so far, and of the marks, objects and flows that they are
  // about. Their numbers are not used again.
  void Forget();
  // How many events there is room for.
  std::size_t capacity() const { return event_capacity_; }

  bool events_on() const { return events_on_; }

  VirtualNanos now() const { return now_; }
  // Virtual time jumps: an event, kTime. It is the time of all that follow.
  void AdvanceTo(VirtualNanos time) {
    now_ = time;
    Write(AsSite(static_cast<std::uint64_t>(time)), kNoTask, 0,
          Pack(EventKind::kTime, Operation::kNone, 0));
  }

  void Add(EventKind kind, TaskId task, std::uint32_t object = 0, Operation operation = {},
           SiteRef site = {}, std::uint32_t value = 0) {
    Write(site.data(), task, value, Pack(kind, operation, object));
  }
  // The same, of one who knows the deed.
  void Add(Deed deed, TaskId task, SiteRef site = {}, std::uint32_t value = 0) {
    Write(site.data(), task, value, deed);
  }

  // Where events are kept, about the one that was written last, if it is this one: adds `flags`,
  // and what was read or written, to what the trace will say of it. Choosers do not see it.
  void AddValue(EventKind kind, ObjectId object, std::uint8_t flags, std::uint32_t value) {
    if (next_event_ == events_.get()) return;
    RawEvent& event = next_event_[-1];
    if (KindOf(event.deed) != kind || ObjectOf(event.deed) != object) return;
    event.deed |= Deed{flags} << 16;
    event.site = AsSite((NumberOf(event) & 0xffffffff) | std::uint64_t{value} << 32);
  }

  // A step begins with `deed`, a kStart or kResume. It was picked among `alternatives`
  // candidates, of which `first` had been ready for longest; 1: there was no choice. `joined` is
  // what the task reports to. `kMode` is that of Begin.
  template <RecordMode kMode>
  void AddStep(Deed deed, TaskId task, std::uint32_t alternatives, TaskId first, ObjectId joined) {
    if constexpr (kMode == RecordMode::kEvents) {
      Write(AsSite(std::uint64_t{joined} << 32 | first), task, alternatives, deed);
    } else if (alternatives > 1) {
      AddChoice({.picked = task,
                 .first = first,
                 .alternatives = alternatives,
                 .kind = ChoiceKind::kTask});
    }
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
    return static_cast<ObjectId>(forgotten_.objects + objects_.size());
  }
  // Of an object that was not forgotten.
  std::string_view TypeOf(ObjectId object) const { return Object(object).type; }
  std::string_view NameOf(ObjectId object) const { return Object(object).name; }
  FlowId AddFlow(std::string_view name);
  bool has_flows() const { return !flows_.empty() || forgotten_.flows > 0; }
  // Null: it was forgotten, or there is none.
  const std::string* FlowName(FlowId flow) const {
    if (flow < forgotten_.flows || flow - forgotten_.flows >= flows_.size()) return nullptr;
    return &flows_[flow - forgotten_.flows].name;
  }

  // The run so far, as a value; nothing of one that was partly forgotten. The header is the
  // caller's to fill in.
  Trace ToTrace() const;

  // An event of the run so far, without its time and site: what a chooser learns from.
  struct EventView {
    EventKind kind;
    Operation operation;
    TaskId task;
    std::uint32_t object;
    std::uint32_t value;

    // The first event of a step; `value` is then how many candidates there were.
    bool begins_step() const {
      return (kind == EventKind::kResume || kind == EventKind::kStart) && value > 0;
    }
  };
  // Calls visit(EventView) for each, oldest first.
  template <class Visit>
  void VisitEvents(Visit visit) const {
    if (!events_on_ && last_event_ == nullptr) return;
    const RawEvent* end = events_on_ ? next_event_ : last_event_;
    for (const RawEvent* event = events_.get(); event != end; ++event) {
      visit(EventView{.kind = KindOf(event->deed),
                      .operation = OperationOf(event->deed),
                      .task = event->task,
                      .object = ObjectOf(event->deed),
                      .value = event->value});
    }
  }

 private:
  friend class TraceCursor;
  friend class FlightRecorder;
  friend class internal::WindowWriter;

  struct RawEvent {
    // Of a step: Choice::first, and above it what it joins, or the value that it found; of a
    // kAccess: that value, in the same place; of kTime: the time.
    const void* site;
    TaskId task;
    std::uint32_t value;
    Deed deed;
  };
  static_assert(sizeof(RawEvent) == 24);

  struct RawObject {
    std::string_view type;
    std::string name;
  };

  struct Counts {
    std::size_t events = 0;
    std::size_t objects = 0;
    std::size_t flows = 0;
    std::size_t marks = 0;
  };

  const RawObject& Object(ObjectId object) const {
    return objects_[object - 1 - forgotten_.objects];
  }

  // A number in the place of an event's site. It is never followed.
  static const void* AsSite(std::uint64_t number) {
    static_assert(sizeof(number) <= sizeof(void*), "heddle needs 64-bit addresses");
    return reinterpret_cast<const void*>(number);  // NOLINT(performance-no-int-to-ptr)
  }
  static std::uint64_t NumberOf(const RawEvent& event) {
    return reinterpret_cast<std::uintptr_t>(event.site);
  }
  // Whether `site` is a number.
  static bool HasNumber(const RawEvent& event) {
    const EventKind kind = KindOf(event.deed);
    return kind == EventKind::kStart || kind == EventKind::kResume || kind == EventKind::kAccess ||
           kind == EventKind::kTime;
  }
  // What the trace says of a kStart, a kResume or a kAccess, but for the object that a kStart
  // joins.
  static std::uint8_t FlagsOfDeed(const RawEvent& event) {
    const bool chosen = KindOf(event.deed) != EventKind::kAccess && event.value > 1;
    return static_cast<std::uint8_t>(FlagsOf(event.deed) | (chosen ? kEventChosen : 0));
  }
  static std::uint32_t ValueOf(const RawEvent& event) {
    if ((FlagsOf(event.deed) & kValueKindMask) != 0) {
      return static_cast<std::uint32_t>(NumberOf(event) >> 32);
    }
    return KindOf(event.deed) == EventKind::kAccess ? event.value : 0;
  }
  // The join object of a task that was spawned, of its kStart.
  static ObjectId JoinedBy(const RawEvent& event) {
    return static_cast<ObjectId>(NumberOf(event) >> 32);
  }

  static constexpr std::size_t kNever = ~std::size_t{0};

  // Where events go that are not kept: written over and over, which costs less than asking
  // each time whether to write.
  static constexpr std::size_t kScratch = 64;

  // More than any step that ends writes: 400 MB.
  static constexpr std::size_t kStepEventsMost = std::size_t{1} << 24;
  static constexpr std::size_t kPlaceAmong = 64;

  // The event goes from registers to its place: put together elsewhere first and copied, it
  // would wait for its own parts to be stored.
  void Write(const void* site, TaskId task, std::uint32_t value, Deed deed) {
    RawEvent* event = next_event_;
    if (event == end_event_) [[unlikely]] {
      return WriteWithRoom(site, task, value, deed);
    }
    next_event_ = event + 1;
    event->site = site;
    event->task = task;
    event->value = value;
    event->deed = deed;
  }
  void AddChoice(const Choice& choice) {
    if (next_choice_ == end_choice_) [[unlikely]] {
      GrowChoices();
    }
    *next_choice_++ = choice;
  }

  [[gnu::cold]] void WriteWithRoom(const void* site, TaskId task, std::uint32_t value, Deed deed);
  void MakeRoom();
  // Whether one of the last `events` began a step.
  bool HasStepBegunOf(std::size_t events) const;
  [[noreturn]] void EndProcess() const;
  void LimitEvents();
  void GrowChoices();
  void WriteToScratch();

  VirtualNanos now_ = 0;
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
  Counts forgotten_;  // what came before all of these
  std::unique_ptr<RawEvent[]> scratch_;
  EventSink* sink_ = nullptr;
  std::size_t sink_every_ = kNever;
  std::size_t sink_at_ = kNever;  // how many events there are when it is told
};

}  // namespace heddle

#endif  // HEDDLE_RECORDER_H_
