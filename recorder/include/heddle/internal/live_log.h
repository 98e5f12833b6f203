// SPDX-License-Identifier: MIT
//
// LiveLog: where the tasks of a program in production write down what they do, whichever thread
// they are on. What is made of it: live_recorder.h.
//
// The rules it keeps: a thread writes to a block of its own, so that no thread waits for another
// until its block is full; an event is a look at the clock and one 40-byte store; while nobody
// records it is one load. Nothing is looked up on that path: ids are unique numbers of the process,
// and become the dense ones of a Trace when one is made.
#ifndef HEDDLE_INTERNAL_LIVE_LOG_H_
#define HEDDLE_INTERNAL_LIVE_LOG_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/context.h"
#include "heddle/event.h"
#include "heddle/trace.h"

namespace heddle::internal {

// Of a task: unique in its process. 0: none.
using LiveId = std::uint64_t;

// Of a request, the same; it begins anew after 2^32 of them.
using LiveFlow = std::uint32_t;

// What a task waits for: an awaitable that is not ours is called by its C++ type, one of our
// objects by its own, and by its name behind a space. Stays as long as the process.
struct LiveType {
  std::string_view name;
  std::size_t object_type_size = 0;  // of `name`; 0: it is no object of ours

  bool is_object() const { return object_type_size != 0; }
  std::string_view object_type() const { return name.substr(0, object_type_size); }
  std::string_view object_name() const {
    return name.size() > object_type_size ? name.substr(object_type_size + 1) : std::string_view();
  }
};
// Of one of our objects; `type` is a literal.
const LiveType* LiveObjectType(std::string_view type, std::string_view name);

struct LiveEvent {
  const void* site = nullptr;  // of kSuspend, kMark, kFlow: the place; of others the coroutine
  std::uint64_t ticks = 0;
  LiveId task = 0;
  // kSpawn, kStart, and what awaits a call: a LiveId; another wait: a const LiveType*, or null;
  // kMark: an index into the marks of its block; kFlow: the LiveFlow.
  std::uint64_t object = 0;
  LiveFlow flow = 0;  // what the task works for
  EventKind kind = EventKind::kMark;
  std::uint8_t operation = 0;
};
static_assert(sizeof(LiveEvent) == 40);

struct LiveBlock {
  static constexpr std::size_t kEvents = 512;

  bool open = true;              // a thread writes to it
  std::atomic<int> readers = 0;  // whoever makes a trace of it
  std::atomic<const LiveEvent*> end = nullptr;
  std::array<LiveEvent, kEvents> events;
  std::mutex marks_mutex;
  std::vector<MarkRecord> marks;
  std::size_t mark_bytes = 0;
};

// Which recorder is on; 0: none is.
inline constinit std::atomic<std::uint32_t> live_epoch = 0;

// What a thread writes to.
struct LiveThread {
  LiveEvent* next = nullptr;
  const LiveEvent* end = nullptr;
  LiveBlock* block = nullptr;
  std::uint32_t epoch = 0;
  LiveId next_id = 0;  // ids are given out to threads in ranges
  LiveId end_id = 0;
};
inline constinit thread_local LiveThread live_thread;

// A new block for this thread, for events from `ticks` on; false: nobody records.
bool NewLiveBlock(std::uint64_t ticks);
void NewLiveIds();
// Gives the name of a new request to those who make traces.
LiveFlow NewLiveFlow(std::string_view name);
// Nothing: it began too long ago.
std::optional<std::string> LiveFlowName(LiveFlow flow);
// Random, and the same as long as the process lives.
const TraceId& LiveTraceSeed();
// Where `mark` is among the marks of the block that the next event goes to.
std::uint64_t KeepLiveMark(MarkRecord mark);

// Whether the processor's counter runs at one speed and is the same on all cores; else the ticks
// are nanoseconds of the steady clock.
inline constinit std::atomic<bool> live_counter = false;

inline std::uint64_t LiveTicks() {
#if defined(__x86_64__)
  if (live_counter.load(std::memory_order_relaxed)) [[likely]] {
    return __builtin_ia32_rdtsc();
  }
#endif
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

inline bool LiveOn() { return live_epoch.load(std::memory_order_relaxed) != 0; }

inline LiveId NewLiveId() {
  LiveThread& thread = live_thread;
  if (thread.next_id == thread.end_id) [[unlikely]] {
    NewLiveIds();
  }
  return thread.next_id++;
}

// While somebody records.
inline void AddLive(const LiveEvent& event) {
  LiveThread& thread = live_thread;
  if (thread.next == thread.end || thread.epoch != live_epoch.load(std::memory_order_relaxed))
      [[unlikely]] {
    if (!NewLiveBlock(event.ticks)) return;
  }
  *thread.next++ = event;
  thread.block->end.store(thread.next, std::memory_order_release);
}

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_LIVE_LOG_H_
