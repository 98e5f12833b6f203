// SPDX-License-Identifier: MIT
//
// EventLoop: runs tasks for real, on one thread and in real time: what was tested in a simulation
// goes into production as it is, with its Mutex, Channel, SleepFor, WithTimeout and the rest. For
// HEDDLE_TRACING=2 (recorded) and 0; in a test, with 1, Run and Explore run the same tasks.
//
//   int main() {
//     heddle::EventLoop loop;
//     loop.Run(Serve(loop));
//   }
//
// All tasks of a loop, and what they wait for, belong to its thread, as in a run: nothing needs a
// std::mutex. A program that wants more cores has more loops, one for each thread. What other
// threads may do is Post; and a task that awaits what another thread resumes comes back by
// ResumeOn:
//
//   const Row row = co_await heddle::ResumeOn(loop, database.Query(key));
//
// A loop of somebody else's (Asio, libuv, Qt, epoll) goes on being the thread's loop:
//
//   heddle::EventLoop loop([&] { asio::post(io, pump); });   // pump: calls loop.Poll()
//
// Time is that of std::chrono::steady_clock, from zero when the loop is made: VirtualClock says it.
#ifndef HEDDLE_EVENT_LOOP_H_
#define HEDDLE_EVENT_LOOP_H_

#include "heddle/tracing.h"

#if HEDDLE_SIMULATED

namespace heddle::inline HEDDLE_VARIANT {

// So that who uses it is told in words.
template <class Variant = void>
class EventLoop {
  static_assert(
      !kSimulated || sizeof(Variant*) == 0,
      "heddle: an EventLoop runs a program for real, and HEDDLE_TRACING=1 simulates. Compile "
      "it with HEDDLE_TRACING=2 (recorded) or 0; a test has Run, RunToEnd and Explore.");
};

}  // namespace heddle::inline HEDDLE_VARIANT

#else

#include <chrono>
#include <coroutine>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "heddle/executor.h"
#include "heddle/internal/frame_proxy.h"
#include "heddle/internal/get_awaiter.h"
#include "heddle/internal/loop_inbox.h"
#include "heddle/internal/operation_awaiter.h"
#include "heddle/task.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

class EnterAwaiter;
template <class T>
class ResumeOnAwaiter;

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;

  // The loop of this thread. Throws UsageError on a thread that has one, or in a run.
  EventLoop() : EventLoop(nullptr) {}
  // For a thread that has a loop of another library. `wake` is called, on any thread, when Poll is
  // to be called on this one soon; it must not do that itself.
  explicit EventLoop(std::function<void()> wake);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  // Destroys the tasks that have not ended. On the thread that made it.
  ~EventLoop();

  // Runs `task` to its end, and whatever is spawned meanwhile; waits for timers and other threads.
  // Gives its value, or throws its exception; an exception that leaves a spawned task comes out of
  // it, too, and then `task` is destroyed. Throws UsageError in a step of the loop.
  template <class T>
  T Run(Task<T> task) {
    const auto frame = task.RequireFrame();
    RequireBetweenTurns();
    const MainTask main(executor_, task.Release());
    RunUntilDone(frame);
    return frame.promise().TakeValue();
  }
  // The task starts at the next turn, and goes when it has ended. On the loop's thread. Throws
  // UsageError for an empty Task.
  void Spawn(Task<void> task);
  // One turn: makes the calls that were posted, wakes those whose time has come, and makes a step
  // of each task that is ready. Gives when to call it again: at that time at the latest, at once if
  // that is past, and not before `wake` says so if there is none. Throws what left a
  // spawned task or a call, and then `wake` is called for those who are left.
  std::optional<Clock::time_point> Poll();

  // From any thread: `call` is made on the loop's thread, in the order of the posts. It may spawn a
  // task, send into a channel, request a stop. An exception comes out of Run or Poll.
  void Post(std::function<void()> call) { inbox_.Push(std::move(call)); }
  // `co_await loop.Enter()`: a task that is on another thread goes on on the loop's.
  internal::EnterAwaiter Enter();

 private:
  friend internal::EnterAwaiter;
  template <class T>
  friend class internal::ResumeOnAwaiter;

  class MainTask {
   public:
    template <class Frame>
    MainTask(Executor& executor, Frame frame) : executor_(executor) {
      executor_.SpawnMain(frame.promise(), frame);
    }
    MainTask(const MainTask&) = delete;
    MainTask& operator=(const MainTask&) = delete;
    ~MainTask() { executor_.EndMain(); }

   private:
    Executor& executor_;
  };

  void RequireBetweenTurns() const;
  void RunUntilDone(std::coroutine_handle<> main);

  internal::LoopInbox inbox_;
  Executor executor_;
};

}  // namespace heddle::inline HEDDLE_VARIANT

