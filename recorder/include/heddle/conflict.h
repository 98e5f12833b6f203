// SPDX-License-Identifier: MIT
//
// Which operations depend on each other: two steps that touch the same object, not both only
// reading it, may give another result in the other order. Choosers and the explanation of a
// failure are built on this relation. (Dependence as in Mazurkiewicz, "Trace Theory", 1986.)
#ifndef HEDDLE_CONFLICT_H_
#define HEDDLE_CONFLICT_H_

#include <cstdint>

#include "heddle/event.h"

namespace heddle {

// Whether the `object` of such an operation is an object that tasks share. Of a call or a start
// it is a task; a yield and a sleep have none.
constexpr bool TouchesObject(Operation operation) {
  switch (operation) {
    case Operation::kJoin:
    case Operation::kWait:
    case Operation::kLock:
    case Operation::kSend:
    case Operation::kReceive:
    case Operation::kRead:
    case Operation::kWrite:
    case Operation::kUpdate:
      return true;
    case Operation::kNone:
    case Operation::kStart:
    case Operation::kYield:
    case Operation::kSleep:
    case Operation::kCall:
    case Operation::kForeign:
      break;
  }
  return false;
}

// Whether `a` on `a_object` and `b` on `b_object`, of two tasks, depend on each other.
constexpr bool Conflict(Operation a, std::uint32_t a_object, Operation b, std::uint32_t b_object) {
  return a_object == b_object && a_object != 0 && TouchesObject(a) && TouchesObject(b) &&
         !(a == Operation::kRead && b == Operation::kRead);
}

}  // namespace heddle

#endif  // HEDDLE_CONFLICT_H_
