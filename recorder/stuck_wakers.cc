// SPDX-License-Identifier: MIT
//
// Implements stuck_wakers.h.
#include "stuck_wakers.h"

namespace heddle::internal {

bool Wakes(const Event& event, Operation operation) {
  switch (operation) {
    case Operation::kSend:
      return event.kind == EventKind::kReceive;
    case Operation::kReceive:
      return event.kind == EventKind::kSend;
    case Operation::kRead:
    case Operation::kUpdate:
      return event.op() == Operation::kWrite &&
             (event.kind == EventKind::kAccess || event.kind == EventKind::kResume);
    default:
      return event.kind == EventKind::kRelease;
  }
}

bool IsToWake(Operation operation, Operation wait) {
  switch (wait) {
    case Operation::kSend:
      return operation == Operation::kReceive;
    case Operation::kReceive:
      return operation == Operation::kSend;
    case Operation::kRead:
    case Operation::kUpdate:
      return operation == Operation::kWrite || operation == Operation::kUpdate;
    default:
      return false;
  }
}

std::string_view WakesWord(Operation operation, std::string_view type) {
  switch (operation) {
    case Operation::kSend:
      return "receive from";
    case Operation::kReceive:
      return "send into";
    case Operation::kLock:
      return type == "Semaphore" ? "give a permit to" : "unlock";
    case Operation::kJoin:
      return "end";
    default:
      break;
  }
  if (type == "Gate") return "open";
  if (type == "Latch") return "count down";
  if (type == "Condition") return "notify";
  if (type == "Barrier") return "arrive at";
  if (type == "Once") return "leave";
  if (type == "Select") return "offer something to";
  if (type == "TaskGroup") return "end";
  return "change";
}

std::string_view WakesIt(Operation operation, std::string_view type) {
  switch (operation) {
    case Operation::kSend:
      return "received from it";
    case Operation::kReceive:
      return "sent into it";
    case Operation::kRead:
    case Operation::kUpdate:
      return "changed it";
    default:
      return ReleasedIt(type);
  }
}

std::string_view ReleasedIt(std::string_view type) {
  if (type == "Gate") return "opened it";
  if (type == "Latch") return "counted it down";
  if (type == "Condition") return "notified it";
  if (type == "Barrier") return "arrived at it";
  if (type == "Once") return "left it";
  if (type == "Watch") return "changed it";
  if (type == "Channel" || type == "Broadcast") return "closed it";
  return "released it";
}

}  // namespace heddle::internal
