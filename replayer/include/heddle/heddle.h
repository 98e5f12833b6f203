// SPDX-License-Identifier: MIT
//
// Everything but the test frameworks: tasks and what they wait on, running, recording,
// replaying and exploring. With Catch2 add heddle/catch.h, with rapidcheck heddle/property.h.
//
// With HEDDLE_TRACING=0 there is nothing to replay: tasks, primitives and Run are left.
#ifndef HEDDLE_HEDDLE_H_
#define HEDDLE_HEDDLE_H_

#include "heddle/atomic.h"         // IWYU pragma: export
#include "heddle/barrier.h"        // IWYU pragma: export
#include "heddle/broadcast.h"      // IWYU pragma: export
#include "heddle/cancel.h"         // IWYU pragma: export
#include "heddle/channel.h"        // IWYU pragma: export
#include "heddle/combinators.h"    // IWYU pragma: export
#include "heddle/condition.h"      // IWYU pragma: export
#include "heddle/detach.h"         // IWYU pragma: export
#include "heddle/diagnosis.h"      // IWYU pragma: export
#include "heddle/gate.h"           // IWYU pragma: export
#include "heddle/generator.h"      // IWYU pragma: export
#include "heddle/input.h"          // IWYU pragma: export
#include "heddle/interval.h"       // IWYU pragma: export
#include "heddle/latch.h"          // IWYU pragma: export
#include "heddle/mark.h"           // IWYU pragma: export
#include "heddle/mutex.h"          // IWYU pragma: export
#include "heddle/named.h"          // IWYU pragma: export
#include "heddle/once.h"           // IWYU pragma: export
#include "heddle/random_stream.h"  // IWYU pragma: export
#include "heddle/retry.h"          // IWYU pragma: export
#include "heddle/run.h"            // IWYU pragma: export
#include "heddle/select.h"         // IWYU pragma: export
#include "heddle/semaphore.h"      // IWYU pragma: export
#include "heddle/shared.h"         // IWYU pragma: export
#include "heddle/shared_mutex.h"   // IWYU pragma: export
#include "heddle/sleep.h"          // IWYU pragma: export
#include "heddle/task.h"           // IWYU pragma: export
#include "heddle/task_group.h"     // IWYU pragma: export
#include "heddle/task_local.h"     // IWYU pragma: export
#include "heddle/timeout.h"        // IWYU pragma: export
#include "heddle/tracing.h"        // IWYU pragma: export
#include "heddle/watch.h"          // IWYU pragma: export
#include "heddle/world.h"          // IWYU pragma: export

#if HEDDLE_SIMULATED
#include "heddle/explore.h"  // IWYU pragma: export
#include "heddle/replay.h"   // IWYU pragma: export
#endif

#endif  // HEDDLE_HEDDLE_H_
