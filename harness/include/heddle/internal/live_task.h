// SPDX-License-Identifier: MIT
//
// LiveTask: what a task in production knows of itself, with HEDDLE_TRACING=2. It is part of the
// task's promise, and writes an event whenever the task stops or goes on, on whatever thread.
//
// The rules it keeps:
//  - the task in whose step a thread is can be asked for: what is created in it is its child. A
//  step
//    may begin in the middle of another one, on the same thread; when it ends, the other goes on;
//  - a task writes before it hands itself to anybody: then it may go on, or be gone, at once;
//  - the times of a task's events grow, also where it goes from one core to another.
#ifndef HEDDLE_INTERNAL_LIVE_TASK_H_
#define HEDDLE_INTERNAL_LIVE_TASK_H_

#include <algorithm>
#include <concepts>
#include <coroutine>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "heddle/event.h"
#include "heddle/internal/get_awaiter.h"
#include "heddle/internal/live_log.h"
#include "heddle/internal/type_name.h"
#include "heddle/recorder.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

// What a generator awaits at a co_yield.
inline constexpr LiveType kGeneratorType = {"Generator"};

class LiveTask {
 public:
  LiveTask() = default;
  LiveTask(const LiveTask&) = delete;
  LiveTask& operator=(const LiveTask&) = delete;
  ~LiveTask() {
    if (phase_ == Phase::kFinished || id_ == 0) return;
    if (current_ == this) current_ = below_;
    if (phase_ == Phase::kCreated) {
      Add(EventKind::kAbandon, function_, 0, static_cast<std::uint8_t>(operation_));
    } else {
      Add(EventKind::kFinish, function_, 0, static_cast<std::uint8_t>(Outcome::kCancelled));
    }
  }

  // The task in whose step this thread is, or null.
  static LiveTask* Current() { return current_; }

  LiveId id() const { return id_; }
  LiveFlow flow() const { return flow_; }

  // It may go without having run.
  void BecomeGenerator() { operation_ = Operation::kYield; }
  // Its coroutine was called.
  void Create(SiteRef function) {
    id_ = NewLiveId();
    function_ = function;
    if (current_ != nullptr) {
      starter_ = current_->id_;
      flow_ = current_->flow_;
      last_ = current_->last_;
    }
    Add(EventKind::kSpawn, function_, starter_);
    if (current_ != nullptr) current_->last_ = last_;
  }
  // Its first step begins.
  void Begin() {
    phase_ = Phase::kRunning;
    Enter();
    Add(EventKind::kStart, function_, starter_);
  }
  // Its step ends: it awaits `operation` on `object`, see LiveEvent.
  void Suspend(Operation operation, std::uint64_t object, SiteRef site) {
    phase_ = Phase::kSuspended;
    operation_ = operation;
    object_ = object;
    Add(EventKind::kSuspend, site, object, static_cast<std::uint8_t>(operation));
    current_ = below_;
  }
  // It awaits `callee`, which begins or goes on in the same step.
  void Call(LiveTask& callee, SiteRef site) {
    Suspend(Operation::kCall, callee.id_, site);
    callee.starter_ = id_;
    callee.last_ = std::max(callee.last_, last_);
    // It was created where there was no task.
    if (callee.flow_ == 0 && flow_ != 0) callee.BeginFlow(flow_);
  }
  void Resume() {
    phase_ = Phase::kRunning;
    Enter();
    Add(EventKind::kResume, function_, object_, static_cast<std::uint8_t>(operation_));
  }
  // What it called has come back.
  void ResumeFrom(const LiveTask& callee) {
    last_ = std::max(last_, callee.last_);
    Resume();
  }
  bool is_suspended() const { return phase_ == Phase::kSuspended; }
  void Finish(Outcome outcome) {
    phase_ = Phase::kFinished;
    Add(EventKind::kFinish, function_, 0, static_cast<std::uint8_t>(outcome));
    current_ = below_;
  }

  // While somebody records.
  void Mark(SiteRef site, MarkRecord mark) {
    Add(EventKind::kMark, site, KeepLiveMark(std::move(mark)));
  }
  void BeginFlow(LiveFlow flow) {
    flow_ = flow;
    Add(EventKind::kFlow, {}, flow);
  }
  // Nobody knows any more which request it works for.
  void LoseContext(SiteRef site) { Add(EventKind::kContextLost, site); }

 private:
  enum class Phase : std::uint8_t { kCreated, kRunning, kSuspended, kFinished };

  void Enter() {
    below_ = current_;
    current_ = this;
  }

  void Add(EventKind kind, SiteRef site, std::uint64_t object = 0, std::uint8_t operation = 0) {
    if (!LiveOn()) return;
    last_ = std::max(LiveTicks(), last_ + 1);
    AddLive({.site = site.data(),
             .ticks = last_,
             .task = id_,
             .object = object,
             .flow = flow_,
             .kind = kind,
             .operation = operation});
  }

  static inline constinit thread_local LiveTask* current_ = nullptr;

  LiveId id_ = 0;  // 0: not a coroutine yet
  LiveId starter_ = 0;
  std::uint64_t last_ = 0;     // the ticks of its last event
  std::uint64_t object_ = 0;   // what it awaits
  LiveTask* below_ = nullptr;  // in the middle of whose step its own one began
  SiteRef function_;
  LiveFlow flow_ = 0;
  Operation operation_ = Operation::kNone;
  Phase phase_ = Phase::kCreated;
};

template <class T>
inline constexpr LiveType kLiveType = {TypeName<T>()};

// What awaits a task that is not in a Task knows nothing of this.
template <class Promise>
concept IsLive = requires(Promise& promise) {
  { promise.live } -> std::same_as<LiveTask&>;
};

class BriefOperation;

// Any awaitable, awaited in a Task. `T` is deduced from a forwarding reference.
template <class T>
class LiveAwaiter {
 public:
  LiveAwaiter(T&& awaitable, SiteRef site)
      : site_(site), awaiter_(GetAwaiter(std::forward<T>(awaitable))) {}

  bool await_ready() { return awaiter_.await_ready(); }

  template <class Promise>
  auto await_suspend(std::coroutine_handle<Promise> task) {
    task_ = &task.promise().live;
    try {
      if constexpr (kIsOurs) {
        return awaiter_.await_suspend(task, site_);  // it says itself what it does
      } else {
        task_->Suspend(Operation::kForeign,
                       reinterpret_cast<std::uint64_t>(&kLiveType<std::remove_cvref_t<T>>), site_);
        return awaiter_.await_suspend(task);
      }
    } catch (...) {
      if (task_->is_suspended()) task_->Resume();  // as if it had not been suspended
      throw;
    }
  }

  decltype(auto) await_resume() {
    if (task_ != nullptr && task_->is_suspended()) task_->Resume();
    return awaiter_.await_resume();
  }

 private:
  using Awaiter = decltype(GetAwaiter(std::declval<T>()));
  static constexpr bool kIsOurs = std::is_base_of_v<BriefOperation, std::remove_cvref_t<T>>;

  SiteRef site_;
  LiveTask* task_ = nullptr;
  Awaiter awaiter_;
};

// The first thing that a task does: it begins.
class LiveStart {
 public:
  explicit LiveStart(LiveTask& task) : task_(&task) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> /*task*/) const noexcept {}
  void await_resume() const noexcept { task_->Begin(); }

 private:
  LiveTask* task_;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_LIVE_TASK_H_
