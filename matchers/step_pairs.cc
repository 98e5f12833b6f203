// SPDX-License-Identifier: MIT
//
// Finding a partner for each step, and saying why there is none.
#include "step_pairs.h"

#include <algorithm>
#include <ranges>

#include "step_text.h"

namespace heddle::internal {
namespace {

std::string RequestName(const StepList& list, const Occurrence& occurrence) {
  const FlowId flow = list.tasks().FlowOf(occurrence.begin);
  const std::vector<FlowRecord>& flows = list.trace().flows;
  return flow < flows.size() && !flows[flow].name.empty() ? flows[flow].name
                                                          : "#" + std::to_string(flow);
}

// How the `first` that comes nearest came too late.
std::string HowTooLate(const StepList& list, const Occurrence& first, const Occurrence& then) {
  const std::string name = "Nearest: " + NameOf(list, first) + " ";
  if (first.begin > then.begin) return name + "began only later (" + At(list, first.begin) + ").";
  const std::string began = name + "had begun (" + At(list, first.begin) + "), but ";
  return began + (first.ended() ? "ended only later (" + At(list, first.end) + ")."
                                : "did not get to its end in this run.");
}

// Some `first` had ended in time, but for another request.
std::string OnlyForOthers(const StepPairs& pairs, const Occurrence& then) {
  const StepList& list = pairs.list;
  std::string text = "It works for request " + RequestName(list, then) + ", and no " +
                     pairs.first.text() + " does.";
  const Occurrence& nearest = *pairs.firsts.back();
  return text + " Nearest: " + NameOf(list, nearest) + " (" + At(list, nearest.begin) +
         ") works for " +
         (list.tasks().FlowOf(nearest.begin) == 0 ? "no request"
                                                  : "request " + RequestName(list, nearest)) +
         ".";
}

std::string WhatHolds(const StepPairs& pairs, const Occurrence& first, const Occurrence& then) {
  const StepList& list = pairs.list;
  std::string text = "It does: " + NameOf(list, first) + " ended (" + At(list, first.end) +
                     ") before " + NameOf(list, then) + " began (" + At(list, then.begin) + ")";
  const std::size_t others = pairs.thens.size() - 1;
  if (others > 0) text += ", and so for " + std::to_string(others) + " more";
  return text + ".";
}

}  // namespace

StepPairs::StepPairs(const Trace& trace, const std::string& first_text,
                     const std::string& then_text)
    : list(trace),
      first(first_text),
      then(then_text),
      firsts(list.Find(first)),
      thens(list.Find(then)) {}

bool EndedBefore(const Occurrence& first, const Occurrence& then) {
  return first.ended() && first.end < then.begin;
}

const Occurrence* FindPartner(const StepPairs& pairs, const Occurrence& then,
                              const Precedes& precedes) {
  for (const Occurrence* first : pairs.firsts | std::views::reverse) {
    if (pairs.list.SameRequest(*first, then) && precedes(*first, then)) return first;
  }
  return nullptr;
}

MatchResult MatchPairs(const StepPairs& pairs, const Precedes& precedes, const WhyNot& why_not) {
  const std::string note = UnfinishedNote(pairs.list.trace());
  for (const auto& [pattern, found] :
       {std::pair(&pairs.then, &pairs.thens), std::pair(&pairs.first, &pairs.firsts)}) {
    if (found->empty()) {
      return {.matched = false, .explanation = NoSuchStep(pairs.list, *pattern) + note};
    }
  }
  for (const Occurrence* then : pairs.thens) {
    if (FindPartner(pairs, *then, precedes) == nullptr) {
      return {.matched = false, .explanation = why_not(*then) + note};
    }
  }
  const Occurrence& then = *pairs.thens.front();
  return {.matched = true,
          .explanation = WhatHolds(pairs, *FindPartner(pairs, then, precedes), then)};
}

std::string WhyNoneEndedBefore(const StepPairs& pairs, const Occurrence& then) {
  const StepList& list = pairs.list;
  const std::string broke = "Broke at " + NameOf(list, then) + ": when it began (" +
                            At(list, then.begin) + "), no " + pairs.first.text() + " had ended";
  const Occurrence* nearest = nullptr;
  for (const Occurrence* first : pairs.firsts) {
    if (first == &then || !list.SameRequest(*first, then)) continue;
    // The last that had begun; failing that, the first that began later.
    if (nearest == nullptr || first->begin < then.begin) nearest = first;
  }
  if (nearest != nullptr) {
    return broke + ".\n" + HowTooLate(list, *nearest, then) + "\n" +
           Excerpt(list, {nearest, &then});
  }
  if (std::ranges::none_of(pairs.firsts, [&](auto* first) { return first == &then; })) {
    return broke + " for its request.\n" + OnlyForOthers(pairs, then) + "\n" +
           Excerpt(list, {pairs.firsts.back(), &then});
  }
  return broke + ": it is the first itself.\n" + Excerpt(list, {&then});
}

}  // namespace heddle::internal
