// SPDX-License-Identifier: MIT
//
// Diagnosis: what is wrong with a run that did not get to its end, by name. Read off its events
// once it is over, so it costs a run nothing; a trace without events has none. docs/verdicts.md
// explains each verdict and shows its text.
//
//   for (const heddle::Diagnosis& diagnosis : heddle::Diagnose(run.trace)) {
//     std::cerr << diagnosis.text << '\n';
//   }
#ifndef HEDDLE_DIAGNOSIS_H_
#define HEDDLE_DIAGNOSIS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/event.h"
#include "heddle/trace.h"

namespace heddle {

enum class Verdict : std::uint8_t {
  kSelfDeadlock = 1,  // a task waits for a lock that it, or its caller, has
  kHeldAcrossAwait,   // a task that has a lock awaits another that needs it
  kDeadlock,          // tasks wait for each other in a circle
  kLostWakeUp,        // what a task waits for took place before it waited
  kNoWaker,           // nobody is left who could let the task go on
  kLivelock,          // tasks go on and on, and nothing changes
  kEndless,           // steps without end, in which things change
  kStarvation,        // a task was ready, and passed over again and again
  kNeverAwaited,      // a task was created and destroyed without having run
  kUnseenException,   // a task of a group threw, and the group went before anybody looked
  kLeaked,            // a task was created, never awaited, and kept until the run was over
};
inline constexpr Verdict kLastVerdict = Verdict::kLeaked;

std::string_view Name(Verdict verdict);  // "self-deadlock", "lost wake-up", ...

struct Diagnosis {
  Verdict verdict = Verdict::kNoWaker;
  std::vector<TaskId> tasks;  // whom it is about; of a circle each waits for the next or its caller
  std::string text;           // several lines: what happened, where, the likely cause

  friend bool operator==(const Diagnosis&, const Diagnosis&) = default;
};

// The causes, not their consequences: a task that only waits for one that is stuck has no
// diagnosis of its own. Empty for a run that finished, was stopped by its chooser, or threw an
// exception that somebody could have caught.
std::vector<Diagnosis> Diagnose(const Trace& trace);

}  // namespace heddle

#endif  // HEDDLE_DIAGNOSIS_H_
