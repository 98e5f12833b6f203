// SPDX-License-Identifier: MIT
#include "bare_task.h"
#include "call_tree.h"
#include "frame_bytes.h"
#include "heddle/check.h"
#include "heddle/task.h"

namespace heddle::bench {
namespace {

static_assert(!kTracing, "this file is to be compiled with HEDDLE_TRACING=0");

// Through a volatile pointer: a compiler that sees the frame come and go may do without
// allocating it.
template <class TaskOfInt>
std::size_t BytesOf(TaskOfInt (*coroutine)(int)) {
  TaskOfInt (*volatile opaque)(int) = coroutine;
  ForgetLastAllocation();
  const TaskOfInt task = opaque(1);
  HEDDLE_CHECK(LastAllocationBytes() != 0, "the frame was not allocated");
  return LastAllocationBytes();
}

}  // namespace

FrameBytes OffFrameBytes() {
  return {.heddle = BytesOf(&Fibonacci<Task>), .floor = BytesOf(&Fibonacci<BareTask>)};
}

}  // namespace heddle::bench
