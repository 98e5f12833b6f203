// SPDX-License-Identifier: MIT
//
// A recording that is damaged, or was cut off, says so wherever its losses are told.
#ifndef HEDDLE_TOOLS_TORN_H_
#define HEDDLE_TOOLS_TORN_H_

#include "heddle/trace_io.h"

namespace heddle::tools {

// Adds the loss, if there is one.
inline void NoteTorn(Recording& recording) {
  if (recording.damage.ok()) return;
  recording.trace.losses.list.push_back({.reason = LossReason::kTorn});
}

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_TORN_H_
