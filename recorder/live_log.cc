// SPDX-License-Identifier: MIT
//
// The blocks of all threads, in one ring. A thread comes here when its block is full.
#include "live_log.h"

#include <algorithm>
#include <ctime>
#include <deque>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "heddle/check.h"
#include "live_window_writer.h"

namespace heddle::internal {
namespace {

// Names that are kept of the requests of an earlier recorder, the latest ones: nobody knows who
// still works for them.
constexpr std::size_t kFlowNamesMax = std::size_t{1} << 14;
constexpr LiveId kIdRange = 1024;

// The clocks are read one after the other, and the thread may have to wait in between: the reading
// that took the least time of a few.
LiveMoment Now() {
  constexpr int kReadings = 3;
  LiveMoment best;
  std::uint64_t shortest = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < kReadings; ++i) {
    const LiveMoment moment = {.ticks = LiveTicks(),
                               .time = std::chrono::steady_clock::now(),
                               .wall = std::chrono::system_clock::now()};
    const std::uint64_t took = LiveTicks() - moment.ticks;
    if (i > 0 && took >= shortest) continue;
    shortest = took;
    best = moment;
  }
  return best;
}

// The names of requests. Most are forgotten in about the order in which they came; those that stay
// for long are put aside.
class FlowNames {
 public:
  LiveFlow Add(std::string_view name) {
    if (last() + 1 == 0) latest_.emplace_back();  // 0 is none, also after 2^32 of them
    latest_.emplace_back(name);
    ++alive_;
    if (latest_.size() > 2 * alive_ + kFlowNamesMax) PutAside();
    return last();
  }
  void Forget(LiveFlow flow) {
    if (flow - first_ >= latest_.size()) {
      aside_.erase(flow);
      return;
    }
    std::optional<std::string>& name = latest_[flow - first_];
    if (name.has_value()) --alive_;
    name.reset();
    DropGaps();
  }
  // But for the last `count` of them.
  void ForgetAllBut(std::size_t count) {
    aside_.clear();
    while (latest_.size() > count) DropFirst();
    DropGaps();
  }
  const std::string* Find(LiveFlow flow) const {
    if (flow - first_ < latest_.size()) {
      const std::optional<std::string>& name = latest_[flow - first_];
      return name.has_value() ? &*name : nullptr;
    }
    const auto known = aside_.find(flow);
    return known == aside_.end() ? nullptr : &known->second;
  }
  LiveFlow last() const { return first_ + static_cast<LiveFlow>(latest_.size()) - 1; }

  template <class Visit>
  void ForEach(Visit visit) const {
    for (const auto& [flow, name] : aside_) visit(flow, name);
    for (std::size_t i = 0; i < latest_.size(); ++i) {
      if (latest_[i].has_value()) visit(first_ + static_cast<LiveFlow>(i), *latest_[i]);
    }
  }

 private:
  void DropFirst() {
    if (latest_.front().has_value()) --alive_;
    latest_.pop_front();
    ++first_;
  }
  void DropGaps() {
    while (!latest_.empty() && !latest_.front().has_value()) DropFirst();
  }
  void PutAside() {
    while (latest_.size() > alive_ + kFlowNamesMax / 2) {
      if (latest_.front().has_value()) aside_[first_] = std::move(*latest_.front());
      DropFirst();
    }
  }

  LiveFlow first_ = 1;  // the number of the first of the latest
  std::deque<std::optional<std::string>> latest_;
  std::size_t alive_ = 0;  // of them
  std::map<LiveFlow, std::string> aside_;
};

struct Held {
  std::shared_ptr<LiveBlock> block;
  std::uint64_t begin = 0;  // ticks: none of its events is earlier
  std::size_t past = 0;     // how many of them are
};

struct State {
  std::mutex mutex;
  std::uint32_t last_epoch = 0;
  std::size_t blocks_max = 0;
  std::chrono::nanoseconds time_max{0};
  std::deque<Held> blocks;  // in the order in which they were begun
  LivePast past;
  std::uint64_t lost_events = 0;
  std::uint64_t lost_until = 0;
  LiveMoment begin;

