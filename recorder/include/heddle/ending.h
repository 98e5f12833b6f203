// SPDX-License-Identifier: MIT
//
// Ending: every way a run can end, as a value with a name.
#ifndef HEDDLE_ENDING_H_
#define HEDDLE_ENDING_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "heddle/event.h"

namespace heddle {

enum class Ending : std::uint8_t {
  kFinished = 1,  // every task returned
  kThrew,         // the body, or a task spawned into the world, ended with an exception
  kStuck,         // nothing is ready, no timer is left, and somebody still waits
  kStepLimit,     // RunOptions::steps_max reached: a loop without end, or too small a limit
  kTaskLimit,     // RunOptions::tasks_max reached: spawning without end, or too small a limit
  kAbandoned,     // the body returned, but tasks never ran: nobody awaited them
  kStopped,       // the chooser ended the run: a replay that diverged
};
inline constexpr Ending kLastEnding = Ending::kStopped;

std::string_view Name(Ending ending);  // "finished", "threw", "stuck", ...

// A task that did not get to its end: what it awaits, where, and since when.
struct WaitingTask {
  TaskId task = kNoTask;
  std::string name;  // its path: "Checkout#0/Charge#0"
  Operation operation = Operation::kNone;
  std::string object;  // "Mutex ledger"; empty where there is none
  std::string site;    // "shop.cc:41"
  VirtualNanos since = 0;

  friend bool operator==(const WaitingTask&, const WaitingTask&) = default;
};

// "Checkout#0 waits for Mutex ledger (lock) at shop.cc:41 since 2.5ms"
std::string ToString(const WaitingTask& waiting);

// A duration for people: "0", "17ns", "2.5ms", "1.25s". Exact: no digit is dropped.
std::string FormatNanos(VirtualNanos nanos);

}  // namespace heddle

#endif  // HEDDLE_ENDING_H_
