// SPDX-License-Identifier: MIT
//
// WaitForOneOf: who waits for one of several objects. Its events name only the wait itself, so it
// is asked for the objects where the run is stuck, and nobody pays for them before that.
#ifndef HEDDLE_INTERNAL_WAIT_FOR_ONE_OF_H_
#define HEDDLE_INTERNAL_WAIT_FOR_ONE_OF_H_

#include "heddle/internal/wait_list.h"

namespace heddle::internal {

class WaitForOneOf : public WaitPlace {
 public:
  WaitForOneOf(const WaitForOneOf&) = delete;
  WaitForOneOf& operator=(const WaitForOneOf&) = delete;

  // Executor::RecordArm for each of the objects.
  virtual void RecordArms() = 0;

 protected:
  WaitForOneOf() = default;
  ~WaitForOneOf() { LeaveWaitList(); }
};

}  // namespace heddle::internal

#endif  // HEDDLE_INTERNAL_WAIT_FOR_ONE_OF_H_
