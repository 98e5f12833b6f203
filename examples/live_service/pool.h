// SPDX-License-Identifier: MIT
//
// Pool: a few threads that run coroutines, and a clock that wakes them. It knows nothing of heddle:
// it stands for whatever executor a program has.
#ifndef EXAMPLES_LIVE_SERVICE_POOL_H_
#define EXAMPLES_LIVE_SERVICE_POOL_H_

#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

class Pool {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Pool(int threads) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this](const std::stop_token& stop) { Work(stop); });
    }
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    for (std::jthread& thread : threads_) thread.request_stop();
    changed_.notify_all();
  }

  // `co_await pool.Enter()`: goes on on one of the threads.
  class EnterAwaiter {
   public:
    explicit EnterAwaiter(Pool& pool) : pool_(&pool) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter) const { pool_->Post(waiter); }
    void await_resume() const {}

   private:
    Pool* pool_;
  };
  EnterAwaiter Enter() { return EnterAwaiter(*this); }

  // `co_await pool.Delay(2ms)`: the same, later.
  class DelayAwaiter {
   public:
    DelayAwaiter(Pool& pool, Clock::duration delay) : pool_(&pool), delay_(delay) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter) const {
      const std::lock_guard lock(pool_->mutex_);
      pool_->timers_.emplace(Clock::now() + delay_, waiter);
      pool_->changed_.notify_one();
    }
    void await_resume() const {}

   private:
    Pool* pool_;
    Clock::duration delay_;
  };
  DelayAwaiter Delay(Clock::duration delay) { return {*this, delay}; }

 private:
  void Post(std::coroutine_handle<> waiter) {
    const std::lock_guard lock(mutex_);
    ready_.push_back(waiter);
    changed_.notify_one();
  }

  void Work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      while (!timers_.empty() && timers_.begin()->first <= Clock::now()) {
        ready_.push_back(timers_.begin()->second);
        timers_.erase(timers_.begin());
      }
      if (!ready_.empty()) {
        const std::coroutine_handle<> next = ready_.front();
        ready_.pop_front();
        lock.unlock();
        next.resume();
        lock.lock();
      } else if (!timers_.empty()) {
        const Clock::time_point next = timers_.begin()->first;  // another thread may take it
        changed_.wait_until(lock, next);
      } else {
        changed_.wait(lock);
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::coroutine_handle<>> ready_;
  std::multimap<Clock::time_point, std::coroutine_handle<>> timers_;
  std::vector<std::jthread> threads_;  // the last: they end before the rest goes
};

#endif  // EXAMPLES_LIVE_SERVICE_POOL_H_
