// SPDX-License-Identifier: MIT
//
// RunOptions: the limits of a run and how much of it is kept.
#ifndef HEDDLE_RUN_OPTIONS_H_
#define HEDDLE_RUN_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "heddle/recorder.h"
#include "heddle/tracing.h"

namespace heddle {

class FlightRecorder;
class TraceStream;
struct TraceFilter;

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
  // How long one step may take in real time before the process says so and ends (see "blocked in
  // real time" in docs/verdicts.md). Zero: what HEDDLE_STEP_TIMEOUT says, and else a minute, unless
  // a debugger is attached. With tracing off nobody looks.
  std::chrono::nanoseconds step_timeout{0};
  RecordMode record = RecordMode::kEvents;
  // The number of this run in an exploration, counting from 1; 0: it stands alone.
  std::uint64_t schedule = 0;
  // Where heddle::Run writes the run while it goes on (trace_stream.h); null, or with tracing off:
  // nowhere. What is written is not in RunResult::trace.
  TraceStream* stream = nullptr;
  // What keeps the end of the run in bounded memory (flight_recorder.h); null, or with tracing off:
  // nothing. RunResult::trace is then its window. Not together with a stream.
  FlightRecorder* flight = nullptr;
  // What is left out of RunResult::trace and of the stream (trace_filter.h); null: nothing.
  const TraceFilter* filter = nullptr;
};

}  // namespace heddle::inline HEDDLE_VARIANT

#endif  // HEDDLE_RUN_OPTIONS_H_
