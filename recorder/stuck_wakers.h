// SPDX-License-Identifier: MIT
//
// What lets a task go on that waits, by what it awaits: a Gate has to be opened, a full channel to
// be received from. As events, and as words.
#ifndef HEDDLE_RECORDER_STUCK_WAKERS_H_
#define HEDDLE_RECORDER_STUCK_WAKERS_H_

#include <string_view>

#include "heddle/event.h"

namespace heddle::internal {

// Whether `event` is what a task waits for that awaits `operation` on its object.
bool Wakes(const Event& event, Operation operation);
// Whether who awaits `operation` would then let another go on that awaits `wait`.
bool IsToWake(Operation operation, Operation wait);

// What would let a task go on that awaits `operation` on an object of `type`: "open", "send into".
std::string_view WakesWord(Operation operation, std::string_view type);
// The same of what it needs another to have done: "opened it", "sent into it".
std::string_view WakesIt(Operation operation, std::string_view type);
// What a task did that recorded a kRelease.
std::string_view ReleasedIt(std::string_view type);

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_STUCK_WAKERS_H_
