// SPDX-License-Identifier: MIT
//
// The part of a report about a schedule that was made simple: which steps have to come in which
// order, and how much that decides.
#ifndef HEDDLE_REPLAYER_REPORT_ORDER_H_
#define HEDDLE_REPLAYER_REPORT_ORDER_H_

#include <string>

#include "heddle/shrink.h"
#include "report_story.h"

namespace heddle::internal {

// `shrunk.run` is the run of the story. Where first in, first out fails too: which two of its steps
// decide, or that none do. Empty where nothing is known of that.
std::string OrderPart(const Story& story, const ShrinkResult& shrunk);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_REPORT_ORDER_H_
