// SPDX-License-Identifier: MIT
//
// Tasks that await tasks: the nth Fibonacci number, one task a call. The same text makes the
// coroutine for each type of task, so that only the type differs.
#ifndef HEDDLE_BENCH_CALL_TREE_H_
#define HEDDLE_BENCH_CALL_TREE_H_

namespace heddle::bench {

template <template <class> class TaskOf>
TaskOf<int> Fibonacci(int n) {
  if (n < 2) co_return n;
  const int before = co_await Fibonacci<TaskOf>(n - 2);
  co_return before + co_await Fibonacci<TaskOf>(n - 1);
}

}  // namespace heddle::bench

#endif  // HEDDLE_BENCH_CALL_TREE_H_
