// SPDX-License-Identifier: MIT
//
// The simulation: a deterministic, single-threaded executor.
//
// The rules it keeps:
//  - one task runs at a time, and between two of its suspensions nothing else does;
//  - which ready task makes the next step is asked of the chooser, whenever there are two;
//  - a task that yielded is passed over until another one has made a step;
//  - virtual time moves only when nothing is ready, to the next timer; all sleepers of that
//    instant become ready together;
//  - every suspension, resumption and choice goes to the recorder.
//
// The loop is Executor::Loop in simulated_executor.cc. The members under "for primitives"
// are the vocabulary in which Mutex, Channel and the others are written.
#ifndef HEDDLE_INTERNAL_SIMULATED_EXECUTOR_H_
#define HEDDLE_INTERNAL_SIMULATED_EXECUTOR_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heddle/chooser.h"
#include "heddle/clock.h"
#include "heddle/ending.h"
#include "heddle/internal/arena.h"
#include "heddle/internal/binding.h"
#include "heddle/internal/body_ref.h"
#include "heddle/internal/frame_proxy.h"
#include "heddle/internal/lost_locks.h"
#include "heddle/internal/message_flow.h"
#include "heddle/internal/owned_tasks.h"
#include "heddle/internal/ready_set.h"
#include "heddle/internal/stop_objects.h"
#include "heddle/internal/task_state.h"
#include "heddle/internal/timer_heap.h"
#include "heddle/internal/wait_list.h"
#include "heddle/recorder.h"
#include "heddle/run_options.h"

namespace heddle::inline HEDDLE_VARIANT {

class World;

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

using Waiter = TaskState;
struct PromiseBase;

// Thrown out of a coroutine call when RunOptions::tasks_max is reached. Not a
// std::exception, so that a handler for those does not swallow it.
struct RunAborted {};

// The await of an awaitable that is not ours.
struct ForeignAwait {
  std::string_view type;
  SiteRef site;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

class Executor {
 public:
  Executor();
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // The executor whose run this thread is in, or null.
  static Executor* Current() { return current_; }

  // Runs `body` to its ending. The tasks that are left stay as they are, so that they can
  // be looked at, until TearDown() or the next Execute().
  Ending Execute(internal::BodyRef body, const RunOptions& options);
  // Destroys the tasks that are left. Nothing is recorded from here on.
  void TearDown();

  // About the last run.
  const Recorder& recorder() const { return recorder_; }
  const Chooser& chooser() const { return *chooser_; }
  Ending ending() const { return ending_; }
  // How many resumptions there were.
  std::uint64_t steps() const {
    return steps_left_ < 0 ? steps_max_ : steps_max_ - static_cast<std::uint64_t>(steps_left_);
  }
  const std::exception_ptr& exception() const { return exception_; }
  // The task in which exception() began.
  TaskId failed_task() const { return failed_task_; }
  // Those that are suspended, in the order of their ids. `name`, `object` and `since` are
  // left empty: the trace knows them.
  std::vector<WaitingTask> Waiting() const;

  // --- for primitives -------------------------------------------------------------------

  VirtualNanos now() const { return recorder_.now(); }
  Recorder& mutable_recorder() { return recorder_; }
  // The task that is running; null between steps and in a body that is not a coroutine.
  internal::TaskState* running() const { return running_; }
  TaskId running_id() const { return running_ != nullptr ? running_->id : kNoTask; }
  // The bindings of TaskLocals of the task that is running, or of a body that is not a coroutine.
  internal::BindingRef& bindings() {
    return running_ != nullptr ? running_->bindings : body_bindings_;
  }
  // Changes with every run, and is never the same for two runs of a process.
  std::uint64_t run_number() const { return run_number_; }

