// SPDX-License-Identifier: MIT
//
// FailureListeners: the recorders that want to know of failed checks (NoteFailedCheck of
// flight_recorder.h), and where each writes what it has.
#ifndef HEDDLE_RECORDER_FAILURE_LISTENERS_H_
#define HEDDLE_RECORDER_FAILURE_LISTENERS_H_

#include <functional>

namespace heddle::internal {

// From here on `take` is called at each failure, until `owner` goes.
void ListenForFailures(const void* owner, std::function<void()> take);
void StopListeningForFailures(const void* owner);
// One that only `owner` is told of.
void TellOfFailure(const void* owner);

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_FAILURE_LISTENERS_H_
