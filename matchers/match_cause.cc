// SPDX-License-Identifier: MIT
//
// Order by cause. The text that matters is the one for an order that holds only by luck:
// it names the last event on which both steps depend, from where they run side by side.
#include "heddle/match_cause.h"

#include <cstddef>
#include <vector>

#include "heddle/causality.h"
#include "heddle/trace_text.h"
#include "step_list.h"
#include "step_pairs.h"
#include "step_text.h"

namespace heddle {
namespace {

using internal::At;
using internal::NameOf;
using internal::Occurrence;
using internal::StepPairs;

// By event: whether `event` depends on it, or is it.
std::vector<bool> DependsOn(const Causality& causality, std::size_t event) {
  std::vector<bool> depends(event + 1);
  depends[event] = true;
  for (std::size_t i = event + 1; i-- > 0;) {
    if (!depends[i]) continue;
    for (const std::size_t cause : causality.CausesOf(i)) depends[cause] = true;
  }
  return depends;
}

// The latest event on which both depend; kNoEvent if they have nothing in common.
std::size_t LastCommonCause(const Causality& causality, std::size_t a, std::size_t b) {
  const std::vector<bool> of_a = DependsOn(causality, a);
  const std::vector<bool> of_b = DependsOn(causality, b);
  for (std::size_t i = of_a.size(); i-- > 0;) {
    if (of_a[i] && of_b[i]) return i;
  }
  return kNoEvent;
}

std::string OnlyByLuck(const StepPairs& pairs, const Causality& causality, const Occurrence& first,
                       const Occurrence& then) {
  const internal::StepList& list = pairs.list;
  std::string text = NameOf(list, first) + " ended (" + At(list, first.end) + ") before " +
                     NameOf(list, then) + " began (" + At(list, then.begin) +
                     ") in this run, but nothing makes it so: another schedule may turn them "
                     "round. To rely on this order, "
                     "make one wait for the other.";
  const std::size_t common = LastCommonCause(causality, first.end, then.begin);
  if (common != kNoEvent) {
    text += "\nThe last that both depend on is " + At(list, common) + ": " +
            EventText(list.trace(), list.tasks(), common);
  }
  return text + "\n" + Excerpt(list, {&first, &then});
}

}  // namespace

MatchResult MatchHappensBefore(const Trace& trace, const std::string& first,
                               const std::string& then) {
  const StepPairs pairs(trace, first, then);
  const Causality causality(trace);
  const auto by_cause = [&](const Occurrence& a, const Occurrence& b) {
    return EndedBefore(a, b) && causality.HappensBefore(a.end, b.begin);
  };
  return MatchPairs(pairs, by_cause, [&](const Occurrence& without) {
    const Occurrence* lucky = FindPartner(pairs, without, internal::EndedBefore);
    return lucky == nullptr ? WhyNoneEndedBefore(pairs, without)
                            : OnlyByLuck(pairs, causality, *lucky, without);
  });
}

}  // namespace heddle