  // `task` stops here; when it goes on, it does `operation` on `object`. The last thing an
  // awaiter does on its hot path: what comes after it costs registers.
  void Suspend(internal::TaskState& task, Operation operation, std::uint32_t object, SiteRef site,
               std::uint32_t value = 0) {
    task.phase = internal::TaskPhase::kSuspended;
    task.next_deed = Pack(EventKind::kResume, operation, object);
    task.site = site;
    recorder_.Add(Pack(EventKind::kSuspend, operation, object), task.id, site, value);
  }
  // The suspended task goes on in the same step.
  void Continue(internal::TaskState& task) {
    task.phase = internal::TaskPhase::kRunning;
    running_ = &task;
    recorder_.Add(task.next_deed, task.id);
  }
  // From here on the task may be chosen. Doing so twice is doing it once.
  void MakeReady(internal::TaskState& task) {
    if (!ReadySet::Contains(task)) ready_.PushBack(task);
  }
  // What it waited for is gone again.
  void MakeUnready(internal::TaskState& task) {
    if (ReadySet::Contains(task)) ready_.Drop(task);
  }
  // MakeReady, because of the task that is running.
  void Wake(internal::TaskState& task) {
    recorder_.Add(EventKind::kWake, task.id, running_id(), task.operation());
    MakeReady(task);
  }
  // The suspended task lets the others go first.
  void MakeYielded(internal::TaskState& task) { yielded_ = &task; }
  void MakeSleep(internal::TaskState& task, VirtualNanos until) { timers_.Push(task, until); }
  // It goes on for another reason. Nothing for one that does not sleep.
  void CancelSleep(internal::TaskState& task) {
    if (task.timer_index != internal::kNowhere) timers_.Remove(task);
  }
  void Record(EventKind kind, std::uint32_t object, Operation operation = {},
              std::uint32_t value = 0) {
    recorder_.Add(kind, running_id(), object, operation, {}, value);
  }
  ObjectId NewObject(std::string_view type, std::string_view name) {
    return recorder_.AddObject(type, name);
  }
  // `task` waits for an object that has gone, and is not a candidate any more. If it is still there
  // when the step is over, the run ends with a UsageError.
  void LoseObject(internal::TaskState& task, std::string_view type, ObjectId object);
  // A lock goes while somebody holds it: the run ends with a UsageError.
  void LoseLock(std::string_view type, ObjectId object);
  internal::LostLocks& lost_locks() { return lost_locks_; }
  // The running task waits for the stop of `token`.
  void ListenToStop(const std::stop_token& token) { stop_objects_.Listen(token); }
  // A number below `alternatives`, from the chooser.
  std::uint32_t Draw(std::uint32_t alternatives, SiteRef site);

  // --- for Task -------------------------------------------------------------------------

  static void* AllocateFrame(std::size_t size);
  // What belongs to a task and goes with it, from where frames come from. Arena::Free frees it.
  static void* AllocateBeside(std::size_t size) {
    return internal::Arena::Allocate(current_ != nullptr ? current_->arena_ : nullptr, size);
  }
  // A coroutine was called: gives the task its identity.
  void Register(internal::TaskState& task, SiteRef function);
  // Before a task is awaited or spawned: it must be new, and if it was created outside
  // this run it joins it now. Throws UsageError.
  void Adopt(internal::TaskState& task) {
    if (task.executor != this) AdoptForeign(task);
    if (task.phase != internal::TaskPhase::kCreated) ThrowUsedTwice(task);
  }
  // `caller` awaits `callee`, which begins in the same step.
  std::coroutine_handle<> Call(internal::TaskState& caller, internal::TaskState& callee,
                               SiteRef site) {
    Adopt(callee);
    Suspend(caller, Operation::kCall, callee.id, site);
    callee.strand = caller.strand;
    callee.spawner = caller.spawner;
    callee.bindings = caller.bindings;
    callee.awaited_by = &caller;
    callee.phase = internal::TaskPhase::kRunning;
    running_ = &callee;
    recorder_.Add(EventKind::kStart, callee.id, caller.id, Operation::kCall);
    return Transfer(callee.handle());
  }
  // Whoever would have awaited it was cancelled: it goes without having run, and is not forgotten.
  static void Excuse(internal::TaskState& task) {
    if (task.phase != internal::TaskPhase::kCreated) return;
    task.phase = internal::TaskPhase::kSuspended;
    task.next_deed = Pack(EventKind::kStart, Operation::kStart, 0);
  }
  // A task of its own: it starts when it is chosen. It reports to `join_object`.
  void Spawn(internal::TaskState& task, ObjectId join_object);
  // `task` has ended; gives what goes on, which is its continuation or a way back to it.
  std::coroutine_handle<> Finish(internal::TaskState& task, Outcome outcome) noexcept;
  // For what a spawned task returns to: the task that has just ended, and its exception, if any.
  internal::TaskState* finished() const { return finished_; }
  std::exception_ptr finished_exception() const {
    return last_outcome_ == Outcome::kException ? thrown_ : nullptr;
  }
  // Wake, because of the task that has just ended.
  void WakeJoiner(internal::TaskState& task) {
    recorder_.Add(EventKind::kWake, task.id, last_finished_, task.operation());
    MakeReady(task);
  }
  // An exception leaves `task`.
  void NoteException(const internal::TaskState& task);
  // Where the exception that left a task last began.
  TaskId thrower() const { return thrown_by_; }
  // An exception that began in `task` is thrown again.
  void NoteRethrow(const std::exception_ptr& exception, TaskId task) {
    thrown_ = exception;
    thrown_by_ = task;
  }
  // A join keeps an exception that began in `task` until it has all of its tasks, or lets go of it:
  // a run that ends before says so.
  struct KeptException {
    std::exception_ptr exception;
    TaskId task = kNoTask;
  };
  void NoteKept(const std::exception_ptr& exception, TaskId task) {
    kept_.push_back({exception, task});
  }
  void NoteLetGo(const std::exception_ptr& exception);
  const std::vector<KeptException>& kept_exceptions() const { return kept_; }
  // The frame of `task` goes.
  void Forget(internal::TaskState& task) noexcept;
  // The owner of `task` destroys its frame. In the middle of its step it is kept until the step is
  // over, and the run ends with a UsageError.
  static void Destroy(internal::TaskState& task) noexcept {
    if (task.phase == internal::TaskPhase::kRunning) [[unlikely]] {
      return task.executor->DestroyLater(task);
    }
    task.handle().destroy();
  }
  // An awaitable that is not ours resumed `task`. Whether nobody can say for which request it goes
  // on: it has none of its own, and who resumed it works for one. A second time, the run ends with
  // a UsageError; from outside of the run, the process ends.
  bool WakeFromOutside(internal::TaskState& task, const internal::ForeignAwait& await);
  // The same for an await that is over: the run of this thread ends, or else the process.
  static void WakeTooLate(const internal::ForeignAwait& await);

