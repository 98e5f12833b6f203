// SPDX-License-Identifier: MIT
//
// What stands for an executor in tests of tasks in production.
#ifndef HEDDLE_TESTS_SUPPORT_REAL_THREADS_H_
#define HEDDLE_TESTS_SUPPORT_REAL_THREADS_H_

#include <coroutine>
#include <exception>
#include <thread>

namespace heddle {

// Goes on on a thread of its own.
class NewThread {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    std::thread([waiter] { waiter.resume(); }).detach();
  }
  void await_resume() const {}
};

// A coroutine that is not a Task, runs at once and is awaited by nobody.
struct Fire {
  struct Promise;
  using promise_type = Promise;

  struct Promise {
    Fire get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

}  // namespace heddle

#endif  // HEDDLE_TESTS_SUPPORT_REAL_THREADS_H_
