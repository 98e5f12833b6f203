// SPDX-License-Identifier: MIT
//
// TaskState: what the executor knows about one task. It lives in the task's promise, so it
// goes when the frame goes, and it can be in one list of each kind: the live tasks, the
// ready set (ready_set.h), the waiters of one object, and the timers (timer_heap.h).
#ifndef HEDDLE_INTERNAL_TASK_STATE_H_
#define HEDDLE_INTERNAL_TASK_STATE_H_

#include <coroutine>
#include <cstdint>

#include "heddle/event.h"
#include "heddle/internal/binding.h"
#include "heddle/internal/wait_list.h"
#include "heddle/recorder.h"
#include "heddle/tracing.h"

namespace heddle::inline HEDDLE_VARIANT {

class Executor;

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

enum class TaskPhase : std::uint8_t {
  kCreated,    // nobody awaits it yet
  kSuspended,  // at a suspension, or spawned and about to start
  kRunning,
  kFinished,
};

inline constexpr std::uint32_t kNowhere = 0xffffffff;

// TaskState::flow_from of a task whose request is its own. A message does not change that.
inline constexpr ObjectId kOwnRequest = 0xffffffff;

// A place in the order in which tasks became ready.
struct ReadyLink {
  ReadyLink* next_ready = nullptr;
  ReadyLink* previous_ready = nullptr;
};

// The awaiter that owns a task, in the frame of its caller.
class TaskOwner {
 public:
  // The frame is somebody else's to destroy from here on.
  virtual void Disown() = 0;

 protected:
  ~TaskOwner() = default;
};

struct TaskState : ReadyLink, WaitPlace {
  // What it does when it goes on, and to which object.
  Operation operation() const { return OperationOf(next_deed); }
  std::uint32_t object() const { return ObjectOf(next_deed); }

  Executor* executor = nullptr;          // null: created outside a run and not yet awaited in one
  std::coroutine_handle<> continuation;  // what goes on when it has ended

  // Of its frame: the promise begins with it (PromiseBase).
  std::coroutine_handle<> handle() const {
    return std::coroutine_handle<TaskState>::from_promise(const_cast<TaskState&>(*this));
  }

  TaskState* next_live = nullptr;
  TaskState* previous_live = nullptr;
  // A spawned task is its own strand.
  bool was_called() const { return strand != id && owner != nullptr; }
  union {
    TaskOwner* owner = nullptr;  // of a task that was called
    TaskState* next_owned;       // of a spawned one that is in a list (owned_tasks.h)
  };
  union {
    TaskState* previous_owned = nullptr;  // of a spawned one
    TaskState* awaited_by;                // of one that was called; of a generator: who asked last
  };
  // In whose step it runs; null: in one of its own.
  TaskState* caller() const { return strand != id ? awaited_by : nullptr; }

  std::uint32_t ready_index = kNowhere;
  std::uint32_t timer_index = kNowhere;

  TaskId id = kNoTask;
  TaskId strand = kNoTask;   // the spawned task it works for: itself, or its caller's
  TaskId spawner = kNoTask;  // the strand that spawned that one; kNoTask: the body
  TaskPhase phase = TaskPhase::kCreated;
  bool is_generator = false;                                      // which may go without having run
  Deed next_deed = Pack(EventKind::kStart, Operation::kNone, 0);  // how its next step begins
  std::uint32_t join_object = 0;  // the All, Any or TaskGroup it reports to
  FlowId flow = 0;                // the request that it works for now
  ObjectId flow_from = 0;         // where the message came from that it works for (message_flow.h)
  SiteRef site;                   // where it is suspended
  SiteRef function;               // its coroutine
  BindingRef bindings;            // of TaskLocals, the newest first
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_TASK_STATE_H_
