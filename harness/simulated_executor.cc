// SPDX-License-Identifier: MIT
//
// The story of a run: Execute, Begin, Loop, and what a step is made of.
#include "heddle/internal/simulated_executor.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "heddle/check.h"
#include "heddle/internal/watchdog.h"
#include "heddle/task.h"
#include "heddle/world.h"

namespace heddle::inline HEDDLE_VARIANT {

using internal::TaskPhase;
using internal::TaskState;

namespace {

// So that the steps that are left fit a signed number.
constexpr std::uint64_t kStepsMost = std::uint64_t{1} << 62;

// Run numbers of different executors must differ, so each counts in a range of its own. Their lower
// halves differ too, unless one of them makes millions of runs: a message has no room for more.
std::uint64_t FirstRunNumber() {
  static std::atomic<std::uint64_t> executors = 0;
  constexpr std::uint32_t kFarApart = 0x9e3779b1;
  const std::uint64_t number = ++executors;
  return number << 40 | static_cast<std::uint32_t>(number * kFarApart);
}

// For a HEDDLE_CHECK that fails.
std::string DescribeRunOfThread() {
  const Executor* executor = Executor::Current();
  if (executor == nullptr) return "no run";
  const Chooser& chooser = executor->chooser();
  return "step " + std::to_string(executor->steps()) + " of a run, chooser " +
         std::string(chooser.name()) + ", seed " + std::to_string(chooser.seed());
}

std::string SiteText(SiteRef site) {
  if (!site) return {};
  const std::source_location location = site.location();
  return ToString(Site{.file = location.file_name(), .line = location.line(), .function = {}});
}

// Of a task that nobody has awaited: what its kAbandon says.
Operation WhyNeverRun(const TaskState& task) {
  return task.is_generator ? Operation::kYield : Operation::kNone;
}

// "the await of Reply at client.cc:12"
std::string AwaitText(const internal::ForeignAwait& await) {
  const std::string site = SiteText(await.site);
  return "the await of " + std::string(await.type) + (site.empty() ? "" : " at " + site);
}

std::string TooLateText(const internal::ForeignAwait& await) {
  return "heddle: " + AwaitText(await) +
         " was resumed after it was over: it had gone on already, or its task was destroyed, when "
         "it was cancelled or its run ended. Likely cause: a callback, a queue or a thread that "
         "still keeps the coroutine handle. Resume a handle once, and forget it when the "
         "awaitable is destroyed.";
}

// For who is in no run that could end instead: an exception would reach another library's loop.
[[noreturn]] void EndProcess(const std::string& why) {
  std::fputs((why + "\n").c_str(), stderr);
  std::abort();
}

// Makes an executor the current one of its thread, and puts back the one before.
class CurrentScope {
 public:
  CurrentScope(Executor*& current, Executor* executor)
      : current_(current), previous_(std::exchange(current, executor)) {}
  CurrentScope(const CurrentScope&) = delete;
  CurrentScope& operator=(const CurrentScope&) = delete;
  ~CurrentScope() { current_ = previous_; }

