// SPDX-License-Identifier: MIT
//
// WindowWriter: the last stretch of a run as a recording. It is also the code of a signal handler
// (crash_signals.h), so it allocates nothing, takes no lock and believes no number that it finds:
// all room is made beforehand, and what does not fit is left out.
//
// Ids count anew, so that a recording is as small as its window: the tasks that were there at its
// beginning come first, in the losses chunk, then those that it spawned; of objects and requests
// there are those that it mentions.
#ifndef HEDDLE_RECORDER_WINDOW_WRITER_H_
#define HEDDLE_RECORDER_WINDOW_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fixed_chunks.h"
#include "fixed_id_map.h"
#include "format.h"
#include "heddle/recorder.h"
#include "live_tasks.h"

namespace heddle::internal {

class WindowWriter : private FixedChunks {
 public:
  using RawEvent = Recorder::RawEvent;
  using RawObject = Recorder::RawObject;

  // A stretch of a run, and what came up in it. Its numbers are those of the run.
  struct Block {
    std::vector<RawEvent> events;
    std::vector<RawObject> objects;
    std::vector<FlowRecord> flows;
    std::vector<MarkRecord> marks;
    Recorder::Counts first;  // the numbers of the first of each
    VirtualNanos begin = 0;  // the time before the first event
    std::size_t bytes = 0;   // how much room it takes
  };

  struct CarriedObject {
    std::string_view type;
    std::string name;
    std::uint64_t number = 0;  // among those of its type
  };

  // What there is to write. `blocks` is a ring: `count` of them, from `first_block` on; `recorder`
  // has what comes after them, or is null.
  struct Window {
    const std::vector<Block>* blocks = nullptr;
    std::size_t first_block = 0;
    std::size_t count = 0;
    const Recorder* recorder = nullptr;
    const LiveTasks* tasks = nullptr;                            // at the beginning
    const std::map<ObjectId, CarriedObject>* objects = nullptr;  // from before
    const std::map<std::string_view, std::uint64_t>* type_counts = nullptr;
    std::uint64_t lost_events = 0;
    VirtualNanos begin = 0;
  };

  using FixedChunks::HeaderChunk;

  WindowWriter();

  void Write(const Window& window, std::string_view header_chunk, ByteSink& sink);
  // The number that a task of the run has in such a recording, or kNoTask.
  TaskId IdOf(TaskId task, const Window& window);

 private:
  static constexpr std::size_t kTasksMax = std::size_t{1} << 16;
  static constexpr std::size_t kIdsMax = std::size_t{1} << 16;
  static constexpr std::size_t kTypesMax = 64;

  // A piece of the window, wherever it lies.
  struct View {
    const RawEvent* begin_event = nullptr;
    const RawEvent* end_event = nullptr;
    const RawObject* objects = nullptr;
    std::size_t object_count = 0;
    const FlowRecord* flows = nullptr;
    std::size_t flow_count = 0;
    const MarkRecord* marks = nullptr;
    std::size_t mark_count = 0;
    Recorder::Counts first;
  };
  struct ObjectInfo {
    std::string_view type;
    std::string_view name;
    std::uint64_t number = 0;
  };
  struct TypeCount {
    std::string_view type;
    std::uint64_t count = 0;
  };

  std::size_t views() const { return window_.count + (window_.recorder != nullptr ? 1 : 0); }
  View ViewAt(std::size_t index) const;
  template <class Visit>
  void VisitEvents(Visit visit);

  void Collect();
  void CollectTasks();
  void CollectIds(const RawEvent& raw);
  void CollectObjects();
  void NoteObject(ObjectId id, ObjectInfo info);
  std::uint64_t CountOfType(std::string_view type);

  TaskId MapTask(TaskId task) const;
  Event Resolve(const RawEvent& raw);

  void PutLosses();
  void PutTasks();
  void PutOrdinals();
  void PutStates();
  std::string_view PathOf(TaskId id, const LiveTasks::Task& task, bool whole);
  void PutObjects();
  void PutFlows();
  std::string_view FlowName(FlowId flow) const;
  void PutMarks();
  void PutChoices();
  void PutEvents();
  void PutEnd();

  Window window_;
  std::vector<TaskId> task_ids_;  // those that are carried, ascending
  FixedIdMap<std::uint32_t> objects_;
  FixedIdMap<std::uint32_t> flows_;
  std::vector<ObjectInfo> object_infos_;
  std::vector<TypeCount> types_;
  std::size_t first_mark_ = 0;
  std::size_t mark_count_ = 0;
  std::size_t choice_count_ = 0;
  std::size_t event_count_ = 0;
  VirtualNanos now_ = 0;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_WINDOW_WRITER_H_
