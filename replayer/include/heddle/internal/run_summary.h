// SPDX-License-Identifier: MIT
//
// How a run ended, in one line: what a test framework shows of an exception.
#ifndef HEDDLE_INTERNAL_RUN_SUMMARY_H_
#define HEDDLE_INTERNAL_RUN_SUMMARY_H_

#include <string>

#include "heddle/run.h"

namespace heddle::internal {

// Of one that is stuck, who waits for what, of the first that waits.
std::string SummaryOf(const RunResult& run);

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_RUN_SUMMARY_H_
