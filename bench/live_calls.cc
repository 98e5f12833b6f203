// SPDX-License-Identifier: MIT
//
// HEDDLE_TRACING=2: what it costs to call a task in production, with a LiveRecorder and without.
// A call is five events: created, its caller stops, it begins, it ends, its caller goes on.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "bare_task.h"
#include "call_tree.h"
#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/internal/live_log.h"
#include "heddle/live_recorder.h"
#include "heddle/run.h"
#include "heddle/task.h"
#include "workload.h"

namespace heddle::bench {
namespace {

static_assert(HEDDLE_LIVE, "this file is to be compiled with HEDDLE_TRACING=2");

constexpr int kFibonacciIndex = 20;
constexpr int kFibonacciNumber = 6'765;
constexpr int kCalls = 21'891;  // 2 * Fibonacci(21) - 1
constexpr int kEvents = 5 * kCalls;

void CheckNumber(int number) {
  HEDDLE_CHECK(number == kFibonacciNumber, "a workload got a wrong number");
}

void RunBare() { CheckNumber(Fibonacci<BareTask>(kFibonacciIndex).Run()); }

// As many events as the recorder writes: the clock and a store, into as much memory.
class RawRing {
 public:
  void Write(int count) {
    for (int i = 0; i < count; ++i) {
      ring_[next_++ % ring_.size()] = {.ticks = internal::LiveTicks(),
                                       .task = static_cast<std::uint64_t>(i)};
    }
  }

 private:
  std::vector<internal::LiveEvent> ring_ = std::vector<internal::LiveEvent>(
      LiveRecorderOptions().bytes_max / sizeof(internal::LiveEvent));
  std::size_t next_ = 0;
};

void RunHeddle(Executor& executor) {
  const auto body = [] { return Fibonacci<Task>(kFibonacciIndex); };
  internal::BodyRunner runner(body);
  HEDDLE_CHECK(executor.Execute(runner.ref(), RunOptions()) == Ending::kFinished,
               "a workload did not run to its end");
  CheckNumber(runner.TakeValue());
}

}  // namespace

Workload LiveCalls() {
  const auto executor = std::make_shared<Executor>();
  const auto ring = std::make_shared<RawRing>();
  return {"LiveCalls",
          kEvents,
          {{"bare", &RunBare},
           {"floor",
            [ring] {
              RunBare();
              ring->Write(kEvents);
            }},
           {"idle", [executor] { RunHeddle(*executor); }},
           {"recorded", [executor] {
              const LiveRecorder live;
              RunHeddle(*executor);
            }}}};
}

}  // namespace heddle::bench
