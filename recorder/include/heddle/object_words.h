// SPDX-License-Identifier: MIT
//
// What is said of the objects that tasks wait on, by their type: a Mutex is unlocked, a Gate is
// opened. For reports and for the `heddle` command.
#ifndef HEDDLE_OBJECT_WORDS_H_
#define HEDDLE_OBJECT_WORDS_H_

#include <string_view>

#include "heddle/event.h"

namespace heddle {

struct ObjectWords {
  std::string_view type;
  std::string_view releases;  // what a task does that records kRelease: "unlocks"
  std::string_view released;  // what has then been done to the object: "unlocked"
};

// Never fails: of a type that is not known it is "releases".
constexpr ObjectWords WordsOf(std::string_view type) {
  constexpr ObjectWords kWords[] = {
      {"Barrier", "arrives at", "arrived at"},
      {"Broadcast", "closes", "closed"},
      {"Channel", "closes", "closed"},
      {"Condition", "notifies", "notified"},
      {"Gate", "opens", "opened"},
      {"Latch", "counts down", "counted down"},
      {"Mutex", "unlocks", "released"},
      {"Once", "leaves", "left"},
      {"Semaphore", "gives a permit to", "given a permit"},
      {"SharedMutex", "unlocks", "released"},
      {"Watch", "changes", "changed"},
  };
  for (const ObjectWords& words : kWords) {
    if (words.type == type) return words;
  }
  return {type, "releases", "released"};
}

// What a task does that gets a kLock: "locks", "takes a permit of".
constexpr std::string_view LocksWord(std::string_view type) {
  if (type == "Once") return "takes its turn at";
  return type == "Semaphore" ? "takes a permit of" : "locks";
}

// What a task does by a kAccess: "reads". An arm of a Select is what it waits for.
constexpr std::string_view AccessWord(const Event& access, std::string_view type) {
  if (access.is_failed_exchange()) return "compares";
  switch (access.op()) {
    case Operation::kRead:
      return "reads";
    case Operation::kReceive:
      return "waits to receive from";
    case Operation::kSend:
      return "waits to send into";
    case Operation::kWait:
      return "waits for";
    default:
      if (type == "TaskGroup") return "leaves";  // without a Join
      return type == "Gate" ? "closes" : "writes";
  }
}

// Whether a kAccess is something that a task does. That somebody begins to wait at a rendezvous or
// a broadcast, or leaves it, is recorded for those who compare orders.
constexpr bool IsAct(Operation operation, std::string_view type) {
  return operation != Operation::kWrite || (type != "Channel" && type != "Broadcast");
}

// What a task awaits: "lock", "a permit of".
constexpr std::string_view LockWord(std::string_view type) {
  return type == "Semaphore" ? "a permit of" : "lock";
}

}  // namespace heddle

#endif  // HEDDLE_OBJECT_WORDS_H_
