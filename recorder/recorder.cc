// SPDX-License-Identifier: MIT
//
// The slow half of the recorder: growing its buffers. Traces are made in trace_cursor.cc.
#include "heddle/recorder.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <utility>

#include "heddle/site.h"
#include "heddle/trace_cursor.h"

namespace heddle {
namespace {

constexpr std::size_t kFirstCapacity = 1024;

// Doubles a buffer, keeping [begin, next); gives its new capacity.
template <class T>
std::size_t Grow(std::unique_ptr<T[]>& begin, T*& next, T*& end) {
  const auto used = static_cast<std::size_t>(next - begin.get());
  const std::size_t capacity = std::max(kFirstCapacity, 2 * used);
  auto larger = std::make_unique_for_overwrite<T[]>(capacity);
  std::copy(begin.get(), next, larger.get());
  begin = std::move(larger);
  next = begin.get() + used;
  end = begin.get() + capacity;
  return capacity;
}

}  // namespace

Recorder::Recorder() : scratch_(std::make_unique<RawEvent[]>(kScratch)) { WriteToScratch(); }
Recorder::~Recorder() = default;

void Recorder::Begin(RecordMode mode) {
  events_on_ = mode == RecordMode::kEvents;
  choices_on_ = !events_on_;
  now_ = 0;
  last_event_ = events_.get();
  next_choice_ = choices_.get();
  if (events_on_) {
    next_event_ = events_.get();
    sink_at_ = sink_every_;
    LimitEvents();
  } else {
    WriteToScratch();
  }
  objects_.clear();
  flows_.clear();
  marks_.clear();
  forgotten_ = {};
}

void Recorder::End() {
  if (events_on_) last_event_ = next_event_;
  events_on_ = choices_on_ = false;
  WriteToScratch();
}

void Recorder::WriteToScratch() {
  next_event_ = scratch_.get();
  end_event_ = next_event_ + kScratch;
}

void Recorder::WriteWithRoom(const void* site, TaskId task, std::uint32_t value, Deed deed) {
  if (events_on_) {
    MakeRoom();
  } else {
    WriteToScratch();
  }
  Write(site, task, value, deed);
}

void Recorder::MakeRoom() {
  if (static_cast<std::size_t>(next_event_ - events_.get()) == sink_at_) {
    sink_->TakeEvents(*this);
    sink_at_ = static_cast<std::size_t>(next_event_ - events_.get()) + sink_every_;
  }
  if (static_cast<std::size_t>(next_event_ - events_.get()) == event_capacity_) {
    if (event_capacity_ >= kStepEventsMost && !HasStepBegunOf(kStepEventsMost)) EndProcess();
    event_capacity_ = Grow(events_, next_event_, end_event_);
  }
  LimitEvents();
}

bool Recorder::HasStepBegunOf(std::size_t events) const {
  const auto begins_step = [](const RawEvent& event) {
    const EventKind kind = KindOf(event.deed);
    return (kind == EventKind::kResume || kind == EventKind::kStart) && event.value > 0;
  };
  return std::any_of(next_event_ - events, next_event_, begins_step);
}

// No exception can end a step that catches all, and there is no memory for one that does not end.
void Recorder::EndProcess() const {
  std::string place;
  for (const RawEvent* event = next_event_; event != next_event_ - kPlaceAmong && place.empty();) {
    --event;
    if (HasNumber(*event) || event->site == nullptr) continue;
    const std::source_location location = std::bit_cast<std::source_location>(event->site);
    place = ToString(Site{.file = location.file_name(), .line = location.line(), .function = {}});
  }
  std::fprintf(stderr,
               "\nheddle: one step has written %zu events and does not end; the process ends "
               "here, before it has taken all memory.\n"
               "  Its last events are about %s.\n"
               "  Likely cause: a loop that never awaits and makes tasks, marks or draws.\n"
               "  HEDDLE_STEP_TIMEOUT=1 names the task, and records how it came there.\n",
               kStepEventsMost, place.empty() ? "no place that is known" : place.c_str());
  std::abort();
}

void Recorder::LimitEvents() { end_event_ = events_.get() + std::min(event_capacity_, sink_at_); }

void Recorder::SetSink(EventSink* sink, std::size_t every) {
  sink_ = sink;
  sink_every_ = sink != nullptr ? std::max<std::size_t>(every, 1) : kNever;
  if (sink == nullptr) sink_at_ = kNever;
}

void Recorder::Forget() {
  RawEvent*& end = events_on_ ? next_event_ : last_event_;
  forgotten_.events += static_cast<std::size_t>(end - events_.get());
  forgotten_.objects += objects_.size();
  forgotten_.flows += flows_.size();
  forgotten_.marks += marks_.size();
  end = events_.get();
  objects_.clear();
  flows_.clear();
  marks_.clear();
}

void Recorder::GrowChoices() { Grow(choices_, next_choice_, end_choice_); }

void Recorder::AddMark(EventKind kind, TaskId task, SiteRef site, MarkRecord mark) {
  if (!events_on_) return;
  const auto number = static_cast<std::uint32_t>(forgotten_.marks + marks_.size());
  Add(kind, task, number, Operation::kNone, site);
  marks_.push_back(std::move(mark));
}

FlowId Recorder::AddFlow(std::string_view name) {
  if (flows_.empty() && forgotten_.flows == 0) flows_.emplace_back();
  flows_.push_back({.name = std::string(name)});
  return static_cast<FlowId>(forgotten_.flows + flows_.size() - 1);
}

Trace Recorder::ToTrace() const {
  Trace trace;
  if (forgotten_.events > 0) return trace;
  TraceCursor().AppendTo(*this, trace);
  return trace;
}

}  // namespace heddle
