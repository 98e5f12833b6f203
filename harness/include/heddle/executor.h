// SPDX-License-Identifier: MIT
//
// Executor: what runs the tasks of one run, on one thread. With tracing on it is the
// simulation, internal/simulated_executor.h; with tracing off it is a plain queue,
// internal/plain_executor.h. Both know virtual time, and both are what the primitives
// (gate.h, mutex.h, channel.h, ...) are written against.
#ifndef HEDDLE_EXECUTOR_H_
#define HEDDLE_EXECUTOR_H_

#include "heddle/tracing.h"

#if HEDDLE_SIMULATED
#include "heddle/internal/simulated_executor.h"  // IWYU pragma: export
#else
#include "heddle/internal/plain_executor.h"  // IWYU pragma: export
#endif

#endif  // HEDDLE_EXECUTOR_H_
