// SPDX-License-Identifier: MIT
//
// A task that waits and one that could let it go on, in words: "Charge#0 took it at shop.cc:41".
// Circles are made of such links; one is also where a task waits for nobody and has a lock that
// others need.
#ifndef HEDDLE_RECORDER_STUCK_LINKS_H_
#define HEDDLE_RECORDER_STUCK_LINKS_H_

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "diagnosis_text.h"
#include "heddle/internal/wait_graph.h"
#include "heddle/trace.h"

namespace heddle::internal {

struct StuckLink {
  TaskId from;
  WaitEdge edge;
};

// Whether one has what the other needs: a lock, or the turn at a Once.
bool IsHeld(WaitReason reason);
// Whether it is neither that nor a call: the end of a task, a message, a signal.
bool IsAwait(WaitReason reason);

// Why what `held.from` waits for should not be held while its holder waits for one of `reasons`.
std::string_view HeldHint(const StuckLink& held, const std::set<WaitReason>& reasons);

class LinkText {
 public:
  // Keeps references to all of them.
  LinkText(const Trace& trace, const WaitGraph& graph, const DiagnosisText& text)
      : trace_(trace), graph_(graph), text_(text) {}

  // What the one did that the other needs, or has not done yet.
  std::string Edge(const StuckLink& link) const;
  // "Charge#0 took it at shop.cc:41", of a kLock.
  std::string Taken(const WaitEdge& edge) const;
  // "Charge#0 opened it after shop.cc:12", of event number `event`.
  std::string Use(std::size_t event) const;
  // "main has Mutex ledger", of who has what `held.from` waits for.
  std::string Has(const StuckLink& held) const;
  // `waiting` is in the strand that has what `held.from` waits for; `needed` says who needs it.
  std::string HeldHeadline(TaskId waiting, const StuckLink& held, const std::string& needed) const;

 private:
  std::string Held(const StuckLink& held) const;
  std::string Channel(const StuckLink& link) const;

  const Trace& trace_;
  const WaitGraph& graph_;
  const DiagnosisText& text_;
};

}  // namespace heddle::internal

#endif  // HEDDLE_RECORDER_STUCK_LINKS_H_
