// SPDX-License-Identifier: MIT
//
// What happened: how the run ended, with the tasks, the places and the likely cause.
#ifndef HEDDLE_REPLAYER_REPORT_ENDING_H_
#define HEDDLE_REPLAYER_REPORT_ENDING_H_

#include <string>

#include "report_story.h"

namespace heddle::internal {

std::string EndingPart(const Story& story);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_REPORT_ENDING_H_
