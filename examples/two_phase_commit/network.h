// SPDX-License-Identifier: MIT
//
// The network. To send does not wait, and promises nothing: each message travels in a task of its
// own, so any two may overtake each other, and it may be lost, late, or come twice. What comes to a
// machine that is down is lost, too.
#ifndef HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_NETWORK_H_
#define HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_NETWORK_H_

#include <heddle/clock.h>
#include <heddle/sleep.h>
#include <heddle/task.h>
#include <heddle/task_group.h>

#include "faults.h"
#include "machine.h"
#include "message.h"

namespace two_phase_commit {

class Network {
 public:
  explicit Network(Faults& faults) : faults_(faults) {}

  void Send(Machine& to, const Message& message) {
    if (faults_.LosesMessage()) return;
    travelling_.Spawn(Travel(to, message, faults_.TimeOfMessage()));
    if (faults_.DoublesMessage()) travelling_.Spawn(Travel(to, message, faults_.TimeOfMessage()));
  }

  // Whether no message is on its way.
  bool is_quiet() const { return travelling_.pending() == 0; }

 private:
  static heddle::Task<> Travel(Machine& to, Message message, heddle::Duration takes) {
    co_await heddle::SleepFor(takes);
    if (to.is_up()) to.inbox().TrySend(message);
  }

  Faults& faults_;
  heddle::TaskGroup travelling_{"network"};
};

}  // namespace two_phase_commit

#endif  // HEDDLE_EXAMPLES_TWO_PHASE_COMMIT_NETWORK_H_