  std::mutex flows_mutex;
  FlowNames flows;
  LiveFlow first_flow = 0;  // of this recorder

  std::atomic<LiveId> next_ids = 1;
};

// Never destroyed: threads may outlive whatever is.
State& TheState() {
  static auto* const state = new State;
  return *state;
}

// The block that this thread writes to, so that nobody else gets it. When the thread ends, it is
// like any full one.
class ThreadBlock {
 public:
  ThreadBlock() = default;
  ThreadBlock(const ThreadBlock&) = delete;
  ThreadBlock& operator=(const ThreadBlock&) = delete;
  ~ThreadBlock() {
    Replace(nullptr);
    live_thread.next = nullptr;
    live_thread.end = nullptr;
    gone_ = true;
  }

  // With the mutex of the state.
  void ReplaceLocked(std::shared_ptr<LiveBlock> block) {
    if (block_ != nullptr) block_->open = false;
    block_ = std::move(block);
  }
  // What a thread does while its own variables are destroyed is not recorded.
  static bool gone() { return gone_; }

 private:
  void Replace(std::shared_ptr<LiveBlock> block) {
    const std::lock_guard lock(TheState().mutex);
    ReplaceLocked(std::move(block));
  }

  static inline constinit thread_local bool gone_ = false;

  std::shared_ptr<LiveBlock> block_;
};
thread_local ThreadBlock thread_block;

// The names of `idle` requests go: who works for one keeps it.
void ForgetFlows(State& state, const std::vector<LiveFlow>& idle) {
  if (idle.empty()) return;
  const std::lock_guard lock(state.flows_mutex);
  for (const LiveFlow flow : idle) {
    if (flow >= state.first_flow) state.flows.Forget(flow);
  }
}

// What all threads did up to `ticks` is past, and all that is in `whole`. With the mutex of the
// state.
void Forget(State& state, std::uint64_t ticks, const Held* whole = nullptr) {
  state.lost_until = std::max(state.lost_until, ticks);
  for (Held& held : state.blocks) {
    if (held.begin > state.lost_until) break;
    const LiveEvent* const begin = held.block->events.data() + held.past;
    const LiveEvent* const end = held.block->end.load(std::memory_order_acquire);
    const LiveEvent* const later =
        &held == whole ? end : std::find_if(begin, end, [&](const LiveEvent& event) {
          return event.ticks > state.lost_until;
        });
    state.past.Add(*held.block, begin, later);
    held.past += static_cast<std::size_t>(later - begin);
    state.lost_events += static_cast<std::uint64_t>(later - begin);
  }
  ForgetFlows(state, state.past.Fold(state.lost_until));
}

// The ticks of the last event, which may not be the last one in the block: the tasks of a thread
// bring along times of other cores, which are a few nanoseconds apart.
std::uint64_t LastTicks(const LiveBlock& block) {
  constexpr std::ptrdiff_t kLooked = 16;
  const LiveEvent* const end = block.end.load(std::memory_order_acquire);
  std::uint64_t ticks = 0;
  for (auto left = std::min(end - block.events.data(), kLooked); left > 0; --left) {
    ticks = std::max(ticks, end[-left].ticks);
  }
  return ticks;
}

// What is older than the recorder is to go back.
void ForgetOld(State& state) {
  if (state.time_max.count() <= 0) return;
  const LiveMoment now = Now();
  const auto passed = std::chrono::nanoseconds(now.time - state.begin.time);
  if (passed <= state.time_max) return;
  const double kept =
      static_cast<double>(state.time_max.count()) / static_cast<double>(passed.count());
  const auto kept_ticks =
      static_cast<std::uint64_t>(kept * static_cast<double>(now.ticks - state.begin.ticks));
  Forget(state, now.ticks - kept_ticks);
  std::erase_if(state.blocks, [](const Held& held) {
    const auto size = held.block->end.load(std::memory_order_acquire) - held.block->events.data();
    return !held.block->open && held.past == static_cast<std::size_t>(size);
  });
}

// The oldest block that no thread writes to goes, if there are too many. Null: it is not there, or
// somebody reads it; else it may be used again.
std::shared_ptr<LiveBlock> MakeRoom(State& state) {
  if (state.blocks.size() < state.blocks_max) return nullptr;
  const auto oldest = std::find_if(state.blocks.begin(), state.blocks.end(),
                                   [](const Held& held) { return !held.block->open; });
  if (oldest == state.blocks.end()) return nullptr;
  Forget(state, LastTicks(*oldest->block), &*oldest);
  std::shared_ptr<LiveBlock> block = std::move(oldest->block);
  state.blocks.erase(oldest);
  if (block->readers.load(std::memory_order_acquire) > 0) return nullptr;
  block->open = true;
  block->marks.clear();
  block->mark_bytes = 0;
  return block;
}

// A thread may have had to wait since it took the time of its first event.
void Hold(State& state, Held held) {
  auto later = state.blocks.end();
  while (later != state.blocks.begin() && std::prev(later)->begin > held.begin) --later;
  state.blocks.insert(later, std::move(held));
}

}  // namespace

