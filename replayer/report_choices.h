// SPDX-License-Identifier: MIT
//
// The choices that differ from first-in-first-out: what went before what.
#ifndef HEDDLE_REPLAYER_REPORT_CHOICES_H_
#define HEDDLE_REPLAYER_REPORT_CHOICES_H_

#include <string>
#include <vector>

#include "heddle/event.h"
#include "report_story.h"

namespace heddle::internal {

// Where there are too many, those that let a strand of `lanes` go first.
std::string ChoicesPart(const Story& story, const std::vector<TaskId>& lanes);

// `fault "disk full"`, of a draw that decided about one; empty: the program asked for the number.
std::string MeaningOfDraw(const Story& story, std::size_t choice);

// The numbers that were drawn otherwise than first-in-first-out, where the order of steps is told
// apart. Empty: there are none.
std::string DrawsPart(const Story& story);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_REPORT_CHOICES_H_
