// SPDX-License-Identifier: MIT
//
// The compile-time flag: what a Task says of itself, and to whom.
//
//   HEDDLE_TRACING=1  for tests, and the default: the simulated and recorded harness.
//   HEDDLE_TRACING=2  for production: tasks run on whatever executor runs them, on any thread, and
//                     each await is recorded with its time by a LiveRecorder (live_recorder.h).
//   HEDDLE_TRACING=0  off: the same interface with nothing recorded, nothing chosen and a Task that
//                     is as small and as fast as one written by hand.
//
// The variants live in different inline namespaces: a program that mixes them in one interface
// fails to link instead of misbehaving.
#ifndef HEDDLE_TRACING_H_
#define HEDDLE_TRACING_H_

#ifndef HEDDLE_TRACING
#define HEDDLE_TRACING 1
#endif

#if HEDDLE_TRACING == 1
#define HEDDLE_SIMULATED 1
#define HEDDLE_LIVE 0
#define HEDDLE_VARIANT traced
#define HEDDLE_VARIANT_TAG "traced"
#elif HEDDLE_TRACING == 2
#define HEDDLE_SIMULATED 0
#define HEDDLE_LIVE 1
#define HEDDLE_VARIANT live
#define HEDDLE_VARIANT_TAG "live"
#elif HEDDLE_TRACING == 0
#define HEDDLE_SIMULATED 0
#define HEDDLE_LIVE 0
#define HEDDLE_VARIANT untraced
#define HEDDLE_VARIANT_TAG "untraced"
#else
#error "HEDDLE_TRACING is 0 (off), 1 (simulated, for tests) or 2 (live, for production)"
#endif

namespace heddle {

// A function that takes one of our types has the namespace in its linker name. The tag brings
// the variant into the name of one that only returns such a type, as most coroutines do.
inline namespace [[gnu::abi_tag(HEDDLE_VARIANT_TAG)]] HEDDLE_VARIANT {

inline constexpr bool kTracing = HEDDLE_TRACING != 0;
inline constexpr bool kSimulated = HEDDLE_SIMULATED != 0;

}  // namespace HEDDLE_VARIANT
}  // namespace heddle

#endif  // HEDDLE_TRACING_H_
