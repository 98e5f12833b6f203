// SPDX-License-Identifier: MIT
//
// VolumeControl: a TraceFilter (trace_filter.h) at work on a run that comes in pieces. Events whose
// request is not decided yet are held back, and all that come after them, so that the order stays.
#ifndef HEDDLE_RECORDER_VOLUME_CONTROL_H_
#define HEDDLE_RECORDER_VOLUME_CONTROL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "heddle/losses.h"
#include "heddle/trace.h"
#include "heddle/trace_filter.h"

namespace heddle::internal {

class VolumeControl {
 public:
  explicit VolumeControl(TraceFilter filter) : filter_(std::move(filter)) {}

  // Who was there before the first event. Their requests count as begun at 0.
  void Carry(const Losses& losses);
  // Of what a TraceCursor appended to `piece` since the last call, leaves what is to be kept and is
  // decided, after what earlier calls held back.
  void Apply(Trace& piece);
  // The run is over: gives the rest to `piece`.
  void Finish(Trace& piece);

  const Losses& losses() const { return losses_; }

 private:
  struct Held {
    Event event;
    FlowId flow = 0;
  };
  struct TaskState {
    FlowId flow = 0;
    std::uint32_t filtered_by = 0;  // the pattern that its coroutine matches, from 1
  };
  struct Request {
    std::uint64_t tasks = 0;  // that live, and messages on their way
    std::uint64_t held = 0;   // events
    VirtualNanos start = 0;
    VirtualNanos end = 0;
    bool failed = false;
    bool is_decided = false;
    bool is_kept = false;
  };

  void NoteSites(const Trace& piece);
  void NoteChannels(const Trace& piece);
  FlowId Follow(const Event& event);
  FlowId FollowTask(const Event& event);
  void FollowMessage(const Event& event);
  void Enter(FlowId flow, VirtualNanos time);
  void Leave(FlowId flow, VirtualNanos time);
  bool IsFiltered(const Event& event);
  bool IsOverRate(const Event& event);
  void Decide(Request& request, FlowId flow);
  void ForgetIfOver(FlowId flow);
  void Drain(Trace& out);
  void LoseOfRequest(const Event& event);
  void Lose(LossReason reason, const std::string& what, const Event& event);

  TraceFilter filter_;
  Losses losses_;
  std::vector<std::uint32_t> filtered_sites_;  // by SiteId: the pattern it matches, from 1
  std::unordered_map<TaskId, TaskState> tasks_;
  std::map<FlowId, Request> requests_;  // that live, or have events held back
  std::vector<bool> is_channel_;        // by ObjectId: each of its messages is received once
  std::map<std::pair<ObjectId, std::uint32_t>, FlowId> messages_;  // on their way
  FlowId received_ = 0;  // of the message that was received by the last event
  VirtualNanos received_at_ = 0;
  std::uint64_t dropped_requests_ = 0;
  std::deque<Held> held_;
  std::deque<MarkRecord> held_marks_;
  std::uint32_t next_mark_ = 0;   // among all that came
  std::uint32_t kept_marks_ = 0;  // among those that stayed
  VirtualNanos second_ = -1;      // of the rate
  std::uint64_t events_of_second_ = 0;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_VOLUME_CONTROL_H_
