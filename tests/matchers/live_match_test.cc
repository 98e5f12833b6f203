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
#include "support/real_threads.h"

namespace heddle {
namespace {

Task<> Reserve() { co_await NewThread(); }
Task<> Charge() { co_await NewThread(); }

Task<> Checkout(std::latch& done) {
  BeginFlow("order 17");
  co_await Reserve();
  co_await Charge();
  Mark("charged");
  done.count_down();
}

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
