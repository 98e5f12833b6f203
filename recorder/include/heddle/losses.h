// SPDX-License-Identifier: MIT
//
// Losses: what of a run is not in its trace, and why. A trace that has some cannot prove that
// something did not happen, and whoever answers a question about it says so (LossText).
//
// A trace that begins in the middle of a run (flight_recorder.h) also says who was there then:
// its ids count anew, from those tasks on, so that a trace of any window is as small as the
// window.
#ifndef HEDDLE_LOSSES_H_
#define HEDDLE_LOSSES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "heddle/event.h"

namespace heddle {

enum class LossReason : std::uint8_t {
  kWindow = 1,  // it came before the window of a flight recorder
  kKind,        // filtered: `what` names the kinds
  kSite,        // filtered: `what` is the pattern that the place matches
  kRequest,     // the request was not among those that are kept; `count` of them
  kRate,        // `what` went off: there were too many events a second
  kElsewhere,   // the run was streamed: it is in the file `what`
  kTorn,        // its file is damaged, or was cut off: what follows cannot be read
};
inline constexpr LossReason kLastLossReason = LossReason::kTorn;

struct Loss {
  LossReason reason = LossReason::kKind;
  std::string what = {};
  std::uint64_t events = 0;    // how many are missing
  std::uint64_t requests = 0;  // kRequest: of so many
  VirtualNanos from = 0;       // the time of the first and of the last of them
  VirtualNanos to = 0;

  friend bool operator==(const Loss&, const Loss&) = default;
};

// How far a task was when the trace began.
enum class CarriedState : std::uint8_t {
  kUnknown,  // an older recording, or a live one: it had been created
  kCreated,  // it had not started
  kStarted,
  kEnded,  // it is there for the names of those below it
};
inline constexpr CarriedState kLastCarriedState = CarriedState::kEnded;

// A task that was there before the first event of the trace. Its id is its index.
struct CarriedTask {
  TaskId parent = kNoTask;  // an earlier one
  FlowId flow = 0;
  bool is_main = false;
  std::string function = {};
  std::string name = {};
  std::string path = {};
  CarriedState state = CarriedState::kUnknown;
  bool is_called = false;       // its parent awaits it, and did not spawn it
  VirtualNanos started = 0;     // when; of those that had
  VirtualNanos flow_since = 0;  // when its request began; where it works for one

  friend bool operator==(const CarriedTask&, const CarriedTask&) = default;
};

// How many tasks called `word` had been created by `parent` before the first event.
struct CarriedOrdinal {
  TaskId parent = kNoTask;
  std::string word = {};
  std::uint64_t count = 0;

  friend bool operator==(const CarriedOrdinal&, const CarriedOrdinal&) = default;
};

struct Losses {
  std::vector<Loss> list;
  std::vector<CarriedTask> tasks;
  std::vector<CarriedOrdinal> ordinals;
  std::vector<std::uint64_t> object_numbers;  // of each object among its type; empty: as counted

  // A trace without losses is whole.
  bool empty() const { return list.empty(); }
  // How many events are missing.
  std::uint64_t events() const;
  // Whether the choices before the first event are missing too.
  bool begins_late() const;

  friend bool operator==(const Losses&, const Losses&) = default;
};

// Whether events of this kind stay of a request that is not kept.
bool StaysOfDropped(EventKind kind);

std::string_view Name(LossReason reason);  // "before the window", ...

// One line: "12 of its events are missing: 12 of kind mark (filtered)". Empty: nothing is.
std::string LossText(const Losses& losses);
// The parts of it, one for each loss.
std::vector<std::string> LossLines(const Losses& losses);

}  // namespace heddle

#endif  // HEDDLE_LOSSES_H_
