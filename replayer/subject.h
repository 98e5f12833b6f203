// SPDX-License-Identifier: MIT
//
// What was run: the part of a header that is the same in each run of one test and input.
#ifndef HEDDLE_REPLAYER_SUBJECT_H_
#define HEDDLE_REPLAYER_SUBJECT_H_

#include "heddle/explore.h"
#include "heddle/trace.h"

namespace heddle::internal {

inline void SetSubject(TraceHeader& header, const ExploreOptions& options) {
  header.test = options.name;
  header.source = options.source;
  header.input = options.input;
  header.input_text = options.input_text;
}

inline void SetSubject(TraceHeader& header, const TraceHeader& recorded) {
  header.test = recorded.test;
  header.source = recorded.source;
  header.input = recorded.input;
  header.input_text = recorded.input_text;
}

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_SUBJECT_H_
