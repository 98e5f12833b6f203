// SPDX-License-Identifier: MIT
//
// HEDDLE_TRACING=0: what it costs to call a task, against a task written by hand.
#include <memory>

#include "bare_task.h"
#include "call_tree.h"
#include "heddle/check.h"
#include "heddle/executor.h"
#include "heddle/run.h"
#include "heddle/task.h"
#include "workload.h"

namespace heddle::bench {
namespace {

static_assert(!kTracing, "this file is to be compiled with HEDDLE_TRACING=0");

constexpr int kFibonacciIndex = 20;
constexpr int kFibonacciNumber = 6'765;
constexpr int kCalls = 21'891;  // 2 * Fibonacci(21) - 1

void CheckNumber(int number) {
  HEDDLE_CHECK(number == kFibonacciNumber, "a workload got a wrong number");
}

void RunBare() { CheckNumber(Fibonacci<BareTask>(kFibonacciIndex).Run()); }

void RunHeddle(Executor& executor) {
  const auto body = [] { return Fibonacci<Task>(kFibonacciIndex); };
  internal::BodyRunner runner(body);
  HEDDLE_CHECK(executor.Execute(runner.ref(), RunOptions()) == Ending::kFinished,
               "a workload did not run to its end");
  CheckNumber(runner.TakeValue());
}

}  // namespace

Workload OffCalls() {
  return {"OffCalls",
          kCalls,
          {{"floor", &RunBare},
           {"heddle", [executor = std::make_shared<Executor>()] { RunHeddle(*executor); }}}};
}

}  // namespace heddle::bench
