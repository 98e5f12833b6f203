// SPDX-License-Identifier: MIT
//
// The slow half of the recorder: growing its buffers, and making a Trace of them.
#include "heddle/recorder.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

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

// Gives out SiteIds in the order of first use. The address of the location's data is only a
// shortcut: two addresses with the same file, line and name are the same site.
class SiteTable {
 public:
  SiteId Intern(const void* data, EventKind kind) {
    if (data == nullptr) return 0;
    const bool coroutine = kind == EventKind::kSpawn;
    auto [known, is_new] = by_address_[coroutine].try_emplace(data, 0);
    if (is_new) known->second = InternContent(data, coroutine);
    return known->second;
  }

  std::vector<Site> Take() { return std::move(sites_); }

 private:
  SiteId InternContent(const void* data, bool coroutine) {
    const auto location = std::bit_cast<std::source_location>(data);
    Site site{.file = location.file_name(), .line = location.line(), .function = {}};
    if (coroutine) site.function = DisplayName(location.function_name());
    const auto [known, is_new] = by_content_.try_emplace(
        std::tuple(site.file, site.line, site.function), static_cast<SiteId>(sites_.size()));
    if (is_new) sites_.push_back(std::move(site));
    return known->second;
  }

  std::vector<Site> sites_ = {Site{}};
  std::unordered_map<const void*, SiteId> by_address_[2];
  std::map<std::tuple<std::string, std::uint32_t, std::string>, SiteId> by_content_;
};

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
    end_event_ = next_event_ + event_capacity_;
  } else {
    WriteToScratch();
  }
  objects_.clear();
  flows_.clear();
  marks_.clear();
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
    event_capacity_ = Grow(events_, next_event_, end_event_);
  } else {
    WriteToScratch();
  }
  Write(site, task, value, deed);
}

void Recorder::GrowChoices() { Grow(choices_, next_choice_, end_choice_); }

void Recorder::AddMark(EventKind kind, TaskId task, SiteRef site, MarkRecord mark) {
  if (!events_on_) return;
  Add(kind, task, static_cast<std::uint32_t>(marks_.size()), Operation::kNone, site);
  marks_.push_back(std::move(mark));
}

FlowId Recorder::AddFlow(std::string_view name) {
  if (flows_.empty()) flows_.emplace_back();
  flows_.push_back({.name = std::string(name)});
  return static_cast<FlowId>(flows_.size() - 1);
}

Trace Recorder::ToTrace() const {
  Trace trace;
  if (!objects_.empty()) trace.objects.emplace_back();
  for (const RawObject& object : objects_) {
    trace.objects.push_back({.type = std::string(object.type), .name = object.name});
  }
  trace.flows = flows_;
  trace.marks = marks_;
  trace.choices.assign(choices_.get(), next_choice_);
  const RawEvent* end = events_on_ ? next_event_ : last_event_;
  trace.events.reserve(static_cast<std::size_t>(end - events_.get()));
  SiteTable sites;
  VirtualNanos now = 0;
  for (const RawEvent* raw = events_.get(); raw != end; ++raw) {
    const EventKind kind = KindOf(raw->deed);
    if (kind == EventKind::kTime) now = static_cast<VirtualNanos>(NumberOf(*raw));
    Event event = {.time = now,
                   .task = raw->task,
                   .site = 0,
                   .object = ObjectOf(raw->deed),
                   .value = raw->value,
                   .kind = kind,
                   .operation = static_cast<std::uint8_t>(OperationOf(raw->deed)),
                   .flags = 0};
    if (kind == EventKind::kStart || kind == EventKind::kResume) {
      event.value = 0;
      if (raw->value > 1) {
        event.flags = kEventChosen;
        const auto first = static_cast<TaskId>(NumberOf(*raw));
        trace.choices.push_back({.picked = raw->task,
                                 .first = first,
                                 .alternatives = raw->value,
                                 .kind = ChoiceKind::kTask});
      }
    } else if (kind != EventKind::kTime) {
      event.site = sites.Intern(raw->site, kind);
      if (kind == EventKind::kDraw && event.object > 1) {
        trace.choices.push_back({.picked = raw->value,
                                 .first = 0,
                                 .alternatives = event.object,
                                 .kind = ChoiceKind::kValue});
      }
    }
    trace.events.push_back(event);
  }
  trace.sites = sites.Take();
  return trace;
}

}  // namespace heddle