namespace heddle::internal::inline HEDDLE_VARIANT {

template <class T>
AwaitedObject TypeOfForeign() {
#if HEDDLE_LIVE
  return &kLiveType<T>;
#else
  return 0;
#endif
}

// In the inbox of a loop, until the task goes on or goes.
class PostedResume {
 public:
  explicit PostedResume(LoopInbox& inbox) : inbox_(&inbox) {}
  PostedResume(const PostedResume&) = delete;
  PostedResume& operator=(const PostedResume&) = delete;
  ~PostedResume() { inbox_->Remove(this); }

  // The last thing that is done with it: then the task may go on, or be gone.
  void Post(Waiter& waiter) {
    const auto resume = [this, &waiter] {
      if (!is_over_) Executor::RequireToWake().MakeReady(waiter);
    };
    inbox_->Push(resume, this);
  }
  // On the loop's thread: nothing comes of it any more.
  void End() { is_over_ = true; }

 private:
  LoopInbox* inbox_;
  bool is_over_ = false;
};

class [[nodiscard("co_await it")]] EnterAwaiter : public OperationAwaiter {
 public:
  explicit EnterAwaiter(EventLoop& loop) : executor_(&loop.executor_), posted_(loop.inbox_) {}

  bool await_ready() const { return Executor::Current() == executor_; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    SuspendAnywhere(task, Operation::kForeign, TypeOfForeign<EventLoop>(), site);
    posted_.Post(waiter());
  }
  void await_resume() const {}
  void Abandon() {
    posted_.End();
    OperationAwaiter::Abandon();
  }

 private:
  const Executor* executor_;
  PostedResume posted_;
};

// `T` is deduced from a forwarding reference.
template <class T>
class [[nodiscard("co_await it")]] ResumeOnAwaiter : public OperationAwaiter, private FrameProxy {
 public:
  using RefersToTemporaries = void;

  ResumeOnAwaiter(EventLoop& loop, T&& awaitable)
      : FrameProxy(&ResumeOnAwaiter::OnResume),
        executor_(&loop.executor_),
        posted_(loop.inbox_),
        awaiter_(GetAwaiter(std::forward<T>(awaitable))) {}

  // On another thread it has to come back, whether there is anything to wait for or not.
  bool await_ready() { return awaiter_.await_ready() && Executor::Current() == executor_; }

  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> task, SiteRef site = {}) {
    SuspendAnywhere(task, Operation::kForeign, TypeOfForeign<std::remove_cvref_t<T> >(), site);
    using Result = decltype(awaiter_.await_suspend(FrameProxy::handle()));
    if constexpr (std::is_void_v<Result>) {
      awaiter_.await_suspend(FrameProxy::handle());
    } else if constexpr (std::is_same_v<Result, bool>) {
      if (!awaiter_.await_suspend(FrameProxy::handle())) posted_.Post(waiter());
    } else {
      return awaiter_.await_suspend(FrameProxy::handle());
    }
    return std::noop_coroutine();
  }
  decltype(auto) await_resume() { return awaiter_.await_resume(); }
  void Abandon() {
    posted_.End();
    OperationAwaiter::Abandon();
  }

 private:
  using Awaiter = decltype(GetAwaiter(std::declval<T>()));

  static void OnResume(FrameProxy* proxy) {
    auto* self = static_cast<ResumeOnAwaiter*>(proxy);
    self->posted_.Post(self->waiter());
  }

  const Executor* executor_;
  PostedResume posted_;  // it goes after the awaiter, which knows how to be resumed no more
  Awaiter awaiter_;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

namespace heddle::inline HEDDLE_VARIANT {

// Awaits what is not heddle's, and whoever resumes it, on whatever thread: the task goes on on the
// loop's thread, with the value or the exception. A task that is destroyed meanwhile destroys the
// awaitable, which from then on must not be resumed.
template <class T>
internal::ResumeOnAwaiter<T> ResumeOn(EventLoop& loop, T&& awaitable) {
  return {loop, std::forward<T>(awaitable)};
}

inline internal::EnterAwaiter EventLoop::Enter() { return internal::EnterAwaiter(*this); }

}  // namespace heddle::inline HEDDLE_VARIANT

#endif

#endif  // HEDDLE_EVENT_LOOP_H_
