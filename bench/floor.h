// SPDX-License-Identifier: MIT
//
// The floor: coroutine executors that do what a workload needs and nothing else. No errors,
// no identity, no time, no limits; what they cost, nobody can do without.
//
//   RoundRobin          first in, first out
//   RandomPick<false>   whichever of the ready coroutines a generator picks
//   RandomPick<true>    the same, and every pick is written down (a byte), and the begin and
//                       the end of every step (16 bytes each)
#ifndef HEDDLE_BENCH_FLOOR_H_
#define HEDDLE_BENCH_FLOOR_H_

#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <type_traits>
#include <utility>
#include <vector>

#include "heddle/random.h"

namespace heddle::bench::floor {

using Frame = std::coroutine_handle<>;

inline constexpr std::size_t kTasksMax = 2048;  // a power of two

// Owns a coroutine that returns nothing and lets no exception out.
class Coroutine {
 public:
  struct Promise {
    Coroutine get_return_object() {
      return Coroutine(std::coroutine_handle<Promise>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::abort(); }
  };
  using promise_type = Promise;

  explicit Coroutine(Frame frame) : frame_(frame) {}
  Coroutine(Coroutine&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Coroutine& operator=(Coroutine&&) = delete;
  ~Coroutine() {
    if (frame_) frame_.destroy();
  }

  Frame frame() const { return frame_; }
  // Gives the frame to somebody else to destroy.
  Frame Release() { return std::exchange(frame_, nullptr); }

 private:
  Frame frame_;
};

class RoundRobin {
 public:
  RoundRobin() : ring_(kTasksMax) {}

  bool empty() const { return head_ == tail_; }
  void Push(Frame frame) { ring_[tail_++ % kTasksMax] = frame; }
  void Step() { ring_[head_++ % kTasksMax].resume(); }

 private:
  std::vector<Frame> ring_;
  std::uint32_t head_ = 0;
  std::uint32_t tail_ = 0;
};

// What is written down goes into rings of 1 MiB and is overwritten in the end.
class Log {
 public:
  Log() : picks_(kPicks), events_(kEvents) {}

  void AddPick(std::uint32_t pick) {
    picks_[pick_count_++ % kPicks] = static_cast<std::uint8_t>(pick);
  }
  void AddEvent(std::uint64_t what) {
    events_[now_ % kEvents] = {now_, what};
    ++now_;
  }

 private:
  struct Event {
    std::uint64_t time;
    std::uint64_t what;
  };

  static constexpr std::size_t kPicks = 1 << 20;
  static constexpr std::size_t kEvents = 1 << 16;

  std::vector<std::uint8_t> picks_;
  std::vector<Event> events_;
  std::size_t pick_count_ = 0;
  std::uint64_t now_ = 0;
};

class NoLog {
 public:
  void AddPick(std::uint32_t) {}
  void AddEvent(std::uint64_t) {}
};

template <bool kRecorded>
class RandomPick {
 public:
  explicit RandomPick(std::size_t tasks_max = kTasksMax) : ready_(tasks_max) {}

  void Seed(std::uint64_t seed) { random_ = Random(seed); }

  bool empty() const { return size_ == 0; }
  void Push(Frame frame) { ready_[size_++] = frame; }
  // An event in the middle of a step.
  void Note(std::uint64_t what) { log_.AddEvent(what); }
  void Step() {
    const Frame frame = Pop();
    const auto id = reinterpret_cast<std::uintptr_t>(frame.address());
    log_.AddEvent(2 * id);
    frame.resume();
    log_.AddEvent(2 * id + 1);
  }

 private:
  Frame Pop() {
    std::uint32_t pick = 0;
    if (size_ > 1) {
      pick = random_.Below(size_);
      log_.AddPick(pick);
    }
    const Frame frame = ready_[pick];
    ready_[pick] = ready_[--size_];
    return frame;
  }

  std::vector<Frame> ready_;
  std::uint32_t size_ = 0;
  Random random_{42};
  std::conditional_t<kRecorded, Log, NoLog> log_;
};

template <class Queue>
class Yield {
 public:
  explicit Yield(Queue& queue) : queue_(queue) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(Frame frame) const { queue_.Push(frame); }
  void await_resume() const noexcept {}

 private:
  Queue& queue_;
};

// A lock that is handed to one of those who wait for it.
template <class Queue>
class Mutex {
 public:
  explicit Mutex(Queue& queue) : queue_(queue), waiters_(kTasksMax) {}

  class LockAwaiter {
   public:
    explicit LockAwaiter(Mutex& mutex) : mutex_(mutex) {}

    bool await_ready() const noexcept { return !std::exchange(mutex_.locked_, true); }
    void await_suspend(Frame frame) const { mutex_.waiters_[mutex_.waiter_count_++] = frame; }
    void await_resume() const noexcept {}

   private:
    Mutex& mutex_;
  };

  LockAwaiter Lock() { return LockAwaiter(*this); }
  void Unlock() {
    if (waiter_count_ == 0) {
      locked_ = false;
    } else {
      queue_.Push(waiters_[--waiter_count_]);
    }
  }

 private:
  Queue& queue_;
  std::vector<Frame> waiters_;
  std::size_t waiter_count_ = 0;
  bool locked_ = false;
};

// Calls `coroutine()` kTasks times, runs them all to their end, and destroys them.
template <std::size_t kTasks, class Queue, class Function>
void RunTasks(Queue& queue, Function coroutine) {
  [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
    const std::array<Coroutine, kTasks> tasks{(static_cast<void>(kIndex), coroutine())...};
    for (const Coroutine& task : tasks) queue.Push(task.frame());
    while (!queue.empty()) queue.Step();
  }(std::make_index_sequence<kTasks>());
}

// The same for a number of tasks that is known only when it runs: there is room for 1,024, cleared
// for each run.
template <class Queue, class Function>
void RunTasks(Queue& queue, std::size_t tasks, Function coroutine) {
  std::array<Frame, kTasksMax / 2> frames{};
  for (std::size_t i = 0; i < tasks; ++i) {
    frames[i] = coroutine().Release();
    queue.Push(frames[i]);
  }
  while (!queue.empty()) queue.Step();
  for (std::size_t i = 0; i < tasks; ++i) frames[i].destroy();
}

template <class Queue>
Coroutine YieldTimes(Queue& queue, int times) {
  for (int i = 0; i < times; ++i) co_await Yield(queue);
}

}  // namespace heddle::bench::floor

#endif  // HEDDLE_BENCH_FLOOR_H_
