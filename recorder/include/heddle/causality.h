// SPDX-License-Identifier: MIT
//
// Causality: which events could have influenced which. Two events that merely came one
// after the other in this run are not ordered by it; HappensBefore is reachability over
// these cause edges, read off the events:
//
//   program order   each event of a task -> the next event of the same task
//   spawn           the creator's latest event -> kSpawn
//   start           kSpawn -> kStart, and the starter's latest event -> kStart
//   call            kFinish of the callee -> the caller's kResume (operation kCall)
//   join            every kFinish whose `object` is a join object -> later kResume with
//                   operation kJoin on that object
//   wake            the waker's latest event -> kWake
//   release         every kRelease of an object -> later kResume on it (kLock, kWait,
//                   kReceive, kSend) and later kAcquire of it
//   message         kSend number n into a channel -> kReceive number n out of it
//   space           kReceive number n out of a channel -> kSend number n + capacity, where
//                   the sender had to wait: its kSuspend, whose `value` is the capacity,
//                   came before that kReceive
//   write           the last write of an object (kResume or kAccess, kWrite) -> a later read
//                   of it (kResume kRead or kUpdate, kAccess kRead)
//   cancel          kCancel -> the next event of the task that it asks to stop
//   flow of time    none: a timer's wake is caused by the sleeper's own suspension
//
// (Happens-before: Lamport, "Time, Clocks, and the Ordering of Events", CACM 1978.)
#ifndef HEDDLE_CAUSALITY_H_
#define HEDDLE_CAUSALITY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "heddle/trace.h"

namespace heddle {

namespace internal {
class CausalIndex;
}

class Causality {
 public:
  // Keeps no reference to `trace`. Takes some 40 bytes an event where 15,000 requests run.
  explicit Causality(const Trace& trace);
  ~Causality();
  Causality(Causality&&) noexcept;
  Causality& operator=(Causality&&) noexcept;

  // Whether event `a` happens before event `b` (indices into Trace::events): a strict partial
  // order that agrees with the order of the trace. O(log tasks) time.
  bool HappensBefore(std::size_t a, std::size_t b) const;

  // Whether `a` and `b` are two events of which neither happens before the other.
  bool AreConcurrent(std::size_t a, std::size_t b) const;

  // The direct causes of an event, ascending. Left out is a release that another release
  // in the list is known to come after: of a mutex, only the last unlock is a cause.
  std::vector<std::size_t> CausesOf(std::size_t event) const;

  // All that happens before `event`, and so all that could have influenced it. Ascending.
  std::vector<std::size_t> PastOf(std::size_t event) const;

  // All that is concurrent with `event`. Ascending.
  std::vector<std::size_t> ConcurrentWith(std::size_t event) const;

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;

  // An event has at most one cause of each sort, but for the releases (or finishes) of an
  // object that it takes. Those hang together in a chain, which all takers share: an edge
  // for each would be quadratic.
  struct Node {
    std::uint32_t previous = kNone;  // program order
    std::uint32_t cause = kNone;     // spawn, start, call, wake, message, space, write
    std::uint32_t taken = kNone;     // head of the chain that this event takes
    std::uint32_t chained = kNone;   // the next older member of the chain this event is in
  };
  struct Cancel {
    std::uint32_t event;
    std::uint32_t cause;
  };
  class Builder;

  std::vector<Node> nodes_;      // index as in Trace::events
  std::vector<Cancel> cancels_;  // by event
  std::unique_ptr<internal::CausalIndex> index_;
};

}  // namespace heddle

#endif  // HEDDLE_CAUSALITY_H_