 private:
  Executor*& current_;
  Executor* previous_;
};

}  // namespace

Executor::Executor()
    : arena_(new internal::Arena), root_return_(*this), run_number_(FirstRunNumber()) {
  internal::SetCheckContext(&DescribeRunOfThread);
}

Executor::~Executor() {
  TearDown();
  delete arena_;
}

// --- a run --------------------------------------------------------------------------------

Ending Executor::Execute(internal::BodyRef body, const RunOptions& options) {
  if (in_run_) {
    throw UsageError(
        "heddle: a run was started on an executor that is in the middle of one. Give each run "
        "its own Executor, or call heddle::Run, which does.");
  }
  const internal::Watchdog watchdog(options);
  Begin(options);
  CurrentScope scope(current_, this);
  in_run_ = true;
  World world(*this);
  try {
    body.invoke(body.object, world);
  } catch (const internal::RunAborted&) {
    HEDDLE_CHECK(stop_, "a body was left without a reason");
  } catch (...) {
    exception_ = std::current_exception();
    End(Ending::kThrew);
  }
  if (recorder_.events_on()) {
    Loop<RecordMode::kEvents>();
  } else {
    Loop<RecordMode::kChoices>();
  }
  in_run_ = false;
  recorder_.End();
  chooser_->EndRun(recorder_, ending_);
  return ending_;
}

void Executor::Begin(const RunOptions& options) {
  TearDown();
  ++run_number_;
  recorder_.Begin(options.record);
  chooser_ = options.chooser != nullptr ? options.chooser : &fifo_;
  choose_from_ = chooser_->wants_every_step() ? 1 : 2;
  ready_.Clear(choose_from_ == 1);
  chooser_->BeginRun(options.schedule);
  uniform_ = chooser_->uniform();
  steps_max_ = std::min(options.steps_max, kStepsMost);
  steps_left_ = static_cast<std::int64_t>(steps_max_);
  tasks_max_ = options.tasks_max;
  stop_ = attention_ = false;
  main_is_next_ = false;
  returns_ = 0;
  next_id_ = 0;
  ending_ = Ending::kFinished;
  abandoned_ = 0;
  failed_task_ = kNoTask;
  thrown_by_ = kNoTask;
  if (exception_ != nullptr) exception_ = nullptr;
  if (thrown_ != nullptr) thrown_ = nullptr;
  kept_.clear();
}

// Inlined into Loop, where a step costs a few nanoseconds: the compiler would not.
#define HEDDLE_INLINE [[gnu::always_inline]] inline

template <RecordMode kMode>
HEDDLE_INLINE void Executor::Step(TaskState& task, std::uint32_t candidates, TaskId first) {
  if (--steps_left_ < 0) [[unlikely]] {
    ready_.PushBack(task);
    End(Ending::kStepLimit);
    return;
  }
  task.phase = TaskPhase::kRunning;
  running_ = &task;
  recorder_.AddStep<kMode>(task.next_deed, task.id, candidates, first, task.join_object);
  task.handle().resume();
}

template <RecordMode kMode>
void Executor::Loop() {
  for (;;) {
    if (attention_) [[unlikely]] {
      Attend();
      if (stop_) break;
    }
    const std::size_t candidates = ready_.size();
    if (candidates == 0) {
      if (yielded_ != nullptr) {
        if (choose_from_ == 1) {
          ready_.PushBack(*std::exchange(yielded_, nullptr));
        } else {
          Step<kMode>(*std::exchange(yielded_, nullptr), 1, 0);
        }
      } else if (!AdvanceTime()) {
        break;
      }
      continue;
    }
    TaskState* task = &ready_.First();
    const TaskId first = task->id;
    if (candidates >= choose_from_) {
      const std::size_t index = uniform_ != nullptr
                                    ? uniform_->Below(static_cast<std::uint32_t>(candidates))
                                    : chooser_->ChooseTask(ready_);
      if (index >= candidates) [[unlikely]] {
        RejectChoice(index);
        break;
      }
      task = &ready_.At(index);
      // Somebody else makes a step: who yielded is passed over no longer.
      if (yielded_ != nullptr) {
        ready_.Replace(*task, *std::exchange(yielded_, nullptr));
      } else {
        ready_.Remove(*task);
      }
    } else {
      ready_.RemoveOnly(*task);
      if (yielded_ != nullptr) ready_.PushBack(*std::exchange(yielded_, nullptr));
    }
    Step<kMode>(*task, static_cast<std::uint32_t>(candidates), first);
  }
  running_ = nullptr;
  if (!stop_) Conclude();
}

void Executor::Conclude() {
  if (unfinished_roots_ > 0) {
    ending_ = Ending::kStuck;
    return;
  }
  RecordLeaked();
  if (abandoned_ > 0) ending_ = Ending::kAbandoned;
}

// Somebody keeps tasks that nobody has awaited, and in this run nobody will.
void Executor::RecordLeaked() {
  for (const TaskState* task = first_live_; task != nullptr; task = task->next_live) {
    if (task->phase != TaskPhase::kCreated) continue;
    recorder_.Add(EventKind::kAbandon, task->id, 0, WhyNeverRun(*task), {}, 1);
    if (!task->is_generator) ++abandoned_;
  }
}

// What a step left to be done before the next one.
void Executor::Attend() {
  attention_ = stop_;
  while (paused_) std::exchange(paused_, nullptr).resume();
  DestroyDoomed();
  if (!orphans_.empty()) RejectOrphan();
}

void Executor::LoseObject(TaskState& task, std::string_view type, ObjectId object) {
  if (stop_ || !in_run_) return;
  MakeUnready(task);
  CancelSleep(task);
  orphans_.push_back({.task = &task, .type = type, .object = object});
  attention_ = true;
}

// "Mutex ledger"
std::string Executor::NameOf(std::string_view type, ObjectId object) const {
  std::string name(type);
  if (object != 0 && !recorder_.NameOf(object).empty()) {
    name += " " + std::string(recorder_.NameOf(object));
  }
  return name;
}

void Executor::LoseLock(std::string_view type, ObjectId object) {
  Fail(std::make_exception_ptr(
      UsageError("heddle: " + NameOf(type, object) +
                 " was destroyed while it is locked: its guard would unlock what is gone. Likely "
                 "cause: the guard is declared before the lock, or outlives its scope. Let the "
                 "lock outlive its guards.")));
}

void Executor::RejectOrphan() {
  const Orphan orphan = orphans_.front();
  const std::string name = NameOf(orphan.type, orphan.object);
  const std::string site = SiteText(orphan.task->site);
  const std::string where = site.empty() ? "" : ", at " + site;
  Fail(std::make_exception_ptr(UsageError(
           "heddle: " + name + " was destroyed while a task waits for it" + where +
           ", which nobody can wake any more. Likely cause: it is a variable of a scope that ends "
           "before the tasks that use it. Let it outlive them: declare it before their TaskGroup, "
           "or "
           "join them first.")),
       orphan.task->id);
}

// To the next timer; false when there is none.
bool Executor::AdvanceTime() {
  if (timers_.empty()) return false;
  AdvanceTo(timers_.soonest());
  return true;
}

// Wakes those who sleep until then or less.
void Executor::AdvanceTo(VirtualNanos time) {
  recorder_.AdvanceTo(time);
  while (!timers_.empty() && timers_.soonest() <= time) {
    TaskState& task = timers_.PopSoonest();
    recorder_.Add(EventKind::kWake, task.id, kNoTask, task.operation());
    ready_.PushBack(task);
  }
}

void Executor::Block(VirtualNanos duration) { AdvanceTo(now() + duration); }

void Executor::Fail(std::exception_ptr exception, TaskId task) {
  if (stop_ || !in_run_) return;
  End(Ending::kThrew);
  failed_task_ = task;
  exception_ = std::move(exception);
}

// The first reason to stop is the one that counts.
void Executor::End(Ending ending) {
  if (stop_) return;
  stop_ = attention_ = true;
  ending_ = ending;
}

void Executor::RejectChoice(std::size_t index) {
  if (index == kStopRun) return End(Ending::kStopped);
  End(Ending::kThrew);
  exception_ = std::make_exception_ptr(
      UsageError("heddle: the chooser '" + std::string(chooser_->name()) + "' picked candidate " +
                 std::to_string(index) + " of " + std::to_string(ready_.size()) +
                 ". ChooseTask must return an index below ready.size(), or kStopRun."));
}

std::coroutine_handle<> Executor::Pause(std::coroutine_handle<> next) {
  if (steps_left_ < 0) {
    running_->phase = TaskPhase::kSuspended;  // it stays before its first line
    End(Ending::kStepLimit);
  } else {
    paused_ = next;
    attention_ = true;
  }
  return std::noop_coroutine();
}

// --- tasks --------------------------------------------------------------------------------

void* Executor::AllocateFrame(std::size_t size) {
  Executor* executor = current_;
  if (executor == nullptr) return internal::Arena::Allocate(nullptr, size);
  if (executor->live_tasks_ >= executor->tasks_max_) [[unlikely]] {
    executor->End(Ending::kTaskLimit);
    throw internal::RunAborted();
  }
  return internal::Arena::Allocate(executor->arena_, size);
}

void Executor::Register(TaskState& task, SiteRef function) {
  task.function = function;
  Link(task);
  std::uint32_t is_main = 0;
  bool is_lost = false;
  if (running_ != nullptr) {
    task.flow = running_->flow;
    task.flow_from = running_->flow_from;
  } else {
    is_main = std::exchange(main_is_next_, false) ? 1 : 0;
    is_lost = in_run_ && recorder_.has_flows();
  }
  recorder_.Add(EventKind::kSpawn, task.id, running_id(), Operation::kNone, function, is_main);
  if (is_lost) [[unlikely]] {
    recorder_.Add(EventKind::kContextLost, task.id);
  }
}

void Executor::Link(TaskState& task) {
  task.executor = this;
  task.id = next_id_++;
  task.next_live = nullptr;
  task.previous_live = last_live_;
  (last_live_ != nullptr ? last_live_->next_live : first_live_) = &task;
  last_live_ = &task;
  ++live_tasks_;
}

void Executor::AdoptForeign(TaskState& task) {
  if (task.executor != nullptr) {
    throw UsageError(
        "heddle: a task of one run was awaited in another. Likely cause: a Task object was kept "
        "in a variable that outlives its run. Create it inside the body that awaits it.");
  }
  Register(task, task.function);
}

void Executor::ThrowUsedTwice(const TaskState& task) {
  throw UsageError("heddle: the task of " + DisplayName(task.function.location().function_name()) +
                   " was awaited or spawned a second time. A Task runs once: call the coroutine "
                   "again for a second run, or share its result.");
}

void Executor::Spawn(TaskState& task, ObjectId join_object) {
  Adopt(task);
  task.strand = task.id;
  task.spawner = running_ != nullptr ? running_->strand : kNoTask;
  task.bindings = bindings();
  task.flow_from = task.flow != 0 ? internal::kOwnRequest : 0;
  task.join_object = join_object;
  task.phase = TaskPhase::kSuspended;
  task.next_deed = Pack(EventKind::kStart, Operation::kStart, running_id());
  ready_.PushBack(task);
}

std::coroutine_handle<> Executor::Finish(TaskState& task, Outcome outcome) noexcept {
  task.phase = TaskPhase::kFinished;
  recorder_.Add(EventKind::kFinish, task.id, task.join_object, static_cast<Operation>(outcome));
  last_finished_ = task.id;
  finished_ = &task;
  last_outcome_ = outcome;
  running_ = nullptr;
  if ((++returns_ & 0xff) != 0) return task.continuation;
  paused_ = task.continuation;
  attention_ = true;
  return std::noop_coroutine();
}

void Executor::NoteException(const TaskState& task) {
  std::exception_ptr exception = std::current_exception();
  if (exception == thrown_) return;  // on its way up from the task that threw it
  thrown_ = std::move(exception);
  thrown_by_ = task.id;
}

void Executor::NoteLetGo(const std::exception_ptr& exception) {
  std::erase_if(kept_, [&](const KeptException& kept) { return kept.exception == exception; });
}

void Executor::Forget(TaskState& task) noexcept {
  (task.previous_live != nullptr ? task.previous_live->next_live : first_live_) = task.next_live;
  (task.next_live != nullptr ? task.next_live->previous_live : last_live_) = task.previous_live;
  --live_tasks_;
  if (task.phase != TaskPhase::kFinished) Drop(task);
}

void Executor::Drop(TaskState& task) noexcept {
  if (ReadySet::Contains(task)) ready_.Drop(task);
  if (yielded_ == &task) yielded_ = nullptr;
  task.LeaveWaitList();
  if (!orphans_.empty()) {
    std::erase_if(orphans_, [&](const Orphan& orphan) { return orphan.task == &task; });
  }
  if (task.timer_index != internal::kNowhere) timers_.Remove(task);
  if (task.phase == TaskPhase::kCreated) {
    recorder_.Add(EventKind::kAbandon, task.id, 0, WhyNeverRun(task));
    if (in_run_ && !task.is_generator) ++abandoned_;
  } else if (task.phase == TaskPhase::kSuspended) {
    const bool ran = task.operation() != Operation::kStart;
    recorder_.Add(ran ? EventKind::kFinish : EventKind::kAbandon, task.id, task.join_object,
                  ran ? static_cast<Operation>(Outcome::kCancelled) : Operation::kStart);
  }
}

void Executor::DestroyLater(TaskState& task) noexcept {
  task.continuation = std::noop_coroutine();
  doomed_.push_back(task.handle());
  attention_ = true;
  if (stop_) return;
  End(Ending::kThrew);
  failed_task_ = task.id;
  exception_ = std::make_exception_ptr(UsageError(
      "heddle: a task was destroyed while it was running. Likely cause: the task itself, or "
      "something it called, destroyed or reassigned the Task object (or the TaskGroup) that owns "
      "it. Let the owner outlive the task, or leave the task by returning from it."));
}

void Executor::DestroyDoomed() noexcept {
  if (doomed_.empty()) return;
  for (std::coroutine_handle<> frame : std::exchange(doomed_, {})) frame.destroy();
}

bool Executor::WakeFromOutside(TaskState& task, const internal::ForeignAwait& await) {
  if (current_ != this) [[unlikely]] {
    EndProcess("heddle: " + AwaitText(await) +
               " was resumed from outside its run: by another thread, or in the middle of another "
               "run. In a simulated run all that a task awaits is resumed by the run itself, on "
               "its own thread; else no schedule could be had again. Stand in for the source in "
               "the test: with a Channel, a Gate or SleepFor, or with a loop of the library's that "
               "a task of the run turns (docs/foreign.md).");
  }
  const bool waits = task.phase == TaskPhase::kSuspended && task.operation() == Operation::kForeign;
  if (!waits || ReadySet::Contains(task)) [[unlikely]] {
    Fail(std::make_exception_ptr(UsageError(
             "heddle: " + AwaitText(await) +
             " was resumed twice, or when it did not wait. Likely cause: two places keep the "
             "coroutine handle, or await_suspend gave it away and then threw or returned false. "
             "Resume it once for each await_suspend.")),
         task.id);
    return false;
  }
  recorder_.Add(EventKind::kWake, task.id, running_ == &task ? kNoTask : running_id(),
                task.operation());
  MakeReady(task);
  if (task.flow != 0 || task.flow_from == internal::kOwnRequest || running_ == &task) return false;
  return running_ != nullptr ? running_->flow != 0 : recorder_.has_flows();
}

void Executor::WakeTooLate(const internal::ForeignAwait& await) {
  if (current_ == nullptr || !current_->in_run_) EndProcess(TooLateText(await));
  current_->Fail(std::make_exception_ptr(UsageError(TooLateText(await))));
}

std::uint32_t Executor::Draw(std::uint32_t alternatives, SiteRef site) {
  if (alternatives == 0) {
    throw UsageError("heddle: a draw among 0 alternatives. Ask for at least one.");
  }
  std::uint32_t value = 0;
  if (alternatives > 1) {
    value = chooser_->ChooseValue(alternatives);
    if (value >= alternatives) {
      const std::exception_ptr error = std::make_exception_ptr(
          UsageError("heddle: the chooser '" + std::string(chooser_->name()) + "' drew " +
                     std::to_string(value) + " of " + std::to_string(alternatives) +
                     " alternatives. ChooseValue must return a number below that."));
      Fail(error, kNoTask);  // of no task: it is the chooser's mistake
      std::rethrow_exception(error);
    }
  }
  recorder_.AddDraw(running_id(), site, value, alternatives);
  return value;
}

// --- requests -----------------------------------------------------------------------------

internal::MessageFlow Executor::FlowFromNobody() const {
  const bool is_lost = in_run_ && recorder_.has_flows();
  return {.flow = is_lost ? internal::kLostFlow : 0,
          .run = static_cast<std::uint32_t>(run_number_)};
}

void Executor::TakeUpOther(internal::MessageFlow message, ObjectId object) {
  if (message.flow == 0 || message.run != static_cast<std::uint32_t>(run_number_)) return;
  const bool is_lost = message.flow == internal::kLostFlow;
  TaskState& task = *running_;
  if (task.flow_from == internal::kOwnRequest) {
    if (!is_lost) NoteAlsoFor(task, message.flow, Operation::kReceive);
    return;
  }
  const FlowId flow = is_lost ? 0 : message.flow;
  const FlowId before = task.flow;
  const bool in_same_step = std::exchange(taken_up_at_, steps_left_) == steps_left_;
  Carry(task, flow, object);
  if (is_lost) return RecordContextLost();
  // It did not wait in between, so it has both in hand.
  if (before != 0 && in_same_step) NoteAlsoFor(task, before, Operation::kReceive);
}

void Executor::Carry(TaskState& task, FlowId flow, ObjectId object) {
  Operation why = Operation::kReceive;
  for (TaskState* each = &task; each != nullptr; each = each->caller()) {
    if (each->flow_from == internal::kOwnRequest) {
      if (flow != 0 && each->flow != flow) NoteAlsoFor(*each, flow, why);
      return;
    }
    if (each->flow != flow) {
      each->flow = flow;
      recorder_.Add(EventKind::kFlow, each->id, flow, why);
    }
    each->flow_from = object;
    why = Operation::kCall;
  }
}

void Executor::NoteAlsoFor(const TaskState& task, FlowId other, Operation why) {
  recorder_.Add(EventKind::kFlow, task.id, task.flow, why, {}, other);
}

void Executor::FollowOther(TaskState& generator, const TaskState& caller) {
  if (generator.flow_from == internal::kOwnRequest && generator.flow != 0) return;
  const bool is_own = caller.flow_from == internal::kOwnRequest && caller.flow != 0;
  generator.flow_from = is_own ? 0 : caller.flow_from;
  if (generator.flow == caller.flow) return;
  generator.flow = caller.flow;
  recorder_.Add(EventKind::kFlow, generator.id, generator.flow, Operation::kCall);
}

// --- roots --------------------------------------------------------------------------------

void Executor::SpawnRoot(internal::PromiseBase& promise, std::coroutine_handle<> /*frame*/) {
  TaskState& task = promise.state;
  promise.ReturnTo(root_return_.handle());
  roots_.Add(task);
  ++unfinished_roots_;
  Spawn(task, 0);
}

void Executor::SpawnMain(internal::PromiseBase& promise, std::coroutine_handle<> frame) {
  main_ = &promise.state;
  SpawnRoot(promise, frame);
  promise.state.flow_from = internal::kOwnRequest;
}

// The task that has just finished is a root.
void Executor::RootReturn::OnResume(FrameProxy* proxy) {
  Executor& executor = *static_cast<RootReturn*>(proxy)->executor_;
  --executor.unfinished_roots_;
  if (executor.last_outcome_ == Outcome::kException && !executor.stop_) {
    executor.End(Ending::kThrew);
    executor.exception_ = executor.thrown_;
    executor.failed_task_ = executor.thrown_by_;
  }
  if (executor.finished_ != executor.main_) executor.DestroyRoot(*executor.finished_);
}

void Executor::DestroyRoot(TaskState& task) noexcept {
  roots_.Remove(task);
  task.handle().destroy();
}

void Executor::TearDown() {
  recorder_.End();
  CurrentScope scope(current_, this);
  stop_objects_.Forget();
  DestroyDoomed();
  // A deep chain of calls goes from its end: each frame would otherwise destroy the next, and
  // the stack would be as deep as the chain.
  while (last_live_ != nullptr && last_live_->was_called()) {
    const TaskState& callee = *last_live_;
    callee.owner->Disown();
    callee.handle().destroy();
  }
  while (roots_.last() != nullptr) DestroyRoot(*roots_.last());
  unfinished_roots_ = 0;
  main_ = nullptr;
  paused_ = nullptr;
  // Somebody keeps Task objects of the run that is over: their frames stay good, but they
  // are nobody's tasks now.
  while (first_live_ != nullptr) {
    TaskState* task = std::exchange(first_live_, first_live_->next_live);
    task->executor = nullptr;
    task->LeaveWaitList();
    if (task->phase != TaskPhase::kCreated) task->phase = TaskPhase::kFinished;
  }
  if (arena_->live() > 0) {
    arena_->Orphan();
    arena_ = new internal::Arena;
  } else {
    arena_->Reset();
  }
  last_live_ = nullptr;
  live_tasks_ = 0;
  timers_.Clear();
  orphans_.clear();
  lost_locks_.Clear();
  yielded_ = nullptr;
}

// Who has the generator may ask it for more, or not: it waits for nobody.
bool Executor::IsAtCoYield(const TaskState& task) const {
  return task.is_generator && task.operation() == Operation::kYield && !ReadySet::Contains(task) &&
         yielded_ != &task;
}

std::vector<WaitingTask> Executor::Waiting() const {
  std::vector<WaitingTask> waiting;
  for (const TaskState* task = first_live_; task != nullptr; task = task->next_live) {
    if (task->phase != TaskPhase::kSuspended || IsAtCoYield(*task)) continue;
    waiting.push_back({.task = task->id,
                       .name = {},
                       .operation = task->operation(),
                       .object = {},
                       .site = SiteText(task->site),
                       .since = 0});
  }
  return waiting;
}

// --- time ---------------------------------------------------------------------------------

VirtualClock::time_point VirtualClock::now() {
  const Executor* executor = Executor::Current();
  if (executor == nullptr) {
    throw UsageError(
        "heddle: VirtualClock::now() was called outside a run. Virtual time exists only while "
        "heddle::Run or heddle::Explore runs a body.");
  }
  return time_point(duration(executor->now()));
}

}  // namespace heddle::inline HEDDLE_VARIANT
