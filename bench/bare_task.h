// SPDX-License-Identifier: MIT
//
// BareTask<T>: the task that one writes by hand, with what any task needs: it is lazy, owns
// its frame, goes on with whoever awaits it, and hands over a value or an exception.
// heddle::Task with HEDDLE_TRACING=0 is held against it: call_tree.h.
#ifndef HEDDLE_BENCH_BARE_TASK_H_
#define HEDDLE_BENCH_BARE_TASK_H_

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace heddle::bench {

template <class T>
class BareTask {
 public:
  struct Promise;
  using promise_type = Promise;
  using Frame = std::coroutine_handle<Promise>;

  struct Finish {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(Frame frame) const noexcept {
      return frame.promise().continuation;
    }
    void await_resume() const noexcept {}
  };

  struct Promise {
    std::coroutine_handle<> continuation;
    std::exception_ptr exception;
    std::optional<T> value;

    BareTask get_return_object() { return BareTask(Frame::from_promise(*this)); }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    Finish final_suspend() const noexcept { return {}; }
    void return_value(T result) { value.emplace(std::move(result)); }
    void unhandled_exception() noexcept { exception = std::current_exception(); }

    T TakeValue() {
      if (exception) std::rethrow_exception(exception);
      return std::move(*value);
    }
  };

  class Awaiter {
   public:
    explicit Awaiter(Frame frame) : frame_(frame) {}

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) const noexcept {
      frame_.promise().continuation = caller;
      return frame_;
    }
    T await_resume() const { return frame_.promise().TakeValue(); }

   private:
    Frame frame_;
  };

  BareTask(BareTask&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  BareTask& operator=(BareTask&&) = delete;
  ~BareTask() {
    if (frame_) frame_.destroy();
  }

  Awaiter operator co_await() && { return Awaiter(frame_); }

  // Outside of any coroutine: runs the task, which awaits nothing but tasks, to its end.
  T Run() && {
    frame_.promise().continuation = std::noop_coroutine();
    frame_.resume();
    return frame_.promise().TakeValue();
  }

 private:
  explicit BareTask(Frame frame) : frame_(frame) {}

  Frame frame_;
};

}  // namespace heddle::bench

#endif  // HEDDLE_BENCH_BARE_TASK_H_
