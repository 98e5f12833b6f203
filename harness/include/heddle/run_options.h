// SPDX-License-Identifier: MIT
//
// RunOptions: the limits of a run and how much of it is kept.
#ifndef HEDDLE_RUN_OPTIONS_H_
#define HEDDLE_RUN_OPTIONS_H_

#include <cstddef>
#include <cstdint>

#include "heddle/recorder.h"
#include "heddle/tracing.h"

namespace heddle {

class TraceStream;

}  // namespace heddle

namespace heddle::inline HEDDLE_VARIANT {

class Chooser;

struct RunOptions {
  // Who makes the choices; null: first in, first out.
  Chooser* chooser = nullptr;
  // How many resumptions before the run ends with Ending::kStepLimit.
  std::uint64_t steps_max = 1'000'000;
  // How many tasks may exist at a time before it ends with Ending::kTaskLimit.
  std::size_t tasks_max = 1'000'000;
  RecordMode record = RecordMode::kEvents;
  // The number of this run in an exploration, counting from 1; 0: it stands alone.
  std::uint64_t schedule = 0;
  // Where heddle::Run writes the run while it goes on (trace_stream.h); null, or with tracing off:
  // nowhere.
  TraceStream* stream = nullptr;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_RUN_OPTIONS_H_
