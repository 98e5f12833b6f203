// SPDX-License-Identifier: MIT
//
// The compile-time flag. HEDDLE_TRACING=1, the default, gives the simulated and recorded
// harness; HEDDLE_TRACING=0 gives the same interface with nothing recorded, nothing chosen
// and a Task that is as small and as fast as one written by hand.
//
// The two variants live in different inline namespaces: a program that mixes them in one
// interface fails to link instead of misbehaving.
#ifndef HEDDLE_TRACING_H_
#define HEDDLE_TRACING_H_

#ifndef HEDDLE_TRACING
#define HEDDLE_TRACING 1
#endif

#if HEDDLE_TRACING
#define HEDDLE_VARIANT traced
#define HEDDLE_VARIANT_TAG "traced"
#else
#define HEDDLE_VARIANT untraced
#define HEDDLE_VARIANT_TAG "untraced"
#endif

namespace heddle {

// A function that takes one of our types has the namespace in its linker name. The tag brings
// the variant into the name of one that only returns such a type, as most coroutines do.
inline namespace [[gnu::abi_tag(HEDDLE_VARIANT_TAG)]] HEDDLE_VARIANT {

inline constexpr bool kTracing = HEDDLE_TRACING != 0;

}  // namespace HEDDLE_VARIANT
}  // namespace heddle

#endif  // HEDDLE_TRACING_H_
