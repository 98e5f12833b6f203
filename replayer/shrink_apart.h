// SPDX-License-Identifier: MIT
//
// The search of Shrink, in a process of its own: a test's reporter would tell of each schedule that
// fails on the way.
#ifndef HEDDLE_REPLAYER_SHRINK_APART_H_
#define HEDDLE_REPLAYER_SHRINK_APART_H_

#include <optional>

#include "heddle/shrink.h"
#include "shrinker.h"

namespace heddle::internal {

// nullopt: there was no such process, because this one has other threads or no room for another,
// or it came to grief.
std::optional<ShrinkPlan> ShrinkApart(const Trace& trace, BodyRef body,
                                      const ShrinkOptions& options);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_SHRINK_APART_H_
