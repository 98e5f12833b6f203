// SPDX-License-Identifier: MIT
//
// Event: one thing that happened in a run, as a plain 32-byte value.
//
// Ids are dense and count from the start of a run, so the same schedule gives the
// same ids in every process. What an id means (a name, a line of source) is kept
// once, in the tables of the Trace (trace.h); task_table.h answers "who is task 7?".
// How causes are read off the events is written at the top of causality.h.
#ifndef HEDDLE_EVENT_H_
#define HEDDLE_EVENT_H_

#include <cstdint>
#include <string_view>

namespace heddle {

using TaskId = std::uint32_t;    // in spawn order; the body of a run is task 0
using SiteId = std::uint32_t;    // index into Trace::sites; 0 is "unknown"
using ObjectId = std::uint32_t;  // index into Trace::objects; 0 is "none"
using FlowId = std::uint32_t;    // index into Trace::flows; 0 is "no request"
using VirtualNanos = std::int64_t;

inline constexpr TaskId kNoTask = 0xffffffff;

enum class EventKind : std::uint8_t {
  kSpawn = 1,    // `task` was created by task `object`; `site` names its coroutine
  kStart,        // `task` runs for the first time, started by task `object`; `value` is the join
                 // object of a spawned one, if any (0 in recordings of earlier versions)
  kSuspend,      // `task` awaits `operation` on `object`, at `site`
                 // (kSend: `value` is the channel's capacity; of a Barrier: for how many it is;
                 // of a SharedMutex: 1 for a reader; of a Latch: its count; kYield: 1 for the
                 // co_yield of a Generator, which in a live trace has an `object` instead)
  kWake,         // `task` became ready because of task `object` (kNoTask: a timer, or outside)
  kResume,       // `task` goes on; `operation` on `object` has now taken place
  kFinish,       // `task` ended; `operation` holds an Outcome, `object` the join object, if any
  kAbandon,      // `task` was destroyed before it ran; `value` 1: it was never awaited, and
                 // somebody still had it when the run was over. kStart: it was spawned; kYield: it
                 // is a generator, which may go unused; kNone: somebody has forgotten it
  kMark,         // `task` said something; `object` is an index into Trace::marks
  kInput,        // `task` took input from outside; `object` is an index into Trace::marks
  kDraw,         // `task` drew `value`, one of `object` alternatives, from the chooser
  kTime,         // nothing was ready: virtual time jumped to `time`
  kFault,        // `task` met an injected fault; `object` is an index into Trace::marks
  kSend,         // `task` put message number `value` into channel `object`
  kReceive,      // `task` took message number `value` out of channel `object`
  kAcquire,      // `task` took `object` without suspending (a TryLock that succeeded)
  kRelease,      // `task` let go of `object`: unlocked, opened or closed it (Latch: to `value`)
  kFlow,         // `task`, and what it causes from here on, works for flow `object` (0: for none).
                 // kNone: it said so; kReceive: a message did, or it waits for the next one;
                 // kCall: because of a call. See also_for()
  kContextLost,  // `task` went on without our knowing who it works for
  kAccess,       // `task` did `operation` (kRead, kWrite) to `object`, without suspending;
                 // kReceive, kSend, kWait: its Select, which comes next, waits for that, too
                 // (kSend: `value` is its capacity). kWrite of a Broadcast: 1 to subscribe
  kCancel,       // `task` asked task `object` to stop
};
inline constexpr EventKind kLastEventKind = EventKind::kCancel;

// What a suspended task is about to do. `object` of the event is an ObjectId,
// except for kCall, where it is the TaskId of the callee.
enum class Operation : std::uint8_t {
  kNone = 0,
  kStart,    // run for the first time
  kYield,    // let others go first; touches nothing
  kSleep,    // until a point in virtual time
  kCall,     // await a Task: runs at once, in the same step
  kJoin,     // await several tasks: All, Any, TaskGroup::Join
  kWait,     // a Gate, Latch, Barrier, Condition, Once, Watch, Select
  kLock,     // a Mutex, SharedMutex, Semaphore
  kSend,     // a Channel, Broadcast
  kReceive,  // a Channel, Broadcast
  kForeign,  // an awaitable that is not ours
  kRead,     // a Shared value
  kWrite,    // a Shared value
  kUpdate,   // a Shared value: read and write in one; the kAccess that follows says what it was
};
inline constexpr Operation kLastOperation = Operation::kUpdate;

// How a task ended; stored in Event::operation of a kFinish event.
enum class Outcome : std::uint8_t {
  kValue = 0,      // returned
  kException = 1,  // threw
  kCancelled = 2,  // destroyed at a suspension, for example as the loser of an Any
};

inline constexpr std::uint8_t kEventChosen = 1;  // kResume, kStart: picked among two or more

// What the `value` of a kResume or a kAccess is, in bits 1 to 3 of its flags: what a Shared was
// that was read, written or compared with (internal/shared_value.h).
enum class ValueKind : std::uint8_t {
  kNone = 0,
  kNatural,
  kNegative,
  kBool,
  kReal,  // a float
};
inline constexpr int kValueKindShift = 1;
inline constexpr std::uint8_t kValueKindMask = 7 << kValueKindShift;

// A kAccess that reads, of a CompareExchange: it was another value, and stays.
inline constexpr std::uint8_t kEventDiffered = 16;

struct Event {
  VirtualNanos time = 0;
  TaskId task = kNoTask;
  SiteId site = 0;
  std::uint32_t object = 0;
  std::uint32_t value = 0;
  EventKind kind = EventKind::kMark;
  std::uint8_t operation = 0;  // an Operation; for kFinish an Outcome
  std::uint8_t flags = 0;

  constexpr Operation op() const { return static_cast<Operation>(operation); }
  Outcome outcome() const { return static_cast<Outcome>(operation); }
  // Of a kFlow that changes nothing: the step also works for this flow. 0: it is not one.
  std::uint32_t also_for() const { return kind == EventKind::kFlow ? value : 0; }
  // Of a suspension: a generator hands a value over, and goes on when it is asked again.
  bool is_co_yield() const {
    return kind == EventKind::kSuspend && op() == Operation::kYield && (value | object) != 0;
  }
  // Of a task that never ran: it is a generator, and nobody asked it for a value.
  bool went_unused() const { return kind == EventKind::kAbandon && op() == Operation::kYield; }
  ValueKind value_kind() const {
    const bool may_have = kind == EventKind::kResume || kind == EventKind::kAccess;
    return may_have ? static_cast<ValueKind>((flags & kValueKindMask) >> kValueKindShift)
                    : ValueKind::kNone;
  }
  // `value` is then what it was compared with.
  constexpr bool is_failed_exchange() const {
    return kind == EventKind::kAccess && (flags & kEventDiffered) != 0;
  }
  bool chosen() const { return (flags & kEventChosen) != 0; }

  friend bool operator==(const Event&, const Event&) = default;
};

// "suspend", "lock", "exception": the words of the canonical text form.
std::string_view Name(EventKind kind);
std::string_view Name(Operation operation);
std::string_view Name(Outcome outcome);

}  // namespace heddle

#endif  // HEDDLE_EVENT_H_
