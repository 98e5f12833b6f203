// SPDX-License-Identifier: MIT
//
// Message<T>: what a channel holds, and the request of the task that sent it.
//
// The rules, which docs/flows.md tells to users:
//  - a task with a request of its own keeps it. It has one if it called BeginFlow, or was spawned
//  by
//    a task that worked for one. What it receives of another request is noted: the step also works
//    for that one;
//  - a task without one, a carrier, works for the request of the message that it received last, and
//    so do those that called it. It works for nobody again once it waits where that message came
//    from;
//  - the body of a run is nobody's. It is treated as if that were a request of its own.
//
// The executor keeps them: TakeUp, LeaveRequest and FollowCaller. With tracing off a message is a
// T.
#ifndef HEDDLE_INTERNAL_MESSAGE_FLOW_H_
#define HEDDLE_INTERNAL_MESSAGE_FLOW_H_

#include <cstdint>

#include "heddle/event.h"
#include "heddle/tracing.h"

namespace heddle::internal::inline HEDDLE_VARIANT {

#if HEDDLE_SIMULATED

// Of a message that was sent by no task, while there were requests.
inline constexpr FlowId kLostFlow = 0xffffffff;

struct MessageFlow {
  FlowId flow = 0;
  std::uint32_t run = 0;  // an object may outlive the run, and a flow is a number of one run
};

#else

struct MessageFlow {};

#endif

template <class T>
struct Message {
  T value;
  [[no_unique_address]] MessageFlow flow;
};

}  // namespace heddle::internal::inline HEDDLE_VARIANT

#endif  // HEDDLE_INTERNAL_MESSAGE_FLOW_H_
