// SPDX-License-Identifier: MIT
//
// Implements request_times.h.
#include "request_times.h"

#include <algorithm>
#include <functional>
#include <ranges>
#include <utility>

#include "heddle/ending.h"
#include "words.h"

namespace heddle::tools {
namespace {

// Ids are dense, so there are no more of them than events. One that is far off comes from a damaged
// recording.
constexpr std::size_t kStrayMax = 1024;

// In the place of an object: what was awaited when the trace began is not known.
constexpr std::uint32_t kBeforeTheTrace = 0xffff'ffff;

// Up to so many are found by looking at each.
constexpr std::size_t kFewMax = 32;

}  // namespace

RequestClock::RequestClock(const Losses& losses) : ids_max_(losses.tasks.size() + kStrayMax) {
  VirtualNanos begin = 0;
  for (const Loss& loss : losses.list) {
    if (loss.reason == LossReason::kWindow) begin = loss.to;
  }
  for (const CarriedTask& carried : losses.tasks) {
    const bool is_alive =
        carried.state == CarriedState::kCreated || carried.state == CarriedState::kStarted;
    tasks_.push_back(
        {.flow = carried.flow, .await = {.object = kBeforeTheTrace}, .is_alive = is_alive});
    if (carried.flow == 0 || carried.state == CarriedState::kUnknown) continue;
    Request& request = RequestOf(tasks_.back());
    request.has_begun = true;
    request.since = begin;
  }
}

void RequestClock::Add(const Event& event) {
  ++ids_max_;
  if (event.task >= ids_max_) return;
  if (event.task >= tasks_.size()) tasks_.resize(event.task + std::size_t{1});
  if (event.kind == EventKind::kSpawn) Spawn(event);
  Task& task = tasks_[event.task];
  Request& request = RequestOf(task);
  // Who stands still leaves its request without a trace: a call of it has gone on to another.
  const bool leaves = event.kind == EventKind::kFlow && !task.is_running && !task.is_ready;
  if (!leaves) PassTime(request, event.time, task.await);
  switch (event.kind) {
    case EventKind::kStart:
    case EventKind::kResume:
      SetReady(task, false, event.time);
      SetRunning(task, true, event.time);
      task.is_alive = true;
      break;
    case EventKind::kSuspend:
      SetRunning(task, false, event.time);
      // Each call has an object of its own: which task it was is not told.
      task.await = {.object = event.op() == Operation::kCall ? 0 : event.object,
                    .site = event.site,
                    .operation = event.op()};
      break;
    case EventKind::kWake:
      if (!task.is_running) SetReady(task, true, event.time);
      break;
    case EventKind::kFinish:
    case EventKind::kAbandon:
      SetReady(task, false, event.time);
      SetRunning(task, false, event.time);
      task.is_alive = false;
      break;
    case EventKind::kFlow: {
      const bool runs = task.is_running;
      const bool ready = task.is_ready;
      SetRunning(task, false, event.time);
      SetReady(task, false, event.time);
      task.flow = event.object;
      SetReady(task, ready, event.time);
      SetRunning(task, runs, event.time);
      break;
    }
    default:
      break;
  }
}

void RequestClock::Spawn(const Event& event) {
  tasks_[event.task] = {};
  tasks_[event.task].is_alive = true;
  if (event.object < event.task) tasks_[event.task].flow = tasks_[event.object].flow;
}

// Who called or joined others waits for what they do.
void RequestClock::PassTimeTo(VirtualNanos end) {
  for (const bool calls : {false, true}) {
    for (const Task& task : std::views::reverse(tasks_)) {
      const Operation operation = task.await.operation;
      const bool is_call = operation == Operation::kCall || operation == Operation::kJoin;
      if (task.is_alive && is_call == calls) PassTime(RequestOf(task), end, task.await);
    }
  }
}

RequestClock::Request& RequestClock::RequestOf(const Task& task) {
  const FlowId flow = task.flow < ids_max_ ? task.flow : 0;
  if (flow >= requests_.size()) requests_.resize(flow + std::size_t{1});
  return requests_[flow];
}

void RequestClock::PassTime(Request& request, VirtualNanos now, const Await& ended_by) {
  if (!std::exchange(request.has_begun, true)) request.since = now;
  const VirtualNanos passed = Elapsed(std::exchange(request.since, now), now);
  if (passed <= 0) return;
  if (request.running > 0) {
    request.times.running = Sum(request.times.running, passed);
  } else if (request.ready > 0) {
    request.times.ready = Sum(request.times.ready, passed);
  } else {
    request.times.waiting = Sum(request.times.waiting, passed);
    Waited& waited = WaitedFor(request, ended_by);
    waited.duration = Sum(waited.duration, passed);
  }
}

// Makes it where it is not there.
RequestClock::Waited& RequestClock::WaitedFor(Request& request, const Await& await) {
  std::vector<Waited>& all = request.waited;
  if (all.size() < kFewMax) {
    for (Waited& known : all) {
      if (known.await == await) return known;
    }
    return all.emplace_back(Waited{.await = await});
  }
  if (request.places == nullptr) {
    request.places = std::make_unique<std::unordered_map<Await, std::size_t, HashOfAwait>>();
    for (std::size_t i = 0; i < all.size(); ++i) request.places->emplace(all[i].await, i);
  }
  const auto [place, is_new] = request.places->emplace(await, all.size());
  if (is_new) all.push_back({.await = await});
  return all[place->second];
}

std::size_t RequestClock::HashOfAwait::operator()(const Await& await) const {
  const std::uint64_t both = std::uint64_t{await.object} << 32 | await.site;
  return std::hash<std::uint64_t>()(both * 0x9e3779b97f4a7c15u +
                                    static_cast<std::uint64_t>(await.operation));
}

void RequestClock::SetRunning(Task& task, bool runs, VirtualNanos now) {
  if (task.is_running == runs) return;
  task.is_running = runs;
  Request& request = RequestOf(task);
  PassTime(request, now, task.await);
  request.running += runs ? 1 : -1;
}

void RequestClock::SetReady(Task& task, bool ready, VirtualNanos now) {
  if (task.is_ready == ready) return;
  task.is_ready = ready;
  Request& request = RequestOf(task);
  PassTime(request, now, task.await);
  request.ready += ready ? 1 : -1;
}

std::vector<RequestTimes> RequestClock::Times(std::size_t flows, VirtualNanos end) && {
  PassTimeTo(end);
  std::vector<RequestTimes> all(flows);
  for (std::size_t flow = 0; flow < std::min(flows, requests_.size()); ++flow) {
    Request& request = requests_[flow];
    RequestTimes& times = all[flow];
    times = request.times;
    for (const Waited& waited : request.waited) {
      if (waited.duration <= times.longest) continue;
      times.longest = waited.duration;
      times.operation = waited.await.operation;
      times.object = waited.await.object;
      times.site = waited.await.site;
    }
  }
  return all;
}

std::string LongestText(const Trace& trace, const RequestTimes& times) {
  if (times.longest == 0) return "";
  const Event suspend = {.object = times.object,
                         .kind = EventKind::kSuspend,
                         .operation = static_cast<std::uint8_t>(times.operation)};
  const std::string site = SiteText(trace, times.site);
  const std::string what = times.object == kBeforeTheTrace       ? "what it awaited before"
                           : times.operation == Operation::kNone ? "a task to begin"
                                                                 : AwaitText(trace, suspend);
  return what + (site.empty() ? "" : " at " + site) + " (" + FormatNanos(times.longest) + ")";
}

}  // namespace heddle::tools
