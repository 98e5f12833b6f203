// SPDX-License-Identifier: MIT
//
// Everything but the test frameworks: tasks and what they wait on, running, recording,
// replaying and exploring. With Catch2 add heddle/catch.h, with rapidcheck heddle/property.h.
//
// With HEDDLE_TRACING=0 there is nothing to replay: tasks, primitives and Run are left.
#ifndef HEDDLE_HEDDLE_H_
#define HEDDLE_HEDDLE_H_

#include "heddle/channel.h"      // IWYU pragma: export
#include "heddle/combinators.h"  // IWYU pragma: export
#include "heddle/gate.h"         // IWYU pragma: export
#include "heddle/mark.h"         // IWYU pragma: export
#include "heddle/mutex.h"        // IWYU pragma: export
#include "heddle/run.h"          // IWYU pragma: export
#include "heddle/sleep.h"        // IWYU pragma: export
#include "heddle/task.h"         // IWYU pragma: export
#include "heddle/task_group.h"   // IWYU pragma: export
#include "heddle/tracing.h"      // IWYU pragma: export
#include "heddle/world.h"        // IWYU pragma: export

#if HEDDLE_TRACING
#include "heddle/explore.h"  // IWYU pragma: export
#include "heddle/replay.h"   // IWYU pragma: export
#endif

#endif  // HEDDLE_HEDDLE_H_
