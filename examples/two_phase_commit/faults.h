// SPDX-License-Identifier: MIT
//
// What may go wrong in a run, and how often. Each fault is a choice of the run, so a search tries
// where it does the most harm. A plan with a limit of zero draws nothing, and once all limits are
// used up the world behaves, so that every run comes to an end.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_FAULTS_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_FAULTS_H_

#include <heddle/clock.h>
#include <heddle/input.h>

#include <chrono>
#include <string_view>

namespace two_phase_commit {

using std::chrono_literals::operator""ms;

struct FaultPlan {
  int losses = 0;            // of messages
  int delays = 0;            // of messages
  int doubles = 0;           // of messages
  int crashes = 0;           // of machines
  int slow_syncs = 0;        // of disks
  double probability = 0.1;  // of each, wherever it may happen
};

class Faults {
 public:
  explicit Faults(FaultPlan plan) : left_(plan) {}

  bool LosesMessage() { return Strikes("message is lost", left_.losses); }
  bool DoublesMessage() { return Strikes("message comes twice", left_.doubles); }
  bool CrashesMachine() { return Strikes("machine crashes", left_.crashes); }
  heddle::Duration TimeOfMessage() { return Strikes("message is late", left_.delays) ? 12ms : 1ms; }
  heddle::Duration TimeOfSync() { return Strikes("disk is slow", left_.slow_syncs) ? 15ms : 1ms; }

 private:
  bool Strikes(std::string_view label, int& left) {
    if (left == 0 || !heddle::Buggify(label, left_.probability)) return false;
    --left;
    return true;
  }

  FaultPlan left_;
};

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_FAULTS_H_
