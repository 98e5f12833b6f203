// SPDX-License-Identifier: MIT
//
// Makes the index of a recording while its chunks are written.
//
// A chunk of events is of a request if the request cannot be told without it: it has events of the
// request, or one that says how the request's tasks began, ended, or came to go on, as far as
// tools/task_tree.cc tells it. Who reads the chunks of a request and no others finds in them what
// there is to find in all of them. Events that another one turns out to need later are why a chunk
// gets requests after it was written.
//
// A run in which ids are not what they are in a run from its beginning gets no index, nor one
// that has no requests, or only one chunk. Remembers some bytes of each task that has not ended,
// and of each object.
#ifndef HEDDLE_RECORDER_INDEX_BUILDER_H_
#define HEDDLE_RECORDER_INDEX_BUILDER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event_tables.h"
#include "heddle/trace.h"
#include "heddle/trace_index.h"

namespace heddle::internal {

// A chunk of events as it was written: which of the piece's events it holds, and where it lies.
struct WrittenChunk {
  std::size_t first = 0;
  std::size_t last = 0;  // the first that is not in it
  std::uint64_t offset = 0;
  std::size_t bytes = 0;
};

class IndexBuilder {
 public:
  // A piece of the run, which comes after all pieces before it, and the chunks that its events are
  // in. `marks_before` is how many marks the pieces before it have.
  void Add(const Trace& piece, std::size_t marks_before, const std::vector<WrittenChunk>& chunks);
  // When the run is over and `header` says how it ended: nothing if it gets no index.
  std::optional<TraceIndex> Finish(const TraceHeader& header);

 private:
  static constexpr std::uint32_t kNoChunk = 0xffffffff;
  static constexpr std::size_t kPageTasks = 256;

  // From the least to the greatest; at first none.
  struct Span {
    FlowId least = 0xffffffff;
    FlowId greatest = 0;

    bool empty() const { return least > greatest; }
    void Add(FlowId flow) {
      least = flow < least ? flow : least;
      greatest = flow > greatest ? flow : greatest;
    }
  };
  struct WordCount {
    SiteId word;
    std::uint32_t count;
    std::uint32_t chunk;  // in which it was written down last
  };
  enum class Await : std::uint8_t {
    kNone,
    kOpen,
    kMoved,  // it has ended, and the next event says what was sent or received
  };
  // What is known of a task; a chunk by its number.
  struct Task {
    bool exists = false;
    bool has_two_others = false;
    Await await = Await::kNone;
    Operation awaits = Operation::kNone;
    std::uint32_t object = 0;  // what it awaits
    FlowId await_flow = 0;
    FlowId flow = 0;
    std::uint32_t origin = kNoChunk;  // which says that it works for `flow`
    std::uint32_t spawned = kNoChunk;
    std::uint32_t started = kNoChunk;
    std::uint32_t called = kNoChunk;
    std::uint32_t ended = kNoChunk;
    std::uint32_t marked = kNoChunk;    // the last one that has `flow` because of this task
    std::uint32_t received = kNoChunk;  // of its last event, where that took a message
    std::uint32_t other = kNoChunk;     // of its first event beside spawn and start,
    FlowId other_flow = 0;              // which was of this request
    Span worked_for;
    Span woke;
    std::vector<WordCount> created;
  };
  struct Page {
    std::array<Task, kPageTasks> tasks;
    std::size_t living = 0;
    std::uint32_t last_end = 0;  // the chunk
  };
  // The last event of its kind: its chunk, and that which says what its task worked for.
  struct Last {
    std::uint32_t chunk = kNoChunk;
    std::uint32_t origin = kNoChunk;
  };
  struct Waiting {
    std::size_t tasks = 0;
    Span flows;
  };

  void AddSites(const std::vector<Site>& sites);
  void AddChunk(const Event* event, const Event* last, const WrittenChunk& chunk);
  void CloseChunk();
  void Add(const Event& event);
  bool RefersToSomething(const Event& event) const;
  void Spawn(const Event& event);
  void CountCreated(Task* parent, TaskId above, SiteId site);
  void GoOn(Task& task, const Event& event);
  void Act(Task& task, const Event& event);
  void BeginFlow(Task& task, FlowId flow);
  void Suspend(Task& task, const Event& event);
  void Wake(const Task& task, TaskId waker);
  void End(Task& task, const Event& event);
  void AddDead(std::size_t page);
  void NoteOther(Task& task, const Event& event);
  void NoteWork(Task& task);
  void StopReceiving(ObjectId channel);
  void Need(std::uint32_t chunk, FlowId flow) { Need(chunk, flow, flow); }
  void Need(std::uint32_t chunk, const Span& flows);
  void Need(std::uint32_t chunk, FlowId first, FlowId last);
  void Need(const Last& last, FlowId flow);
  Task* Find(TaskId task);
  std::optional<FlowId> FailedFlow(const TraceHeader& header);
  std::optional<FlowId> LastFlowOf(TaskId task);

  // A chunk, while requests may still be added.
  struct Open {
    std::size_t bytes = 0;
    std::size_t compact_at = 0;
  };

  bool is_sound_ = true;
  TraceIndex index_;
  std::vector<Open> open_;   // by chunk
  std::uint32_t chunk_ = 0;  // the current one
  TaskId main_ = kNoTask;
  std::vector<std::unique_ptr<Page>> pages_;  // null: all its tasks have ended long ago
  std::vector<std::size_t> dead_;             // pages of which that will be so
  std::vector<WordCount> created_by_main_;
  std::vector<Last> releases_;  // by ObjectId
  std::vector<Last> receives_;
  std::map<ObjectId, Waiting> waiting_;  // who waits to receive
  std::map<TaskId, FlowId> failed_;      // of those that threw, or never ran: what they worked for
  std::map<TaskId, FlowId> abandoned_;   // of those that never ran
  std::vector<bool> has_events_;         // by FlowId
  std::map<std::string, SiteId> words_;
  std::vector<SiteId> word_of_site_;
  const Trace* piece_ = nullptr;
  std::size_t marks_before_ = 0;
  TableSizes sizes_;  // but for the sites
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_INDEX_BUILDER_H_
