// SPDX-License-Identifier: MIT
//
// Sending and arriving. What becomes of a message is decided when it is sent, so that a search has
// one place for it.
#include "network.h"

#include <heddle/sleep.h>

#include "timing.h"

namespace two_phase_commit {

void Network::Send(Machine& to, const Message& message) {
  if (faults_.LosesMessage()) return;
  const bool is_late = faults_.DelaysMessage();
  travelling_.Spawn(Travel(to, message, is_late ? kLateMessageTakes : kMessageTakes));
  if (faults_.DuplicatesMessage()) travelling_.Spawn(Travel(to, message, kMessageTakes));
}

heddle::Task<> Network::Travel(Machine& to, Message message, heddle::Duration takes) {
  co_await heddle::SleepFor(takes);
  if (to.is_up()) to.inbox().TrySend(message);
}

}  // namespace two_phase_commit