bool NewLiveBlock(std::uint64_t ticks) {
  if (ThreadBlock::gone()) return false;
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  const std::uint32_t epoch = live_epoch.load(std::memory_order_relaxed);
  if (epoch == 0) return false;
  thread_block.ReplaceLocked(nullptr);
  ForgetOld(state);
  std::shared_ptr<LiveBlock> block = MakeRoom(state);
  if (block == nullptr) block = std::make_shared<LiveBlock>();
  block->end.store(block->events.data(), std::memory_order_relaxed);
  live_thread.next = block->events.data();
  live_thread.end = block->events.data() + block->events.size();
  live_thread.block = block.get();
  live_thread.epoch = epoch;
  Hold(state, {.block = block, .begin = std::min(ticks, LiveTicks())});
  thread_block.ReplaceLocked(std::move(block));
  return true;
}

void NewLiveIds() {
  live_thread.next_id = TheState().next_ids.fetch_add(kIdRange, std::memory_order_relaxed);
  live_thread.end_id = live_thread.next_id + kIdRange;
}

LiveFlow NewLiveFlow(std::string_view name) {
  State& state = TheState();
  const std::lock_guard lock(state.flows_mutex);
  return state.flows.Add(name);
}

std::optional<std::string> LiveFlowName(LiveFlow flow) {
  State& state = TheState();
  const std::lock_guard lock(state.flows_mutex);
  const std::string* name = state.flows.Find(flow);
  return name == nullptr ? std::nullopt : std::optional(*name);
}

const TraceId& LiveTraceSeed() {
  static const TraceId seed = [] {
    std::random_device random;
    const auto word = [&random] { return std::uint64_t{random()} << 32 | random(); };
    return TraceId{.high = word() | 1, .low = word()};
  }();
  return seed;
}

std::uint64_t KeepLiveMark(MarkRecord mark) {
  LiveThread& thread = live_thread;
  // What marks say takes as much room in a block as its events, and no more.
  if (thread.next == thread.end || thread.epoch != live_epoch.load(std::memory_order_relaxed) ||
      thread.block->mark_bytes > sizeof(LiveBlock::events)) {
    if (!NewLiveBlock(LiveTicks())) return 0;
  }
  LiveBlock& block = *thread.block;
  std::size_t bytes = sizeof(mark) + mark.name.size();
  for (const Field& field : mark.fields) {
    bytes += sizeof(field) + field.key.size();
    if (const auto* text = std::get_if<std::string>(&field.value)) bytes += text->size();
    if (const auto* data = std::get_if<Bytes>(&field.value)) bytes += data->data.size();
  }
  const std::lock_guard lock(block.marks_mutex);
  block.mark_bytes += bytes;
  block.marks.push_back(std::move(mark));
  return block.marks.size() - 1;
}

