// SPDX-License-Identifier: MIT
//
// Implements trace_cursor.h.
#include "heddle/trace_cursor.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <source_location>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace heddle {

// Gives out SiteIds in the order of first use. The address of the location's data is only a
// shortcut: two addresses with the same file, line and name are the same site.
class TraceCursor::SiteTable {
 public:
  SiteId Intern(const void* data, EventKind kind) {
    if (data == nullptr) return 0;
    const bool coroutine = kind == EventKind::kSpawn;
    auto [known, is_new] = by_address_[coroutine].try_emplace(data, 0);
    if (is_new) known->second = InternContent(data, coroutine);
    return known->second;
  }

  void AppendNew(std::vector<Site>& sites) {
    sites.insert(sites.end(), sites_.begin() + static_cast<std::ptrdiff_t>(appended_),
                 sites_.end());
    appended_ = sites_.size();
  }

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
  std::size_t appended_ = 0;
  std::unordered_map<const void*, SiteId> by_address_[2];
  std::map<std::tuple<std::string, std::uint32_t, std::string>, SiteId> by_content_;
};

TraceCursor::TraceCursor() : sites_(std::make_unique<SiteTable>()) {}
TraceCursor::~TraceCursor() = default;

void TraceCursor::AppendTo(const Recorder& recorder, Trace& trace) {
  // `from` begins with number `first`.
  const auto append_new = [](const auto& from, std::size_t first, std::size_t& appended, auto& to) {
    const std::size_t begin = std::max(appended, first) - first;
    to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(begin), from.end());
    appended = first + from.size();
  };
  append_new(recorder.flows_, recorder.forgotten_.flows, flows_, trace.flows);
  append_new(recorder.marks_, recorder.forgotten_.marks, marks_, trace.marks);
  AppendObjects(recorder, trace);
  const Choice* const choices = recorder.choices_.get();
  const Choice* const end = recorder.next_choice_;
  trace.choices.insert(trace.choices.end(), choices + choices_, end);
  choices_ = static_cast<std::size_t>(end - choices);
  AppendEvents(recorder, trace);
  sites_->AppendNew(trace.sites);
}

// The first object of a run is number 1: before it comes "none".
void TraceCursor::AppendObjects(const Recorder& recorder, Trace& trace) {
  const std::size_t first = recorder.forgotten_.objects;
  const std::size_t end = first + recorder.objects_.size();
  if (objects_ == 0 && end > 0) trace.objects.emplace_back();
  for (objects_ = std::max(objects_, first); objects_ < end; ++objects_) {
    const auto& object = recorder.objects_[objects_ - first];
    trace.objects.push_back({.type = std::string(object.type), .name = object.name});
  }
}

void TraceCursor::AppendEvents(const Recorder& recorder, Trace& trace) {
  const Recorder::RawEvent* const end =
      recorder.events_on_ ? recorder.next_event_ : recorder.last_event_;
  const std::size_t first = recorder.forgotten_.events;
  const Recorder::RawEvent* raw = recorder.events_.get() + (std::max(events_, first) - first);
  trace.events.reserve(trace.events.size() + static_cast<std::size_t>(end - raw));
  for (; raw != end; ++raw) {
    const Event event = Resolve(*raw);
    if (event.chosen()) {
      trace.choices.push_back({.picked = raw->task,
                               .first = static_cast<TaskId>(Recorder::NumberOf(*raw)),
                               .alternatives = raw->value,
                               .kind = ChoiceKind::kTask});
    } else if (event.kind == EventKind::kDraw && event.object > 1) {
      trace.choices.push_back({.picked = raw->value,
                               .first = 0,
                               .alternatives = event.object,
                               .kind = ChoiceKind::kValue});
    }
    trace.events.push_back(event);
  }
  events_ = first + static_cast<std::size_t>(end - recorder.events_.get());
}

Event TraceCursor::Resolve(const Recorder::RawEvent& raw) {
  const EventKind kind = KindOf(raw.deed);
  if (kind == EventKind::kTime) now_ = static_cast<VirtualNanos>(Recorder::NumberOf(raw));
  Event event = {.time = now_,
                 .task = raw.task,
                 .site = 0,
                 .object = ObjectOf(raw.deed),
                 .value = raw.value,
                 .kind = kind,
                 .operation = static_cast<std::uint8_t>(OperationOf(raw.deed)),
                 .flags = 0};
  if (kind == EventKind::kStart || kind == EventKind::kResume || kind == EventKind::kAccess) {
    event.value = kind == EventKind::kStart ? Recorder::JoinedBy(raw) : Recorder::ValueOf(raw);
    event.flags = Recorder::FlagsOfDeed(raw);
  } else if (kind != EventKind::kTime) {
    event.site = sites_->Intern(raw.site, kind);
  }
  return event;
}

}  // namespace heddle
