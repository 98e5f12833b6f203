// SPDX-License-Identifier: MIT
//
// LiveWindowWriter: what a LiveLog holds as a recording, from a signal handler: the same window
// that live_trace.h makes a trace of. It says no word of who waits (their last events do), and what
// does not fit into its room is left out (fixed_chunks.h).
#ifndef HEDDLE_RECORDER_LIVE_WINDOW_WRITER_H_
#define HEDDLE_RECORDER_LIVE_WINDOW_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "fixed_chunks.h"
#include "fixed_id_map.h"
#include "heddle/event.h"
#include "heddle/internal/live_log.h"
#include "live_log.h"
#include "live_past.h"

namespace heddle::internal {

class LiveWindowWriter : private FixedChunks {
 public:
  using FixedChunks::HeaderChunk;

  struct Window {
    const LivePast::Tasks* tasks = nullptr;  // null: they are not to be had
    std::string_view (*flow_name)(LiveFlow) = nullptr;
    std::uint64_t lost_events = 0;
    std::uint64_t lost_until = 0;  // ticks
    LiveMoment begin;
    LiveMoment now;
  };

  // So many blocks can be told of.
  explicit LiveWindowWriter(std::size_t blocks_max);

  // One block after the other, those of one thread in their order, and then Write(). Their marks
  // are locked until then; where somebody else has the lock, they are left out.
  void Add(LiveBlock& block, std::size_t past);
  void Write(const Window& window, std::string_view header_chunk, ByteSink& sink);

 private:
  static constexpr std::size_t kCarriedMax = std::size_t{1} << 16;
  static constexpr std::size_t kTypesMax = std::size_t{1} << 12;
  static constexpr std::uint32_t kIsCarried = 0xffffffff;

  struct Stretch {
    LiveBlock* block = nullptr;
    std::uint32_t past = 0;
    std::uint32_t end = 0;
    bool has_marks = false;
  };
  // An event: of a stretch, or the one at which a carried task stopped.
  struct Ref {
    std::uint32_t stretch = 0;
    std::uint32_t offset = 0;
  };
  struct Carried {
    LiveId id = 0;
    const LivePast::Task* task = nullptr;  // null: from before the recorder
    std::uint32_t ordinal = 0;
  };
  // How many carried tasks of one coroutine one task created.
  struct Ordinal {
    TaskId parent = kNoTask;
    const void* coroutine = nullptr;
    std::uint32_t count = 0;
  };

  void Collect();
  void CollectCarried();
  void CollectIds(const Ref& ref);
  void NoteTask(LiveId task, bool is_spawn);
  void NumberTasks();
  void CountOrdinals();

  const LiveEvent& EventAt(const Ref& ref) const;
  const MarkRecord* MarkOf(const Ref& ref) const;
  TaskId TaskOf(LiveId task) const;
  TaskId ParentOf(std::size_t carried) const;
  const void* CoroutineOf(std::size_t carried) const;
  VirtualNanos TimeOf(std::uint64_t ticks) const;
  std::uint32_t TypeNumber(const LiveType* type);
  Event Resolve(const Ref& ref, std::uint32_t mark);

  void PutLosses();
  void PutCarried();
  std::string_view WordOf(const void* coroutine);
  std::string_view PathOf(std::size_t carried, bool whole);
  void PutTables();
  void PutEvents();
  void PutEnd();

  Window window_;
  std::vector<Stretch> stretches_;
  std::vector<Ref> refs_;
  std::vector<Carried> carried_;
  FixedIdMap<LiveId> tasks_;
  std::vector<TaskId> task_ids_;  // by number
  std::vector<bool> is_spawned_;  // by number: in the window
  FixedIdMap<LiveFlow> flows_;
  FixedIdMap<const void*> type_numbers_;
  std::vector<const LiveType*> types_;
  std::vector<const MarkRecord*> marks_;
  FixedIdMap<std::uint64_t> ordinal_numbers_;
  std::vector<Ordinal> ordinals_;
  std::size_t event_count_ = 0;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_LIVE_WINDOW_WRITER_H_
