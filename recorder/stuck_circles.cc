// SPDX-License-Identifier: MIT
//
// Implements stuck_circles.h.
#include "stuck_circles.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "heddle/ending.h"
#include "heddle/task_label.h"

namespace heddle::internal {
namespace {

constexpr std::string_view kReadsAgain =
    "a task that reads locks it to read again, and a writer came in between. Locks are not "
    "recursive: pass the guard on.";

// A task that waits for its call is one with what it calls.
std::vector<StuckLink> WithoutCalls(std::vector<StuckLink> links) {
  std::erase_if(links, [](const StuckLink& link) { return link.edge.reason == WaitReason::kCall; });
  return links;
}

// The one that waits for a lock, or for a turn.
const StuckLink& HeldLink(const std::vector<StuckLink>& links) {
  return *std::ranges::find_if(links,
                               [](const StuckLink& link) { return IsHeld(link.edge.reason); });
}

// The one that waits for more than a call to return: a circle has one.
const StuckLink& DecidingLink(const std::vector<StuckLink>& links) {
  const auto deciding = std::ranges::find_if(
      links, [](const StuckLink& link) { return link.edge.reason != WaitReason::kCall; });
  return deciding != links.end() ? *deciding : links.front();
}

}  // namespace

Diagnosis StuckCircles::Diagnose(const std::vector<TaskId>& circle) const {
  const std::vector<StuckLink> links = LinksOf(circle);
  const Verdict verdict = VerdictOf(links);
  const std::vector<StuckLink> shown =
      verdict == Verdict::kSelfDeadlock ? links : WithoutCalls(links);
  std::string text = Headline(verdict, shown);
  std::vector<TaskId> tasks;
  for (const StuckLink& link : shown) {
    tasks.push_back(link.from);
    text += "\n  " + (verdict == Verdict::kSelfDeadlock
                          ? text_.Wait(graph_.blocked().at(link.from).suspend)
                          : WaitText(link.from));
    text += "\n    " + links_.Edge(link);
    if (link.edge.reason != WaitReason::kLock) continue;
    if (verdict == Verdict::kSelfDeadlock) text += KeptText(link);
    text += WriterText(link.from);
  }
  return {verdict, std::move(tasks), text + "\n  " + Hint(verdict, links)};
}

std::vector<StuckLink> StuckCircles::LinksOf(const std::vector<TaskId>& circle) const {
  std::vector<StuckLink> links;
  for (std::size_t i = 0; i < circle.size(); ++i) {
    const TaskId to = circle[(i + 1) % circle.size()];
    for (const WaitEdge& edge : graph_.BlockedEdgesFrom(circle[i])) {
      if (edge.to != to) continue;
      links.push_back({circle[i], edge});
      break;
    }
  }
  return links;
}

Verdict StuckCircles::VerdictOf(const std::vector<StuckLink>& links) const {
  std::set<TaskId> strands;
  std::set<TaskId> holders;
  bool only_tasks = true;  // no messages, no signals
  bool awaits = false;
  for (const StuckLink& link : links) {
    const WaitReason reason = link.edge.reason;
    strands.insert(graph_.StrandOf(link.from));
    if (IsHeld(reason)) holders.insert(graph_.StrandOf(link.edge.to));
    awaits = awaits || IsAwait(reason);
    only_tasks = only_tasks && reason <= WaitReason::kTurn;
  }
  if (only_tasks && strands.size() == 1) return Verdict::kSelfDeadlock;
  return awaits && holders.size() == 1 ? Verdict::kHeldAcrossAwait : Verdict::kDeadlock;
}

// What the one who has what `held.from` waits for awaits.
const StuckLink& StuckCircles::AwaitLink(const std::vector<StuckLink>& links,
                                         const StuckLink& held) const {
  const TaskId strand = graph_.StrandOf(held.edge.to);
  const auto await = std::ranges::find_if(links, [&](const StuckLink& link) {
    return IsAwait(link.edge.reason) && graph_.StrandOf(link.from) == strand;
  });
  return await != links.end() ? *await : held;
}

std::string StuckCircles::Headline(Verdict verdict, const std::vector<StuckLink>& links) const {
  if (verdict == Verdict::kDeadlock) {
    return "Deadlock: " + CountOf(links.size(), "task") + " wait for each other in a circle.";
  }
  if (verdict == Verdict::kSelfDeadlock) return SelfHeadline(DecidingLink(links));
  const StuckLink& held = HeldLink(links);
  const StuckLink& await = AwaitLink(links, held);
  if (await.edge.reason == WaitReason::kJoin) {
    return "Lock held across an await: " + links_.Has(held) + " and awaits a task that needs it.";
  }
  return links_.HeldHeadline(await.from, held, text_.Task(held.from) + " needs.");
}

std::string StuckCircles::SelfHeadline(const StuckLink& link) const {
  const bool itself = link.from == link.edge.to;
  const std::string caller = itself ? "" : "its caller " + text_.Task(link.edge.to);
  std::string text = "Self-deadlock: " + text_.Task(link.from) + " waits for " +
                     text_.Object(graph_.SuspendOf(link.from).object);
  if (link.edge.reason == WaitReason::kJoin) {
    return text + ", of which " + (itself ? "it" : caller) + " is a task itself.";
  }
  if (link.edge.reason == WaitReason::kTurn) {
    return text + ", which " + (itself ? "it does itself." : caller + " is doing.");
  }
  return text + ", which " + (itself ? "it has itself." : caller + " has.");
}

// What a task waits for, and for which other it does so, where its name does not say that.
std::string StuckCircles::WaitText(TaskId task) const {
  const TaskId strand = graph_.StrandOf(task);
  const std::string path(WithoutLabel(text_.Task(strand)));
  const bool is_told = strand == task || text_.Task(task).starts_with(path + "/");
  return text_.Wait(graph_.blocked().at(task).suspend,
                    is_told ? "" : ", called by " + text_.Task(strand) + ",");
}

// Of a lock that its owner waits for.
std::string StuckCircles::KeptText(const StuckLink& link) const {
  const bool is_part = text_.Type(graph_.SuspendOf(link.from).object) == "Semaphore";
  return is_part ? "; it has not been given back since" : "; it has not been unlocked since";
}

// A line about who comes first to a lock that is taken by readers only.
std::string StuckCircles::WriterText(TaskId reader) const {
  const TaskId writer = graph_.WriterAheadOf(reader);
  if (writer == kNoTask) return "";
  return "\n    " + text_.Task(writer) + " waits to write since " +
         FormatNanos(graph_.SuspendOf(writer).time) + ", and a reader waits behind it";
}

std::string StuckCircles::Hint(Verdict verdict, const std::vector<StuckLink>& links) const {
  if (verdict == Verdict::kSelfDeadlock) return SelfHint(DecidingLink(links));
  std::set<WaitReason> reasons;
  std::set<ObjectId> held;
  for (const StuckLink& link : links) {
    reasons.insert(link.edge.reason);
    if (IsHeld(link.edge.reason)) held.insert(graph_.SuspendOf(link.from).object);
  }
  if (!held.empty() && std::ranges::any_of(reasons, IsAwait)) {
    return "Likely cause: " + std::string(HeldHint(HeldLink(links), reasons));
  }
  if (reasons.contains(WaitReason::kSent)) {
    return "Likely cause: nobody closed the channel. Close() it when the last message is in.";
  }
  if (reasons.contains(WaitReason::kReceived)) {
    return "Likely cause: more is sent than the channel has room for before anybody receives. "
           "Give it more room, or receive meanwhile.";
  }
  if (held.size() == 1 && AllReadAgain(links)) {
    return "Likely cause: " + std::string(kReadsAgain);
  }
  if (held.size() == 1) {
    return "Likely cause: each has a part of what the others need. Take all of it at once.";
  }
  if (held.size() > 1) {
    return "Likely cause: they take the locks in different orders. Take them in the same order "
           "everywhere.";
  }
  return "Likely cause: none of them does the first step before it waits.";
}

std::string StuckCircles::SelfHint(const StuckLink& link) const {
  if (link.edge.reason == WaitReason::kJoin) {
    return "Likely cause: a task of a group that waits for the group to end. Join from "
           "outside it.";
  }
  if (link.edge.reason == WaitReason::kTurn) {
    return "Likely cause: what is to be done once calls for itself. Let it not need what it "
           "makes.";
  }
  if (graph_.WriterAheadOf(link.from) != kNoTask) {
    return "Likely cause: " + std::string(kReadsAgain);
  }
  return "Likely cause: it is taken by a task that has it already. Locks are not recursive: "
         "pass the guard on, or unlock first.";
}

// Whether all wait to share a lock that they share already, behind a writer.
bool StuckCircles::AllReadAgain(const std::vector<StuckLink>& links) const {
  return std::ranges::all_of(links, [this](const StuckLink& link) {
    return link.edge.reason == WaitReason::kCall ||
           (link.edge.reason == WaitReason::kLock && graph_.WriterAheadOf(link.from) != kNoTask);
  });
}

}  // namespace heddle::internal
