// SPDX-License-Identifier: MIT
//
// What a person is told about a schedule that was made simple: which steps have to come in which
// order, and how much that decides. A report and the recording say it in the same words.
#ifndef HEDDLE_REPLAYER_REPORT_ORDER_H_
#define HEDDLE_REPLAYER_REPORT_ORDER_H_

#include <string>

#include "heddle/explanation.h"
#include "heddle/shrink.h"
#include "report_story.h"

namespace heddle::internal {

// `shrunk.run` is the run of the story. Where first in, first out fails too: which two of its steps
// decide, or that none do. Empty where nothing is known of that.
Explanation Explain(const Story& story, const ShrinkResult& shrunk);

// The part of a report.
std::string OrderPart(const Story& story, const ShrinkResult& shrunk);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_REPORT_ORDER_H_
