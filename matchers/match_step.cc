// SPDX-License-Identifier: MIT
//
// Counting occurrences.
#include "heddle/match_step.h"

#include <vector>

#include "step_list.h"
#include "step_text.h"

namespace heddle {
namespace {

using internal::Occurrence;
using internal::StepList;
using internal::StepPattern;

constexpr std::size_t kShownMax = 3;

// "Charge occurs 2 times:", and the steps around the first few.
std::string WhereFound(const StepList& list, const StepPattern& pattern,
                       std::vector<const Occurrence*> found) {
  std::string text = pattern.text() + " occurs " + internal::CountText(found.size());
  if (found.size() > kShownMax) {
    found.resize(kShownMax);
    text += "; the first " + std::to_string(kShownMax) + " are";
  }
  return text + ":\n" + internal::Excerpt(list, found);
}

// Matches if `accepts` likes the number of occurrences. Where events are missing there may have
// been more; `enough` of them decide it all the same.
template <class Accepts>
MatchResult MatchCount(const Trace& trace, const std::string& step, std::size_t enough,
                       const Accepts& accepts) {
  const StepList list(trace, internal::PartialTrace::kAccepted);
  const StepPattern pattern(step);
  const std::vector<const Occurrence*> found = list.Find(pattern);
  if (!trace.losses.empty() && found.size() < enough) internal::ThrowLossy(trace);
  const bool matched = accepts(found.size());
  if (!found.empty()) {
    return {.matched = matched, .explanation = WhereFound(list, pattern, found)};
  }
  if (matched) {
    return {.matched = true,
            .explanation = "No step of this run is called " + pattern.text() + "."};
  }
  return {.matched = false,
          .explanation = NoSuchStep(list, pattern) + internal::UnfinishedNote(trace)};
}

}  // namespace

MatchResult MatchHasStep(const Trace& trace, const std::string& step) {
  return MatchCount(trace, step, 1, [](std::size_t count) { return count > 0; });
}

MatchResult MatchHasStep(const Trace& trace, const std::string& step, std::size_t times) {
  return MatchCount(trace, step, times + 1, [times](std::size_t count) { return count == times; });
}

MatchResult MatchNever(const Trace& trace, const std::string& step) {
  return MatchHasStep(trace, step, 0);
}

}  // namespace heddle
