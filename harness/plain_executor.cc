// SPDX-License-Identifier: MIT
//
// Implements plain_executor.h, for the variants that have no simulation.
#include "heddle/tracing.h"

#if !HEDDLE_SIMULATED

#include <chrono>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "heddle/check.h"
#include "heddle/internal/loop_inbox.h"
#include "heddle/internal/plain_executor.h"
#include "heddle/task.h"
#include "heddle/world.h"

namespace heddle::inline HEDDLE_VARIANT {

// A task spawned into the world, and where it returns to when it ends.
struct Executor::Root : internal::FrameProxy {
  Root(Executor& owner, internal::PromiseBase& task_promise, std::coroutine_handle<> task_frame,
       bool is_body)
      : FrameProxy(&Executor::RootDone),
        executor(&owner),
        promise(&task_promise),
        frame(task_frame),
        is_main(is_body) {
    start.handle = inherited.Carry(task_frame);
  }
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;
  ~Root() { frame.destroy(); }

  Executor* executor;
  internal::PromiseBase* promise;
  std::coroutine_handle<> frame;
  bool is_main;  // its frame stays: it holds the value
  internal::InheritedBindings inherited;
  internal::Waiter start;
  Root* next = nullptr;
  Root* previous = nullptr;
};

namespace {

// For a HEDDLE_CHECK that fails.
std::string DescribeRunOfThread() {
  const Executor* executor = Executor::Current();
  if (executor == nullptr) return "no run";
  return "step " + std::to_string(executor->steps()) + " of a run with tracing off";
}

}  // namespace

void Executor::ThrowWaitOutsideRun() {
  throw UsageError(
      "heddle: a task has to wait outside a run, where nothing would resume it. Likely cause: a "
      "thread or an event loop that is not heddle's resumed it; Mutex, Channel, Gate, Yield and "
      "the "
      "other primitives wait on the thread of a run or of an EventLoop. Come back to that thread "
      "with heddle::ResumeOn or EventLoop::Enter, or await what belongs to the other one.");
}

void Executor::ThrowWakeOutsideRun() {
  throw UsageError(
      "heddle: a task that waits was to be woken outside a run, where nothing would resume it. "
      "Likely cause: what it waits for is used on another thread, or after the run is over. Use it "
      "in the tasks of the run, or by way of EventLoop::Post.");
}

Executor::Executor() : queue_(kFirstCapacity) { internal::SetCheckContext(&DescribeRunOfThread); }
Executor::~Executor() { TearDown(); }

Ending Executor::Execute(internal::BodyRef body, const RunOptions& options) {
  if (in_run_) {
    throw UsageError(
        "heddle: a run was started on an executor that is in the middle of one. Give each run "
        "its own Executor, or call heddle::Run, which does.");
  }
  TearDown();
  now_ = 0;
  steps_ = 0;
  steps_max_ = options.steps_max;
  attention_ = stop_ = false;
  ending_ = Ending::kFinished;
  exception_ = nullptr;
  random_ = Random(0);

  Executor* previous = std::exchange(current_, this);
  internal::StrandBindings* around = std::exchange(internal::strand_bindings, nullptr);
  in_run_ = true;
  World world(*this);
  try {
    body.invoke(body.object, world);
  } catch (...) {
    exception_ = std::current_exception();
    ending_ = Ending::kThrew;
    Stop();
  }
  Loop();
  in_run_ = false;
  internal::strand_bindings = around;
  current_ = previous;
  return ending_;
}

void Executor::Loop() {
  for (;;) {
    if (attention_) [[unlikely]] {
      Attend();
      if (stop_) return;
    }
    if (head_ != tail_) {
      internal::Waiter* waiter = queue_[head_++ & (queue_.size() - 1)];
      if (waiter == nullptr) continue;
      waiter->ready_index = internal::kNowhere;
      if (steps_ == steps_max_) {
        ending_ = Ending::kStepLimit;
        return;
      }
      Step(*waiter);
    } else if (!timers_.empty()) {
      now_ = timers_.soonest();
      while (!timers_.empty() && timers_.soonest() == now_) MakeReady(timers_.PopSoonest());
    } else {
      if (unfinished_roots_ > 0) ending_ = Ending::kStuck;
      return;
    }
  }
}

inline void Executor::Step(internal::Waiter& waiter) {
  ++steps_;
  waiter.handle.resume();
  internal::strand_bindings = nullptr;
}

void Executor::Stop() {
  stop_ = attention_ = true;
  if (idle_) WakeLoop();
}

void Executor::Fail(std::exception_ptr exception) {
  if (stop_ || !in_run_) return;
  Stop();
  ending_ = Ending::kThrew;
  exception_ = std::move(exception);
}

void Executor::LoseObject(internal::Waiter& waiter, std::string_view type,
                          std::uint32_t /*object*/) {
  if (stop_ || !in_run_) return;
  Forget(waiter);
  waiter.ready_index = internal::kOrphaned;
  orphans_.push_back({.waiter = &waiter, .type = type});
  attention_ = true;
}

void Executor::LoseLock(std::string_view type, std::uint32_t /*object*/) {
  Fail(std::make_exception_ptr(
      UsageError("heddle: a " + std::string(type) +
                 " was destroyed while it is locked: its guard would unlock what is gone. Likely "
                 "cause: the guard is declared before the lock, or outlives its scope. Let the "
                 "lock outlive its guards.")));
}

void Executor::Disown(internal::Waiter& waiter) noexcept {
  waiter.ready_index = internal::kNowhere;
  std::erase_if(orphans_, [&](const Orphan& orphan) { return orphan.waiter == &waiter; });
}

// What a step left to be looked at before the next one.
void Executor::Attend() {
  attention_ = stop_;
  if (orphans_.empty()) return;
  const std::string name(orphans_.front().type);
  Fail(std::make_exception_ptr(UsageError(
      "heddle: a " + name +
      " was destroyed while a task waits for it, which nobody can wake any more. Likely cause: it "
      "is a variable of a scope that ends before the tasks that use it. Let it outlive them: "
      "declare it before their TaskGroup, or join them first.")));
}

void Executor::MakeRoom() {
  if (idle_) WakeLoop();
  if (tail_ - head_ < room_) return;
  std::vector<internal::Waiter*> larger(2 * queue_.size());
  for (std::uint32_t i = head_; i != tail_; ++i) {
    larger[i & (larger.size() - 1)] = queue_[i & (queue_.size() - 1)];
  }
  queue_ = std::move(larger);
  room_ = queue_.size();
}

std::uint32_t Executor::Draw(std::uint32_t alternatives, SiteRef /*site*/) {
  if (alternatives == 0) {
    throw UsageError("heddle: a draw among 0 alternatives. Ask for at least one.");
  }
  return random_.Below(alternatives);
}

void Executor::SpawnRoot(internal::PromiseBase& promise, std::coroutine_handle<> frame) {
  AddRoot(promise, frame, /*is_main=*/false);
}

void Executor::SpawnMain(internal::PromiseBase& promise, std::coroutine_handle<> frame) {
  main_ = AddRoot(promise, frame, /*is_main=*/true);
}

Executor::Root* Executor::AddRoot(internal::PromiseBase& promise, std::coroutine_handle<> frame,
                                  bool is_main) {
  auto* root = new Root(*this, promise, frame, is_main);
  ++unfinished_roots_;
  MakeReady(root->start);
  root->next = roots_;
  if (roots_ != nullptr) roots_->previous = root;
  roots_ = root;
  promise.ReturnTo(root->handle());
  return root;
}

void Executor::DeleteRoot(Root* root) {
  (root->previous != nullptr ? root->previous->next : roots_) = root->next;
  if (root->next != nullptr) root->next->previous = root->previous;
  delete root;
}

void Executor::RootDone(internal::FrameProxy* proxy) {
  auto* root = static_cast<Root*>(proxy);
  internal::strand_bindings = nullptr;  // they go with the root
  Executor& executor = *root->executor;
  --executor.unfinished_roots_;
  if (root->promise->exception != nullptr && !executor.stop_) {
    executor.Stop();
    executor.ending_ = Ending::kThrew;
    executor.exception_ = root->promise->exception;
  }
  if (!root->is_main) executor.DeleteRoot(root);
}

void Executor::TearDown() {
  Executor* previous = std::exchange(current_, this);
  internal::StrandBindings* around = std::exchange(internal::strand_bindings, nullptr);
  while (roots_ != nullptr) DeleteRoot(roots_);
  main_ = nullptr;
  internal::strand_bindings = around;
  current_ = previous;
  lost_locks_.Clear();
  unfinished_roots_ = 0;
  head_ = tail_ = 0;
  timers_.Clear();
  while (!orphans_.empty()) Disown(*orphans_.back().waiter);
}

// --- serving a thread, for an EventLoop -------------------------------------------------------

void Executor::ServeThread(internal::LoopInbox& loop) {
  if (current_ != nullptr) {
    throw UsageError(
        "heddle: an EventLoop was made on a thread that has one, or in the middle of a run. Likely "
        "cause: a second loop for the same thread. Share the first, or give each a thread.");
  }
  current_ = this;
  loop_ = &loop;
  loop_began_ = std::chrono::steady_clock::now();
  random_ = Random(std::random_device()());
  ending_ = Ending::kFinished;
  in_run_ = idle_ = true;
  room_ = 0;
}

void Executor::LeaveThread() noexcept {
  HEDDLE_CHECK(current_ == this, "an EventLoop goes on the thread that it was made on");
  in_run_ = idle_ = false;
  room_ = queue_.size();
  TearDown();
  loop_ = nullptr;
  current_ = nullptr;
}

void Executor::Turn() {
  idle_ = false;
  room_ = queue_.size();
  in_turn_ = true;
  CountAnew();
  while (!timers_.empty() && timers_.soonest() <= RealNow()) MakeReady(timers_.PopSoonest());
  for (const std::uint32_t end = tail_; head_ != end && !stop_;) {
    internal::Waiter* waiter = queue_[head_++ & (queue_.size() - 1)];
    if (waiter == nullptr) continue;
    waiter->ready_index = internal::kNowhere;
    Step(*waiter);
    if (attention_) Attend();
  }
  if (attention_) Attend();
  in_turn_ = false;
  idle_ = true;
  room_ = 0;
  if (!stop_) return;
  stop_ = attention_ = false;
  ending_ = Ending::kFinished;
  while (!orphans_.empty()) Disown(*orphans_.back().waiter);
  std::rethrow_exception(std::exchange(exception_, nullptr));
}

// A loop may run for months, and the places in the queue have 32 bits.
void Executor::CountAnew() {
  const std::uint32_t whole_rings = head_ & ~static_cast<std::uint32_t>(queue_.size() - 1);
  for (std::uint32_t i = head_; i != tail_; ++i) {
    internal::Waiter* waiter = queue_[i & (queue_.size() - 1)];
    if (waiter != nullptr) waiter->ready_index -= whole_rings;
  }
  head_ -= whole_rings;
  tail_ -= whole_rings;
}

std::optional<std::chrono::steady_clock::time_point> Executor::next_timer() const {
  if (timers_.empty()) return std::nullopt;
  return loop_began_ + std::chrono::nanoseconds(timers_.soonest());
}

VirtualNanos Executor::RealNow() const {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now() - loop_began_).count();
}

// Somebody has something to do for it, in the middle of what is not a turn.
void Executor::WakeLoop() {
  idle_ = false;
  room_ = queue_.size();
  loop_->Wake();
}

void Executor::EndMain() noexcept {
  internal::StrandBindings* around = std::exchange(internal::strand_bindings, nullptr);
  DeleteRoot(std::exchange(main_, nullptr));
  internal::strand_bindings = around;
}

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

#endif