namespace {

// Where Linux itself takes its time from the processor's counter, it has found it good.
bool HasSteadyCounter() {
  std::ifstream file("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  std::string source;
  return file >> source && (source == "tsc" || source == "kvm-clock");
}

}  // namespace

void StartLiveLog(std::size_t bytes_max, std::chrono::nanoseconds time_max) {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  if (live_epoch.load(std::memory_order_relaxed) != 0) {
    throw UsageError(
        "heddle: there is a LiveRecorder already. A process has one at a time, for all of its "
        "threads: keep it where everybody who takes a snapshot finds it.");
  }
  state.blocks.clear();
  state.past.Clear();
  state.blocks_max = std::max<std::size_t>(bytes_max / sizeof(LiveBlock), 2);
  state.time_max = time_max;
  state.lost_events = 0;
  state.lost_until = 0;
  live_counter.store(HasSteadyCounter(), std::memory_order_relaxed);
  state.begin = Now();
  {
    const std::lock_guard flows_lock(state.flows_mutex);
    state.flows.ForgetAllBut(kFlowNamesMax);
    state.first_flow = state.flows.last() + 1;
  }
  if (++state.last_epoch == 0) ++state.last_epoch;
  live_epoch.store(state.last_epoch, std::memory_order_relaxed);
}

void StopLiveLog() {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  live_epoch.store(0, std::memory_order_relaxed);
  state.blocks.clear();
  state.past.Clear();
}

LiveWindow TakeLiveWindow() {
  State& state = TheState();
  LiveWindow window;
  {
    const std::lock_guard lock(state.mutex);
    ForgetOld(state);
    if (state.lost_until > 0) Forget(state, state.lost_until);  // and what was written late
    window.stretches.reserve(state.blocks.size());
    for (const Held& held : state.blocks) window.stretches.emplace_back(held.block, held.past);
    window.tasks = state.past.tasks();
    window.lost_events = state.lost_events;
    window.lost_until = state.lost_until;
    window.begin = state.begin;
    window.now = Now();
  }
  const std::lock_guard lock(state.flows_mutex);
  state.flows.ForEach([&window](LiveFlow flow, const std::string& name) {
    window.flow_names.emplace_hint(window.flow_names.end(), flow, name);
  });
  return window;
}

std::uint64_t LostLiveEvents() {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  return state.lost_events;
}

LiveMoment LiveLogBegin() {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  return state.begin;
}

std::size_t LiveBlocksMax() {
  constexpr std::size_t kOpenMax = 256;
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  return state.blocks_max + kOpenMax;
}

namespace {

bool LockSoon(std::mutex& mutex) {
  constexpr timespec kPause = {.tv_sec = 0, .tv_nsec = 1'000'000};
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    if (mutex.try_lock()) return true;
    ::nanosleep(&kPause, nullptr);
  }
  return false;
}

std::string_view NameOnCrash(LiveFlow flow) {
  const std::string* const name = TheState().flows.Find(flow);
  return name == nullptr ? std::string_view() : std::string_view(*name);
}

}  // namespace

void WriteLiveLogOnCrash(LiveWindowWriter& writer, std::string_view header_chunk, ByteSink& sink) {
  State& state = TheState();
  const bool is_locked = LockSoon(state.mutex);
  const bool has_names = LockSoon(state.flows_mutex);
  for (const Held& held : state.blocks) writer.Add(*held.block, held.past);
  writer.Write({.tasks = is_locked ? &state.past.tasks() : nullptr,
                .flow_name = has_names ? NameOnCrash : [](LiveFlow) { return std::string_view(); },
                .lost_events = state.lost_events,
                .lost_until = state.lost_until,
                .begin = state.begin,
                .now = Now()},
               header_chunk, sink);
  if (has_names) state.flows_mutex.unlock();
  if (is_locked) state.mutex.unlock();
}

}  // namespace heddle::internal