  // --- for what carries messages (message_flow.h) ---------------------------------------

  // The request of a message that is sent now.
  internal::MessageFlow FlowOfMessage() const {
    if (running_ == nullptr) [[unlikely]] {
      return FlowFromNobody();
    }
    return {.flow = running_->flow, .run = static_cast<std::uint32_t>(run_number_)};
  }
  // The running task received a message out of `object`.
  void TakeUp(internal::MessageFlow message, ObjectId object) {
    if (running_ != nullptr && message.flow != running_->flow) [[unlikely]] {
      TakeUpOther(message, object);
    }
  }
  // `task` is about to wait for a message of `object`.
  void LeaveRequest(internal::TaskState& task, ObjectId object) {
    if (task.flow_from == object) [[unlikely]] {
      Carry(task, 0, 0);
    }
  }
  // A generator that has no request works for whoever asks for its next value.
  void FollowCaller(internal::TaskState& generator, internal::TaskState& caller) {
    generator.awaited_by = &caller;
    if (generator.flow != caller.flow || generator.flow_from != caller.flow_from) {
      FollowOther(generator, caller);
    }
  }
  // The running task goes on, and nobody can say for which request.
  void RecordContextLost() { Record(EventKind::kContextLost, 0); }

  // --- for the guard --------------------------------------------------------------------

  // False while what the run left is destroyed.
  bool in_run() const { return in_run_; }
  // The thread is blocked for so long: time passes for every task.
  void Block(VirtualNanos duration);
  // The thread is in no run from here on: before a report that ends the process.
  static void LeaveRun() { current_ = nullptr; }
  // The run ends after this step with `exception`, as if `task` had thrown it: the one that is
  // running, unless another is named.
  void Fail(std::exception_ptr exception) { Fail(std::move(exception), running_id()); }
  void Fail(std::exception_ptr exception, TaskId task);

  // --- for World ------------------------------------------------------------------------

  // The next coroutine to be called is the body itself.
  void ExpectMain() { main_is_next_ = true; }
  // Runs `promise`'s task beside the others, and destroys its frame when it has ended; if it
  // throws, the run ends.
  void SpawnRoot(internal::PromiseBase& promise, std::coroutine_handle<> frame);
  // The same for the body itself, whose frame stays until TearDown: it holds the value.
  void SpawnMain(internal::PromiseBase& promise, std::coroutine_handle<> frame);

 private:
  // What a task that was spawned into the world returns to when it ends.
  class RootReturn : public internal::FrameProxy {
   public:
    explicit RootReturn(Executor& executor)
        : FrameProxy(&RootReturn::OnResume), executor_(&executor) {}

   private:
    static void OnResume(FrameProxy* proxy);

    Executor* executor_;
  };

