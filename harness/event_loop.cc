// SPDX-License-Identifier: MIT
#include "heddle/event_loop.h"

#if !HEDDLE_SIMULATED

#include "heddle/check.h"

namespace heddle::inline HEDDLE_VARIANT {

EventLoop::EventLoop(std::function<void()> wake) : inbox_(std::move(wake)) {
  executor_.ServeThread(inbox_);
}

EventLoop::~EventLoop() { executor_.LeaveThread(); }

void EventLoop::Spawn(Task<void> task) {
  const auto frame = task.RequireFrame();
  task.Release();
  executor_.SpawnRoot(frame.promise(), frame);
}

std::optional<EventLoop::Clock::time_point> EventLoop::Poll() {
  try {
    // What is posted meanwhile has the next turn.
    for (std::size_t calls = inbox_.size(); calls > 0; --calls) inbox_.CallNext();
    executor_.Turn();
  } catch (...) {
    inbox_.Wake();  // nobody is told when the others go on
    throw;
  }
  if (executor_.has_ready() || inbox_.size() > 0) return Clock::now();
  return executor_.next_timer();
}

void EventLoop::RequireBetweenTurns() const {
  if (!executor_.in_turn()) return;
  throw UsageError(
      "heddle: EventLoop::Run was called in a step of the loop, which would wait for itself. "
      "co_await the task, or Spawn it.");
}

void EventLoop::RunUntilDone(std::coroutine_handle<> main) {
  for (;;) {
    const std::optional<Clock::time_point> next = Poll();
    if (main.done()) return;
    inbox_.WaitUntil(next);
  }
}

}  // namespace heddle::inline HEDDLE_VARIANT

#endif
