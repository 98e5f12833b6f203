// SPDX-License-Identifier: MIT
//
// The matchers' questions, asked of a program on real threads: what an integration test does.
#include "support/catch.h"

// The variant of production; what was included so far does not know of variants.
#define HEDDLE_TRACING 2

#include <coroutine>
#include <exception>
#include <latch>
#include <thread>

#include "heddle/live_recorder.h"
#include "heddle/mark.h"
#include "heddle/match_cause.h"
#include "heddle/match_order.h"
#include "heddle/match_step.h"
#include "heddle/task.h"

namespace heddle {
namespace {

// Goes on on a thread of its own.
class NewThread {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    std::thread([waiter] { waiter.resume(); }).detach();
  }
  void await_resume() const {}
};

Task<> Reserve() { co_await NewThread(); }
Task<> Charge() { co_await NewThread(); }

Task<> Checkout(std::latch& done) {
  BeginFlow("order 17");
  co_await Reserve();
  co_await Charge();
  Mark("charged");
  done.count_down();
}

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

Fire Start(Task<> task) { co_await std::move(task); }

TEST_CASE("order and causes of tasks that go from thread to thread") {
  const LiveRecorder live;
  std::latch done(1);
  Start(Checkout(done));
  done.wait();
  const Trace trace = live.ToTrace();
  CHECK(MatchInOrder(trace, {"Reserve", "Charge", "charged"}).matched);
  CHECK(MatchHappensBefore(trace, "Reserve", "Charge").matched);
  CHECK(MatchHasStep(trace, "Charge").matched);
  CHECK_FALSE(MatchInOrder(trace, {"Charge", "Reserve"}).matched);
  CHECK_FALSE(MatchHasStep(trace, "Refund").matched);
}

}  // namespace
}  // namespace heddle