  void Begin(const RunOptions& options);
  template <RecordMode kMode>
  void Loop();
  template <RecordMode kMode>
  void Step(internal::TaskState& task, std::uint32_t candidates, TaskId first);
  bool AdvanceTime();
  void AdvanceTo(VirtualNanos time);
  void Attend();
  // No step is left to be made, and nobody has ended the run.
  void Conclude();
  void RecordLeaked();
  void RejectOrphan();
  std::string NameOf(std::string_view type, ObjectId object) const;
  void RejectChoice(std::size_t index);
  void End(Ending ending);
  void DestroyLater(internal::TaskState& task) noexcept;
  void DestroyDoomed() noexcept;
  void DestroyRoot(internal::TaskState& task) noexcept;
  void Link(internal::TaskState& task);
  internal::MessageFlow FlowFromNobody() const;
  void TakeUpOther(internal::MessageFlow message, ObjectId object);
  // `task`, and those that called it, work for `flow` because of a message out of `object`.
  void Carry(internal::TaskState& task, FlowId flow, ObjectId object);
  void FollowOther(internal::TaskState& generator, const internal::TaskState& caller);
  void NoteAlsoFor(const internal::TaskState& task, FlowId other, Operation why);
  // Takes a task that is not finished out of all it is in.
  void Drop(internal::TaskState& task) noexcept;
  // Of a task that is suspended.
  bool IsAtCoYield(const internal::TaskState& task) const;
  void AdoptForeign(internal::TaskState& task);
  [[noreturn]] static void ThrowUsedTwice(const internal::TaskState& task);
  std::coroutine_handle<> Pause(std::coroutine_handle<> next);

  // Every 256 transfers from task to task the stack is unwound to the loop, which then
  // goes on with `next`: a compiler that does not make tail calls of them (any, without
  // optimisation) cannot overflow the stack, and a chain without end meets the step limit.
  std::coroutine_handle<> Transfer(std::coroutine_handle<> next) {
    if ((--steps_left_ & 0xff) == 0) [[unlikely]] {
      return Pause(next);
    }
    return next;
  }

  static inline constinit thread_local Executor* current_ = nullptr;

  Recorder recorder_;
  ReadySet ready_;
  internal::TaskState* running_ = nullptr;
  internal::TaskState* yielded_ = nullptr;  // at most one is passed over at a time
  Chooser* chooser_ = &fifo_;
  Random* uniform_ = nullptr;  // where this chooses, and not chooser_
  std::int64_t steps_left_ = 0;
  std::uint64_t steps_max_ = 0;
  bool attention_ = false;  // something below is set: look before the next step
  bool stop_ = false;
  std::size_t choose_from_ = 2;  // ask the chooser when there are as many candidates
  std::uint32_t returns_ = 0;    // transfers from an ended task, for the same unwinding
  std::coroutine_handle<> paused_;

  internal::TimerHeap<internal::TaskState> timers_;
  internal::Arena* arena_;
  internal::TaskState* first_live_ = nullptr;
  internal::TaskState* last_live_ = nullptr;
  RootReturn root_return_;
  internal::OwnedTasks roots_;
  const internal::TaskState* main_ = nullptr;
  internal::BindingRef body_bindings_;
  internal::StopObjects stop_objects_{*this};
  std::size_t unfinished_roots_ = 0;
  std::size_t live_tasks_ = 0;
  std::size_t tasks_max_ = 0;
  TaskId next_id_ = 0;
  TaskId last_finished_ = kNoTask;
  internal::TaskState* finished_ = nullptr;  // whose return has not been dealt with
  Outcome last_outcome_ = Outcome::kValue;
  bool in_run_ = false;
  bool main_is_next_ = false;

  FifoChooser fifo_;
  std::uint64_t run_number_;
  Ending ending_ = Ending::kFinished;
  std::size_t abandoned_ = 0;
  std::exception_ptr exception_;  // what ended the run
  TaskId failed_task_ = kNoTask;
  std::vector<KeptException> kept_;
  std::exception_ptr thrown_;  // the exception that left a task last
  TaskId thrown_by_ = kNoTask;
  std::int64_t taken_up_at_ = 0;  // steps_left_ when a message changed for whom a task works
  std::vector<std::coroutine_handle<>> doomed_;

  // Who waits for an object that has gone in this step.
  struct Orphan {
    const internal::TaskState* task;
    std::string_view type;
    ObjectId object;
  };
  std::vector<Orphan> orphans_;
  internal::LostLocks lost_locks_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_SIMULATED_EXECUTOR_H_
