// SPDX-License-Identifier: MIT
//
// The blocks of all threads, in one ring. A thread comes here when its block is full.
#include "live_log.h"

#include <algorithm>
#include <deque>
#include <fstream>
#include <random>
#include <string>
#include <utility>

#include "heddle/check.h"

namespace heddle::internal {
namespace {

// Names that are kept of requests, the latest ones.
constexpr std::size_t kFlowNamesMax = std::size_t{1} << 14;
constexpr LiveId kIdRange = 1024;

LiveMoment Now() {
  return {.ticks = LiveTicks(),
          .time = std::chrono::steady_clock::now(),
          .wall = std::chrono::system_clock::now()};
}

struct State {
  std::mutex mutex;
  std::uint32_t last_epoch = 0;
  std::size_t blocks_max = 0;
  std::deque<std::shared_ptr<LiveBlock>> blocks;  // in the order in which they were begun
  std::uint64_t lost_events = 0;
  std::uint64_t lost_until = 0;
  LiveMoment begin;

  std::mutex flows_mutex;
  std::deque<std::pair<LiveFlow, std::string>> flows;
  LiveFlow last_flow = 0;

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

// The oldest block that no thread writes to goes, if there are too many.
void MakeRoom(State& state) {
  if (state.blocks.size() < state.blocks_max) return;
  const auto oldest = std::find_if(state.blocks.begin(), state.blocks.end(),
                                   [](const auto& block) { return !block->open; });
  if (oldest == state.blocks.end()) return;
  const std::shared_ptr<LiveBlock> block = std::move(*oldest);
  state.blocks.erase(oldest);
  const LiveEvent* const end = block->end.load(std::memory_order_acquire);
  state.lost_events += static_cast<std::uint64_t>(end - block->events.data());
  if (end != block->events.data()) {
    state.lost_until = std::max(state.lost_until, end[-1].ticks);
  }
}

}  // namespace

bool NewLiveBlock() {
  if (ThreadBlock::gone()) return false;
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  const std::uint32_t epoch = live_epoch.load(std::memory_order_relaxed);
  if (epoch == 0) return false;
  thread_block.ReplaceLocked(nullptr);
  MakeRoom(state);
  auto block = std::make_shared<LiveBlock>();
  block->end.store(block->events.data(), std::memory_order_relaxed);
  live_thread.next = block->events.data();
  live_thread.end = block->events.data() + block->events.size();
  live_thread.block = block.get();
  live_thread.epoch = epoch;
  state.blocks.push_back(block);
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
  if (++state.last_flow == 0) ++state.last_flow;
  state.flows.emplace_back(state.last_flow, name);
  if (state.flows.size() > kFlowNamesMax) state.flows.pop_front();
  return state.last_flow;
}

std::optional<std::string> LiveFlowName(LiveFlow flow) {
  State& state = TheState();
  const std::lock_guard lock(state.flows_mutex);
  // They were added one after the other.
  const LiveFlow back = state.last_flow - flow;
  if (back >= state.flows.size()) return std::nullopt;
  const auto& [number, name] = state.flows[state.flows.size() - 1 - back];
  return number == flow ? std::optional(name) : std::nullopt;
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
    if (!NewLiveBlock()) return 0;
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

void StartLiveLog(std::size_t bytes_max) {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  if (live_epoch.load(std::memory_order_relaxed) != 0) {
    throw UsageError(
        "heddle: there is a LiveRecorder already. A process has one at a time, for all of its "
        "threads: keep it where everybody who takes a snapshot finds it.");
  }
  state.blocks.clear();
  state.blocks_max = std::max<std::size_t>(bytes_max / sizeof(LiveBlock), 2);
  state.lost_events = 0;
  state.lost_until = 0;
  live_counter.store(HasSteadyCounter(), std::memory_order_relaxed);
  state.begin = Now();
  if (++state.last_epoch == 0) ++state.last_epoch;
  live_epoch.store(state.last_epoch, std::memory_order_relaxed);
}

void StopLiveLog() {
  State& state = TheState();
  const std::lock_guard lock(state.mutex);
  live_epoch.store(0, std::memory_order_relaxed);
  state.blocks.clear();
}

LiveWindow TakeLiveWindow() {
  State& state = TheState();
  LiveWindow window;
  {
    const std::lock_guard lock(state.mutex);
    window.blocks.assign(state.blocks.begin(), state.blocks.end());
    window.lost_events = state.lost_events;
    window.lost_until = state.lost_until;
    window.begin = state.begin;
    window.now = Now();
  }
  const std::lock_guard lock(state.flows_mutex);
  window.flow_names.insert(state.flows.begin(), state.flows.end());
  return window;
}

}  // namespace heddle::internal
