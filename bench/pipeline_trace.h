// SPDX-License-Identifier: MIT
//
// Traces as large as one likes: runs of the order pipeline (examples/order_pipeline), 1,000
// requests each, one after the other.
#ifndef HEDDLE_BENCH_PIPELINE_TRACE_H_
#define HEDDLE_BENCH_PIPELINE_TRACE_H_

#include <cstddef>
#include <cstdint>

#include "heddle/trace.h"

namespace heddle::bench {

// One run, its tasks picked at random.
Trace PipelineTrace(std::uint64_t seed);

// `run` so often that there are at least `events_min` events, each time with tasks, objects,
// requests, marks and a time of its own.
Trace Repeated(const Trace& run, std::size_t events_min);

}  // namespace heddle::bench

#endif  // HEDDLE_BENCH_PIPELINE_TRACE_H_
