// SPDX-License-Identifier: MIT
//
// Implements volume_control.h and Filter() of trace_filter.h.
#include "volume_control.h"

#include <algorithm>
#include <string>
#include <utility>

#include "heddle/ending.h"
#include "heddle/site.h"
#include "heddle/task_label.h"

namespace heddle {
namespace internal {
namespace {

constexpr VirtualNanos kSecond = 1'000'000'000;

bool IsMark(EventKind kind) {
  return kind == EventKind::kMark || kind == EventKind::kInput || kind == EventKind::kFault;
}

EventGroups GroupOf(EventKind kind) {
  switch (kind) {
    case EventKind::kMark:
      return kMarkEvents;
    case EventKind::kAccess:
      return kAccessEvents;
    case EventKind::kAcquire:
    case EventKind::kRelease:
      return kLockEvents;
    case EventKind::kSend:
    case EventKind::kReceive:
      return kMessageEvents;
    default:
      return kNoEvents;
  }
}

std::string NameOf(EventGroups group) {
  switch (group) {
    case kMarkEvents:
      return "marks";
    case kAccessEvents:
      return "accesses";
    case kLockEvents:
      return "locks";
    case kMessageEvents:
      return "messages";
    default:
      return "details";
  }
}

std::string TextOf(const KeptRequests& kept) {
  std::string text = kept.failed ? "they did not fail" : "";
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (kept.slower_than.count() > 0) {
    add("took no longer than " + FormatNanos(kept.slower_than.count()));
  }
  if (kept.one_in > 0) add("were not one in " + std::to_string(kept.one_in));
  return text.empty() ? "none is" : text;
}

}  // namespace

void VolumeControl::NoteSites(const Trace& piece) {
  const std::vector<std::string>& patterns = filter_.without_sites;
  for (const Site& site : piece.sites) {
    const auto matching =
        std::find_if(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
          return MatchesGlob(site.file, pattern) || MatchesGlob(FileName(site.file), pattern) ||
                 (!site.function.empty() && MatchesGlob(site.function, pattern));
        });
    const auto number = static_cast<std::uint32_t>(matching - patterns.begin()) + 1;
    filtered_sites_.push_back(matching == patterns.end() ? 0 : number);
  }
}

// Its request began before all that is here.
void VolumeControl::Carry(const Losses& losses) {
  for (std::size_t id = 0; id < losses.tasks.size(); ++id) {
    const FlowId flow = losses.tasks[id].flow;
    tasks_[static_cast<TaskId>(id)].flow = flow;
    Enter(flow, 0);
  }
}

void VolumeControl::NoteChannels(const Trace& piece) {
  for (const ObjectRecord& object : piece.objects) is_channel_.push_back(object.type == "Channel");
}

// The request that the event belongs to.
FlowId VolumeControl::Follow(const Event& event) {
  const FlowId received = std::exchange(received_, 0);
  const FlowId flow = FollowTask(event);
  FollowMessage(event);
  // Only now: the event after a receipt says whether its task works for the request.
  Leave(received, received_at_);
  return flow;
}

// A request goes on while a message of it is on its way, though no task works for it.
void VolumeControl::FollowMessage(const Event& event) {
  if (filter_.requests.all || event.object >= is_channel_.size() || !is_channel_[event.object]) {
    return;
  }
  if (event.kind == EventKind::kSend) {
    const auto task = tasks_.find(event.task);
    if (task == tasks_.end() || task->second.flow == 0) return;
    if (messages_.try_emplace({event.object, event.value}, task->second.flow).second) {
      Enter(task->second.flow, event.time);
    }
  } else if (event.kind == EventKind::kReceive) {
    const auto message = messages_.find({event.object, event.value});
    if (message == messages_.end()) return;
    received_ = message->second;
    received_at_ = event.time;
    messages_.erase(message);
  }
}

FlowId VolumeControl::FollowTask(const Event& event) {
  if (event.task == kNoTask) return 0;
  TaskState& task = tasks_[event.task];
  switch (event.kind) {
    case EventKind::kSpawn: {
      const auto parent = tasks_.find(event.object);
      task.flow = parent == tasks_.end() ? 0 : parent->second.flow;
      task.filtered_by = event.site < filtered_sites_.size() ? filtered_sites_[event.site] : 0;
      Enter(task.flow, event.time);
      return task.flow;
    }
    case EventKind::kFlow:
      Enter(event.object, event.time);
      Leave(std::exchange(task.flow, event.object), event.time);
      return event.object;
    case EventKind::kFinish:
    case EventKind::kAbandon: {
      const FlowId flow = task.flow;
      const auto request = requests_.find(flow);
      if (request != requests_.end() && event.kind == EventKind::kFinish &&
          event.outcome() == Outcome::kException) {
        request->second.failed = true;
      }
      tasks_.erase(event.task);
      Leave(flow, event.time);
      return flow;
    }
    default:
      return task.flow;
  }
}

void VolumeControl::Enter(FlowId flow, VirtualNanos time) {
  if (flow == 0 || filter_.requests.all) return;
  const auto [request, is_new] = requests_.try_emplace(flow);
  if (is_new) request->second.start = time;
  ++request->second.tasks;
}

void VolumeControl::Leave(FlowId flow, VirtualNanos time) {
  const auto request = requests_.find(flow);
  if (request == requests_.end()) return;
  request->second.end = std::max(request->second.end, time);
  std::uint64_t& tasks = request->second.tasks;
  if (tasks == 0) return;
  --tasks;
  if (tasks == 0) Decide(request->second, flow);
}

void VolumeControl::Decide(Request& request, FlowId flow) {
  if (request.is_decided) return;
  const KeptRequests& kept = filter_.requests;
  const bool is_slow =
      kept.slower_than.count() > 0 && request.end - request.start > kept.slower_than.count();
  const bool is_sample = kept.one_in > 0 && (flow - 1) % kept.one_in == 0;
  request.is_decided = true;
  request.is_kept = (kept.failed && request.failed) || is_slow || is_sample;
  if (!request.is_kept) ++dropped_requests_;
}

void VolumeControl::ForgetIfOver(FlowId flow) {
  const auto request = requests_.find(flow);
  const Request& state = request->second;
  if (state.is_decided && state.tasks == 0 && state.held == 0) requests_.erase(request);
}

void VolumeControl::Lose(LossReason reason, const std::string& what, const Event& event) {
  const auto known = std::find_if(losses_.list.begin(), losses_.list.end(), [&](const Loss& loss) {
    return loss.reason == reason && loss.what == what;
  });
  if (known == losses_.list.end()) {
    losses_.list.push_back({.reason = reason,
                            .what = what,
                            .events = 1,
                            .requests = 0,
                            .from = event.time,
                            .to = event.time});
    return;
  }
  ++known->events;
  known->to = event.time;
}

void VolumeControl::LoseOfRequest(const Event& event) {
  Lose(LossReason::kRequest, TextOf(filter_.requests), event);
  for (Loss& loss : losses_.list) {
    if (loss.reason == LossReason::kRequest) loss.requests = dropped_requests_;
  }
}

bool VolumeControl::IsFiltered(const Event& event) {
  const EventGroups group = GroupOf(event.kind);
  const bool is_over_rate = IsOverRate(event);
  if (group == kNoEvents) return false;
  if ((filter_.without & group) != 0) {
    Lose(LossReason::kKind, NameOf(group), event);
    return true;
  }
  std::uint32_t pattern = event.site < filtered_sites_.size() ? filtered_sites_[event.site] : 0;
  if (pattern == 0) {
    const auto task = tasks_.find(event.task);
    if (task != tasks_.end()) pattern = task->second.filtered_by;
  }
  if (pattern != 0) {
    Lose(LossReason::kSite, filter_.without_sites[pattern - 1], event);
    return true;
  }
  if (is_over_rate && (filter_.rate.without & group) != 0) {
    Lose(LossReason::kRate,
         NameOf(group) + " beyond " + std::to_string(filter_.rate.events_per_second_max) +
             " events a second",
         event);
    return true;
  }
  return false;
}

bool VolumeControl::IsOverRate(const Event& event) {
  if (filter_.rate.events_per_second_max == 0) return false;
  const VirtualNanos second = event.time / kSecond;
  if (std::exchange(second_, second) != second) events_of_second_ = 0;
  return ++events_of_second_ > filter_.rate.events_per_second_max;
}

void VolumeControl::Apply(Trace& piece) {
  NoteSites(piece);
  NoteChannels(piece);
  std::vector<MarkRecord> marks = std::exchange(piece.marks, {});
  const std::uint32_t first_mark = next_mark_;
  next_mark_ += static_cast<std::uint32_t>(marks.size());
  for (const Event& event : std::exchange(piece.events, {})) {
    const FlowId flow = Follow(event);
    const std::size_t mark = IsMark(event.kind) ? event.object - first_mark : marks.size();
    const bool is_label = mark < marks.size() && LabelOf(marks[mark]) != nullptr;
    if (!is_label && IsFiltered(event)) continue;
    held_.push_back({.event = event, .flow = filter_.requests.all ? 0 : flow});
    if (held_.back().flow != 0) ++requests_[flow].held;
    if (IsMark(event.kind)) {
      held_marks_.push_back(mark < marks.size() ? std::move(marks[mark]) : MarkRecord{});
    }
    // At once, so that what is decided does not depend on how long the pieces are.
    Drain(piece);
  }
}

// Up to the first event whose request is not decided.
void VolumeControl::Drain(Trace& out) {
  for (; !held_.empty(); held_.pop_front()) {
    const auto [event, flow] = held_.front();
    const bool is_mark = IsMark(event.kind);
    bool is_kept = true;
    if (flow != 0) {
      Request& request = requests_[flow];
      if (!request.is_decided) {
        if (held_.size() <= filter_.requests.held_events_max) return;
        request.is_decided = request.is_kept = true;
      }
      is_kept = request.is_kept || StaysOfDropped(event.kind) ||
                (is_mark && LabelOf(held_marks_.front()) != nullptr);
      if (!is_kept) LoseOfRequest(event);
      --request.held;
      ForgetIfOver(flow);
    }
    if (is_kept) {
      out.events.push_back(event);
      if (is_mark) {
        out.events.back().object = kept_marks_++;
        out.marks.push_back(std::move(held_marks_.front()));
      }
    }
    if (is_mark) held_marks_.pop_front();
  }
}

void VolumeControl::Finish(Trace& piece) {
  for (auto& [flow, request] : requests_) {
    if (request.is_decided) continue;
    request.is_decided = request.is_kept = true;
  }
  Drain(piece);
}

}  // namespace internal

Trace Filter(Trace trace, const TraceFilter& filter) {
  internal::VolumeControl control(filter);
  control.Carry(trace.losses);
  control.Apply(trace);
  control.Finish(trace);
  const Losses& lost = control.losses();
  trace.losses.list.insert(trace.losses.list.end(), lost.list.begin(), lost.list.end());
  return trace;
}

// Where a `*` was tried last is where to go on when the rest does not fit: the earliest place that
// fits is never worse than a later one.
bool MatchesGlob(std::string_view text, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_at = 0;
  std::size_t next = 0;
  while (at < text.size()) {
    if (next < pattern.size() && pattern[next] == '*') {
      star = next++;
      star_at = at;
    } else if (next < pattern.size() && (pattern[next] == '?' || pattern[next] == text[at])) {
      ++next;
      ++at;
    } else if (star != std::string_view::npos) {
      next = star + 1;
      at = ++star_at;
    } else {
      return false;
    }
  }
  while (next < pattern.size() && pattern[next] == '*') ++next;
  return next == pattern.size();
}

}  // namespace heddle
