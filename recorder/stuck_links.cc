// SPDX-License-Identifier: MIT
//
// Implements stuck_links.h.
#include "stuck_links.h"

#include <algorithm>

#include "stuck_wakers.h"

namespace heddle::internal {

bool IsHeld(WaitReason reason) {
  return reason == WaitReason::kLock || reason == WaitReason::kTurn;
}

bool IsAwait(WaitReason reason) { return !IsHeld(reason) && reason != WaitReason::kCall; }

std::string_view HeldHint(const StuckLink& held, const std::set<WaitReason>& reasons) {
  if (held.edge.reason == WaitReason::kTurn) {
    return "what is done once waits for one that waits until it is done. Wait before it, or "
           "after it.";
  }
  if (std::ranges::all_of(reasons, [](WaitReason reason) {
        return reason == WaitReason::kJoin || !IsAwait(reason);
      })) {
    return "the lock is held for longer than it is needed. Unlock it before the await.";
  }
  return "who is to let it go on needs the lock first. Unlock it before the await.";
}

std::string LinkText::Edge(const StuckLink& link) const {
  const std::string to = text_.Task(link.edge.to);
  switch (link.edge.reason) {
    case WaitReason::kCall:
      return to + " has not returned";
    case WaitReason::kJoin:
      return to + " has not ended";
    case WaitReason::kLock:
      return Taken(link.edge);
    case WaitReason::kTurn:
      return to + " does it, and is not done";
    case WaitReason::kReceived:
      return to + " has received from " + Channel(link) + " before, last" +
             text_.Place(link.edge.event);
    case WaitReason::kSent:
      return to + " has sent into " + Channel(link) + " before, last" +
             text_.Place(link.edge.event);
    case WaitReason::kReleased:
      break;
  }
  return Use(link.edge.event);
}

std::string LinkText::Taken(const WaitEdge& edge) const {
  const TaskId taker = trace_.events[edge.event].task;
  const bool is_part = text_.Type(trace_.events[edge.event].object) == "Semaphore";
  std::string text =
      text_.Task(taker) + (is_part ? " took a permit" : " took it") + text_.Place(edge.event);
  if (taker != edge.to) text += " and returned to " + text_.Task(edge.to);
  return text;
}

std::string LinkText::Use(std::size_t event) const {
  const Event& use = trace_.events[event];
  std::string text = text_.Task(use.task) + " ";
  switch (use.kind) {
    case EventKind::kSend:
      text += "sent into it";
      break;
    case EventKind::kReceive:
      text += "received from it";
      break;
    case EventKind::kAccess:
    case EventKind::kResume:
      text += "wrote it";
      break;
    default:
      text += ReleasedIt(text_.Type(use.object));
      break;
  }
  return text + text_.Place(event);
}

std::string LinkText::Has(const StuckLink& held) const {
  return text_.Task(held.edge.to) + " " + Held(held);
}

std::string LinkText::HeldHeadline(TaskId waiting, const StuckLink& held,
                                   const std::string& needed) const {
  return "Lock held across an await: " + text_.Task(waiting) + " waits for " +
         text_.Object(graph_.SuspendOf(waiting).object) + ", and " +
         (held.edge.to == waiting ? Held(held) : Has(held)) + ", which " + needed;
}

std::string LinkText::Held(const StuckLink& held) const {
  const std::string object = text_.Object(graph_.SuspendOf(held.from).object);
  if (held.edge.reason == WaitReason::kTurn) return "does " + object;
  const bool is_part = text_.Type(graph_.SuspendOf(held.from).object) == "Semaphore";
  return (is_part ? "has a permit of " : "has ") + object;
}

// A Select waits for several.
std::string LinkText::Channel(const StuckLink& link) const {
  const ObjectId channel = trace_.events[link.edge.event].object;
  return channel == graph_.SuspendOf(link.from).object ? "it" : text_.Object(channel);
}

}  // namespace heddle::internal
