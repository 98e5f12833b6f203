// SPDX-License-Identifier: MIT
//
// The message of a run that ended before a join had thrown what its tasks threw: a line for each,
// "Send#0 threw, and nobody has seen it: not up". A run that is not recorded does not know the
// name.
#ifndef HEDDLE_REPLAYER_UNSEEN_MESSAGE_H_
#define HEDDLE_REPLAYER_UNSEEN_MESSAGE_H_

#include <string>

#include "heddle/trace.h"

namespace heddle::internal {

// The message as a run knows it whether or not it is recorded.
std::string MessageWithoutNames(const TraceHeader& header);

}  // namespace heddle::internal

#endif  // HEDDLE_REPLAYER_UNSEEN_MESSAGE_H_
